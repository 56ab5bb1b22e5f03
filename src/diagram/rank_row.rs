//! What each rank of a dimension holds, as a row of boxes: heads of a TP rank, experts of an EP rank.

use super::colours::{Colour, HUES, INK, LINE, MUTED, PANEL, SUNK, on_hue};
use super::measure::fits;
use super::scene::{Scene, Style, Words, rectangle, stroke};
use crate::core::explain::folded;
use crate::core::pipeline::Layers;
use crate::core::units::grouped;

/// Width of the row.
pub const WIDTH: f64 = 720.0;
/// The room between two ranks, and around what a rank holds.
const BETWEEN: f64 = 12.0;
const AROUND: f64 = 6.0;
const SIZE: f64 = 11.0;
const LINE_HEIGHT: f64 = 15.0;
/// What a rank holds: its width, its height, and the least that a part of it is wide.
const EXPERT: f64 = 20.0;
const EXPERT_HEIGHT: f64 = 28.0;
const LEAST_PART: f64 = 3.0;
/// Height of its number, below which it is split.
const NUMBER: f64 = 16.0;

/// A hue and the colour of words on it; hues repeat.
pub fn hue(i: u64) -> (Colour, Colour) {
    let at = usize::try_from(i % HUES.len() as u64).unwrap_or(0);
    let [.., grey] = HUES;
    let colour = HUES.get(at).copied().unwrap_or(grey);
    (colour, on_hue(at))
}

/// What one rank holds.
pub struct Held {
    /// Its name.
    pub name: String,
    /// The numbers of what it holds.
    pub on: Layers,
    /// The hue of all of them; each has its own without it.
    pub hue: Option<u64>,
    /// Into how many parts each of them is split.
    pub parts: u64,
    /// What is said of it, line by line, each in long and in short.
    pub words: Vec<[String; 2]>,
}

/// `experts 0 to 3`, and in short `0 to 3`.
pub fn range([one, many]: [&str; 2], on: Layers) -> [String; 2] {
    let last = on.end.saturating_sub(1);
    let (name, short) = if last == on.first {
        (one, grouped(last))
    } else {
        (many, [&grouped(on.first), " to ", &grouped(last)].concat())
    };
    [[name, " ", &short].concat(), short]
}

/// Draws a row of ranks, of many the first and the last, and tells where it ends.
pub fn ranks_row(
    scene: &mut Scene,
    top: f64,
    (title, ranks): (String, u64),
    held: &dyn Fn(u64) -> Held,
) -> f64 {
    scene.words(Words::new(0.0, top + 12.0, title, INK).bold());
    let places = folded(ranks);
    let n = places.len() as f64;
    let width = (WIDTH - (n - 1.0) * BETWEEN) / n;
    let y = top + 24.0;
    let mut bottom = y;
    for (i, place) in places.into_iter().enumerate() {
        let x = i as f64 * (width + BETWEEN);
        let Some(rank) = place else {
            let middle = x + width / 2.0;
            let text = [&grouped(ranks.saturating_sub(5)), " more"].concat();
            scene.words(Words::new(middle, y + 34.0, text, MUTED).centred());
            continue;
        };
        bottom = bottom.max(rank_box(scene, (x, y), width, &held(rank)));
    }
    bottom + AROUND
}

/// Draws what one rank holds, and tells where its words end.
fn rank_box(scene: &mut Scene, (x, y): (f64, f64), width: f64, held: &Held) -> f64 {
    let mut around = String::new();
    let height = EXPERT_HEIGHT + 2.0 * AROUND + LINE_HEIGHT;
    rectangle(&mut around, x + 0.5, y + 0.5, width - 1.0, height);
    scene.shape(Style::filled(SUNK).outlined(LINE, 1.0), around);
    let at = x + AROUND;
    let name = Words::new(at, y + 14.0, held.name.clone(), MUTED);
    scene.words(name.sized(SIZE).bold());
    let top = y + LINE_HEIGHT + AROUND - 1.0;
    for (i, item) in shown(held.on, width - 2.0 * AROUND).into_iter().enumerate() {
        let left = at + i as f64 * (EXPERT + 2.0);
        let middle = left + EXPERT / 2.0;
        let Some(item) = item else {
            scene.words(Words::new(middle, top + 18.0, "…", MUTED).centred());
            continue;
        };
        let (fill, ink) = hue(held.hue.unwrap_or(item));
        let parts = if held.parts as f64 * LEAST_PART <= EXPERT {
            held.parts.max(1)
        } else {
            1
        };
        let mut path = String::new();
        rectangle(&mut path, left, top, EXPERT, EXPERT_HEIGHT);
        scene.shape(Style::filled(fill).outlined(PANEL, 1.0), path);
        // The lines between its parts stay clear of the number.
        let part = EXPERT / parts as f64;
        let mut lines = String::new();
        for i in 1..parts {
            let x = left + i as f64 * part;
            stroke(&mut lines, (x, top + NUMBER), (x, top + EXPERT_HEIGHT));
        }
        scene.shape(Style::line(PANEL, 1.0), lines);
        let number = grouped(item);
        let size = if number.len() > 2 { 9.0 } else { SIZE };
        if fits(&number, size, EXPERT + 3.0) {
            let base = if parts > 1 { 13.0 } else { 18.0 };
            let number = Words::new(middle, top + base, number, ink);
            scene.words(number.sized(size).centred());
        }
    }
    let mut base = y + height;
    for [long, short] in &held.words {
        base += LINE_HEIGHT;
        let text = if fits(long, SIZE, width) { long } else { short };
        scene.words(Words::new(at, base, text.clone(), INK).sized(SIZE));
    }
    base
}

/// What is drawn of a range in a room: all of it, or the first ones, a gap and the last.
fn shown(on: Layers, room: f64) -> Vec<Option<u64>> {
    let count = on.end.saturating_sub(on.first);
    let mut slots = 3_u64;
    while (slots + 1) as f64 * (EXPERT + 2.0) <= room {
        slots += 1;
    }
    if count <= slots {
        return (on.first..on.end).map(Some).collect();
    }
    let before = (0..slots.saturating_sub(2)).map(|i| Some(on.first.saturating_add(i)));
    before.chain([None, on.end.checked_sub(1)]).collect()
}
