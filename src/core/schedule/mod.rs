//! When each stage computes which micro-batch: GPipe, 1F1B, and the interleaved schedule with VPP.
//!
//! A forward pass takes one unit of time and a backward pass two, on every stage alike, and what is
//! sent takes none. Time is counted in whole ticks, so it is exact: a forward pass of one chunk is one
//! tick, that of a whole stage as many as it has chunks.

mod fold;
mod order;
mod place;

use super::number::product;
use super::plan::Plan;
use fold::Short;
use order::Shape;

/// Blocks that are worked out at the most.
const MOST_BLOCKS: u64 = 400_000;

/// Ticks of a forward pass of one chunk.
const FORWARD: u64 = 1;

/// Ticks of a backward pass of one chunk.
const BACKWARD: u64 = 2;

/// In which order the stages compute.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// All forward passes, then all backward passes: the guide's picture of the bubble.
    Gpipe,
    /// One forward and one backward pass in turn, after a warm-up.
    OneFOneB,
    /// The same with several chunks a stage.
    Interleaved,
}

/// What a stage is at, as Megatron-LM's schedules name it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    /// Forward passes before the first pair.
    WarmUp,
    /// Pairs of a forward and a backward pass.
    Steady,
    /// Backward passes after the last pair.
    CoolDown,
}

/// One pass of one micro-batch through one chunk of a stage.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Block {
    /// The model chunk of the stage; 0 without VPP.
    pub chunk: u64,
    /// The micro-batch, from 0.
    pub microbatch: u64,
    /// Backward or forward.
    pub backward: bool,
    /// What its stage is at.
    pub phase: Phase,
    /// Start, in ticks.
    pub start: u64,
    /// Length, in ticks.
    pub length: u64,
}

/// A time that is left out because all stages go on in it as they did before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fold {
    /// Its beginning, in ticks.
    pub from: u64,
    /// Its end, in ticks.
    pub to: u64,
    /// Micro-batches that every stage computes in it.
    pub microbatches: u64,
    /// What is added in it to the micro-batches that each stage holds.
    pub held: i64,
}

/// The schedule of one step.
#[derive(Debug, Clone, PartialEq)]
pub struct Schedule {
    /// The order.
    pub kind: Kind,
    /// The blocks of each stage in time, first stage to last, but for those that lie in a fold.
    pub rows: Vec<Vec<Block>>,
    /// The times left out, in their order.
    pub folds: Vec<Fold>,
    /// Chunks of a stage, which are also the ticks of a forward pass of the whole stage.
    pub chunks: u64,
    /// Micro-batches of the step.
    pub num_microbatches: u64,
    /// Ticks of the whole step.
    pub length: u64,
}

impl Kind {
    /// The order of a plan: interleaved with VPP, else 1F1B.
    pub fn of(plan: &Plan) -> Kind {
        if plan.sizes.virtual_pipeline_model_parallel_size > 1 {
            Kind::Interleaved
        } else {
            Kind::OneFOneB
        }
    }

    /// Its name in a text.
    pub fn label(self) -> &'static str {
        match self {
            Kind::Gpipe => "GPipe",
            Kind::OneFOneB => "1F1B",
            Kind::Interleaved => "Interleaved",
        }
    }
}

impl Phase {
    /// The phases in their order.
    pub const ALL: [Phase; 3] = [Phase::WarmUp, Phase::Steady, Phase::CoolDown];
}

impl Block {
    /// When it ends, in ticks.
    pub fn end(&self) -> u64 {
        self.start.saturating_add(self.length)
    }
}

impl Fold {
    /// How long it is, in ticks.
    pub fn length(&self) -> u64 {
        self.to.saturating_sub(self.from)
    }
}

impl Schedule {
    /// The schedule of a plan, folded where it is longer than `room` forward passes of a stage and
    /// where that leaves out much; or why there is none, in a sentence. GPipe and 1F1B have one chunk
    /// a stage, whatever the plan's VPP.
    pub fn of(plan: &Plan, kind: Kind, room: u64) -> Result<Schedule, &'static str> {
        let s = &plan.sizes;
        let (chunks, in_a_row) = match kind {
            Kind::Interleaved => (
                s.virtual_pipeline_model_parallel_size,
                plan.microbatches_in_a_row(),
            ),
            _ => (1, 1),
        };
        Schedule::shaped(
            Shape {
                // With one chunk there is nothing to interleave.
                kind: if kind == Kind::Interleaved && chunks < 2 {
                    Kind::OneFOneB
                } else {
                    kind
                },
                stages: s.pipeline_model_parallel_size,
                chunks,
                microbatches: s.megatron_num_microbatches,
                in_a_row: if chunks < 2 { 1 } else { in_a_row },
            },
            product(&[room, chunks]),
        )
    }

    fn shaped(shape: Shape, room: u64) -> Result<Schedule, &'static str> {
        if shape.passes() == 0 {
            return Err(
                "The global batch is smaller than a micro-batch of every replica, so there is no \
                 schedule to draw.",
            );
        }
        let made = |rows: Vec<Vec<Block>>, folds: Vec<Fold>| Schedule {
            kind: shape.kind,
            length: end(&rows),
            rows,
            folds,
            chunks: shape.chunks,
            num_microbatches: shape.microbatches,
        };
        // The least that a step can take.
        let busy = product(&[FORWARD.saturating_add(BACKWARD), shape.passes()]);
        let short = Short::of(shape, room);
        if busy > room && short.shape.blocks() <= MOST_BLOCKS {
            let folded = place::place(short.shape).and_then(|rows| short.unfold(&rows, room));
            if let Some((rows, folds)) = folded {
                return Ok(made(rows, folds));
            }
        }
        if shape.blocks() > MOST_BLOCKS {
            return Err(
                "The schedule of so many passes is not worked out. Fewer stages or chunks are.",
            );
        }
        let rows = place::place(shape).ok_or(
            "In this order the stages wait for each other for ever, so there is no schedule to \
             draw.",
        )?;
        Ok(made(rows, Vec::new()))
    }

    /// Idle share of the step. Every stage computes for the same time, so it is that of each.
    pub fn idle(&self) -> f64 {
        let passes = product(&[self.num_microbatches, self.chunks]);
        let busy = product(&[FORWARD.saturating_add(BACKWARD), passes]);
        match self.length {
            0 => 0.0,
            length => length.saturating_sub(busy) as f64 / length as f64,
        }
    }

    /// From which tick to which a stage is in a phase.
    pub fn lasts(&self, stage: usize, phase: Phase) -> Option<(u64, u64)> {
        let row = self.rows.get(stage)?;
        let of = |block: &&Block| block.phase == phase;
        Some((row.iter().find(of)?.start, row.iter().rfind(of)?.end()))
    }

    /// A time as forward passes of a whole stage.
    pub fn forward_passes(&self, ticks: u64) -> f64 {
        ticks as f64 / self.chunks.max(1) as f64
    }

    /// How many micro-batches a stage holds from which tick on: from the beginning of a forward pass
    /// until its backward pass has ended. With VPP each counts once for every chunk.
    pub fn held(&self, stage: usize) -> Vec<(u64, u64)> {
        // What ends as a fold begins lies before it, and what ends with it in it.
        let hidden = |block: &Block| {
            let in_fold = |fold: &Fold| {
                if block.backward {
                    fold.from < block.end() && block.end() <= fold.to
                } else {
                    fold.from <= block.start && block.start < fold.to
                }
            };
            self.folds.iter().any(in_fold)
        };
        let blocks = self.rows.get(stage).map(Vec::as_slice).unwrap_or_default();
        let change = |block: &Block| {
            if block.backward {
                (block.end(), -1)
            } else {
                (block.start, 1)
            }
        };
        let mut changes: Vec<(u64, i64)> = blocks
            .iter()
            .filter(|block| !hidden(block))
            .map(change)
            .chain(self.folds.iter().map(|fold| (fold.to, fold.held)))
            .collect();
        changes.sort_unstable();
        let mut steps: Vec<(u64, u64)> = Vec::new();
        let mut now: i64 = 0;
        for (time, by) in changes {
            now = now.saturating_add(by);
            let held = u64::try_from(now).unwrap_or(0);
            match steps.last_mut() {
                Some(last) if last.0 == time => last.1 = held,
                _ => steps.push((time, held)),
            }
        }
        steps
    }

    /// The most micro-batches that a stage holds at once.
    pub fn peak(&self, stage: usize) -> u64 {
        let held = self.held(stage).into_iter().map(|(_, held)| held);
        held.max().unwrap_or(0)
    }
}

/// When the last block ends.
fn end(rows: &[Vec<Block>]) -> u64 {
    let last = rows.iter().filter_map(|row| row.last());
    last.map(Block::end).max().unwrap_or(0)
}

#[cfg(test)]
mod tests;
