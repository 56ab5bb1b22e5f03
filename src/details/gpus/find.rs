//! The GPU that a reader searches.

use super::super::state::read;
use js_sys::{Object, Reflect};
use meshplan::diagram::find;
use wasm_bindgen::prelude::*;

/// Finds the next GPU after `now` of what is asked: its `rank`, and `words` to be said. Without a
/// rank the words say why.
#[wasm_bindgen(js_name = findGpu)]
pub fn find_gpu(text: &str, now: Option<f64>) -> Object {
    let now = now.map(|rank| rank as u64);
    let found = read(|shown| find(&shown.plan, text, now));
    let (rank, words) = match found {
        Some(Ok(found)) => (JsValue::from(found.rank as f64), found.words),
        Some(Err(reason)) => (JsValue::UNDEFINED, reason),
        None => (JsValue::UNDEFINED, String::new()),
    };
    let answer = Object::new();
    let parts = [("rank", rank), ("words", JsValue::from(words))];
    for (name, part) in parts {
        let _ = Reflect::set(&answer, &JsValue::from(name), &part);
    }
    answer
}
