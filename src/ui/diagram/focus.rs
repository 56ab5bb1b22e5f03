//! The panel beside the picture: what the GPU in focus is and whom it talks to.

use super::picture::Picture;
use crate::diagram::{Facts, Mates};
use crate::dom::{Element, el};
use crate::ui::show::show_in;
use leptos::prelude::*;

/// Shows the panel in its place.
pub fn show_focus(picture: Picture) {
    show_in("gpus-focus", move || match facts(picture) {
        Some(facts) => told(facts),
        None if picture.is_drawn() => hint(),
        None => Vec::new(),
    });
}

fn facts(picture: Picture) -> Option<Facts> {
    let rank = picture.focus()?;
    let memory = picture.app.report.with(|report| report.memory.total());
    picture.with_plan(|plan| Facts::of(plan, memory, rank))
}

fn hint() -> Vec<Element> {
    vec![
        el("h3").text("No GPU in focus"),
        el("p").class("sub").text(
            "Point at a GPU to see what it holds and whom it talks to; click or tap it to keep it \
             in focus.",
        ),
        el("p").class("sub").text(
            "Or with the keys: Tab to the picture, then the arrow keys, Home and End. The \
             numbers choose the colour in the order of its buttons, Escape lets go.",
        ),
    ]
}

fn told(facts: Facts) -> Vec<Element> {
    let rows = facts
        .rows
        .into_iter()
        .flat_map(|(name, value)| [el("dt").text(name), el("dd").text(value)]);
    let mut all = vec![el("h3").text(facts.title), el("dl").children(rows)];
    match (facts.assigned, facts.mates.is_empty()) {
        (false, _) => all.push(el("p").class("warn").text(
            "This GPU is in no group and has no work, because the sizes do not multiply to the \
             cluster.",
        )),
        (true, true) => all.push(el("p").class("sub").text("It talks with no other GPU.")),
        (true, false) => all.extend(talks_with(facts.mates)),
    }
    all
}

fn talks_with(mates: Vec<Mates>) -> [Element; 2] {
    let rows = mates.into_iter().flat_map(|group| {
        let name = el("b").text(group.dim.name());
        [
            el("dt").child(name).text(format!(" {}", group.ranks)),
            el("dd").text(group.link),
        ]
    });
    [
        el("h3").text("Its groups"),
        el("dl").class("mates").children(rows),
    ]
}
