//! The first entry of a plan that cannot be taken as it was written, for callers that would rather stop
//! than plan with another value.

use super::refuse;
use crate::core::config::{Config, Field, Unread, shown};
use crate::core::problems::unreadable;
use wasm_bindgen::JsValue;

/// The `Error` that names the first entry that cannot be read; none where every entry can. Fields that
/// are merely unknown are no error.
#[must_use]
pub fn misread(config: &Config) -> Option<JsValue> {
    config.unread.iter().find_map(|unread| {
        let one = Config {
            unread: vec![unread.clone()],
            ..Config::default()
        };
        unreadable(&one).then(|| refuse(&unread.path, &reason(unread)))
    })
}

/// Why an entry cannot be taken.
fn reason(unread: &Unread) -> String {
    let shown = shown(&unread.value.to_string());
    match Field::at(&unread.path).map(|field| field.read(&unread.value)) {
        Some(Err(misread)) => format!("“{shown}” {}. It takes {}.", misread.problem, misread.takes),
        Some(Ok(_)) => format!("“{shown}” cannot be read."),
        None => format!(
            "This is {}, where a group of fields belongs.",
            unread.value.kind()
        ),
    }
}
