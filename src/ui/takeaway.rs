//! What leaves the page: link, flags, snippets, Markdown and JSON, each with a button that copies
//! it.

use super::browser::json_text;
use super::copy::copy_button;
use super::dom::{Element, button, div, el, span};
use super::state::App;
use crate::export::{self, Format};
use leptos::prelude::*;

/// A way to take a plan along.
#[derive(Clone, Copy, PartialEq)]
pub enum Form {
    /// The address.
    Link,
    /// Flags or a snippet for a launch script.
    Flags(Format),
    /// A summary for a review.
    Markdown,
    /// The plan as data.
    PlanJson,
}

const FORMS: &[(Form, &str)] = &[
    (Form::Flags(Format::Megatron), "Megatron flags"),
    (Form::Flags(Format::Nemo), "NeMo"),
    (Form::Flags(Format::Bridge), "Megatron Bridge"),
    (Form::Link, "Link"),
    (Form::Markdown, "Markdown"),
    (Form::PlanJson, "Plan JSON"),
];

const TEXT: &str = "takeaway-text";

/// The section.
pub fn take_away(app: App) -> Vec<Element> {
    let chosen = app.chosen(|choices| choices.takeaway);
    let tabs = FORMS.iter().map(|(form, name)| {
        button("", *name, move || {
            app.choose(|choices| choices.takeaway = *form)
        })
        .attr(
            "aria-pressed",
            if chosen == *form { "true" } else { "false" },
        )
    });
    vec![
        el("header")
            .child(el("h2").attr("id", "takeaway-title").text("Take away"))
            .child(
                span("seg")
                    .attr("role", "group")
                    .attr("aria-label", "Form")
                    .children(tabs),
            )
            .child(span("grow"))
            .child(copy_button(app, "Copy", "btn", Some(TEXT), move || {
                untrack(|| text(app, app.chosen(|choices| choices.takeaway)))
            })),
        div("in").child(
            el("pre")
                .attr("id", TEXT)
                .attr("tabindex", "0")
                .attr("aria-label", "Text to copy")
                .text(text(app, chosen)),
        ),
    ]
}

fn text(app: App, form: Form) -> String {
    let (planned, report) = (app.plan.get(), app.report.get());
    let url = || super::address::url(&planned.config);
    match form {
        Form::Link => url(),
        Form::Flags(format) => export::flags(&planned.plan, &report, format),
        Form::Markdown => export::markdown(&planned.plan, &report, Some(&url())),
        Form::PlanJson => json_text(&planned.config).unwrap_or_default(),
    }
}
