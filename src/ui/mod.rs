//! The page: reads a `Report`, writes the `Config` through one function (`App::update`).
//!
//! It knows Leptos and the browser. It must never compute a figure of a plan: each is read from
//! the report, or from a function of `core`, `share`, `diagram` or `export`.

mod state;

pub use state::{App, Colour};

use crate::core::presets;
use leptos::prelude::*;

/// Mounts the page.
pub fn mount() {
    let app = App::new(presets::opening());
    mount_to_body(move || view! { <h1>{move || app.report.get().verdict.text.clone()}</h1> });
}
