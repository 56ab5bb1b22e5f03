//! The address always holds the plan: read at the start and when the reader goes back or forward,
//! written after every change.

use super::state::{App, Notice};
use super::view::{View, query, without_plan};
use crate::core::config::Config;
use crate::core::presets;
use crate::share;
use leptos::leptos_dom::helpers::TimeoutHandle;
use leptos::prelude::*;
use std::time::Duration;
use wasm_bindgen::JsValue;

/// Browsers refuse very frequent changes of the history; this also keeps it out of typing's way.
const PAUSE: Duration = Duration::from_millis(250);

/// A plan that is opened, and what is to be said of it.
pub struct Opening {
    /// The plan.
    pub config: Config,
    /// The plan that it is compared with.
    pub other: Option<Config>,
    /// What could not be read of the address.
    pub notice: Option<Notice>,
}

impl Opening {
    /// The plans of a link, with what could not be read of it.
    pub fn of(link: &str) -> Result<Opening, share::LinkError> {
        let opened = share::decode(link)?;
        let sentences = opened.notes.iter().map(share::Note::message).collect();
        let in_doubt = opened.doubt().map(|_| share::as_it_came(link));
        Ok(Opening {
            notice: Notice::saying(sentences, link, in_doubt),
            config: opened.config,
            other: opened.other,
        })
    }

    /// With what else is to be said.
    pub fn with(mut self, more: Option<Notice>) -> Opening {
        match (&mut self.notice, more) {
            (Some(notice), Some(more)) => notice.sentences.extend(more.sentences),
            (notice, Some(more)) => *notice = Some(more),
            (_, None) => {}
        }
        self
    }
}

/// Reads the plan of the address; without one, or where it cannot be read, it is the opening plan. Who
/// looks at another page did not ask for that one, and is told. What follows “#” comes before the query,
/// and what is not shown of both is told.
pub fn read(view: View) -> Opening {
    let (hash, query) = (hash(), query());
    const AFTER: &str = "The plan after “#” was opened.";
    let (opening, reason, instead, text) = match (open_text(&hash), open_text(&query)) {
        (Ok(shown), Ok(other)) => {
            let differs = shown.config != other.config || shown.other != other.other;
            let reason = differs.then(|| "The address has another plan before “#”.".to_owned());
            (shown, reason, AFTER, query)
        }
        (Ok(shown), Err(reason)) => (shown, reason, AFTER, query),
        (Err(reason), Ok(shown)) => (shown, reason, "The plan before “#” was opened.", hash),
        (Err(first), Err(second)) => {
            let none = view
                .is_embedded()
                .then(|| "The address names no plan.".to_owned());
            let opening = Opening {
                config: presets::opening(),
                other: None,
                notice: None,
            };
            let (text, link) = (text(), first.or(second));
            let is_link = link.is_some();
            let instead = "The opening plan was opened instead.";
            return opening.with(link.or(none).map(|reason| Notice {
                link: text.get(1..).filter(|_| is_link).map(str::to_owned),
                ..unread(reason, instead, text)
            }));
        }
    };
    opening.with(reason.map(|reason| unread(reason, instead, text)))
}

fn hash() -> String {
    window().location().hash().unwrap_or_default()
}

/// The part of the address that may hold a plan.
fn text() -> String {
    match hash() {
        hash if hash.len() > 1 => hash,
        _ => query(),
    }
}

/// The plan of a link, or why there is none; without a reason where there is no link.
fn open_text(text: &str) -> Result<Opening, Option<String>> {
    Opening::of(text).map_err(|error| match error {
        share::LinkError::Empty => None,
        // The query says what to see, and no plan.
        share::LinkError::NotALink { .. } if text.starts_with('?') => None,
        error => Some(error.message()),
    })
}

fn unread(reason: String, instead: &str, text: String) -> Notice {
    Notice {
        sentences: vec![reason, instead.to_owned()],
        text,
        link: None,
        is_aside: false,
    }
}

/// The address of the page alone.
pub fn base() -> String {
    let href = window().location().href().unwrap_or_default();
    href.split(['#', '?']).next().unwrap_or_default().to_owned()
}

/// The address of what is shown, on the page itself.
pub fn url(app: App) -> String {
    [&base(), "#", &app.fragment(share::encode_both)].concat()
}

/// Keeps the address and the plan the same from now on. Inside another page the address is the other
/// page's to change, and is only followed.
pub fn keep(app: App, view: View) {
    if !view.is_embedded() {
        write_changes(app);
    }
    let back = window_event_listener(leptos::ev::popstate, move |_| follow(app));
    // A link that is pasted over the address changes the fragment alone.
    let pasted = window_event_listener(leptos::ev::hashchange, move |_| follow(app));
    on_cleanup(move || {
        back.remove();
        pasted.remove();
    });
}

/// Shows the plan of an address that was changed. One that cannot be read costs nobody the plan that
/// is shown.
fn follow(app: App) {
    let text = text();
    // What is said of another address is over.
    let is_said = app.chosen_now(|choices| choices.notice.as_ref().is_none_or(|n| n.text == text));
    if is_said && fragment() == untrack(|| app.fragment(share::encode_both)) {
        return;
    }
    match open_text(&text) {
        Ok(opening) => app.show(opening),
        Err(Some(reason)) => {
            let notice = unread(reason, "The plan of before was kept.", text);
            app.choose(|choices| {
                // It is in doubt as before.
                let link = choices.notice.take().and_then(|before| before.link);
                choices.notice = Some(Notice { link, ..notice });
            });
        }
        Err(None) => {}
    }
}

fn fragment() -> String {
    hash().trim_start_matches('#').to_owned()
}

/// Writes the plan after a pause; a plan that is opened makes an entry of its own in the history, so
/// that going back leads to the one before.
fn write_changes(app: App) {
    let waiting = StoredValue::new(None::<TimeoutHandle>);
    let written_entries = StoredValue::new(0_u32);
    Effect::new(move |before: Option<String>| {
        let link = app.fragment(share::encode_both);
        let entries = app.chosen(|choices| choices.entries);
        let entry = entries != written_entries.get_value();
        written_entries.set_value(entries);
        if before.as_deref() == Some(link.as_str()) {
            return link;
        }
        let unwritten = waiting.try_update_value(Option::take).flatten();
        if let Some(timer) = unwritten {
            timer.clear();
        }
        match before {
            Some(before) if entry => {
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
        // A plan in the query would stay there, and be another one before long.
        let query = query();
        let page = match share::decode(&query) {
            Ok(_) => window().location().pathname().unwrap_or_default() + &without_plan(&query),
            Err(_) => String::new(),
        };
        let url = [&page, "#", link].concat();
        // A frame may refuse; the plan is then kept by the page alone.
        let _ = if entry {
            history.push_state_with_url(&JsValue::NULL, "", Some(&url))
        } else {
            history.replace_state_with_url(&JsValue::NULL, "", Some(&url))
        };
    }
}
