//! The places of the sections below the picture. The checks are drawn here; the other sections are
//! drawn by the details, a program of their own that comes after the page (`ui/details.rs`).

use super::state::App;
use super::{checks, show::show_in};
use crate::dom::{Element, div, el, paragraph};

/// Shows every section in the element of an id, in the order of reading.
pub fn show_all(app: App, id: &str) {
    show_in(id, move || frame(app.chosen(|choices| choices.api.wait())));
    checks::show(app);
}

/// The places, which never change, with what to say in them until the details draw there.
fn frame(wait: Option<String>) -> Vec<Element> {
    // Once they draw, what stands here is no more on the page.
    let wait = wait.unwrap_or_default();
    let card = |id: &'static str, title: &'static str| {
        let name = format!("{id}-title");
        let title = el("h2").attr("id", name.clone()).text(title);
        el("section")
            .attr("id", id)
            .attr("aria-labelledby", name)
            .class("card")
            .child(el("header").child(title))
            .child(div("in").child(paragraph("sub", wait.clone())))
    };
    let checks = el("section")
        .attr("id", "checks")
        .attr("aria-labelledby", "checks-title")
        .class("card");
    vec![
        div("cols").child(card("memory", "Memory")).child(checks),
        div("cols")
            .child(card("communication", "Communication"))
            .child(card("advice", "Advice")),
        card("pipeline", "Pipeline"),
        card("batch", "Batch"),
        card("explain", "Explain"),
        card("pictures", "Pictures"),
    ]
}
