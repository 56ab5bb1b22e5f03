//! Time to the right, to scale but for the folds, each of which is a mark of one width.

use crate::core::schedule::Schedule;

/// Width of the mark of a fold, CSS pixels.
pub const FOLD: f64 = 46.0;

/// A time that is drawn.
#[derive(Debug, Clone, Copy)]
pub struct Piece {
    /// Its beginning and its end, in ticks.
    pub from: u64,
    pub to: u64,
    /// Where it begins.
    pub x: f64,
}

/// A time as it is drawn.
#[derive(Debug, Clone, Copy)]
pub struct Span {
    /// Its length, in ticks.
    pub ticks: u64,
    /// Where it begins.
    pub x: f64,
    /// Its width.
    pub width: f64,
}

/// Where each tick is.
pub struct Time {
    /// Pixels of a tick.
    pub tick: f64,
    /// What is drawn, in its order; between two is a fold.
    pub pieces: Vec<Piece>,
}

impl Time {
    /// The time of a schedule from `left`, over `width`.
    pub fn of(schedule: &Schedule, left: f64, width: f64) -> Time {
        let folds = &schedule.folds;
        let hidden = folds.iter().map(|fold| fold.length()).sum();
        let shown = schedule.length.saturating_sub(hidden).max(1);
        let tick = (width - FOLD * folds.len() as f64) / shown as f64;
        let mut pieces = Vec::new();
        let (mut from, mut x) = (0, left);
        for fold in folds {
            let to = fold.from;
            pieces.push(Piece { from, to, x });
            x += to.saturating_sub(from) as f64 * tick + FOLD;
            from = fold.to;
        }
        let to = schedule.length;
        pieces.push(Piece { from, to, x });
        Time { tick, pieces }
    }

    /// Where a tick of a piece is.
    pub fn at(&self, piece: &Piece, tick: u64) -> f64 {
        piece.x + tick.saturating_sub(piece.from) as f64 * self.tick
    }

    /// Where a piece ends.
    pub fn end(&self, piece: &Piece) -> f64 {
        self.at(piece, piece.to)
    }

    /// What is drawn of a time: its parts in their order.
    pub fn spans(&self, from: u64, to: u64) -> impl Iterator<Item = Span> {
        self.pieces.iter().filter_map(move |piece| {
            let (from, to) = (from.max(piece.from), to.min(piece.to));
            let x = self.at(piece, from);
            (from < to).then(|| Span {
                ticks: to - from,
                x,
                width: self.at(piece, to) - x,
            })
        })
    }
}
