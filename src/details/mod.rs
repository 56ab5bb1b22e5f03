//! The details: what the page loads after itself, so that nobody waits for it to see a plan.
//!
//! It knows the browser, how the sections below the picture are drawn, how foreign text becomes a
//! plan, and a plan a text to take away. A plan comes in as a link, so the page and the details share
//! no memory and no types. It must never know Leptos or the page's state, nor compute a figure.
#![deny(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

mod clipboard;
mod compare;
mod figures;
mod frame;
mod gpus;
mod keys;
mod origin;
mod page;
mod read;
mod sections;
mod state;
mod takeaway;
mod tools;

use meshplan::core::units::MemoryUnit;
use meshplan::share;
use state::Shown;
use wasm_bindgen::prelude::*;

/// Draws the plan of a link of any length in the places of the page. Gives three lines, each empty where
/// there is nothing to say: which stages do not fit, and what the guide's steps advise, as words and as
/// a link.
#[wasm_bindgen]
pub fn show(link: &str, gib: bool) -> String {
    let unit = if gib { MemoryUnit::Gib } else { MemoryUnit::Gb };
    let Ok(opened) = share::carried(link) else {
        return String::new();
    };
    state::draw(opened, link, unit).join("\n")
}
