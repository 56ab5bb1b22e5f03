//! Foreign text as a plan: what a reader pastes or drops that is no link.

use meshplan::import::{self, Opened, Source};
use meshplan::js::{Answer, error, parse, to_js};
use meshplan::share;
use serde::Serialize;
use wasm_bindgen::prelude::*;

/// A plan for the page: a link of any length leaves nothing out, and the page reads links anyway.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Carried {
    link: String,
    /// What its reader should know, in sentences.
    notes: Vec<String>,
    /// Whether the text told a model and nothing else.
    model_only: bool,
}

/// Reads a plan from any text that Meshplan understands: a link, the JSON of a plan, a launch script
/// or command line, the YAML of a test of Megatron-LM, overrides of Megatron Bridge, or the
/// `config.json` of a model.
#[wasm_bindgen]
pub fn read(text: &str) -> Answer {
    let text = text.trim();
    let json = text.starts_with(['{', '[']).then(|| parse(text));
    let json = json
        .transpose()
        .map_err(|reason| error("text", &["This is not valid JSON: ", &reason, "."].concat()))?;
    let opened =
        import::any(text, json.as_ref()).map_err(|reason| error("text", &reason.message()))?;
    to_js(&match opened {
        Opened::Link(opened) => Carried {
            link: share::carry(&opened.config),
            notes: opened.notes.iter().map(share::Note::message).collect(),
            model_only: false,
        },
        Opened::Import(imported) => Carried {
            link: share::carry(&imported.config),
            notes: imported.notes.iter().map(import::Note::message).collect(),
            model_only: imported.source == Source::Model,
        },
    })
}
