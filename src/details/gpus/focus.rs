//! The panel beside the picture: what the GPU in focus is and whom it talks to.

use super::super::Shown;
use super::Look;
use meshplan::diagram::{Facts, Mates, Shape, spoken};
use meshplan::dom::{Element, el, span};

/// The panel.
pub fn panel(shown: &Shown, look: &Look) -> Vec<Element> {
    let facts = look.in_focus.and_then(|rank| Facts::of(&shown.plan, rank));
    facts.map_or_else(hint, |facts| told(shown, facts, look.pinned.is_some()))
}

/// The pinned GPU in words; one that is merely pointed at is not read out.
pub fn pinned(shown: &Shown, look: &Look) -> Vec<Element> {
    let words = look.pinned.map(|rank| spoken(&shown.plan, rank));
    words
        .map(|words| span("").text(words))
        .into_iter()
        .collect()
}

fn hint() -> Vec<Element> {
    let lines = [
        "Point at a GPU to see what it holds and whom it talks to; click or tap it to keep it in \
         focus.",
        "With the keys: Tab to the picture, then the arrow keys, Home and End; Enter pins, Escape \
         lets go. The numbers choose the colour in the order of its buttons.",
        "Of a GPU in focus the group of the chosen colour has a thick line, dashed where it leaves the \
         node; its other groups are lit without.",
        "Plus, minus and 0 zoom, Shift with an arrow key moves the picture. The wheel zooms once the \
         picture has been clicked, and with Ctrl at once; two fingers zoom it too.",
    ];
    let lines = lines.map(|line| el("p").class("sub").text(line));
    std::iter::once(el("h3").text("No GPU in focus"))
        .chain(lines)
        .collect()
}

fn told(shown: &Shown, facts: Facts, pinned: bool) -> Vec<Element> {
    let rows = facts
        .rows
        .into_iter()
        .flat_map(|(name, value)| [el("dt").text(name), el("dd").text(value)]);
    let mut all = vec![el("h3").text(facts.title)];
    if pinned {
        let words = "Pinned: click it again, or press Escape, to let it go.";
        all.push(el("p").class("sub").text(words));
    }
    all.push(el("dl").children(rows));
    if !facts.assigned {
        let why = match Shape::of(&shown.plan).missing {
            0 => "because the sizes do not multiply to the cluster.",
            _ => "because one replica of the model needs more GPUs than there are.",
        };
        let words = ["This GPU is in no group and has no work, ", why].concat();
        all.push(el("p").class("warn").text(words));
    } else if facts.mates.is_empty() {
        all.push(el("p").class("sub").text("It talks with no other GPU."));
    }
    let (leaving, staying): (Vec<Mates>, Vec<Mates>) =
        facts.mates.into_iter().partition(|group| group.crosses);
    let [stays, leaves] = facts.places;
    all.extend(groups(stays, staying));
    all.extend(groups(leaves, leaving));
    all
}

/// Groups that stay in their node, or leave it, under their title.
fn groups(title: &'static str, mates: Vec<Mates>) -> Vec<Element> {
    if mates.is_empty() {
        return Vec::new();
    }
    let rows = mates.into_iter().flat_map(|group| {
        let name = el("b").text(group.name);
        [
            el("dt").child(name).text(format!(" {}", group.ranks)),
            el("dd").text(group.link),
        ]
    });
    vec![el("h3").text(title), el("dl").class("mates").children(rows)]
}
