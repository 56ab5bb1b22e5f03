//! The `Error` that a call throws.

use wasm_bindgen::JsValue;

/// An `Error` whose message names the field, as does its `field`.
#[must_use]
pub fn refuse(field: &str, reason: &str) -> JsValue {
    error(field, &[field, ": ", reason].concat())
}

/// An `Error` whose message is shown as it stands.
#[must_use]
pub fn error(field: &str, message: &str) -> JsValue {
    let error = js_sys::Error::new(message);
    // A new object takes any property.
    let _ = js_sys::Reflect::set(&error, &"field".into(), &field.into());
    error.into()
}
