//! A button that copies a text and says when it has.

use super::browser::{copy, select};
use super::state::App;
use crate::dom::{Element, button};
use leptos::prelude::*;
use leptos::task::spawn_local;
use std::time::Duration;

/// How long the button says that it has copied.
const SAID: Duration = Duration::from_secs(2);

/// The button. `shown` is the id of the element that shows the text: it is selected where the
/// clipboard is closed, so that the reader can copy it by hand.
pub fn copy_button(
    app: App,
    label: &'static str,
    class: &'static str,
    shown: &'static str,
    text: impl Fn() -> String + 'static,
) -> Element {
    let (of, word) = app.chosen(|choices| choices.copied);
    let said = if of == label { word } else { label };
    button(class, said, move || {
        let text = text();
        spawn_local(async move {
            let word = if copy(&text).await {
                "Copied"
            } else {
                if let Some(element) = document().get_element_by_id(shown) {
                    select(&element);
                }
                "Press Ctrl+C"
            };
            app.choose(|choices| choices.copied = (label, word));
            set_timeout(
                move || app.choose(|choices| choices.copied = ("", "")),
                SAID,
            );
        });
    })
    .attr("aria-live", "polite")
}
