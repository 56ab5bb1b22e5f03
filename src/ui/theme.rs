//! The colours of the page: as the system, light, or dark.

use super::details::listen;
use super::state::App;
use super::view::theme_named;
use crate::diagram::colour_named;
use leptos::prelude::*;

/// Under which name the browser remembers the colours.
pub const THEME: &str = "meshplan-theme";

/// Shows the colours as they are chosen: in the page, by its query, or by the page around it.
pub fn show(app: App) {
    if let Some(root) = document().document_element() {
        let _ = match app.chosen(|choices| choices.theme) {
            "" => root.remove_attribute("data-theme"),
            name => root.set_attribute("data-theme", name),
        };
    }
}

/// Hears of other colours from the page around this one.
pub fn follow(app: App) {
    listen("meshplan:theme", move |name| {
        app.choose(|choices| choices.theme = theme_named(&name));
    });
    listen("meshplan:color", move |name| {
        if let Some(by) = colour_named(&name) {
            app.colour(by);
        }
    });
}
