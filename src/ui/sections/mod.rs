//! The sections that show the report: checks, memory, communication, pipeline, batch, advice and
//! explanations. Each reads the report and builds itself anew when it changes.

mod advice;
mod batch;
mod checks;
mod communication;
mod dimensions;
mod explain;
mod matrices;
mod memory;
mod pipeline;
mod schedule;

use super::App;
use crate::core::checks::Status;
use crate::core::config::Edit;
use leptos::prelude::*;

/// Every section, in the order of reading.
pub fn all(app: App) -> AnyView {
    view! {
        <div class="cols">
            <memory::Memory app />
            <checks::Checks app />
        </div>
        <div class="cols">
            <communication::Communication app />
            <advice::Advice app />
        </div>
        <pipeline::Pipeline app />
        <batch::Batch app />
        <explain::Explain app />
    }
    .into_any()
}

/// The frame of a section: its title, what stands beside it, and what it holds.
fn card(id: &'static str, title: &'static str, beside: AnyView, body: AnyView) -> AnyView {
    view! {
        <section class="card" aria-labelledby=id>
            <header><h2 id=id>{title}</h2>{beside}</header>
            <div class="in">{body}</div>
        </section>
    }
    .into_any()
}

/// A paragraph.
fn paragraph(class: &'static str, text: impl Into<String>) -> AnyView {
    view! { <p class=class>{text.into()}</p> }.into_any()
}

/// A button that applies an edit.
fn edit_button(app: App, class: &'static str, label: String, edit: &Edit) -> AnyView {
    let edit = edit.clone();
    view! { <button type="button" class=class on:click=move |_| app.apply(&edit)>{label}</button> }
        .into_any()
}

/// A status as a mark, and as a word for those who hear the page.
fn mark(status: Status) -> AnyView {
    let (class, mark, word) = match status {
        Status::Pass => ("ok", "✓", "Passes: "),
        Status::Warn => ("warn", "!", "Warning: "),
        Status::Fail => ("bad", "✕", "Fails: "),
        Status::NotApplicable => ("sub", "–", "Does not apply: "),
    };
    view! {
        <span class=class>
            <span aria-hidden="true">{mark}</span>
            <span class="visually-hidden">{word}</span>
        </span>
    }
    .into_any()
}

/// A row of buttons of which one is pressed.
fn choices<T: Copy + PartialEq + Send + Sync + 'static>(
    label: &'static str,
    chosen: RwSignal<T>,
    choices: &[(T, &'static str)],
) -> AnyView {
    let buttons: Vec<AnyView> = choices
        .iter()
        .map(|&(value, name)| {
            let pressed = move || {
                if chosen.get() == value {
                    "true"
                } else {
                    "false"
                }
            };
            view! {
                <button type="button" aria-pressed=pressed on:click=move |_| chosen.set(value)>
                    {name}
                </button>
            }
            .into_any()
        })
        .collect();
    view! { <span class="seg" role="group" aria-label=label>{buttons}</span> }.into_any()
}
