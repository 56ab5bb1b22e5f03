//! Foreign text as a plan: what a reader pastes or drops that is no link.

use meshplan::core::json::Json;
use meshplan::import::{self, Opened, Source};
use meshplan::js::{Answer, error, parse, value};
use meshplan::share;
use wasm_bindgen::prelude::*;

/// Reads a plan from any text that Meshplan understands: a link, the JSON of a plan, a launch script
/// or command line, the YAML of a test of Megatron-LM, overrides of Megatron Bridge, or the
/// `config.json` of a model, or an SVG that was saved from it.
#[wasm_bindgen]
pub fn read(text: &str) -> Answer {
    let mut text = text.trim();
    let link;
    if import::is_picture(text.as_bytes()) {
        link = link_in_picture(text.as_bytes())?;
        text = &link;
    }
    let json = text.starts_with(['{', '[']).then(|| parse(text));
    let json = json
        .transpose()
        .map_err(|reason| error("text", &["This is not valid JSON: ", &reason, "."].concat()))?;
    let opened =
        import::any(text, json.as_ref()).map_err(|reason| error("text", &reason.message()))?;
    Ok(match opened {
        Opened::Link(opened) => {
            let notes = opened.notes.iter().map(share::Note::message);
            carried(share::carry(&opened.config), notes.collect(), false)
        }
        Opened::Import(imported) => {
            let notes = imported.notes.iter().map(import::Note::message);
            let model_only = imported.source == Source::Model;
            carried(share::carry(&imported.config), notes.collect(), model_only)
        }
    })
}

/// The link of the plan in the bytes of a picture.
#[wasm_bindgen(js_name = linkInPicture)]
pub fn link_in_picture(bytes: &[u8]) -> Result<String, JsValue> {
    import::link_of(bytes).ok_or_else(|| error("text", import::NO_PLAN))
}

/// A plan for the page: a link of any length, which leaves nothing out; what its reader should know,
/// in sentences; whether the text told a model and nothing else.
fn carried(link: String, notes: Vec<String>, model_only: bool) -> JsValue {
    let notes = notes.into_iter().map(Json::Text).collect();
    value(&Json::Object(vec![
        ("link".to_owned(), Json::Text(link)),
        ("notes".to_owned(), Json::List(notes)),
        ("modelOnly".to_owned(), Json::Bool(model_only)),
    ]))
}
