//! What is told beside the pictures: the GPU in focus, and the groups as a table. The details draw
//! both, in places that are kept for them here.

use super::picture::Picture;
use crate::diagram::ColourBy;
use crate::dom::{Element, el};
use crate::ui::bridge;
use crate::ui::show::show_in;
use leptos::prelude::*;
use wasm_bindgen::JsCast;

/// The place of the table, which tells whether it is open.
pub fn table_frame(picture: Picture) -> Element {
    let toggle = move |event: web_sys::Event| {
        let details = event.current_target();
        let details = details.map(|d| d.unchecked_into::<web_sys::HtmlDetailsElement>());
        let open = details.is_some_and(|details| details.open());
        picture.app.choose(|choices| choices.table_is_open = open);
    };
    el("details")
        .class("group-table")
        .on("toggle", toggle)
        .child(el("summary").attr("id", "gpus-groups"))
        .child(el("div").attr("id", "gpus-table"))
}

/// Keeps what the details tell in step with the pictures.
pub fn show_beside([picture, beside]: [Picture; 2]) {
    let app = picture.app;
    show_in("gpus-groups", move || {
        let by = picture.paint.with(|paint| paint.by);
        let words = match by {
            ColourBy::Groups(_) => ["All ", by.name(), " groups as a table"].concat(),
            ColourBy::Figure(_) => [by.name(), " as a table"].concat(),
        };
        vec![el("span").text(words)]
    });
    show_in("gpus-focus", move || {
        let wait = app.chosen(|choices| choices.api.wait());
        let wait = wait.map(|wait| el("p").class("sub").text(wait));
        wait.into_iter().collect()
    });
    let ready = move || app.chosen(|choices| choices.api.wait().is_none());
    follow(move || {
        let (in_focus, pinned) = (picture.focus(), picture.pinned());
        if ready() {
            bridge::look(in_focus, pinned);
        }
    });
    follow(move || {
        let mut words = String::new();
        if app.chosen(|choices| choices.table_is_open) {
            words.push_str(picture.paint.with(|paint| paint.by.word()));
            if picture.are_both_shown() {
                words.push(' ');
                words.push_str(beside.paint.with(|paint| paint.by.word()));
            }
        }
        if ready() {
            bridge::list(&words);
        }
    });
}

/// Does something whenever what it reads changes, for as long as the page stands.
fn follow(what: impl Fn() + 'static) {
    std::mem::forget(RenderEffect::new(move |_| what()));
}
