//! The sections: memory, communication, pipeline, batch, advice, explanations, pictures and texts to take
//! away. Each reads the report, and is drawn anew when the plan changes.

mod advice;
mod batch;
mod communication;
mod dimensions;
mod explain;
mod memory;
pub mod pictures;
mod pipeline;
mod takeaway;

use super::{Shown, page, state};
use meshplan::core::config::Edit;
use meshplan::dom::{Element, button, cell, choice, el, paragraph, sometimes, span, table};

/// What stands beside a section's title, and what it holds.
pub type Section = (Vec<Element>, Vec<Element>);

/// What makes a section of a plan.
pub type Draw = fn(&Shown) -> Section;

/// The sections by the ids of their places in the page, with their titles.
pub const SECTIONS: [(&str, &str, Draw); 8] = [
    ("memory", "Memory", memory::section),
    ("communication", "Communication", communication::section),
    ("advice", "Advice", advice::section),
    ("pipeline", "Pipeline", pipeline::section),
    ("batch", "Batch", batch::section),
    ("explain", "Explain", explain::section),
    ("pictures", "Pictures", pictures::section),
    ("takeaway", "Take away", takeaway::section),
];

/// A button that applies an edit; a plan that cannot be changed has none.
fn edit_button(class: &'static str, label: String, edit: &Edit) -> Element {
    let edit = edit.clone();
    button(class, label, move || state::apply(&edit)).flag("hidden", !page::can_edit())
}

/// Sizes of which one is the plan's; a click on another takes it, unless the plan is only shown.
fn chips(sizes: Vec<(String, bool, Edit)>) -> Element {
    let can_edit = page::can_edit();
    let chips = sizes.into_iter().map(|(label, on, edit)| {
        let classes = ["chip", "chip on"];
        let chip = match can_edit {
            true => choice(classes, on, label, move || state::apply(&edit)),
            false => span(if on { classes[1] } else { classes[0] }).text(label),
        };
        el("li").child(chip)
    });
    el("ul").class("chips").children(chips)
}
