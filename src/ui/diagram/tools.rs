//! What is done with the picture as a whole: find a GPU, zoom, see both meshes.

use super::picture::Picture;
use crate::diagram::Zoom;
use crate::dom::{Element, button, div, el, span};
use crate::ui::bridge;
use leptos::prelude::*;
use wasm_bindgen::JsCast;

/// The field in which a reader says which GPU to find.
const FIND: &str = "gpus-find";

/// How far a button moves the picture, CSS pixels.
const STEP: i32 = 160;

/// The tools above the pictures.
pub fn tools(picture: Picture) -> Vec<Element> {
    let Some(scope) = picture.scope.get() else {
        return Vec::new();
    };
    let search = move |event: web_sys::Event| {
        event.prevent_default();
        search(picture);
    };
    let said = picture.app.chosen(|choices| choices.search_said.clone());
    let form = el("form")
        .class("find")
        .attr("role", "search")
        .on("submit", search)
        .child(
            el("input")
                .attr("id", FIND)
                .attr("type", "search")
                .attr("placeholder", "Find a GPU: 17, or pp=3 ep=7")
                .attr("aria-label", "Find a GPU by rank or coordinates")
                .attr("spellcheck", "false")
                .attr("autocomplete", "off"),
        )
        .child(
            el("button")
                .attr("type", "submit")
                .class("btn small")
                .text("Find"),
        )
        .child(span("sub").attr("role", "status").text(said));
    let mut tools = vec![form, span("grow")];
    if picture.paint.with(|paint| paint.has_experts) {
        let app = picture.app;
        let both = picture.are_both_shown();
        let toggle = move || app.choose(|choices| choices.both_meshes = !choices.both_meshes);
        tools.push(
            button("btn small", "Both meshes", toggle)
                .attr("aria-pressed", if both { "true" } else { "false" })
                .attr("title", "The dense and the expert mesh beside each other"),
        );
    }
    if scope.can_pan() {
        tools.push(move_buttons(picture));
    }
    if scope.most_steps > 0 || scope.can_pan() {
        tools.push(zoom_buttons(picture, scope.steps, scope.most_steps));
    }
    vec![div("gpus-tools").children(tools)]
}

/// Buttons of which one kind of thing is done.
fn group(name: &'static str, hint: &'static str) -> Element {
    span("seg")
        .attr("role", "group")
        .attr("aria-label", name)
        .attr("title", hint)
}

fn move_buttons(picture: Picture) -> Element {
    let steps = [
        ("←", "Move left", -1, 0),
        ("→", "Move right", 1, 0),
        ("↑", "Move up", 0, -1),
        ("↓", "Move down", 0, 1),
    ];
    let buttons = steps.map(|(sign, name, x, y)| {
        button("", sign, move || picture.pan(x * STEP, y * STEP)).attr("aria-label", name)
    });
    let hint = "Drag the picture, or Shift and the wheel or an arrow key";
    group("Move", hint).children(buttons)
}

fn zoom_buttons(picture: Picture, steps: u32, most: u32) -> Element {
    let zoom = move |by: i32| move || picture.zoom(by, None);
    let buttons = [
        button("", "−", zoom(-1))
            .attr("aria-label", "Zoom out")
            .off(steps == 0),
        button("", "+", zoom(1))
            .attr("aria-label", "Zoom in")
            .off(steps == most),
        button("", "All", move || picture.move_to(Zoom::default()))
            .attr("aria-label", "Show all GPUs")
            .off(steps == 0),
    ];
    let hint = "Click the picture, then turn the wheel; or Ctrl and the wheel, or two fingers";
    group("Zoom", hint).children(buttons)
}

/// Pins the GPU that the reader asks for, or says why there is none.
fn search(picture: Picture) {
    let Some(field) = document().get_element_by_id(FIND) else {
        return;
    };
    let text = field.unchecked_into::<web_sys::HtmlInputElement>().value();
    let app = picture.app;
    if let Some(wait) = app.chosen_now(|choices| choices.api.wait()) {
        app.choose(|choices| choices.search_said = wait);
        return;
    }
    let (rank, words) = bridge::find(&text, app.focus_now().pinned);
    if rank.is_some() {
        // Near enough to be told from its neighbours: from an overview it is some steps.
        let scope = picture.scope.get_untracked();
        if scope.is_some_and(|scope| scope.layout.level.is_tiny()) {
            picture.pin(rank);
            picture.zoom(i32::MAX, None);
            picture.zoom(-1, None);
            if let Some(scope) = picture.scope.get_untracked() {
                picture.move_to(scope.centred(rank.unwrap_or(0)));
            }
        }
        picture.pin(rank);
    }
    app.choose(|choices| choices.search_said = words);
}
