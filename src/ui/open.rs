//! Opens a plan that is pasted: a link, or the JSON of a plan.

use super::bridge;
use super::dom::{Element, button, div, el};
use super::state::{App, Notice};
use crate::core::config::Config;
use crate::share;
use leptos::prelude::*;
use wasm_bindgen::JsCast;

const TEXT: &str = "open-text";

/// The id of the dialog.
pub const DIALOG: &str = "open-dialog";

fn dialog() -> Option<web_sys::HtmlDialogElement> {
    Some(document().get_element_by_id(DIALOG)?.unchecked_into())
}

/// Shows the dialog.
pub fn show() {
    if let Some(dialog) = dialog() {
        let _ = dialog.show_modal();
    }
}

fn close() {
    if let Some(dialog) = dialog() {
        dialog.close();
    }
}

/// What the dialog holds.
pub fn open_dialog(app: App) -> Vec<Element> {
    let open = move |event: web_sys::Event| {
        event.prevent_default();
        let area = document().get_element_by_id(TEXT);
        let area = area.map(|area| area.unchecked_into::<web_sys::HtmlInputElement>());
        match read(app, &area.map(|area| area.value()).unwrap_or_default()) {
            Ok((config, notice)) => {
                app.choose(|choices| choices.open_error.clear());
                app.open(config, notice);
                close();
            }
            Err(reason) => app.choose(|choices| choices.open_error = reason),
        }
    };
    vec![
        el("form")
            .on("submit", open)
            .child(el("h2").attr("id", "open-title").text("Open a plan"))
            .child(el("label").class("sub").attr("for", TEXT).text(
                "Paste a Meshplan link, or the JSON of a plan. The browser's history keeps the \
                 plan you have now: go back to return to it.",
            ))
            .child(
                el("textarea")
                    .attr("id", TEXT)
                    .attr("rows", "10")
                    .attr("spellcheck", "false")
                    .attr("aria-describedby", "open-error"),
            )
            .child(
                el("p")
                    .attr("id", "open-error")
                    .class("bad")
                    .attr("role", "alert")
                    .text(app.chosen(|choices| choices.open_error.clone())),
            )
            .child(
                div("dialog-buttons")
                    .child(button("btn", "Cancel", close))
                    .child(
                        el("button")
                            .attr("type", "submit")
                            .class("btn primary")
                            .text("Open"),
                    ),
            ),
    ]
}

/// A plan from pasted text; what could not be read of it, or why it is no plan. Whole links are
/// opened here, so that they open without the API; everything else is foreign text.
fn read(app: App, pasted: &str) -> Result<(Config, Option<Notice>), String> {
    let trimmed = pasted.trim();
    if !trimmed.starts_with(['{', '[']) {
        match share::decode(trimmed) {
            Ok(opened) => return Ok((opened.config, Notice::of(&opened.notes, trimmed))),
            Err(share::LinkError::Empty) => return Err("Paste a link or JSON first.".to_owned()),
            Err(_) => {}
        }
    }
    if let Some(wait) = app.chosen_now(|choices| choices.api.wait()) {
        return Err(wait);
    }
    let (config, notes) = bridge::open(trimmed)?;
    Ok((config, Notice::saying(notes, trimmed)))
}
