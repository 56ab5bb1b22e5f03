//! Pointer, fingers and wheel on a picture: point, pin, drag, pinch, zoom.

use super::picture::Picture;
use crate::diagram::{Gesture, Pointers};
use crate::dom::Element;
use crate::ui::state::Focus;
use leptos::prelude::*;
use std::cell::RefCell;
use wasm_bindgen::JsCast;
use web_sys::{MouseEvent, PointerEvent, WheelEvent};

thread_local! {
    /// One reader has one set of pointers, whichever picture they are on.
    static POINTERS: RefCell<Pointers> = RefCell::default();
}

fn pointers<T>(ask: impl FnOnce(&mut Pointers) -> T) -> T {
    POINTERS.with_borrow_mut(ask)
}

/// The drawing of a picture with its listeners.
pub fn listening(picture: Picture, drawing: Element) -> Element {
    drawing
        .on("pointerdown", move |event| {
            let (event, place) = pointer(picture, &event);
            if event.button() == 0 {
                pointers(|pointers| pointers.press(event.pointer_id(), place));
            }
        })
        .on("pointermove", move |event| on_move(picture, &event))
        .on("pointerup", move |event| {
            let (event, place) = pointer(picture, &event);
            if pointers(|pointers| pointers.release(event.pointer_id())) && event.button() == 0 {
                pin(picture, place);
            }
        })
        .on("pointercancel", move |event| {
            let (event, _) = pointer(picture, &event);
            pointers(|pointers| pointers.release(event.pointer_id()));
        })
        .on("pointerleave", move |_| hover(picture, None))
        .on("wheel", move |event| on_wheel(picture, &event))
}

fn on_move(picture: Picture, event: &web_sys::Event) {
    let (pointer, place) = pointer(picture, event);
    let Some(scope) = picture.scope.get_untracked() else {
        return;
    };
    let id = pointer.pointer_id();
    // Let go outside of the picture, where nobody told.
    if pointer.buttons() == 0 {
        pointers(|pointers| pointers.release(id));
    }
    match pointers(|pointers| pointers.move_to(id, place, scope.can_pan())) {
        Gesture::Nothing => {}
        // A finger that scrolls the page points at nothing.
        Gesture::Point if pointer.pointer_type() == "touch" => {}
        Gesture::Point => hover(picture, gpu_at(picture, place)),
        Gesture::Drag(x, y) => {
            // Outside of the picture the pointer still drags it.
            if let Some(drawing) = pointer.current_target() {
                let drawing = drawing.unchecked_into::<web_sys::Element>();
                let _ = drawing.set_pointer_capture(id);
            }
            hover(picture, None);
            picture.pan(x, y);
        }
        Gesture::Zoom(steps, place) => picture.zoom(steps, Some(place)),
    }
}

/// The wheel scrolls the page, unless the picture has the focus or Ctrl is pressed, as it is when
/// two fingers spread on a touchpad; and it scrolls on where there is nothing left to zoom. Sideways,
/// or with Shift, it moves the picture.
fn on_wheel(picture: Picture, event: &web_sys::Event) {
    let wheel = event.unchecked_ref::<WheelEvent>();
    let focused = document().active_element().map(|element| element.id());
    if !wheel.ctrl_key() && focused != Some(picture.id("frame")) {
        return;
    }
    let Some(scope) = picture.scope.get_untracked() else {
        return;
    };
    // Lines and pages are counted in pixels.
    let scale = match wheel.delta_mode() {
        WheelEvent::DOM_DELTA_PIXEL => 1.0,
        _ => 40.0,
    };
    let (x, y) = (wheel.delta_x() * scale, wheel.delta_y() * scale);
    if scope.can_pan() && (wheel.shift_key() || x.abs() > y.abs()) {
        event.prevent_default();
        picture.pan(x as i32, y as i32);
        return;
    }
    let further = if y < 0.0 {
        scope.steps < scope.most_steps
    } else {
        scope.steps > 0
    };
    if further || wheel.ctrl_key() {
        event.prevent_default();
    }
    let steps = pointers(|pointers| pointers.turn(y));
    if steps != 0 {
        picture.zoom(steps, Some(place(picture, wheel)));
    }
}

/// The GPU at a place; a missing one is none.
fn gpu_at(picture: Picture, (x, y): (f64, f64)) -> Option<u64> {
    let scope = picture.scope.get_untracked()?;
    let rank = scope.rank_at(x, y)?;
    (rank < scope.shape.world_size).then_some(rank)
}

fn pin(picture: Picture, place: (f64, f64)) {
    let Some(rank) = gpu_at(picture, place) else {
        return;
    };
    let focus = picture.app.focus_now();
    let pinned = (focus.pinned != Some(rank)).then_some(rank);
    picture.app.look_at(Focus { pinned, ..focus });
}

fn hover(picture: Picture, hovered: Option<u64>) {
    picture.app.look_at(Focus {
        hovered,
        ..picture.app.focus_now()
    });
}

fn pointer(picture: Picture, event: &web_sys::Event) -> (&PointerEvent, (f64, f64)) {
    let pointer = event.unchecked_ref::<PointerEvent>();
    (pointer, place(picture, pointer))
}

/// The place of an event in the picture's window, by the way back from the screen.
fn place(picture: Picture, event: &MouseEvent) -> (f64, f64) {
    let width = picture.scope.with_untracked(|scope| {
        let scope = scope.as_ref();
        scope.map_or(0.0, |scope| f64::from(scope.window.width))
    });
    let Some(drawing) = event.current_target() else {
        return (0.0, 0.0);
    };
    let on_screen = drawing
        .unchecked_into::<web_sys::Element>()
        .get_bounding_client_rect();
    let scale = width / on_screen.width().max(1.0);
    (
        (f64::from(event.client_x()) - on_screen.left()) * scale,
        (f64::from(event.client_y()) - on_screen.top()) * scale,
    )
}
