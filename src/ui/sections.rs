//! The places of the sections below the picture. The checks are drawn here; the other sections are
//! drawn by the details, a program of their own that comes after the page (`ui/details.rs`).

use super::state::App;
use super::view::View;
use super::{checks, show::show_in};
use crate::dom::{Element, div, el, paragraph};

/// The sections by the ids of their places, with their titles, in the order of reading. Those in one
/// list stand beside each other.
const ROWS: [&[(&str, &str)]; 7] = [
    &[("memory", "Memory"), ("checks", "Checks")],
    &[("communication", "Communication"), ("advice", "Advice")],
    &[("pipeline", "Pipeline")],
    &[("batch", "Batch")],
    &[("explain", "Explain")],
    &[("pictures", "Pictures")],
    &[("takeaway", "Take away")],
];

/// Shows the sections of a view.
pub fn show_all(app: App, view: View) {
    show_in("sections", move || {
        frame(view, &app.chosen(|choices| choices.api.wait()))
    });
    checks::show(app);
}

/// The places, which never change, with what to say in them until the details draw there.
fn frame(view: View, wait: &Option<String>) -> Vec<Element> {
    // Once they draw, what stands here is no more on the page.
    let wait = wait.as_deref().unwrap_or_default();
    let card = |(id, title): &(&'static str, &'static str)| {
        let name = format!("{id}-title");
        let title = el("h2").attr("id", name.clone()).text(*title);
        el("section")
            .attr("id", *id)
            .attr("aria-labelledby", name)
            .class("card")
            .child(el("header").child(title))
            .child(div("in").child(paragraph("sub", wait.to_owned())))
    };
    let mut rows = Vec::new();
    for row in ROWS {
        let shown = row.iter().filter(|(id, _)| view.shows(id));
        let mut cards: Vec<Element> = shown.map(card).collect();
        match cards.len() {
            0 => {}
            1 => rows.append(&mut cards),
            _ => rows.push(div("cols").children(cards)),
        }
    }
    rows
}
