//! The core's values as JavaScript's.

use super::refuse;
use serde::Serialize;
use serde_wasm_bindgen::Serializer;
use wasm_bindgen::prelude::*;

/// A value as plain objects, lists and numbers.
///
/// # Errors
/// Where a part of it is no value of JavaScript's.
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
