//! Foreign text as a plan: what a reader pastes that is no link.

use super::argument::error;
use super::json;
use super::{Answer, to_js};
use meshplan::core::Config;
use meshplan::share;
use serde::Serialize;
use wasm_bindgen::prelude::*;

/// A plan that was read from a text.
struct Plan {
    config: Config,
    /// What its reader should know, in sentences.
    notes: Vec<String>,
}

/// The same for the page: a link of any length leaves nothing out, and the page reads links anyway.
#[derive(Serialize)]
struct Carried {
    link: String,
    notes: Vec<String>,
}

/// Reads a plan from any text that Meshplan understands: the JSON of a plan, or a link.
#[wasm_bindgen]
pub fn read(text: &str) -> Answer {
    let plan = any(text.trim()).map_err(|reason| error("text", &reason))?;
    to_js(&Carried {
        link: share::carry(&plan.config),
        notes: plan.notes,
    })
}

/// Each kind of text by what it looks like; the reason where it is none of them. A new kind is an
/// arm here.
fn any(text: &str) -> Result<Plan, String> {
    if text.starts_with(['{', '[']) {
        let json =
            json::parse(text).map_err(|reason| format!("This is not valid JSON: {reason}."))?;
        return Ok(Plan {
            config: Config::from_json(&json),
            notes: Vec::new(),
        });
    }
    let opened = share::decode(text).map_err(|error| error.message())?;
    Ok(Plan {
        notes: opened.notes.iter().map(share::Note::message).collect(),
        config: opened.config,
    })
}
