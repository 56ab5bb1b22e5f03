//! The colours of the page: as the system, light, or dark.

use super::details::listen;
use super::state::App;
use super::view::theme_named;
use crate::diagram::colour_named;
use leptos::prelude::*;

/// Under which name the browser remembers the colours.
pub const THEME: &str = "meshplan-theme";

/// Chooses colours. The page has them before anything hears of it: pixels take theirs from the page.
pub fn choose(app: App, theme: &'static str) {
    show(theme);
    app.choose(|choices| choices.theme = theme);
}

/// Shows the page in colours.
pub fn show(theme: &'static str) {
    if let Some(root) = document().document_element() {
        let _ = match theme {
            "" => root.remove_attribute("data-theme"),
            name => root.set_attribute("data-theme", name),
        };
    }
}

/// Hears of other colours from the page around this one.
pub fn follow(app: App) {
    listen("meshplan:theme", move |name| {
        choose(app, theme_named(&name))
    });
    listen("meshplan:color", move |name| {
        if let Some(by) = colour_named(&name) {
            app.colour(by);
        }
    });
}
