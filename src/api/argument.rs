//! The arguments of a call, read strictly: a script that misspells a value should stop, not plan
//! with another one.

use meshplan::core::Config;
use meshplan::export::Format;
use meshplan::js::{format_named, kind, misread, refuse, tree};
use meshplan::share::{self, Note};
use wasm_bindgen::{JsCast, JsValue};

/// A text.
pub fn text_of(name: &str, value: &JsValue) -> Result<String, JsValue> {
    let text = value.as_string();
    text.ok_or_else(|| refuse(name, &format!("This is {}, not text.", kind(value))))
}

/// The form of flags; Megatron's where none is named.
pub fn format_of(value: &JsValue) -> Result<Format, JsValue> {
    if value.is_undefined() || value.is_null() {
        return Ok(Format::Megatron);
    }
    let name = text_of("format", value)?;
    format_named(&name)
        .ok_or_else(|| refuse("format", "This is none of megatron, nemo and bridge."))
}

/// A plan: the object of its JSON, or a link. What cannot be read in it is kept as unread.
pub fn plan_of(value: &JsValue) -> Result<Config, JsValue> {
    if let Some(text) = value.as_string() {
        let opened = share::carried(&text).map_err(|error| refuse("config", &error.message()))?;
        let partial = |note: &&Note| matches!(note, Note::Cut { .. } | Note::TooLong { .. });
        return match opened.notes.iter().find(partial) {
            Some(note) => Err(refuse("config", &note.message())),
            None => Ok(opened.config),
        };
    }
    let is_plan = value.is_object() && !value.is_instance_of::<js_sys::Array>();
    let tree = is_plan.then(|| tree(value)).ok_or_else(|| {
        let kind = kind(value);
        refuse(
            "config",
            &format!("This is {kind}; a plan is an object or a link."),
        )
    })?;
    let tree = tree.ok_or_else(|| refuse("config", "Its objects are nested too deep."))?;
    Ok(Config::from_json(&tree))
}

/// A plan every entry of which can be read. Unknown fields are kept, and reported as problems.
pub fn whole_plan_of(value: &JsValue) -> Result<Config, JsValue> {
    let config = plan_of(value)?;
    match misread(&config) {
        Some(error) => Err(error),
        None => Ok(config),
    }
}
