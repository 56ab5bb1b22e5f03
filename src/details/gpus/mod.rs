//! What is told beside the picture of the GPUs: the GPU in focus, the groups as a table, the GPU that
//! a reader searches. The picture itself is the page's.

mod find;
mod focus;
mod table;

use super::state::{Shown, change};
use meshplan::core::mesh::Dim;
use meshplan::diagram::{ColourBy, Paint, Scale};
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

/// Draws the parts in their places.
pub fn draw(places: &mut [Place], shown: &Shown, look: &Look) {
    for (place, (_, part)) in places.iter_mut().zip(PARTS) {
        place.show(part(shown, look));
    }
}

/// Tells of another GPU: the one in focus, and the one that is pinned.
#[wasm_bindgen]
pub fn look(in_focus: Option<f64>, pinned: Option<f64>) {
    let rank = |rank: Option<f64>| rank.map(|rank| rank as u64);
    change(|screen| {
        screen.look.in_focus = rank(in_focus);
        screen.look.pinned = rank(pinned);
    });
}

/// Lists the groups of what the pictures are coloured by, `words` apart by spaces; none where the
/// table is closed.
#[wasm_bindgen]
pub fn list(words: &str) {
    let named = |word: &str| ColourBy::ALL.into_iter().find(|by| by.word() == word);
    let tables: Vec<ColourBy> = words.split(' ').filter_map(named).collect();
    change(|screen| {
        if screen.look.tables != tables {
            screen.look.from = 0;
        }
        screen.look.tables = tables;
    });
}

/// The colours of a picture.
fn paint(shown: &Shown, by: ColourBy) -> Paint {
    let plan = &shown.plan;
    match by {
        // A model without experts has only EP to say that it has none.
        ColourBy::Groups(Dim::Etp | Dim::Edp) if plan.model.moe.is_none() => {
            Paint::of(plan, Dim::Ep)
        }
        ColourBy::Groups(dim) => Paint::of(plan, dim),
        ColourBy::Figure(measure) => {
            let scale = Scale::of(plan, measure, plan.cluster.world_size);
            Paint::by_figure(plan, measure, scale)
        }
    }
}
