//! What the keys do anywhere on the page: the way through the menu of the bar, undo and redo. These in
//! the fields of the plan too, where the browser's own would go letter by letter through plans that
//! nobody meant; elsewhere text is the browser's.

use super::{page, state, tools};
use meshplan::share::history::History;
use wasm_bindgen::prelude::*;
use web_sys::{Event, KeyboardEvent};

/// Listens for as long as the page stands.
pub fn listen() {
    on("keydown", |event| {
        let key = event.unchecked_ref::<KeyboardEvent>();
        let take = match (key.key().as_str(), key.shift_key()) {
            ("z" | "Z", false) => History::undo,
            ("z" | "Z", true) | ("y", false) => History::redo,
            ("Escape", _) => return tools::close_menu(None),
            (name @ ("ArrowDown" | "ArrowUp" | "Home" | "End"), false) => {
                if tools::walk_menu(name) {
                    event.prevent_default();
                }
                return;
            }
            _ => return,
        };
        let alone = (key.ctrl_key() || key.meta_key()) && !key.alt_key();
        if alone && page::edits_the_plan() {
            event.prevent_default();
            state::step(take);
        }
    });
    on("input", |_| {
        if page::is_typing() {
            state::typed();
        }
    });
    on("focusin", |event| {
        state::settle();
        tools::close_menu(event.target());
    });
    on("pointerdown", |event| tools::close_menu(event.target()));
}

fn on(event: &str, heard: fn(Event)) {
    let heard = Closure::<dyn Fn(Event)>::new(heard);
    let document = web_sys::window().and_then(|window| window.document());
    if let Some(document) = document {
        // Before the part of the page that is meant: what it does may tell of another plan at once.
        let _ = document.add_event_listener_with_callback_and_bool(
            event,
            heard.as_ref().unchecked_ref(),
            true,
        );
    }
    heard.forget();
}
