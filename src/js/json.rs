//! JavaScript's values as the core's JSON and back.

use crate::core::json::Json;
use wasm_bindgen::{JsCast, JsValue};

/// Lists and objects inside each other beyond this are refused: a plan needs three, and an object
/// that holds itself would never end.
const DEEPEST: u32 = 64;

/// JSON text as a tree.
///
/// # Errors
/// Says why the text is no JSON, in the browser's words.
pub fn parse(text: &str) -> Result<Json, String> {
    match js_sys::JSON::parse(text) {
        Ok(value) => tree(&value).ok_or_else(|| "its objects are nested too deep".to_owned()),
        Err(error) => Err(error.dyn_into::<js_sys::Error>().map_or_else(
            |_| "it is not JSON".to_owned(),
            |error| String::from(error.message()),
        )),
    }
}

/// A value as a tree; none where it is nested too deep. By hand: serde's reader brings along the
/// words for every type that it could meet, which JSON has not.
#[must_use]
pub fn tree(value: &JsValue) -> Option<Json> {
    branch(value, DEEPEST)
}

fn branch(value: &JsValue, depth: u32) -> Option<Json> {
    if let Some(text) = value.as_string() {
        return Some(Json::Text(text));
    }
    if let Some(number) = value.as_f64() {
        return Some(Json::Number(number));
    }
    if let Some(flag) = value.as_bool() {
        return Some(Json::Bool(flag));
    }
    let depth = depth.checked_sub(1)?;
    if let Some(items) = value.dyn_ref::<js_sys::Array>() {
        let items = items.iter().map(|item| branch(&item, depth));
        return Some(Json::List(items.collect::<Option<_>>()?));
    }
    // A function is an object too, but not by its type.
    if value.is_object() {
        let mut entries = Vec::new();
        for entry in js_sys::Object::entries(value.unchecked_ref()).iter() {
            let entry = js_sys::Array::from(&entry);
            let (key, value) = (entry.get(0).as_string()?, entry.get(1));
            // A property that is not there and one that is undefined are the same to a script.
            if !value.is_undefined() {
                entries.push((key, branch(&value, depth)?));
            }
        }
        return Some(Json::Object(entries));
    }
    Some(if value.is_null() || value.is_undefined() {
        Json::Null
    } else {
        // A big integer, a symbol or a function, which JSON has not: no field takes its name.
        Json::Text(kind(value))
    })
}

/// A tree as a value: plain objects, lists, texts and numbers.
#[must_use]
pub fn value(tree: &Json) -> JsValue {
    match tree {
        Json::Null => JsValue::NULL,
        Json::Bool(flag) => (*flag).into(),
        Json::Number(number) => (*number).into(),
        Json::Text(text) => text.into(),
        Json::List(items) => items.iter().map(value).collect::<js_sys::Array>().into(),
        Json::Object(entries) => {
            let list = js_sys::Array::new();
            for (key, inner) in entries {
                list.push(&js_sys::Array::of2(&key.into(), &value(inner)));
            }
            // It takes any list of pairs.
            js_sys::Object::from_entries(&list).map_or(JsValue::NULL, JsValue::from)
        }
    }
}

/// A tree as indented JSON text.
///
/// # Errors
/// The browser's, where the text is longer than it can hold.
pub fn text(tree: &Json) -> Result<String, JsValue> {
    let value = value(tree);
    let text = js_sys::JSON::stringify_with_replacer_and_space(&value, &JsValue::NULL, &2.into());
    text.map(String::from)
}

/// What kind of value this is, for messages.
#[must_use]
pub fn kind(value: &JsValue) -> String {
    if value.is_null() {
        return "null".to_owned();
    }
    if value.is_instance_of::<js_sys::Array>() {
        return "a list".to_owned();
    }
    let kind = value.js_typeof().as_string().unwrap_or_default();
    match kind.as_str() {
        "undefined" => kind,
        "object" => format!("an {kind}"),
        _ => format!("a {kind}"),
    }
}
