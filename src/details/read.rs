//! Foreign text as a plan: what a reader pastes or drops that is no link.

use meshplan::core::Config;
use meshplan::core::json::Json;
use meshplan::import::{self, Opened, Source};
use meshplan::js::{Answer, error, parse, value};
use meshplan::share;
use wasm_bindgen::prelude::*;

/// A plan that was read.
pub struct Read {
    /// The plan.
    pub config: Config,
    /// The plan that it is compared with.
    pub other: Option<Config>,
    /// What its reader should know, in sentences.
    pub notes: Vec<String>,
    /// A link to it of any length, which leaves nothing out; a link in doubt as it came.
    link: String,
    /// Whether the text told a model and nothing else.
    pub model_only: bool,
}

/// Reads a plan from any text that Meshplan understands: a link, the JSON of a plan, a launch script
/// or command line, the YAML of a test of Megatron-LM, overrides of Megatron Bridge, or the
/// `config.json` of a model, or an SVG that was saved from it.
///
/// # Errors
/// Says why the text is no plan.
pub fn plan_in(text: &str) -> Result<Read, String> {
    let mut text = text.trim();
    if text.is_empty() {
        return Err("Paste a text first.".to_owned());
    }
    let link;
    if import::is_picture(text.as_bytes()) {
        link = import::link_of(text.as_bytes()).ok_or(import::NO_PLAN)?;
        text = &link;
    }
    let json = text.starts_with(['{', '[']).then(|| parse(text));
    let json = json
        .transpose()
        .map_err(|reason| ["This is not valid JSON: ", &reason, "."].concat())?;
    let opened = import::any(text, json.as_ref()).map_err(|reason| reason.message())?;
    Ok(match opened {
        Opened::Link(opened) => Read {
            link: match opened.doubt() {
                Some(_) => share::as_it_came(text),
                None => share::carry_both(&opened.config, opened.other.as_ref()),
            },
            notes: opened.notes.iter().map(share::Note::message).collect(),
            config: opened.config,
            other: opened.other,
            model_only: false,
        },
        Opened::Import(imported) => Read {
            notes: imported.notes.iter().map(import::Note::message).collect(),
            model_only: imported.source == Source::Model,
            link: share::carry(&imported.config),
            config: imported.config,
            other: None,
        },
    })
}

/// Reads a plan for the page: a link to it; what its reader should know, in sentences; whether the text
/// told a model and nothing else.
#[wasm_bindgen]
pub fn read(text: &str) -> Answer {
    let read = plan_in(text).map_err(|reason| error("text", &reason))?;
    Ok(told(read))
}

/// A plan that was read, as the page is told it.
pub fn told(read: Read) -> JsValue {
    let notes = read.notes.into_iter().map(Json::Text).collect();
    value(&Json::Object(vec![
        ("link".to_owned(), Json::Text(read.link)),
        ("notes".to_owned(), Json::List(notes)),
        ("modelOnly".to_owned(), Json::Bool(read.model_only)),
    ]))
}

/// The link of the plan in the bytes of a picture.
#[wasm_bindgen(js_name = linkInPicture)]
pub fn link_in_picture(bytes: &[u8]) -> Result<String, JsValue> {
    import::link_of(bytes).ok_or_else(|| error("text", import::NO_PLAN))
}
