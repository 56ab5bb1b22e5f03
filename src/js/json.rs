//! JavaScript's values as the core's JSON and back.

use crate::core::json::Json;
use wasm_bindgen::prelude::*;

/// Lists and objects inside each other beyond this are refused: a plan needs three, and an object
/// that holds itself would never end.
const DEEPEST: u32 = 64;
/// Most entries of all objects and lists together; a plan has a hundred.
const MOST_ENTRIES: u32 = 10_000;
/// Longest text, in UTF-16 units; a link has two thousand.
const LONGEST_TEXT: u32 = 1_000_000;

// What an object of a script answers may run the script's own code, which may throw. Uncaught, that
// would leave this program in the middle of its work.
#[wasm_bindgen]
extern "C" {
    /// What it is: `[object Array]`.
    #[wasm_bindgen(catch, js_namespace = ["Object", "prototype", "toString"], js_name = call)]
    fn tag(value: &JsValue) -> Result<String, JsValue>;
    /// Its own entries, each a list of key and value.
    #[wasm_bindgen(catch, js_namespace = Object, js_name = entries)]
    fn pairs(value: &JsValue) -> Result<js_sys::Array, JsValue>;
    /// Some of its items, as a list of their own.
    #[wasm_bindgen(catch, js_namespace = ["Array", "prototype", "slice"], js_name = call)]
    fn slice(list: &JsValue, start: u32, end: u32) -> Result<js_sys::Array, JsValue>;
}

/// JSON text as a tree.
///
/// # Errors
/// Says why the text is no JSON, in the browser's words.
pub fn parse(text: &str) -> Result<Json, String> {
    match js_sys::JSON::parse(text) {
        Ok(value) => tree(&value),
        Err(error) => Err(thrown(&error).unwrap_or_else(|| "it is not JSON".to_owned())),
    }
}

/// A value as a tree. By hand: serde's reader brings along the words for every type that it could
/// meet, which JSON has not.
///
/// # Errors
/// Says why the value is none: it is nested too deep, too large, or throws when it is read.
pub fn tree(value: &JsValue) -> Result<Json, String> {
    let mut room = MOST_ENTRIES;
    branch(value, DEEPEST, &mut room)
}

fn branch(value: &JsValue, depth: u32, room: &mut u32) -> Result<Json, String> {
    if value.is_string() {
        return text_of(value).map(Json::Text);
    }
    if let Some(number) = value.as_f64() {
        return Ok(Json::Number(number));
    }
    if let Some(flag) = value.as_bool() {
        return Ok(Json::Bool(flag));
    }
    if value.is_null() || value.is_undefined() {
        return Ok(Json::Null);
    }
    let inside = || {
        let inside = depth.checked_sub(1);
        inside.ok_or_else(|| "its objects are nested too deep".to_owned())
    };
    match shape(value)? {
        Shape::Object => {
            let depth = inside()?;
            let mut tree = Vec::new();
            for (key, value) in fields(value)? {
                take(room)?;
                tree.push((key, branch(&value, depth, room)?));
            }
            Ok(Json::Object(tree))
        }
        Shape::List => {
            let depth = inside()?;
            let mut tree = Vec::new();
            for item in items(value)?.iter() {
                take(room)?;
                tree.push(branch(&item, depth, room)?);
            }
            Ok(Json::List(tree))
        }
        // A big integer, a symbol or a function, which JSON has not: no field takes its name.
        Shape::Other => Ok(Json::Text(kind(value))),
    }
}

/// Takes room for one more entry.
fn take(room: &mut u32) -> Result<(), String> {
    *room = room
        .checked_sub(1)
        .ok_or_else(|| "it has more entries than any plan".to_owned())?;
    Ok(())
}

/// What a value is to JSON, beyond texts and numbers.
enum Shape {
    Object,
    List,
    Other,
}

fn shape(value: &JsValue) -> Result<Shape, String> {
    if !value.is_object() {
        return Ok(Shape::Other);
    }
    Ok(match tag(value).map_err(unreadable)?.as_str() {
        "[object Object]" => Shape::Object,
        "[object Array]" => Shape::List,
        // A map or a promise has no entries of its own, and would pass for an empty plan.
        _ => Shape::Other,
    })
}

/// The text of a value; none of any other.
///
/// # Errors
/// Says that the text is too long.
pub fn text_of(value: &JsValue) -> Result<String, String> {
    let length = value.unchecked_ref::<js_sys::JsString>().length();
    if length > LONGEST_TEXT {
        return Err([
            "its text of ",
            &length.to_string(),
            " characters is longer than any plan",
        ]
        .concat());
    }
    Ok(value.as_string().unwrap_or_default())
}

/// The entries of an object, in its order; none of any other value. A property that is not there and one that is undefined
/// are the same to a script.
///
/// # Errors
/// Says why the object cannot be read.
pub fn entries(object: &JsValue) -> Result<Option<Vec<(String, JsValue)>>, String> {
    match shape(object)? {
        Shape::Object => fields(object).map(Some),
        Shape::List | Shape::Other => Ok(None),
    }
}

fn fields(object: &JsValue) -> Result<Vec<(String, JsValue)>, String> {
    let mut entries = Vec::new();
    for pair in pairs(object).map_err(unreadable)?.iter() {
        let pair: &js_sys::Array = pair.unchecked_ref();
        let (key, value) = (pair.get(0), pair.get(1));
        if !value.is_undefined() {
            entries.push((text_of(&key)?, value));
        }
    }
    Ok(entries)
}

/// The items of a list, one more than there may be at most.
fn items(list: &JsValue) -> Result<js_sys::Array, String> {
    slice(list, 0, MOST_ENTRIES.saturating_add(1)).map_err(unreadable)
}

/// That a value threw when it was read.
fn unreadable(error: JsValue) -> String {
    let words = thrown(&error).unwrap_or_else(|| "it throws".to_owned());
    ["it cannot be read: ", &words].concat()
}

/// The words of what was thrown, where it has some.
fn thrown(error: &JsValue) -> Option<String> {
    let words = js_sys::Reflect::get(error, &"message".into()).ok()?;
    words.as_string()
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
    let mut kind = value.js_typeof().as_string().unwrap_or_default();
    if kind == "undefined" {
        return kind;
    }
    if kind == "object" {
        // `[object Map]`
        let tag = tag(value).unwrap_or_default();
        match tag.get(8..tag.len().saturating_sub(1)) {
            Some("Array") => return "a list".to_owned(),
            Some("Object") | None => {}
            Some(name) => name.clone_into(&mut kind),
        }
    }
    let vowel = matches!(kind.bytes().next(), Some(b'A' | b'E' | b'I' | b'O' | b'o'));
    let article = if vowel { "an " } else { "a " };
    [article, &kind].concat()
}
