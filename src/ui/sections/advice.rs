//! The guide's five steps for this plan, and the plan they lead to.

use super::{edit_button, paragraph, show_section};
use crate::core::Report;
use crate::core::advice::{Figure, Step};
use crate::ui::App;
use crate::ui::dom::{Element, div, el, span};
use leptos::prelude::*;

/// The advice.
pub fn show(app: App) {
    show_section("advice", "Advice", move || {
        let report = app.report.get();
        let steps = &report.advice.steps;
        let steps = steps.iter().map(|s| step(app, &report, s));
        let header = vec![span("sub").text("the guide’s five steps")];
        (
            header,
            vec![el("ol").class("steps").children(steps), end(app, &report)],
        )
    })
}

fn step(app: App, report: &Report, step: &Step) -> Element {
    // The last step's sizes are the advised plan, which has a button of its own below.
    let edit = step
        .edit
        .as_ref()
        .filter(|_| step.edit != report.advice.edit);
    let button = edit.map(|edit| {
        edit_button(app, "btn small", "Use these sizes".to_owned(), edit)
            .attr("title", edit.label())
    });
    el("li")
        .child(el("b").text(step.question))
        .text(format!(" {}.", step.answer))
        .child(paragraph("", step.reason.clone()))
        .children(trials(&step.figures))
        .children(button)
}

/// What was tried, with what it needs.
fn trials(figures: &[Figure]) -> Option<Element> {
    let trial = |figure: &Figure| {
        let (class, fits) = if figure.fits {
            ("ok", "✓ fits")
        } else {
            ("bad", "✕ does not fit")
        };
        let cells = vec![
            el("span").text(figure.sizes.clone()),
            el("span").text(figure.text.clone()),
            span(class).text(fits),
        ];
        el("li").class("trial").children(cells)
    };
    (!figures.is_empty()).then(|| {
        let rows = figures.iter().map(trial);
        let summary = el("summary").text("Figures");
        el("details")
            .class("notes")
            .child(summary)
            .child(el("ul").class("rows").children(rows))
    })
}

fn end(app: App, report: &Report) -> Element {
    let advice = &report.advice;
    let named = |name: &'static str| {
        let text = format!(" {}.", advice.summary);
        el("p").child(el("b").text(name)).text(text)
    };
    match &advice.edit {
        Some(edit) => {
            let label = "Apply the advised plan".to_owned();
            div("advised")
                .child(named("Advised plan:"))
                .child(paragraph("sub", format!("{}.", edit.label())))
                .child(edit_button(app, "btn primary", label, edit))
        }
        None if advice.found => div("advised").child(named("This is your plan:")),
        None => paragraph("sub", advice.summary.clone()),
    }
}
