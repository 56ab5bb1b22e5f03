//! JavaScript's values and the core's: what the programs around the core share, the details and the
//! API for scripts.
//!
//! It knows how a value of JavaScript becomes the core's JSON and back, and how a call is refused. It
//! must never know the page, Leptos, or what a figure means. Nothing is exported here: a linker keeps
//! whatever is exported, so the programs export.
#![deny(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects
)]

mod answer;
mod error;
mod json;
mod misread;

pub use answer::to_js;
pub use error::{error, refuse};
pub use json::{entries, kind, parse, text, text_of, tree, value};
pub use misread::misread;

use crate::export::Format;
use wasm_bindgen::JsValue;

/// What a function for JavaScript gives: a value, or the `Error` that it throws.
pub type Answer = Result<JsValue, JsValue>;

/// The names of the forms of flags.
const FORMATS: &[(&str, Format)] = &[
    ("megatron", Format::Megatron),
    ("nemo", Format::Nemo),
    ("bridge", Format::Bridge),
];

/// The form of flags of a name.
#[must_use]
pub fn format_named(name: &str) -> Option<Format> {
    let row = FORMATS.iter().find(|(known, _)| *known == name)?;
    Some(row.1)
}
