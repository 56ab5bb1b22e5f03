//! The browser's own services, each in one small function that cannot throw: what is refused in
//! a frame or by a setting comes back as `None` or `false`.

use crate::core::json::Json;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::JsFuture;

/// Copies text to the clipboard; `false` where the browser refuses.
pub async fn copy(text: &str) -> bool {
    let navigator: JsValue = window().navigator().into();
    // Not there outside of a secure context.
    let there = js_sys::Reflect::get(&navigator, &"clipboard".into());
    match there
        .ok()
        .and_then(|c| c.dyn_into::<web_sys::Clipboard>().ok())
    {
        Some(clipboard) => JsFuture::from(clipboard.write_text(text)).await.is_ok(),
        None => false,
    }
}

/// Selects the text of an element, so that the reader can copy it by hand.
pub fn select(element: &web_sys::Node) {
    if let Ok(Some(selection)) = window().get_selection() {
        let _ = selection.select_all_children(element);
    }
}

/// A remembered choice of the reader's, where the browser keeps any.
pub fn remembered(key: &str) -> Option<String> {
    window()
        .local_storage()
        .ok()
        .flatten()?
        .get_item(key)
        .ok()
        .flatten()
}

/// Remembers a choice of the reader's, where the browser keeps any.
pub fn remember(key: &str, value: &str) {
    if let Ok(Some(storage)) = window().local_storage() {
        let _ = storage.set_item(key, value);
    }
}

/// Any JavaScript value as indented JSON text.
pub fn json_text(value: &impl serde::Serialize) -> Option<String> {
    let serializer = serde_wasm_bindgen::Serializer::json_compatible();
    let value = value.serialize(&serializer).ok()?;
    let text = js_sys::JSON::stringify_with_replacer_and_space(&value, &JsValue::NULL, &2.into());
    text.ok().map(String::from)
}

/// JSON text as a tree, or the browser's reason why it is none.
pub fn parse_json(text: &str) -> Result<Json, String> {
    match js_sys::JSON::parse(text) {
        Ok(value) => Ok(tree(&value)),
        Err(error) => Err(error.dyn_into::<js_sys::Error>().map_or_else(
            |_| "it is not JSON".to_owned(),
            |error| String::from(error.message()),
        )),
    }
}

/// What the browser read, as a tree. By hand: serde's reader brings along the words for every
/// type that it could meet, which JSON has not.
fn tree(value: &JsValue) -> Json {
    if let Some(text) = value.as_string() {
        return Json::Text(text);
    }
    if let Some(number) = value.as_f64() {
        return Json::Number(number);
    }
    if let Some(flag) = value.as_bool() {
        return Json::Bool(flag);
    }
    match value.dyn_ref::<js_sys::Array>() {
        Some(items) => Json::List(items.iter().map(|item| tree(&item)).collect()),
        None => value.dyn_ref::<js_sys::Object>().map_or(Json::Null, object),
    }
}

fn object(object: &js_sys::Object) -> Json {
    let entries = js_sys::Object::entries(object);
    let pair = |entry: JsValue| {
        let entry = js_sys::Array::from(&entry);
        Some((entry.get(0).as_string()?, tree(&entry.get(1))))
    };
    Json::Object(entries.iter().filter_map(pair).collect())
}
