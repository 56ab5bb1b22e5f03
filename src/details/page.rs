//! What the details read of the page as it stands.

use meshplan::diagram::colours::Theme;
use wasm_bindgen::JsCast;
use web_sys::{Document, Element, Window};

fn window() -> Option<Window> {
    web_sys::window()
}

fn document() -> Option<Document> {
    window()?.document()
}

/// The element of an id.
pub fn element(id: &str) -> Option<Element> {
    document()?.get_element_by_id(id)
}

/// The element that has the focus.
pub fn focused() -> Option<Element> {
    document()?.active_element()
}

/// Moves the focus to the element of an id.
pub fn go_to(id: &str) {
    if let Some(element) = element(id) {
        let _ = element.unchecked_ref::<web_sys::HtmlElement>().focus();
    }
}

/// Whether the focus is where text is typed.
pub fn is_typing() -> bool {
    focused().is_some_and(|element| {
        let kind = element.get_attribute("type");
        match element.tag_name().as_str() {
            "TEXTAREA" => true,
            "INPUT" => matches!(kind.as_deref(), None | Some("text" | "search")),
            _ => false,
        }
    })
}

/// Whether the keys of the moment are meant for the plan: not for another text, nor behind a dialog.
pub fn edits_the_plan() -> bool {
    let there = |selector| {
        let found =
            document().and_then(|document| document.query_selector(selector).ok().flatten());
        found.is_some()
    };
    let in_the_form = there("form.form :focus");
    can_edit() && !there("dialog[open]") && (in_the_form || !is_typing())
}

/// Whether the plan can be changed here: inside another page there may be no form.
pub fn can_edit() -> bool {
    document().is_some_and(|document| {
        document
            .query_selector("form.form")
            .ok()
            .flatten()
            .is_some()
    })
}

/// The address of the page alone.
pub fn address() -> String {
    let href = window().and_then(|window| window.location().href().ok());
    let href = href.unwrap_or_default();
    href.split(['#', '?']).next().unwrap_or_default().to_owned()
}

/// What the GPUs on the page are coloured by, as the button that is pressed calls it.
pub fn pressed_colour() -> Option<String> {
    let pressed = document()?.query_selector("#gpus-colours [aria-pressed=true]");
    pressed.ok().flatten()?.text_content()
}

/// The colours of the page: chosen by the reader, or those of the system.
pub fn theme() -> Theme {
    let chosen = document()
        .and_then(|document| document.document_element())
        .and_then(|root| root.get_attribute("data-theme"));
    let dark = match chosen.as_deref() {
        Some(name) => name == "dark",
        None => window()
            .and_then(|window| {
                window
                    .match_media("(prefers-color-scheme: dark)")
                    .ok()
                    .flatten()
            })
            .is_some_and(|dark| dark.matches()),
    };
    if dark { Theme::Dark } else { Theme::Light }
}
