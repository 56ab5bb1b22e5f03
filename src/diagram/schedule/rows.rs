//! The rows of the stages: blocks, the bubble between them, phases above and what is in flight below.

use super::runs::{self, Run};
use super::time::{Span, Time};
use super::{BACKWARD, FORWARD, IN_FLIGHT, text_width, words};
use crate::core::schedule::{Phase, Schedule};
use crate::diagram::colours::{CONTROL, Colour, INK, LINE, MUTED, ON_DARK, ON_LIGHT, PANEL, SUNK};
use crate::diagram::scene::{Scene, Style, Words, hatch, rectangle, stroke, tenth};

/// A block as narrow as this has no line around it.
const OUTLINED: f64 = 3.5;

/// A tick as narrow as this draws no block of its own.
const SINGLE: f64 = 1.6;

/// From the bar of one chunk to that of the next, at the least.
const LEVEL: f64 = 1.1;

/// From one line of the hatching to the next.
const HATCH: f64 = 6.0;

/// Letters that are less high are not read.
const SMALLEST: f64 = 7.0;

/// Heights of the parts of a row, CSS pixels.
#[derive(Debug, Clone, Copy)]
pub struct Heights {
    /// The blocks.
    pub blocks: f64,
    /// What is in flight.
    pub held: f64,
}

impl Heights {
    /// For so many rows.
    pub fn of(rows: usize) -> Heights {
        let (blocks, held) = match rows {
            0..=6 => (26.0, 14.0),
            7..=10 => (22.0, 11.0),
            11..=16 => (17.0, 8.0),
            _ => (13.0, 7.0),
        };
        Heights { blocks, held }
    }

    /// From one row to the next: with the line of the phases, and gaps.
    pub fn row(self) -> f64 {
        self.blocks + self.held + 12.0
    }

    /// From the top of a row to the base line of words beside its blocks.
    pub fn middle(self) -> f64 {
        4.0 + self.blocks / 2.0 + 4.0
    }
}

/// The rows, as the data of one path for each look.
pub struct Rows<'a> {
    schedule: &'a Schedule,
    time: &'a Time,
    heights: Heights,
    /// The most that any stage holds: the scale of what is in flight.
    most: u64,
    idle: String,
    hatching: String,
    forward: String,
    backward: String,
    on_forward: String,
    on_backward: String,
    held: String,
    phases: [String; 3],
    words: Vec<Words>,
}

/// The lines of the phases: warm-up, steady, cool-down.
pub const PHASES: [Style; 3] = [
    Style::line(CONTROL, 1.0),
    Style::line(INK, 2.0),
    Style::line(CONTROL, 1.5).dashed("2 2"),
];

impl<'a> Rows<'a> {
    pub fn new(schedule: &'a Schedule, time: &'a Time, heights: Heights) -> Rows<'a> {
        let peaks = (0..schedule.rows.len()).map(|stage| schedule.peak(stage));
        Rows {
            schedule,
            time,
            heights,
            most: peaks.max().unwrap_or(1).max(1),
            idle: String::new(),
            hatching: String::new(),
            forward: String::new(),
            backward: String::new(),
            on_forward: String::new(),
            on_backward: String::new(),
            held: String::new(),
            phases: [const { String::new() }; 3],
            words: Vec::new(),
        }
    }

    /// Whether single blocks would be hair lines.
    pub fn together(time: &Time) -> bool {
        time.tick < SINGLE
    }

    /// Adds the row of a stage, with the line of its phases at `top`.
    pub fn add(&mut self, stage: usize, top: f64) {
        let Some(row) = self.schedule.rows.get(stage) else {
            return;
        };
        let y = top + 4.0;
        for (path, phase) in self.phases.iter_mut().zip(Phase::ALL) {
            if let Some((from, to)) = self.schedule.lasts(stage, phase) {
                for Span { x, width, .. } in self.time.spans(from, to) {
                    stroke(path, (x + 1.0, top + 1.0), (x + width - 1.0, top + 1.0));
                }
            }
        }
        let runs = if Rows::together(self.time) {
            runs::together(row)
        } else {
            runs::single(row)
        };
        self.bubble(&runs, y);
        for run in &runs {
            self.run(run, y);
        }
        self.in_flight(stage, y + self.heights.blocks + 2.0);
    }

    /// The time in which a stage waits, hatched; the longest wait with its length in forward passes.
    fn bubble(&mut self, runs: &[Run], y: f64) {
        let (height, size) = (self.heights.blocks, self.size());
        let begins = [0].into_iter().chain(runs.iter().map(|run| run.to));
        let ends = runs.iter().map(|run| run.from);
        let waits = begins.zip(ends.chain([self.schedule.length]));
        let waits: Vec<Span> = waits
            .flat_map(|(from, to)| self.time.spans(from, to))
            .collect();
        let longest = waits.iter().map(|wait| wait.ticks).max();
        let mut told = false;
        for Span { ticks, x, width } in waits {
            rectangle(&mut self.idle, x, y, width, height);
            let passes = words::passes(ticks, self.schedule);
            let room = |text: &str| text_width(text, size) + 8.0;
            let long = ["idle ", &passes].concat();
            let text = if room(&long) < width * 0.8 {
                long
            } else {
                passes
            };
            let room = room(&text);
            if told || longest != Some(ticks) || room > width {
                hatch(&mut self.hatching, x, y, width, height, HATCH);
                continue;
            }
            told = true;
            // Words on hatching are hard to read.
            let side = (width - room) / 2.0;
            hatch(&mut self.hatching, x, y, side, height, HATCH);
            hatch(&mut self.hatching, x + side + room, y, side, height, HATCH);
            let base = y + height / 2.0 + size * 0.36;
            let words = Words::new(x + width / 2.0, base, text, MUTED);
            self.words.push(words.centred().sized(size));
        }
    }

    /// Blocks that are drawn as one.
    fn run(&mut self, run: &Run, y: f64) {
        let height = self.heights.blocks;
        for Span { x, width, .. } in self.time.spans(run.from, run.to) {
            match (run.forward, run.backward) {
                (Some(forward), None) => {
                    rectangle(&mut self.forward, x, y, width, height);
                    self.chunk(forward, false, (x, y, width, height));
                }
                (None, Some(backward)) => {
                    rectangle(&mut self.backward, x, y, width, height);
                    self.chunk(backward, true, (x, y, width, height));
                }
                (Some(forward), Some(backward)) => {
                    // As high as their shares of the time.
                    let third = height / 3.0;
                    rectangle(&mut self.forward, x, y, width, third);
                    rectangle(&mut self.backward, x, y + third, width, height - third);
                    self.chunk(forward, false, (x, y, width, third));
                    self.chunk(backward, true, (x, y + third, width, height - third));
                }
                (None, None) => {}
            }
            if let Some(microbatch) = run.microbatch {
                let chunk = run.forward.or(run.backward).unwrap_or(0);
                let colour = if run.backward.is_some() {
                    ON_DARK
                } else {
                    ON_LIGHT
                };
                self.number(microbatch, chunk, (x, y, width), colour);
            }
        }
    }

    /// The part at the top of a block in which a bar tells the chunk. Without numbers it is higher.
    fn staff(&self, height: f64) -> f64 {
        match (self.schedule.chunks > 1, Rows::together(self.time)) {
            (false, _) => 0.0,
            (true, true) => height * 0.75,
            (true, false) => (height * 0.36).min(9.0),
        }
    }

    /// Whether bars in blocks of a height are far enough apart to tell the chunk.
    fn has_bars(&self, height: f64) -> bool {
        self.staff(height) / self.schedule.chunks.max(1) as f64 >= LEVEL
    }

    /// Whether any bar tells a chunk.
    pub fn tells_chunks(&self) -> bool {
        self.has_bars(self.heights.blocks)
    }

    /// The bar of a chunk: the higher, the later the chunk.
    fn chunk(&mut self, chunk: u64, backward: bool, (x, y, width, height): (f64, f64, f64, f64)) {
        if !self.has_bars(height) {
            return;
        }
        let chunks = self.schedule.chunks;
        let level = self.staff(height) / chunks as f64;
        let below = chunks.saturating_sub(1).saturating_sub(chunk);
        let (inset, top) = ((width * 0.15).min(2.0), y + 2.0 + below as f64 * level);
        let path = if backward {
            &mut self.on_backward
        } else {
            &mut self.on_forward
        };
        rectangle(path, x + inset, top, width - 2.0 * inset, level.min(2.5));
    }

    /// The number of a micro-batch, and its chunk, where there is room.
    fn number(&mut self, microbatch: u64, chunk: u64, at: (f64, f64, f64), colour: Colour) {
        let (x, y, width) = at;
        let staff = self.staff(self.heights.blocks);
        let number = microbatch.to_string();
        let largest = self.size().min((self.heights.blocks - staff) * 0.8);
        let long = [&number, " c", &chunk.to_string()].concat();
        let text = if self.schedule.chunks > 1 && text_width(&long, largest * 0.85) + 2.0 <= width {
            long
        } else {
            number
        };
        let size = largest.min((width - 2.0) / text_width(&text, 1.0));
        if size >= SMALLEST {
            let base = y + staff + (self.heights.blocks - staff) / 2.0 + size * 0.36;
            let words = Words::new(x + width / 2.0, base, text, colour);
            self.words.push(words.centred().sized(size));
        }
    }

    /// Height of letters in a block without a bar.
    fn size(&self) -> f64 {
        (self.heights.blocks * 0.62).min(11.0)
    }

    /// The micro-batches that a stage holds, as an area of steps. Stages share one scale.
    fn in_flight(&mut self, stage: usize, top: f64) {
        let base = top + self.heights.held;
        let steps = self.schedule.held(stage);
        let before = |tick: u64| {
            let past = steps.iter().take_while(|(from, _)| *from <= tick);
            past.last().map_or(0, |(_, held)| *held)
        };
        for piece in &self.time.pieces {
            let inside = |tick: &u64| piece.from < *tick && *tick < piece.to;
            let inner = steps.iter().filter(|(tick, _)| inside(tick));
            // Steps of less than a pixel are one, as high as the highest.
            let mut drawn: Vec<(f64, u64)> = vec![(piece.x, before(piece.from))];
            for (tick, held) in inner {
                let x = self.time.at(piece, *tick);
                match drawn.last_mut() {
                    Some(last) if x - last.0 < 0.8 => last.1 = last.1.max(*held),
                    _ => drawn.push((x, *held)),
                }
            }
            self.held
                .push_str(&["M", &tenth(piece.x), " ", &tenth(base)].concat());
            let mut now = String::new();
            for (x, held) in drawn {
                let y = tenth(base - held as f64 / self.most as f64 * self.heights.held);
                if y != now {
                    self.held.push_str(&["H", &tenth(x), "V", &y].concat());
                    now = y;
                }
            }
            let end = ["H", &tenth(self.time.end(piece)), "V", &tenth(base), "z"];
            self.held.push_str(&end.concat());
        }
    }

    /// Puts the rows into a picture.
    pub fn draw(self, scene: &mut Scene) {
        let outlined = |fill: Colour| {
            if self.time.tick < OUTLINED {
                Style::filled(fill)
            } else {
                Style::filled(fill).outlined(PANEL, 1.0)
            }
        };
        scene.shape(Style::filled(SUNK), self.idle);
        scene.shape(Style::line(LINE, 1.0), self.hatching);
        scene.shape(outlined(FORWARD), self.forward);
        scene.shape(outlined(BACKWARD), self.backward);
        scene.shape(Style::filled(ON_LIGHT), self.on_forward);
        scene.shape(Style::filled(ON_DARK), self.on_backward);
        scene.shape(Style::filled(IN_FLIGHT), self.held);
        for (style, path) in PHASES.into_iter().zip(self.phases) {
            scene.shape(style, path);
        }
        for words in self.words {
            scene.words(words);
        }
    }
}
