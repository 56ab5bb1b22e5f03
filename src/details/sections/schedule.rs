//! The pipeline's schedule as a drawing: time to the right, a row for each stage.

use super::paragraph;
use meshplan::core::Plan;
use meshplan::core::decimal::fixed;
use meshplan::core::schedule::{Block, Schedule};
use meshplan::core::units::{counted, grouped};
use meshplan::dom::{Element, div, el, svg};

/// More stages than this would be hair lines.
const MOST_STAGES: u64 = 64;

/// Width of the rows, and of the names beside them, in units of the drawing.
const WIDTH: f64 = 1000.0;
const NAMES: f64 = 64.0;

/// A block as narrow as this has no room for its number, nor a row as low for a line of text.
const NUMBER: f64 = 15.0;

/// Micro-batches that fill the width when there are few stages.
const USUAL: u64 = 22;

/// The drawing of a schedule. Blocks of one tone are one path, so that it stays light.
pub struct Drawing {
    stages: u64,
    row: f64,
    idle: String,
    forward: String,
    backward: String,
    /// Top edges of the blocks of later model chunks.
    chunks: String,
    /// Names of stages and numbers of micro-batches.
    words: Vec<Element>,
    caption: String,
}

impl Drawing {
    /// The drawing of a plan with stages, or why there is none.
    pub fn of(plan: &Plan) -> Result<Drawing, &'static str> {
        let s = &plan.sizes;
        let stages = s.pipeline_model_parallel_size;
        if s.megatron_num_microbatches == 0 {
            return Err(
                "The global batch is smaller than a micro-batch of every replica, so there \
                        is no schedule to draw.",
            );
        }
        if stages > MOST_STAGES {
            return Err("The schedule is drawn for up to 64 stages.");
        }
        // At least as many as the stages, or the steady state would not be seen; two rounds of
        // the interleaved schedule.
        let rounds = s.virtual_pipeline_model_parallel_size.min(2);
        let most = USUAL
            .saturating_sub(stages)
            .max(stages.saturating_mul(rounds));
        let schedule = Schedule::of(plan, most).ok_or(
            "The interleaved schedule goes in rounds of PP micro-batches. This plan has no whole \
             round, or one of too many blocks to draw.",
        )?;
        Ok(Drawing::new(&schedule))
    }

    fn new(schedule: &Schedule) -> Drawing {
        let stages = schedule.stages;
        let row = match stages {
            0..=8 => 28.0,
            9..=16 => 18.0,
            _ => 10.0,
        };
        let mut drawing = Drawing {
            stages,
            row,
            idle: String::new(),
            forward: String::new(),
            backward: String::new(),
            chunks: String::new(),
            words: Vec::new(),
            caption: caption(schedule),
        };
        for stage in 0..stages {
            let y = stage as f64 * row;
            rectangle(&mut drawing.idle, NAMES, y, WIDTH, row - 3.0);
            if row > NUMBER {
                let name = format!("Stage {stage}");
                drawing.words.push(word("", name, 0.0, y + row / 2.0 + 2.5));
            }
        }
        let unit = WIDTH / schedule.length.max(1.0);
        for block in &schedule.blocks {
            drawing.add(block, unit);
        }
        drawing
    }

    fn add(&mut self, block: &Block, unit: f64) {
        let whole = block.length * unit;
        // A hair keeps neighbours apart.
        let width = whole - (whole * 0.1).min(1.5);
        let (x, y) = (NAMES + block.start * unit, block.stage as f64 * self.row);
        let height = self.row - 3.0;
        let (path, class) = if block.backward {
            (&mut self.backward, "on-backward")
        } else {
            (&mut self.forward, "on-forward")
        };
        rectangle(path, x, y, width, height);
        if block.chunk > 0 {
            rectangle(&mut self.chunks, x, y, width, 3.0);
        }
        if width > NUMBER && self.row > NUMBER {
            let number = block.microbatch.to_string();
            let (x, y) = (x + width / 2.0, y + height / 2.0 + 4.0);
            self.words.push(word(class, number, x, y));
        }
    }

    /// The drawing with its legend and caption.
    pub fn nodes(self) -> Vec<Element> {
        let view_box = format!(
            "0 0 {} {}",
            tenth(WIDTH + NAMES),
            tenth(self.stages as f64 * self.row)
        );
        let mut legend = vec![
            sample("forward", "forward"),
            sample("backward", "backward, twice as long"),
            sample("idle", "idle: the bubble"),
        ];
        if !self.chunks.is_empty() {
            legend.push(sample("chunk", "a later model chunk"));
        }
        let mut parts: Vec<Element> = [
            ("idle", self.idle),
            ("forward", self.forward),
            ("backward", self.backward),
            ("chunk", self.chunks),
        ]
        .into_iter()
        .map(|(class, path)| svg("path").class(class).attr("d", path))
        .collect();
        parts.extend(self.words);
        let drawing = svg("svg")
            .class("schedule")
            .children(parts)
            .attr("viewBox", view_box)
            .attr("role", "img")
            .attr("aria-label", self.caption.clone());
        vec![
            div("scroll").child(drawing),
            el("p").class("legend").children(legend),
            paragraph("sub", self.caption),
        ]
    }
}

fn caption(schedule: &Schedule) -> String {
    let (shown, all) = (schedule.shown_microbatches, schedule.num_microbatches);
    let stages = counted(schedule.stages, "stage", "stages");
    if shown < all {
        format!(
            "The first {} of {} micro-batches through {stages}, drawn as if they were all. The \
             whole step idles less: see the figures above.",
            grouped(shown),
            grouped(all)
        )
    } else {
        let all = counted(all, "micro-batch", "micro-batches");
        format!("The whole step: {all} through {stages}.")
    }
}

fn sample(class: &'static str, name: &'static str) -> Element {
    let class = match class {
        "forward" => "swatch forward",
        "backward" => "swatch backward",
        "idle" => "swatch idle",
        _ => "swatch chunk",
    };
    el("span").child(el("i").class(class)).text(name)
}

fn word(class: &'static str, text: String, x: f64, y: f64) -> Element {
    svg("text")
        .class(class)
        .text(text)
        .attr("x", tenth(x))
        .attr("y", tenth(y))
}

fn rectangle(path: &mut String, x: f64, y: f64, width: f64, height: f64) {
    let (across, down) = (tenth(width), tenth(height));
    for part in [
        "M",
        &tenth(x),
        " ",
        &tenth(y),
        "h",
        &across,
        "v",
        &down,
        "h-",
        &across,
        "z",
    ] {
        path.push_str(part);
    }
}

/// A coordinate, to a tenth.
fn tenth(x: f64) -> String {
    fixed(x, 1)
}
