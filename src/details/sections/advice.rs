//! The guide's five steps for this plan, and the plan they lead to.

use super::super::Shown;
use super::{Section, edit_button, paragraph};
use meshplan::core::advice::{Figure, Step};
use meshplan::core::memory::Memory;
use meshplan::core::{Plan, Report};
use meshplan::dom::{Element, div, el, span};

/// The advice.
pub fn section(shown: &Shown) -> Section {
    let report = &shown.report;
    let steps = &report.advice.steps;
    let steps = steps.iter().map(|s| step(report, s));
    let header = vec![span("sub").text("the guide’s five steps")];
    (
        header,
        vec![el("ol").class("steps").children(steps), end(shown)],
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

/// The plan that the steps lead to. They go by the guide's figure, and may lead to stages that do not fit.
fn end(shown: &Shown) -> Element {
    let advice = &shown.report.advice;
    let unit = shown.plan.unit;
    let but = |beyond: Option<String>| {
        beyond.map(|beyond| paragraph("warn", ["But ", &beyond, "."].concat()))
    };
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
                .children(but(
                    Memory::of(&Plan::of(&edit.apply(&shown.config))).beyond(unit)
                ))
                .child(edit_button("btn primary", label, edit))
        }
        None if advice.found => div("advised")
            .child(named("This is your plan:"))
            .children(but(shown.report.memory.beyond(unit))),
        None => paragraph("sub", advice.summary.clone()),
    }
}
