//! Shows parts of the page, now and whenever a signal that makes them changes.

use crate::dom::{Element, Place};
use leptos::prelude::*;

/// Shows elements inside another one for as long as the page stands.
pub fn show(parent: web_sys::Element, make: impl Fn() -> Vec<Element> + 'static) {
    show_with(parent, Box::new(make));
}

// Apart from `show`, so that there is one of it for the whole page.
fn show_with(parent: web_sys::Element, make: Box<dyn Fn() -> Vec<Element>>) {
    let mut place = Place::new(parent);
    let effect = RenderEffect::new(move |_| place.show(make()));
    // Dropping the effect would end it.
    std::mem::forget(effect);
}

/// Shows elements inside the element of an id; nothing where there is none.
pub fn show_in(id: &str, make: impl Fn() -> Vec<Element> + 'static) {
    if let Some(parent) = document().get_element_by_id(id) {
        show(parent, make);
    }
}
