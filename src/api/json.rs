//! JavaScript's values as the core's JSON and back.

use super::argument::refuse;
use meshplan::core::json::Json;
use serde::Serialize;
use serde_wasm_bindgen::Serializer;
use wasm_bindgen::prelude::*;

/// Lists and objects inside each other beyond this are refused: a plan needs three, and an object
/// that holds itself would never end.
const DEEPEST: u32 = 64;

/// A value as plain objects, lists and numbers.
pub fn to_js(value: &impl Serialize) -> Result<JsValue, JsValue> {
    let plain = Serializer::json_compatible();
    let answer = match value.serialize(&plain) {
        Ok(value) => return Ok(value),
        // A count beyond 2⁵³ is no number of JavaScript's.
        Err(_) => value.serialize(&plain.serialize_large_number_types_as_bigints(true)),
    };
    let answer = answer.map_err(|error| refuse("config", &error.to_string()))?;
    let nearest = Closure::<dyn Fn(JsValue, JsValue) -> JsValue>::new(|_, value: JsValue| {
        if !value.is_bigint() {
            return value;
        }
        match u64::try_from(value.clone()) {
            Ok(count) => (count as f64).into(),
            Err(_) => i64::try_from(value).map_or(JsValue::NULL, |count| (count as f64).into()),
        }
    });
    let text = js_sys::JSON::stringify_with_replacer(&answer, nearest.as_ref())?;
    js_sys::JSON::parse(&String::from(text))
}

/// A value as indented JSON text.
pub fn to_text(value: &impl Serialize) -> Result<String, JsValue> {
    let value = to_js(value)?;
    let text = js_sys::JSON::stringify_with_replacer_and_space(&value, &JsValue::NULL, &2.into());
    text.map(String::from)
}

/// JSON text as a tree, or why it is none.
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

/// What kind of value this is, for messages.
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
