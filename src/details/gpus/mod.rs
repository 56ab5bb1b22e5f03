//! What is told beside the picture of the GPUs: the GPU in focus, the groups as a table, the GPU that
//! a reader searches. The picture itself is the page's.

mod find;
mod focus;
mod table;

use super::state::{Shown, change};
use meshplan::diagram::{ColourBy, Paint};
use meshplan::dom::{Element, Place};
use wasm_bindgen::prelude::*;

/// What the reader looks at in the picture.
#[derive(Default)]
pub struct Look {
    /// The GPU under the pointer, else the pinned one.
    pub in_focus: Option<u64>,
    /// The pinned GPU.
    pub pinned: Option<u64>,
    /// What each picture is coloured by, where the table of their groups is open.
    pub tables: Vec<ColourBy>,
    /// The first group that the table lists.
    pub from: u64,
}

/// What makes a part.
type Part = fn(&Shown, &Look) -> Vec<Element>;

/// The parts by the ids of their places in the page.
pub const PARTS: [(&str, Part); 3] = [
    ("gpus-focus", focus::panel),
    ("gpus-pin", focus::pinned),
    ("gpus-table", table::tables),
];

/// Draws the parts in their places, where the page has them.
pub fn draw(places: &mut [Option<Place>], shown: &Shown, look: &Look) {
    for (place, (_, part)) in places.iter_mut().zip(PARTS) {
        if let Some(place) = place {
            place.show(part(shown, look));
        }
    }
}

/// Tells of another GPU: the one in focus, and the one that is pinned.
#[wasm_bindgen]
pub fn look(in_focus: Option<f64>, pinned: Option<f64>) {
    let rank = |rank: Option<f64>| rank.map(|rank| rank as u64);
    let (in_focus, pinned) = (rank(in_focus), rank(pinned));
    change(|screen| {
        let changed = (screen.look.in_focus, screen.look.pinned) != (in_focus, pinned);
        (screen.look.in_focus, screen.look.pinned) = (in_focus, pinned);
        changed
    });
}

/// Lists the groups of what the pictures are coloured by, `words` apart by spaces; none where the
/// table is closed.
#[wasm_bindgen]
pub fn list(words: &str) {
    let named = |word: &str| ColourBy::ALL.into_iter().find(|by| by.word() == word);
    let tables: Vec<ColourBy> = words.split(' ').filter_map(named).collect();
    change(|screen| {
        let changed = screen.look.tables != tables;
        if changed {
            screen.look.from = 0;
            screen.look.tables = tables;
        }
        changed
    });
}

/// The colours of a picture.
fn paint(shown: &Shown, by: ColourBy) -> Paint {
    let plan = &shown.plan;
    Paint::by(plan, by, || by.figures(plan))
}
