//! Copies a text, and says what became of it. Where the browser refuses, as it may in a frame, the text
//! is selected for the reader to copy by hand.

use super::state::{choose, tell};
use super::takeaway::{PART, TEXT};
use meshplan::dom::{Element, Str, button};
use wasm_bindgen::prelude::*;
use web_sys::Window;

/// How long is said what became of it, milliseconds.
const SAID: i32 = 2_000;

/// A button that copies a text, and for a while says what became of it. `form` is the name of the text.
pub fn copy_button(
    class: &'static str,
    label: impl Into<Str>,
    form: &'static str,
    said: (&'static str, &'static str),
    text: impl Fn() -> Result<String, String> + 'static,
) -> Element {
    let label: Str = match said {
        (of, word) if of == form => word.into(),
        _ => label.into(),
    };
    button(class, label, move || match text() {
        Ok(text) => copy(&text, form),
        Err(reason) => tell(reason),
    })
    .attr("aria-live", "polite")
}

/// Copies the text of a form.
pub fn copy(text: &str, form: &'static str) {
    let Some(window) = web_sys::window() else {
        return;
    };
    // Not there outside of a secure context.
    let clipboard = js_sys::Reflect::get(&window.navigator(), &"clipboard".into());
    let clipboard = clipboard
        .ok()
        .and_then(|c| c.dyn_into::<web_sys::Clipboard>().ok());
    match clipboard {
        Some(clipboard) => {
            let copied = Closure::once(move |_: JsValue| say(form, "Copied"));
            let refused = Closure::once(move |_: JsValue| select(form));
            let _ = clipboard.write_text(text).then2(&copied, &refused);
            // One of them is called, some time after this function has ended.
            copied.forget();
            refused.forget();
        }
        None => select(form),
    }
}

/// Shows the text in its section, and selects it.
fn select(form: &'static str) {
    choose(|choices| choices.form = form);
    let found = web_sys::window().and_then(|window| {
        let text = window.document()?.get_element_by_id(TEXT)?;
        let selection = window.get_selection().ok()??;
        text.scroll_into_view();
        selection.select_all_children(&text).ok()?;
        Some(text.has_attribute(PART))
    });
    let word = match found {
        Some(false) => "Press Ctrl+C",
        // What is selected is the beginning alone.
        Some(true) => "Save it instead",
        None => "Not copied",
    };
    say(form, word);
}

fn say(form: &'static str, word: &'static str) {
    choose(|choices| choices.copied = (form, word));
    let silent = Closure::once_into_js(move || {
        choose(|choices| {
            if choices.copied == (form, word) {
                choices.copied = ("", "");
            }
        });
    });
    let window: Option<Window> = web_sys::window();
    if let Some(window) = window {
        let _ = window
            .set_timeout_with_callback_and_timeout_and_arguments_0(silent.unchecked_ref(), SAID);
    }
}
