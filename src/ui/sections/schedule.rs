//! The pipeline's schedule as a drawing: time to the right, a row for each stage.

use super::paragraph;
use crate::core::Plan;
use crate::core::schedule::{Block, Schedule};
use crate::core::units::{counted, grouped};
use crate::ui::App;
use leptos::prelude::*;
use std::fmt::Write;

/// More stages than this would be hair lines.
const MOST_STAGES: u64 = 64;

/// Width of the rows and of the names beside them, in units of the drawing.
const WIDTH: f64 = 1000.0;
const NAMES: f64 = 64.0;

/// A block must be as wide as this for its number to be read.
const NUMBER: f64 = 15.0;

/// Micro-batches that fill the width when there are few stages.
const USUAL: u64 = 22;

/// What is drawn; it stays as it is while the stages, chunks and micro-batches do.
#[derive(PartialEq)]
struct Drawing {
    row: f64,
    stages: u64,
    idle: String,
    forward: String,
    backward: String,
    /// Top edges of the blocks of the second and further chunks.
    chunks: String,
    numbers: Vec<Number>,
    caption: String,
}

/// The number of a micro-batch on its block.
#[derive(PartialEq)]
struct Number {
    x: String,
    y: String,
    microbatch: String,
    class: &'static str,
}

/// The drawing; nothing for a plan with one stage, which needs none.
pub fn drawing(app: App) -> AnyView {
    let drawn = Memo::new(move |_| app.plan.with(|planned| Drawing::of(&planned.plan)));
    let picture = move || {
        drawn.with(|drawn| match drawn {
            Ok(drawing) => drawing.view(),
            Err("") => ().into_any(),
            Err(reason) => paragraph("sub", *reason),
        })
    };
    view! { {picture} }.into_any()
}

impl Drawing {
    /// The drawing of a plan, or why there is none.
    fn of(plan: &Plan) -> Result<Drawing, &'static str> {
        let s = &plan.sizes;
        let stages = s.pipeline_model_parallel_size;
        if stages < 2 {
            return Err("");
        }
        if s.num_microbatches == 0 {
            return Err(
                "The global batch is smaller than one micro-batch of each replica, so \
                        there is no schedule to draw.",
            );
        }
        if stages > MOST_STAGES {
            return Err("The schedule is drawn for up to 64 stages.");
        }
        let most = USUAL
            .saturating_sub(stages)
            .max(stages.saturating_mul(s.virtual_pipeline_model_parallel_size.min(2)));
        let schedule = Schedule::of(plan, most).ok_or(
            "The schedule is not drawn: it has too many blocks, or the interleaved one lacks a \
             group of PP micro-batches to begin with.",
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
        let unit = WIDTH / schedule.length.max(1.0);
        let mut drawing = Drawing {
            row,
            stages,
            idle: String::new(),
            forward: String::new(),
            backward: String::new(),
            chunks: String::new(),
            numbers: Vec::new(),
            caption: caption(schedule),
        };
        for stage in 0..stages {
            rectangle(
                &mut drawing.idle,
                NAMES,
                stage as f64 * row,
                WIDTH,
                row - 3.0,
            );
        }
        for block in &schedule.blocks {
            drawing.add(block, unit);
        }
        drawing
    }

    fn add(&mut self, block: &Block, unit: f64) {
        // A hair of idle colour keeps neighbours apart, as far as they are wide enough.
        let gap = (block.length * unit * 0.1).min(1.5);
        let x = NAMES + block.start * unit;
        let (y, width) = (block.stage as f64 * self.row, block.length * unit - gap);
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
        if width >= NUMBER && self.row >= 14.0 {
            self.numbers.push(Number {
                x: short(x + width / 2.0),
                y: short(y + height / 2.0 + 4.0),
                microbatch: block.microbatch.to_string(),
                class,
            });
        }
    }

    fn view(&self) -> AnyView {
        let height = self.stages as f64 * self.row;
        let view_box = format!("0 0 {} {}", WIDTH + NAMES, short(height));
        // Names only on rows that are as high as a line.
        let names: Vec<AnyView> = (0..self.stages)
            .filter(|_| self.row >= 14.0)
            .map(|stage| {
                let y = short(stage as f64 * self.row + self.row / 2.0 + 2.5);
                view! { <text x="0" y=y>{format!("Stage {stage}")}</text> }.into_any()
            })
            .collect();
        let numbers: Vec<AnyView> = self
            .numbers
            .iter()
            .map(|n| {
                view! {
                    <text class=n.class x=n.x.clone() y=n.y.clone()>{n.microbatch.clone()}</text>
                }
                .into_any()
            })
            .collect();
        view! {
            <div class="scroll">
                <svg
                    class="schedule"
                    viewBox=view_box
                    role="img"
                    aria-label=self.caption.clone()
                >
                    <path class="idle" d=self.idle.clone()></path>
                    <path class="forward" d=self.forward.clone()></path>
                    <path class="backward" d=self.backward.clone()></path>
                    <path class="chunk" d=self.chunks.clone()></path>
                    {names}
                    {numbers}
                </svg>
            </div>
            <p class="legend">
                <span><i class="swatch forward"></i>"forward"</span>
                <span><i class="swatch backward"></i>"backward, twice as long"</span>
                <span><i class="swatch idle"></i>"idle: the bubble"</span>
                {(!self.chunks.is_empty())
                    .then(|| {
                        view! { <span><i class="swatch chunk"></i>"a later model chunk"</span> }
                    })}
            </p>
            <p class="sub">{self.caption.clone()}</p>
        }
        .into_any()
    }
}

fn caption(schedule: &Schedule) -> String {
    let (shown, all) = (schedule.shown_microbatches, schedule.num_microbatches);
    let stages = counted(schedule.stages, "stage", "stages");
    if shown < all {
        format!(
            "The first {} of {} micro-batches through {stages}, as if they were all: in the whole \
             step the idle share is smaller, as the figures above say.",
            grouped(shown),
            grouped(all)
        )
    } else {
        let all = counted(all, "micro-batch", "micro-batches");
        format!("The whole step: {all} through {stages}.")
    }
}

fn rectangle(path: &mut String, x: f64, y: f64, width: f64, height: f64) {
    // Writing into a String cannot fail.
    let _ = write!(
        path,
        "M{} {}h{}v{}h-{}z",
        short(x),
        short(y),
        short(width),
        short(height),
        short(width)
    );
}

/// A coordinate, to a tenth.
fn short(x: f64) -> String {
    let text = format!("{x:.1}");
    text.strip_suffix(".0").map_or(text.clone(), str::to_owned)
}
