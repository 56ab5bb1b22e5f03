//! The keys of a picture, while it has the focus.

use super::picture::Picture;
use crate::diagram::{Arrow, Zoom};
use leptos::prelude::*;
use web_sys::KeyboardEvent;

/// How far an arrow key with Shift moves the picture, CSS pixels.
const FAR: i32 = 80;

/// Moves the pin, pins, lets go, zooms, moves the picture, or changes the colour.
pub fn on_key(picture: Picture, event: &KeyboardEvent) {
    // Keys with these belong to the browser.
    if event.ctrl_key() || event.alt_key() || event.meta_key() {
        return;
    }
    let app = picture.app;
    let Some(scope) = picture.scope.get_untracked() else {
        return;
    };
    let layout = scope.layout;
    let in_focus = untrack(|| picture.focus()).filter(|rank| layout.draws(*rank));
    let arrow = |arrow, x: i32, y: i32| {
        if event.shift_key() {
            picture.pan(x * FAR, y * FAR);
        } else {
            // The first key press enters the picture. Missing GPUs are no GPUs.
            let last = scope.shape.world_size.saturating_sub(1);
            let next = in_focus.map_or(0, |rank| layout.beside(rank, arrow).min(last));
            picture.pin(Some(next));
        }
    };
    match event.key().as_str() {
        "ArrowLeft" => arrow(Arrow::Left, -1, 0),
        "ArrowRight" => arrow(Arrow::Right, 1, 0),
        "ArrowUp" => arrow(Arrow::Up, 0, -1),
        "ArrowDown" => arrow(Arrow::Down, 0, 1),
        "Home" => picture.pin(Some(0)),
        "End" => picture.pin(Some(scope.shape.world_size.saturating_sub(1))),
        "Enter" | " " => picture.pin(Some(in_focus.unwrap_or(0))),
        "Escape" => picture.pin(None),
        "+" | "=" => picture.zoom(1, None),
        "-" | "_" => picture.zoom(-1, None),
        "0" => picture.move_to(Zoom::default()),
        key => {
            let number = key.parse::<usize>().unwrap_or(0).checked_sub(1);
            let by = number.and_then(|n| untrack(|| picture.colours().nth(n)));
            let Some(by) = by else { return };
            app.colour(by);
        }
    }
    event.prevent_default();
}
