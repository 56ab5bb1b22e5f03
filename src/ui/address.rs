//! The address always holds the plan: read at the start and when the reader goes back or forward,
//! written after every change.

use super::state::{App, Notice};
use crate::core::config::Config;
use crate::core::presets;
use crate::share;
use leptos::leptos_dom::helpers::TimeoutHandle;
use leptos::prelude::*;
use std::time::Duration;
use wasm_bindgen::JsValue;

/// Browsers refuse very frequent changes of the history; this also keeps it out of typing's way.
const PAUSE: Duration = Duration::from_millis(250);

/// What the page opens with, and what is to be said of it.
pub struct Opening {
    /// The plan.
    pub config: Config,
    /// What could not be read of the address.
    pub notice: Option<Notice>,
}

/// Reads the plan of the address; without one it is the opening plan.
pub fn read() -> Opening {
    let location = window().location();
    let hash = location.hash().unwrap_or_default();
    let text = if hash.len() > 1 {
        hash
    } else {
        location.search().unwrap_or_default()
    };
    open_text(&text)
}

/// Opens a link, or the opening plan where there is none or it cannot be read.
fn open_text(text: &str) -> Opening {
    match share::decode(text) {
        Ok(opened) => Opening {
            notice: Notice::of(&opened.notes, text),
            config: opened.config,
        },
        Err(share::LinkError::Empty) => Opening {
            config: presets::opening(),
            notice: None,
        },
        Err(error) => Opening {
            config: presets::opening(),
            notice: Some(Notice {
                sentences: vec![
                    error.message(),
                    "The opening plan is shown instead.".to_owned(),
                ],
                text: text.to_owned(),
            }),
        },
    }
}

/// The address of the page alone.
pub fn base() -> String {
    let href = window().location().href().unwrap_or_default();
    href.split(['#', '?']).next().unwrap_or_default().to_owned()
}

/// The address of a plan.
pub fn url(config: &Config) -> String {
    share::url(&base(), config)
}

/// Keeps the address and the plan the same from now on.
pub fn keep(app: App) {
    write_changes(app);
    let back = window_event_listener(leptos::ev::popstate, move |_| follow(app));
    // A link that is pasted over the address changes the fragment alone.
    let pasted = window_event_listener(leptos::ev::hashchange, move |_| follow(app));
    on_cleanup(move || {
        back.remove();
        pasted.remove();
    });
}

fn follow(app: App) {
    if fragment() != app.said(share::encode) {
        let opened = read();
        app.show(opened.config, opened.notice);
    }
}

fn fragment() -> String {
    let hash = window().location().hash().unwrap_or_default();
    hash.trim_start_matches('#').to_owned()
}

/// Writes the plan after a pause; a preset or a fix makes an entry of its own in the history, so
/// that going back undoes it.
fn write_changes(app: App) {
    let waiting = StoredValue::new(None::<TimeoutHandle>);
    let written_entries = StoredValue::new(0_u32);
    Effect::new(move |before: Option<String>| {
        let link = app.plan.with(|planned| share::encode(&planned.config));
        let entries = app.chosen(|choices| choices.entries);
        let entry = entries != written_entries.get_value();
        // The plan of an address that could not be read in full stays there until it is changed.
        let unread_address = before.is_none() && app.chosen_now(|choices| choices.notice.is_some());
        if before.as_deref() == Some(link.as_str()) || unread_address {
            return link;
        }
        let unwritten = waiting.try_update_value(Option::take).flatten();
        if let Some(timer) = unwritten {
            timer.clear();
        }
        match before {
            Some(before) if entry => {
                written_entries.set_value(entries);
                // What was typed just before must be there to go back to.
                if unwritten.is_some() {
                    write(&before, false);
                }
                write(&link, true);
            }
            None => write(&link, false),
            Some(_) => {
                let link = link.clone();
                waiting.set_value(set_timeout_with_handle(move || write(&link, false), PAUSE).ok());
            }
        }
        link
    });
}

fn write(link: &str, entry: bool) {
    if fragment() == link {
        return;
    }
    if let Ok(history) = window().history() {
        let url = format!("#{link}");
        // A frame may refuse; the plan is then kept by the page alone.
        let _ = if entry {
            history.push_state_with_url(&JsValue::NULL, "", Some(&url))
        } else {
            history.replace_state_with_url(&JsValue::NULL, "", Some(&url))
        };
    }
}
