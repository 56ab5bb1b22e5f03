//! The guide's five steps for this plan, and the plan they lead to.

use super::{card, edit_button, paragraph};
use crate::core::Report;
use crate::core::advice::{Figure, Step};
use crate::ui::App;
use leptos::prelude::*;

/// The advice.
#[component]
pub fn Advice(app: App) -> impl IntoView {
    let beside = view! { <span class="sub">"the guide’s five steps"</span> };
    let body = move || {
        let report = app.report.get();
        let steps: Vec<AnyView> = report
            .advice
            .steps
            .iter()
            .map(|s| step(app, &report, s))
            .collect();
        view! { <ol class="steps">{steps}</ol> {end(app, &report)} }
    };
    card("advice", "Advice", beside.into_any(), body.into_any())
}

fn step(app: App, report: &Report, step: &Step) -> AnyView {
    // The last step's sizes are the advised plan, which has a button of its own below.
    let edit = step
        .edit
        .as_ref()
        .filter(|_| step.edit != report.advice.edit);
    view! {
        <li>
            <b>{step.question}</b>
            " "
            {step.answer.clone()}
            "."
            <p>{step.reason.clone()}</p>
            {trials(&step.figures)}
            {edit.map(|edit| {
                let label = format!("Use these sizes: {}", lower(&edit.label()));
                edit_button(app, "btn small", label, edit)
            })}
        </li>
    }
    .into_any()
}

/// What was tried, with what it needs.
fn trials(figures: &[Figure]) -> AnyView {
    if figures.is_empty() {
        return ().into_any();
    }
    let rows: Vec<AnyView> = figures
        .iter()
        .map(|figure| {
            let (class, fits) = if figure.fits {
                ("ok", "✓ fits")
            } else {
                ("bad", "✕ does not fit")
            };
            view! {
                <li class="trial">
                    <span>{figure.sizes.clone()}</span>
                    <span>{figure.text.clone()}</span>
                    <span class=class>{fits}</span>
                </li>
            }
            .into_any()
        })
        .collect();
    view! {
        <details class="notes">
            <summary>"Figures"</summary>
            <ul class="rows">{rows}</ul>
        </details>
    }
    .into_any()
}

fn end(app: App, report: &Report) -> AnyView {
    let advice = &report.advice;
    match &advice.edit {
        Some(edit) => view! {
            <div class="advised">
                <p><b>"Advised plan: "</b>{advice.summary.clone()}"."</p>
                <p class="sub">{edit.label()}"."</p>
                {edit_button(app, "btn primary", "Apply the advised plan".to_owned(), edit)}
            </div>
        }
        .into_any(),
        None if advice.found => view! {
            <div class="advised"><p><b>"This is your plan: "</b>{advice.summary.clone()}"."</p></div>
        }
        .into_any(),
        None => paragraph("sub", advice.summary.clone()),
    }
}

/// A sentence in the middle of another.
fn lower(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| {
        first.to_lowercase().chain(chars).collect()
    })
}
