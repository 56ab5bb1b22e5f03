//! What leaves the page: link, flags, snippets, Markdown and JSON, each with a button that copies
//! it. All but the link are written by the API.

use super::copy::copy_button;
use super::state::App;
use super::{address, bridge};
use crate::dom::{Element, button, div, el, span};
use leptos::prelude::*;

/// The forms by their names in the API, and their words. The link is the page's own.
pub const FORMS: [(&str, &str); 6] = [
    ("megatron", "Megatron flags"),
    ("nemo", "NeMo"),
    ("bridge", "Megatron Bridge"),
    (LINK, "Link"),
    ("markdown", "Markdown"),
    ("json", "Plan JSON"),
];

const LINK: &str = "link";
const TEXT: &str = "takeaway-text";

/// The section.
pub fn take_away(app: App) -> Vec<Element> {
    let chosen = app.chosen(|choices| choices.takeaway);
    let tabs = FORMS.iter().map(|(form, name)| {
        button("", *name, move || {
            app.choose(|choices| choices.takeaway = form)
        })
        .attr(
            "aria-pressed",
            if chosen == *form { "true" } else { "false" },
        )
    });
    let text = text(app, chosen);
    let copied = text.clone().ok();
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
            .child(
                // What is no text to take away must not be pasted anywhere.
                copy_button(app, "Copy", "btn", Some(TEXT), move || {
                    copied.clone().unwrap_or_default()
                })
                .flag("disabled", text.is_err()),
            ),
        match text {
            Ok(text) => div("in").child(
                el("pre")
                    .attr("id", TEXT)
                    .attr("tabindex", "0")
                    .attr("aria-label", "Text to copy")
                    .text(text),
            ),
            Err(reason) => div("in").child(el("p").class("sub").text(reason)),
        },
    ]
}

/// The text of a form, or why there is none.
fn text(app: App, form: &str) -> Result<String, String> {
    let planned = app.plan.get();
    if form == LINK {
        return Ok(address::url(&planned.config));
    }
    match app.chosen(|choices| choices.api.wait()) {
        Some(wait) => Err(wait),
        None => bridge::text(&planned.config, form, planned.plan.unit),
    }
}
