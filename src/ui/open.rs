//! Opens a plan that is pasted or dropped: a link, a launch script, a model's configuration, or the
//! JSON of a plan.

use super::address::Opening;
use super::bridge;
use super::state::App;
use crate::core::config::Config;
use crate::dom::{Element, button, div, el};
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::Closure;

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

/// Where text is pasted.
fn area() -> Option<web_sys::HtmlInputElement> {
    let area = document().get_element_by_id(TEXT)?;
    Some(area.unchecked_into())
}

/// Opens a text as a plan and closes the dialog, or says in the dialog why it is none.
fn open_text(app: App, text: &str, open: fn(&App, Opening)) {
    match read(app, text) {
        Ok(opening) => {
            app.choose(|choices| choices.open_error.clear());
            open(&app, opening);
            close();
            // A file may be dropped anywhere; what could not be read of it is said at the top.
            window().scroll_to_with_x_and_y(0.0, 0.0);
        }
        Err(reason) => app.choose(|choices| choices.open_error = reason),
    }
}

/// Opens files that are dropped on the page, which `boot.js` reads, and plans that the page around this
/// one sends, which take the place of all that is shown. One that is no plan stays in the dialog, with
/// the reason.
pub fn open_foreign(app: App) {
    hear(app, "meshplan:file", App::open);
    hear(app, "meshplan:set", App::show);
}

fn hear(app: App, event: &str, open: fn(&App, Opening)) {
    let dropped = Closure::<dyn Fn(web_sys::Event)>::new(move |event: web_sys::Event| {
        let event = event.unchecked_ref::<web_sys::CustomEvent>();
        let told = event.detail();
        let text = told.as_string();
        show();
        if let Some(area) = area() {
            area.set_value(text.as_deref().unwrap_or_default());
        }
        match text {
            Some(text) => open_text(app, &text, open),
            None => {
                let reason = bridge::message(told.unchecked_into());
                app.choose(|choices| choices.open_error = reason);
            }
        }
    });
    let _ = window().add_event_listener_with_callback(event, dropped.as_ref().unchecked_ref());
    dropped.forget();
}

/// What the dialog holds.
pub fn open_dialog(app: App) -> Vec<Element> {
    let open = move |event: web_sys::Event| {
        event.prevent_default();
        let text = area().map(|area| area.value());
        open_text(app, &text.unwrap_or_default(), App::open);
    };
    vec![
        el("form")
            .on("submit", open)
            .child(el("h2").attr("id", "open-title").text("Open a plan"))
            .child(el("label").class("sub").attr("for", TEXT).text(
                "Paste a link, a launch script or its arguments, a model’s config.json from Hugging \
                 Face, or the JSON of a plan; or drop a file of these, or a saved picture, on the page. \
                 Undo returns to the plan of now.",
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

/// A plan from pasted text; what could not be read of it, or why it is no plan. A link alone is opened
/// here, so that it opens without the API; everything else, and a link among words, which may be those of
/// a command, is foreign text.
fn read(app: App, pasted: &str) -> Result<Opening, String> {
    let text = pasted.trim();
    if !text.contains(|c: char| c.is_whitespace() || c == '{')
        && let Ok(opening) = Opening::of(text)
    {
        return Ok(opening);
    }
    match app.chosen_now(|choices| choices.api.wait()) {
        Some(wait) => Err(wait),
        None => bridge::open(text, app.said(Config::clone)),
    }
}
