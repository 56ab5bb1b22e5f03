//! The passes of each stage in their order, as Megatron-LM's
//! `megatron/core/pipeline_parallel/schedules.py` has them, and GPipe's.

use super::{Kind, Phase};
use crate::core::number::{product, quotient, remainder};

/// What the order of a schedule depends on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Shape {
    pub kind: Kind,
    /// Stages.
    pub stages: u64,
    /// Chunks of a stage.
    pub chunks: u64,
    /// Micro-batches.
    pub microbatches: u64,
    /// Micro-batches that go through a chunk in a row.
    pub in_a_row: u64,
}

/// A pass to do.
#[derive(Clone, Copy)]
pub(super) struct Pass {
    pub chunk: u64,
    pub microbatch: u64,
    pub backward: bool,
    pub phase: Phase,
}

impl Shape {
    /// Passes of one stage in one direction.
    pub fn passes(&self) -> u64 {
        product(&[self.microbatches, self.chunks])
    }

    /// Passes of all stages.
    pub fn blocks(&self) -> u64 {
        product(&[2, self.stages, self.passes()])
    }

    /// Passes of one direction after which the order of a stage repeats with the next micro-batches:
    /// one group of micro-batches through every chunk.
    pub fn round(&self) -> u64 {
        product(&[self.in_a_row, self.chunks])
    }

    /// Stages after a stage.
    pub fn after(&self, stage: u64) -> u64 {
        self.stages.saturating_sub(stage).saturating_sub(1)
    }

    /// Forward passes of a stage before its first backward pass, without the one that is in its pair:
    /// `get_pp_rank_microbatches`.
    pub fn warm_up(&self, stage: u64) -> u64 {
        let after = self.after(stage);
        let warm_up = match self.kind {
            Kind::Gpipe => u64::MAX,
            Kind::OneFOneB => after,
            Kind::Interleaved => {
                let rows = product(&[self.chunks.saturating_sub(1), self.in_a_row]);
                product(&[2, after]).saturating_add(rows)
            }
        };
        warm_up.min(self.passes())
    }

    /// The passes of a stage: warm-up of forward passes, then one forward and one backward in turn,
    /// then the backward passes that are left.
    pub fn order(&self, stage: u64) -> Vec<Pass> {
        let total = self.passes();
        let warm_up = self.warm_up(stage);
        let steady = total.saturating_sub(warm_up);
        let mut order: Vec<Pass> = (0..warm_up)
            .map(|k| self.pass(k, false, Phase::WarmUp))
            .collect();
        for k in 0..steady {
            order.push(self.pass(warm_up.saturating_add(k), false, Phase::Steady));
            order.push(self.pass(k, true, Phase::Steady));
        }
        order.extend((steady..total).map(|k| self.pass(k, true, Phase::CoolDown)));
        order
    }

    /// The `k`-th pass of a direction: `get_schedule_table`. Passes go round the chunks in groups of
    /// so many micro-batches in a row; the last group may be smaller. Backward passes take the chunks
    /// from the last to the first, and GPipe's the micro-batches too, as in the guide's picture.
    fn pass(&self, k: u64, backward: bool, phase: Phase) -> Pass {
        let (m, in_a_row, round) = (self.microbatches, self.in_a_row, self.round());
        let rest = remainder(m, in_a_row);
        let whole = product(&[quotient(m, in_a_row), round]);
        let (first, at, row) = if k < whole {
            let first = product(&[quotient(k, round), in_a_row]);
            (first, remainder(k, round), in_a_row)
        } else {
            (m.saturating_sub(rest), k.saturating_sub(whole), rest)
        };
        let chunk = quotient(at, row);
        let microbatch = first.saturating_add(remainder(at, row));
        Pass {
            chunk: if backward {
                self.chunks.saturating_sub(chunk).saturating_sub(1)
            } else {
                chunk
            },
            microbatch: if backward && self.kind == Kind::Gpipe {
                m.saturating_sub(microbatch).saturating_sub(1)
            } else {
                microbatch
            },
            backward,
            phase,
        }
    }
}
