//! The sections: memory, communication, pipeline, batch, advice, explanations and
//! pictures to take away. Each reads the
//! report, and is drawn anew when the plan changes.

mod advice;
mod batch;
mod communication;
mod dimensions;
mod explain;
mod memory;
mod pictures;
mod pipeline;

use super::{Shown, page, state};
use meshplan::core::config::Edit;
use meshplan::dom::{Element, button, cell, choice, el, paragraph, sometimes, table};

/// What stands beside a section's title, and what it holds.
pub type Section = (Vec<Element>, Vec<Element>);

/// What makes a section of a plan.
pub type Draw = fn(&Shown) -> Section;

/// The sections by the ids of their places in the page, with their titles.
pub const SECTIONS: [(&str, &str, Draw); 7] = [
    ("memory", "Memory", memory::section),
    ("communication", "Communication", communication::section),
    ("advice", "Advice", advice::section),
    ("pipeline", "Pipeline", pipeline::section),
    ("batch", "Batch", batch::section),
    ("explain", "Explain", explain::section),
    ("pictures", "Pictures", pictures::section),
];

/// A button that applies an edit; nothing where the plan is only shown.
fn edit_button(class: &'static str, label: String, edit: &Edit) -> Element {
    if page::is_read_only() {
        return el("span");
    }
    let edit = edit.clone();
    button(class, label, move || state::apply(&edit))
}

/// Sizes of which one is the plan's; a click on another takes it, unless the plan is only shown.
fn chips(sizes: Vec<(String, bool, Edit)>) -> Element {
    let read_only = page::is_read_only();
    let chips = sizes.into_iter().map(|(label, on, edit)| {
        let class = ["chip", "chip on"];
        let chip = match read_only {
            true => el("span")
                .class(if on { "chip on" } else { "chip" })
                .text(label),
            false => choice(class, on, label, move || state::apply(&edit)),
        };
        el("li").child(chip)
    });
    el("ul").class("chips").children(chips)
}
