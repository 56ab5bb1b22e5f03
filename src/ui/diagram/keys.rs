//! The keys of the diagram, while it has the focus.

use super::picture::Picture;
use crate::diagram::Arrow;
use crate::ui::state::Focus;
use leptos::prelude::*;
use web_sys::KeyboardEvent;

/// Moves the pin, pins, lets go, or changes the colour.
pub fn on_key(picture: Picture, event: &KeyboardEvent) {
    // Keys with these belong to the browser.
    if event.ctrl_key() || event.alt_key() || event.meta_key() {
        return;
    }
    let app = picture.app;
    let Some(layout) = picture.layout.get_untracked() else {
        return;
    };
    let in_focus = untrack(|| picture.focus()).filter(|rank| layout.draws(*rank));
    let arrow = |arrow| match in_focus {
        Some(rank) => layout.beside(rank, arrow),
        // The first key press enters the picture.
        None => 0,
    };
    let pin = match event.key().as_str() {
        "ArrowLeft" => Some(arrow(Arrow::Left)),
        "ArrowRight" => Some(arrow(Arrow::Right)),
        "ArrowUp" => Some(arrow(Arrow::Up)),
        "ArrowDown" => Some(arrow(Arrow::Down)),
        "Home" => Some(0),
        "End" => Some(layout.gpus().saturating_sub(1)),
        "Enter" | " " => Some(in_focus.unwrap_or(0)),
        "Escape" => None,
        key => {
            let number = key.parse::<usize>().unwrap_or(0).checked_sub(1);
            if let Some(dim) = number.and_then(|n| untrack(|| picture.dims()).get(n)) {
                event.prevent_default();
                app.choose(|choices| choices.colour = *dim);
            }
            return;
        }
    };
    event.prevent_default();
    // A pointer that rests on the picture would hide where the keys went.
    app.look_at(Focus {
        pinned: pin,
        hovered: None,
    });
}
