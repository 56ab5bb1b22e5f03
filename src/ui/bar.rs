//! The bar at the top: what is planned, where to start from, and how to take it along.

use super::address::Opening;
use super::browser::remember;
use super::copy::copy_button;
use super::state::App;
use super::theme::THEME;
use super::{address, open, place, theme};
use crate::core::presets::PLANS;
use crate::dom::{Element, button, el, span};
use leptos::prelude::*;
use wasm_bindgen::JsCast;

/// The id of the text that is copied.
const LINK: &str = "bar-link";

/// The bar.
pub fn bar(app: App) -> Vec<Element> {
    let logo = (0..9).map(|_| el("i"));
    vec![
        el("a")
            .class("visually-hidden skip")
            .attr("href", "#gpus")
            .on("click", skip)
            .text("Skip to the GPUs"),
        span("logo").attr("aria-hidden", "true").children(logo),
        el("b").text("Meshplan"),
        span("name").text(app.plan.with(|planned| {
            let title = planned.plan.title();
            let note = planned.config.about.note.as_ref();
            note.map_or_else(|| title.clone(), |note| [&title, ". ", note].concat())
        })),
        span("grow"),
        // What is done with the plan as a whole is drawn by the details.
        place("span", "tools", "tools"),
        el("label")
            .class("visually-hidden")
            .attr("for", "start")
            .text("Start from a plan of the guide"),
        start(app),
        button("btn", "Open…", open::show),
        copy_button(app, "Copy link", "btn primary", LINK),
        // Its text, to be selected where the clipboard is closed.
        span("visually-hidden")
            .attr("id", LINK)
            .attr("aria-hidden", "true")
            .text(address::url(app)),
        theme_button(app),
    ]
}

/// The guide's plans; the list shows the one that the plan is, if it is one.
fn start(app: App) -> Element {
    let chosen = app.plan.with(|planned| {
        PLANS
            .iter()
            .find(|preset| preset.config() == planned.config)
            .map_or("", |preset| preset.id)
    });
    let options = PLANS.iter().map(|preset| {
        el("option")
            .attr("value", preset.id)
            .attr("title", preset.note)
            .text(preset.name)
    });
    el("select")
        .attr("id", "start")
        .class("btn")
        .child(el("option").attr("value", "").text("Start from…"))
        .children(options)
        .value(chosen)
        .on("change", move |event| {
            let id = event_target_value(&event);
            if let Some(preset) = PLANS.iter().find(|preset| preset.id == id) {
                app.open(Opening {
                    config: preset.config(),
                    other: None,
                    notice: None,
                });
            }
        })
}

/// Moves the focus without touching the address, which holds the plan.
fn skip(event: web_sys::Event) {
    event.prevent_default();
    let target = document().get_element_by_id("gpus");
    if let Some(target) = target {
        let _ = target.unchecked_ref::<web_sys::HtmlElement>().focus();
    }
}

/// As the system, light, dark, in turn.
fn theme_button(app: App) -> Element {
    let now = app.chosen(|choices| choices.theme);
    let (word, next) = match now {
        "light" => ("Light", "dark"),
        "dark" => ("Dark", ""),
        _ => ("Auto", "light"),
    };
    button("btn quiet", word, move || {
        remember(THEME, next);
        theme::choose(app, next);
    })
    .attr("title", "Colours: as the system, light, or dark")
    .attr("aria-label", format!("Colours: {word}"))
}
