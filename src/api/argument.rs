//! The arguments of a call, read strictly: a script that misspells a value should stop, not plan
//! with another one.

use meshplan::core::Config;
use meshplan::core::json::Json;
use meshplan::export::{self, Format, Wish};
use meshplan::js::{entries, format_named, kind, misread, refuse, text_of, tree};
use meshplan::share;
use wasm_bindgen::JsValue;

/// A text.
pub fn text(name: &str, value: &JsValue) -> Result<String, JsValue> {
    if !value.is_string() {
        return Err(refuse(
            name,
            &["This is ", &kind(value), ", not text."].concat(),
        ));
    }
    text_of(value).map_err(|reason| untaken(name, &reason))
}

/// A text, where there is one.
fn text_if_any(name: &str, value: &JsValue) -> Result<Option<String>, JsValue> {
    match value.is_undefined() || value.is_null() {
        true => Ok(None),
        false => text(name, value).map(Some),
    }
}

/// The form of flags; Megatron's where none is named.
pub fn format_of(value: &JsValue) -> Result<Format, JsValue> {
    let Some(name) = text_if_any("format", value)? else {
        return Ok(Format::Megatron);
    };
    format_named(&name)
        .ok_or_else(|| refuse("format", "This is none of megatron, nemo and bridge."))
}

/// The address of the plan on a page that is named, or on that of the link that the plan was given
/// as.
pub fn address_of(
    name: &str,
    page: &JsValue,
    given: &JsValue,
    config: &Config,
) -> Result<Option<String>, JsValue> {
    let page = text_if_any(name, page)?;
    let link = given.as_string();
    let own = || link.as_deref().and_then(export::page_of);
    Ok(page
        .as_deref()
        .or_else(own)
        .map(|page| share::url(page, config)))
}

/// What is asked of a picture, with the page for its link.
pub fn wish_of(options: &JsValue) -> Result<(Wish<'static>, JsValue), JsValue> {
    let mut page = JsValue::UNDEFINED;
    let mut words: [(&str, Option<String>); 3] =
        [("picture", None), ("color", None), ("theme", None)];
    let given = match options.is_undefined() || options.is_null() {
        true => Vec::new(),
        false => entries(options)
            .map_err(|reason| untaken("options", &reason))?
            .ok_or_else(|| {
                let kind = kind(options);
                refuse(
                    "options",
                    &["This is ", &kind, "; options are an object."].concat(),
                )
            })?,
    };
    for (name, value) in given {
        let path = ["options.", &name].concat();
        match words.iter_mut().find(|(known, _)| *known == name) {
            Some((_, word)) => *word = text_if_any(&path, &value)?,
            None if name == "page" => page = value,
            None => {
                let there = "There is no such option; there are picture, color, theme, page.";
                return Err(refuse(&path, there));
            }
        }
    }
    let [(_, picture), (_, color), (_, theme)] = &words;
    let wish = export::wish(picture.as_deref(), color.as_deref(), theme.as_deref());
    let wish = wish.map_err(|unknown| {
        let path = ["options.", unknown.option].concat();
        refuse(&path, &unknown.message())
    })?;
    Ok((wish, page))
}

const TWO_PLANS: &str = "This link holds two plans, A and B; decodeLink gives both.";

/// A plan: the object of its JSON, or a link. What cannot be read in it is kept as unread.
pub fn plan_of(name: &str, value: &JsValue) -> Result<Config, JsValue> {
    if value.is_string() {
        let text = text(name, value)?;
        let opened = share::decode(&text).map_err(|error| refuse(name, &error.message()))?;
        return match opened.doubt() {
            Some(note) => Err(refuse(name, &note.message())),
            None if opened.other.is_some() => Err(refuse(name, TWO_PLANS)),
            None => Ok(opened.config),
        };
    }
    match tree(value).map_err(|reason| untaken(name, &reason))? {
        tree @ Json::Object(_) => Ok(Config::from_json(&tree)),
        _ => {
            let kind = kind(value);
            let reason = ["This is ", &kind, "; a plan is an object or a link."].concat();
            Err(refuse(name, &reason))
        }
    }
}

/// The `Error` for a value that cannot be taken.
fn untaken(name: &str, reason: &str) -> JsValue {
    refuse(name, &["This cannot be taken: ", reason, "."].concat())
}

/// A plan every entry of which can be read. Unknown fields are kept, and reported as problems.
pub fn whole_plan_of(value: &JsValue) -> Result<Config, JsValue> {
    let config = plan_of("config", value)?;
    match misread(&config) {
        Some(error) => Err(error),
        None => Ok(config),
    }
}
