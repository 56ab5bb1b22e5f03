//! A button that copies a text and says when it has.

use super::browser::{copy, select};
use super::state::App;
use crate::dom::{Element, button};
use leptos::prelude::*;
use leptos::task::spawn_local;
use std::time::Duration;

/// How long the button says that it has copied.
const SAID: Duration = Duration::from_secs(2);

/// The button. It copies the text of the element whose id is `of`, which is selected where the
/// clipboard is closed, so that the reader can copy it by hand.
pub fn copy_button(
    app: App,
    label: &'static str,
    class: &'static str,
    of: &'static str,
) -> Element {
    let (copied, word) = app.chosen(|choices| choices.copied);
    let said = if copied == label { word } else { label };
    button(class, said, move || {
        spawn_local(async move {
            let Some(element) = document().get_element_by_id(of) else {
                return;
            };
            let word = if copy(&element.text_content().unwrap_or_default()).await {
                "Copied"
            } else {
                select(&element);
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
