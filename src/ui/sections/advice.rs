//! The guide's five steps for this plan, and the plan they lead to.

use super::{card, edit_button, paragraph};
use crate::core::Report;
use crate::core::advice::{Figure, Step};
use crate::ui::App;
use crate::ui::node::{Node, el, leaf};
use leptos::prelude::*;

/// The advice.
pub fn advice(app: App) -> AnyView {
    card("advice", "Advice", move || {
        let report = app.report.get();
        let steps = &report.advice.steps;
        let steps = steps.iter().map(|s| step(app, &report, s)).collect();
        let header = vec![leaf("span", "sub", "the guide’s five steps")];
        (header, vec![el("ol", "steps", steps), end(app, &report)])
    })
}

fn step(app: App, report: &Report, step: &Step) -> Node {
    // The last step's sizes are the advised plan, which has a button of its own below.
    let edit = step
        .edit
        .as_ref()
        .filter(|_| step.edit != report.advice.edit);
    let button = edit.map(|edit| {
        edit_button(app, "btn small", "Use these sizes".to_owned(), edit)
            .with("title", edit.label())
    });
    el(
        "li",
        "",
        vec![
            leaf("b", "", step.question),
            format!(" {}.", step.answer).into(),
            paragraph("", step.reason.clone()),
            trials(&step.figures).into(),
            button.into(),
        ],
    )
}

/// What was tried, with what it needs.
fn trials(figures: &[Figure]) -> Option<Node> {
    let trial = |figure: &Figure| {
        let (class, fits) = if figure.fits {
            ("ok", "✓ fits")
        } else {
            ("bad", "✕ does not fit")
        };
        let cells = vec![
            leaf("span", "", figure.sizes.clone()),
            leaf("span", "", figure.text.clone()),
            leaf("span", class, fits),
        ];
        el("li", "trial", cells)
    };
    (!figures.is_empty()).then(|| {
        let rows = figures.iter().map(trial).collect();
        let summary = leaf("summary", "", "Figures");
        el("details", "notes", vec![summary, el("ul", "rows", rows)])
    })
}

fn end(app: App, report: &Report) -> Node {
    let advice = &report.advice;
    let named = |name: &'static str| {
        let text = format!(" {}.", advice.summary);
        el("p", "", vec![leaf("b", "", name), text.into()])
    };
    match &advice.edit {
        Some(edit) => {
            let label = "Apply the advised plan".to_owned();
            el(
                "div",
                "advised",
                vec![
                    named("Advised plan:"),
                    paragraph("sub", format!("{}.", edit.label())),
                    edit_button(app, "btn primary", label, edit),
                ],
            )
        }
        None if advice.found => el("div", "advised", vec![named("This is your plan:")]),
        None => paragraph("sub", advice.summary.clone()),
    }
}
