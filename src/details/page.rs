//! What the details read of the page as it stands.

use meshplan::diagram::colours::Theme;
use web_sys::{Document, Window};

fn window() -> Option<Window> {
    web_sys::window()
}

fn document() -> Option<Document> {
    window()?.document()
}

/// The address of the page alone.
pub fn address() -> String {
    let href = window().and_then(|window| window.location().href().ok());
    let href = href.unwrap_or_default();
    href.split(['#', '?']).next().unwrap_or_default().to_owned()
}

/// Whether the plan is only shown: inside another page, unless it may be changed there.
pub fn is_read_only() -> bool {
    document().is_some_and(|document| matches!(document.query_selector(".alone"), Ok(Some(_))))
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
