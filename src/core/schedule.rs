//! When each stage computes which micro-batch: 1F1B, and the interleaved schedule with VPP.
//!
//! A forward pass of one micro-batch through one stage takes one unit of time, a backward pass
//! two. With VPP a chunk takes its share of it.

use super::number::{product, quotient, remainder};
use super::plan::Plan;
use serde::Serialize;

/// Blocks of the schedule that are worked out at the most; more micro-batches repeat the steady
/// state.
const MOST_BLOCKS: u64 = 4096;

/// Time of a backward pass, in forward passes.
const BACKWARD: f64 = 2.0;

/// One pass of one micro-batch through one chunk of a stage.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Block {
    /// The stage.
    pub stage: u64,
    /// The model chunk of the stage; 0 without VPP.
    pub chunk: u64,
    /// The micro-batch.
    pub microbatch: u64,
    /// Backward or forward.
    pub backward: bool,
    /// Start, in forward passes of a whole stage.
    pub start: f64,
    /// Length, in forward passes of a whole stage.
    pub length: f64,
}

/// The schedule of one step.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Schedule {
    /// Every block, stage by stage in time.
    pub blocks: Vec<Block>,
    /// Stages.
    pub stages: u64,
    /// Micro-batches that are shown.
    pub shown_microbatches: u64,
    /// Micro-batches of the step.
    pub num_microbatches: u64,
    /// End of the last block.
    pub length: f64,
    /// Idle share of the time shown.
    pub idle: f64,
}

/// A pass to do: chunk, micro-batch, backward.
#[derive(Clone, Copy)]
struct Pass {
    chunk: u64,
    microbatch: u64,
    backward: bool,
}

impl Schedule {
    /// The schedule of a plan, with at most `most` micro-batches; none without micro-batches.
    pub fn of(plan: &Plan, most: u64) -> Option<Schedule> {
        let s = &plan.sizes;
        let (pp, vpp, all) = (
            s.pipeline_model_parallel_size,
            s.virtual_pipeline_model_parallel_size,
            s.megatron_num_microbatches,
        );
        let per_microbatch = product(&[2, pp, vpp]);
        let room = quotient(MOST_BLOCKS, per_microbatch);
        let mut shown = all.min(most).min(room);
        let in_a_row = plan.microbatches_in_a_row();
        if vpp > 1 && shown < all {
            // The interleaved order moves in groups of micro-batches.
            shown = shown.saturating_sub(remainder(shown, in_a_row));
        }
        if shown == 0 {
            return None;
        }
        let orders: Vec<Vec<Pass>> = (0..pp)
            .map(|stage| {
                if vpp > 1 {
                    interleaved(pp, vpp, (shown, in_a_row), stage)
                } else {
                    one_f_one_b(pp, shown, stage)
                }
            })
            .collect();
        let blocks = place(&orders, pp, vpp, shown);
        let length = blocks
            .iter()
            .map(|b| b.start + b.length)
            .fold(0.0, f64::max);
        let busy: f64 = blocks.iter().map(|b| b.length).sum();
        let idle = if length > 0.0 {
            1.0 - busy / (length * pp as f64)
        } else {
            0.0
        };
        Some(Schedule {
            blocks,
            stages: pp,
            shown_microbatches: shown,
            num_microbatches: all,
            length,
            idle: idle.max(0.0),
        })
    }
}

/// Warm-up of forward passes, then one forward and one backward in turn, then the backward
/// passes that are left.
fn one_f_one_b(pp: u64, m: u64, stage: u64) -> Vec<Pass> {
    let warm_up = pp.saturating_sub(stage).saturating_sub(1).min(m);
    in_turn(warm_up, m, |microbatch, backward| Pass {
        chunk: 0,
        microbatch,
        backward,
    })
}

/// Megatron-LM `megatron/core/pipeline_parallel/schedules.py`,
/// `forward_backward_pipelining_with_interleaving`: passes go round the chunks in groups of so
/// many micro-batches in a row; the last group may be smaller.
fn interleaved(pp: u64, vpp: u64, (m, in_a_row): (u64, u64), stage: u64) -> Vec<Pass> {
    let total = product(&[m, vpp]);
    let after = pp.saturating_sub(stage).saturating_sub(1);
    let warm_up = product(&[2, after])
        .saturating_add(product(&[vpp.saturating_sub(1), in_a_row]))
        .min(total);
    let round = product(&[in_a_row, vpp]);
    let whole = product(&[quotient(m, in_a_row), round]);
    let rest = remainder(m, in_a_row);
    in_turn(warm_up, total, |k, backward| {
        let (first, at, row) = if k < whole {
            let first = product(&[quotient(k, round), in_a_row]);
            (first, remainder(k, round), in_a_row)
        } else {
            (m.saturating_sub(rest), k.saturating_sub(whole), rest)
        };
        let forward_chunk = quotient(at, row);
        Pass {
            chunk: if backward {
                vpp.saturating_sub(forward_chunk).saturating_sub(1)
            } else {
                forward_chunk
            },
            microbatch: first.saturating_add(remainder(at, row)),
            backward,
        }
    })
}

fn in_turn(warm_up: u64, total: u64, pass: impl Fn(u64, bool) -> Pass) -> Vec<Pass> {
    let steady = total.saturating_sub(warm_up);
    let mut order: Vec<Pass> = (0..warm_up).map(|k| pass(k, false)).collect();
    for k in 0..steady {
        order.push(pass(warm_up.saturating_add(k), false));
        order.push(pass(k, true));
    }
    order.extend((steady..total).map(|k| pass(k, true)));
    order
}

/// Puts every pass at the earliest time at which its stage is free and what it needs is there.
fn place(orders: &[Vec<Pass>], pp: u64, vpp: u64, m: u64) -> Vec<Block> {
    let parts = product(&[pp, vpp]);
    // End of each pass by part of the model (chunk · PP + stage), micro-batch and direction.
    let index = |part: u64, microbatch: u64, backward: bool| {
        let at = product(&[part, m]).saturating_add(microbatch);
        usize::try_from(product(&[at, 2]).saturating_add(u64::from(backward))).unwrap_or(usize::MAX)
    };
    let size = usize::try_from(product(&[parts, m, 2])).unwrap_or(0);
    let mut ends: Vec<Option<f64>> = vec![None; size];
    let mut next = vec![0_usize; orders.len()];
    let mut free = vec![0.0_f64; orders.len()];
    let mut blocks = Vec::with_capacity(size);
    let unit = 1.0 / vpp as f64;
    loop {
        let mut moved = false;
        for (((stage, order), next), free) in (0_u64..).zip(orders).zip(&mut next).zip(&mut free) {
            while let Some(pass) = order.get(*next) {
                let part = product(&[pass.chunk, pp]).saturating_add(stage);
                let last = part.saturating_add(1) == parts;
                let needs = match (pass.backward, part) {
                    (false, 0) => Some(0.0),
                    (false, _) => ends
                        .get(index(part.saturating_sub(1), pass.microbatch, false))
                        .copied()
                        .flatten(),
                    (true, _) if last => ends
                        .get(index(part, pass.microbatch, false))
                        .copied()
                        .flatten(),
                    (true, _) => ends
                        .get(index(part.saturating_add(1), pass.microbatch, true))
                        .copied()
                        .flatten(),
                };
                let Some(needs) = needs else { break };
                let length = if pass.backward { BACKWARD * unit } else { unit };
                let start = free.max(needs);
                blocks.push(Block {
                    stage,
                    chunk: pass.chunk,
                    microbatch: pass.microbatch,
                    backward: pass.backward,
                    start,
                    length,
                });
                *free = start + length;
                if let Some(end) = ends.get_mut(index(part, pass.microbatch, pass.backward)) {
                    *end = Some(*free);
                }
                *next = next.saturating_add(1);
                moved = true;
            }
        }
        if !moved {
            return blocks;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::config::{Config, Edit, Field, Value};

    fn plan(pp: u64, vpp: Option<u64>, gbs: u64) -> Plan {
        let mut edit = Edit::count(Field::Pp, pp)
            .and(Field::GpusPerNode, Value::Count(pp))
            .and(Field::NumLayers, Value::Count(64))
            .and(Field::GlobalBatch, Value::Count(gbs));
        if let Some(vpp) = vpp {
            edit = edit.and(Field::Vpp, Value::Count(vpp));
        }
        Plan::of(&edit.apply(&Config::default()))
    }

    #[track_caller]
    fn agrees(pp: u64, vpp: Option<u64>, m: u64) {
        let plan = plan(pp, vpp, m);
        let schedule = Schedule::of(&plan, m).expect("micro-batches");
        let blocks = 2 * pp * vpp.unwrap_or(1) * m;
        assert_eq!(schedule.blocks.len() as u64, blocks, "every pass is placed");
        let pipeline = crate::core::pipeline::Pipeline::of(&plan);
        let difference = schedule.idle - pipeline.bubble_fraction_of_step;
        assert!(
            difference.abs() < 1e-9,
            "{} {}",
            schedule.idle,
            pipeline.bubble_fraction_of_step
        );
    }

    #[test]
    fn the_idle_share_is_the_bubble_of_the_whole_step() {
        agrees(1, None, 4);
        agrees(4, None, 8);
        agrees(8, None, 32);
        agrees(2, None, 1);
        agrees(4, Some(2), 8);
        agrees(4, Some(4), 16);
        agrees(2, Some(3), 6);
    }

    #[test]
    fn micro_batches_go_through_a_chunk_as_many_in_a_row_as_the_plan_says() {
        let mut plan = plan(4, Some(2), 14);
        plan.config
            .parallel
            .microbatch_group_size_per_virtual_pipeline_stage = Some(5);
        let schedule = Schedule::of(&plan, 14).expect("micro-batches");
        let forward = |b: &&Block| b.stage == 3 && !b.backward;
        let order: Vec<_> = schedule
            .blocks
            .iter()
            .filter(forward)
            .map(|b| (b.chunk, b.microbatch))
            .collect();
        assert_eq!(
            order[..11],
            [
                (0, 0),
                (0, 1),
                (0, 2),
                (0, 3),
                (0, 4),
                (1, 0),
                (1, 1),
                (1, 2),
                (1, 3),
                (1, 4),
                (0, 5)
            ]
        );
        // The last four are a group of their own.
        assert_eq!(
            order[20..],
            [
                (0, 10),
                (0, 11),
                (0, 12),
                (0, 13),
                (1, 10),
                (1, 11),
                (1, 12),
                (1, 13)
            ]
        );
        assert_eq!(schedule.blocks.len(), 2 * 4 * 2 * 14);
    }

    #[test]
    fn a_stage_never_holds_more_than_its_in_flight_microbatches() {
        let plan = plan(4, None, 8);
        let schedule = Schedule::of(&plan, 8).expect("micro-batches");
        for stage in crate::core::pipeline::Pipeline::of(&plan).stages {
            let mut held = 0_i64;
            let mut most = 0;
            for block in schedule.blocks.iter().filter(|b| b.stage == stage.stage) {
                held += if block.backward { -1 } else { 1 };
                most = most.max(held);
            }
            assert_eq!(
                most, stage.in_flight_microbatches as i64,
                "stage {}",
                stage.stage
            );
        }
    }
}
