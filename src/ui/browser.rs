//! The browser's own services, each in one small function that cannot throw: what is refused in
//! a frame or by a setting comes back as `None` or `false`.

use super::view::is_embedded;
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

/// What the browser keeps for the page, where it keeps anything. Nothing is kept inside another page,
/// where two plans may stand beside each other.
fn storage() -> Option<web_sys::Storage> {
    if is_embedded() {
        return None;
    }
    window().local_storage().ok().flatten()
}

/// A remembered choice of the reader's.
pub fn remembered(key: &str) -> Option<String> {
    storage()?.get_item(key).ok().flatten()
}

/// Remembers a choice of the reader's.
pub fn remember(key: &str, value: &str) {
    if let Some(storage) = storage() {
        let _ = storage.set_item(key, value);
    }
}
