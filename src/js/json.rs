//! JavaScript's values as the core's JSON and back.

use crate::core::json::Json;
use wasm_bindgen::prelude::*;

/// Lists and objects inside each other beyond this are refused: a plan needs three, and an object
/// that holds itself would never end.
const DEEPEST: u32 = 64;
/// Longest text that a script may hand over, in UTF-16 units; a link has two thousand.
const LONGEST_TEXT: u32 = 100_000;

/// How much more of a value is read. What a script hands over has bounds, so that no value makes the
/// program run out of memory or of time.
struct Room {
    /// Entries of objects and lists; a plan has a hundred.
    entries: u32,
    /// UTF-16 units of texts and names.
    text: u32,
}

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
        Ok(value) => {
            // It was read from a text of a length that somebody has pasted.
            let mut room = Room {
                entries: u32::MAX,
                text: u32::MAX,
            };
            branch(&value, DEEPEST, &mut room)
        }
        Err(error) => Err(thrown(&error).unwrap_or_else(|| "it is not JSON".to_owned())),
    }
}

/// A value as a tree. By hand: serde's reader brings along the words for every type that it could
/// meet, which JSON has not.
///
/// # Errors
/// Says why the value is none: it is nested too deep, too large, or throws when it is read.
pub fn tree(value: &JsValue) -> Result<Json, String> {
    let mut room = Room {
        entries: 2_000,
        text: LONGEST_TEXT,
    };
    branch(value, DEEPEST, &mut room)
}

fn branch(value: &JsValue, depth: u32, room: &mut Room) -> Result<Json, String> {
    if value.is_string() {
        return room.text(value).map(Json::Text);
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
                room.entry()?;
                tree.push((room.text(&key)?, branch(&value, depth, room)?));
            }
            Ok(Json::Object(tree))
        }
        Shape::List => {
            let depth = inside()?;
            let mut tree = Vec::new();
            // One more than there is room for, so that it is missed.
            let items = slice(value, 0, room.entries.saturating_add(1));
            for item in items.map_err(unreadable)?.iter() {
                room.entry()?;
                tree.push(branch(&item, depth, room)?);
            }
            Ok(Json::List(tree))
        }
        // A big integer, a symbol or a function, which JSON has not: no field takes its name.
        Shape::Other => Ok(Json::Text(kind(value))),
    }
}

impl Room {
    /// Takes room for one more entry.
    fn entry(&mut self) -> Result<(), String> {
        let left = self.entries.checked_sub(1);
        self.entries = left.ok_or_else(|| "it has more entries than any plan".to_owned())?;
        Ok(())
    }

    /// A text, in the room that is left.
    fn text(&mut self, value: &JsValue) -> Result<String, String> {
        let length = value.unchecked_ref::<js_sys::JsString>().length();
        let left = self.text.checked_sub(length);
        self.text = left.ok_or_else(|| "its text is longer than any plan".to_owned())?;
        Ok(value.as_string().unwrap_or_default())
    }
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

/// A text that a script hands over; empty where the value is none.
///
/// # Errors
/// Says that it is too long.
pub fn text_of(value: &JsValue) -> Result<String, String> {
    let (entries, text) = (0, LONGEST_TEXT);
    Room { entries, text }.text(value)
}

/// The entries of an object, in its order; none of what is no object with entries of its own.
///
/// # Errors
/// Says why the object cannot be read.
pub fn entries(object: &JsValue) -> Result<Option<Vec<(String, JsValue)>>, String> {
    if !matches!(shape(object)?, Shape::Object) {
        return Ok(None);
    }
    let entries = fields(object)?.into_iter();
    let named = entries.map(|(key, value)| Ok((text_of(&key)?, value)));
    named.collect::<Result<_, _>>().map(Some)
}

/// Names and values of an object. A property that is not there and one that is undefined are the
/// same to a script.
fn fields(object: &JsValue) -> Result<Vec<(JsValue, JsValue)>, String> {
    let mut fields = Vec::new();
    for pair in pairs(object).map_err(unreadable)?.iter() {
        let pair: &js_sys::Array = pair.unchecked_ref();
        let (key, value) = (pair.get(0), pair.get(1));
        if !value.is_undefined() {
            fields.push((key, value));
        }
    }
    Ok(fields)
}

/// That a value threw when it was read.
fn unreadable(error: JsValue) -> String {
    match thrown(&error) {
        Some(words) => ["it cannot be read: ", &words].concat(),
        None => "it cannot be read".to_owned(),
    }
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
