//! The guide's five steps for this plan, and the plan they lead to.

use super::super::Shown;
use super::{Section, edit_button, paragraph};
use meshplan::core::Report;
use meshplan::core::advice::{Figure, Step};
use meshplan::dom::{Element, div, el, span};

/// The advice.
pub fn section(shown: &Shown) -> Section {
    let report = &shown.report;
    let steps = &report.advice.steps;
    let steps = steps.iter().map(|s| step(report, s));
    let header = vec![span("sub").text("the guide’s five steps")];
    (
        header,
        vec![el("ol").class("steps").children(steps), end(report)],
    )
}

fn step(report: &Report, step: &Step) -> Element {
    // The last step's sizes are the advised plan, which has a button of its own below.
    let edit = step
        .edit
        .as_ref()
        .filter(|_| step.edit != report.advice.edit);
    let button = edit.map(|edit| {
        edit_button("btn small", "Use these sizes".to_owned(), edit).attr("title", edit.label())
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

fn end(report: &Report) -> Element {
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
                .child(edit_button("btn primary", label, edit))
        }
        None if advice.found => div("advised").child(named("This is your plan:")),
        None => paragraph("sub", advice.summary.clone()),
    }
}
