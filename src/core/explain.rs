//! Lists that a person can take in: a few of many ranks, runs of like stages, the tokens of a CP
//! rank.

use super::number::{divides, product, quotient};
use super::pipeline::{Layers, Stage};
use super::plan::Plan;
use super::sizes::Sizes;

/// Up to so many ranks or stages are listed one by one.
const LISTED: u64 = 8;

/// Ranks that are listed before the gap when there are more.
const BEFORE_GAP: u64 = 4;

/// The places of `n` ranks to list: all of a few, or the first ones, a gap (`None`) and the last.
pub fn folded(n: u64) -> Vec<Option<u64>> {
    if n <= LISTED {
        return (0..n).map(Some).collect();
    }
    let mut places: Vec<Option<u64>> = (0..BEFORE_GAP).map(Some).collect();
    places.push(None);
    places.push(Some(n.saturating_sub(1)));
    places
}

/// One stage, or a run of stages with as many layers each.
#[derive(Debug, Clone, PartialEq)]
pub struct StageRun {
    /// The first stage.
    pub first: u64,
    /// The last stage, the same as the first for a single one.
    pub last: u64,
    /// Layers of each stage.
    pub num_layers: u64,
    /// The layers of the whole run, chunk by chunk.
    pub chunks: Vec<Layers>,
    /// Whether it holds the embedding.
    pub embedding: bool,
    /// Whether it holds the head.
    pub head: bool,
    /// Micro-batches in flight at the first stage of the run.
    pub in_flight_first: u64,
    /// Micro-batches in flight at the last stage of the run.
    pub in_flight_last: u64,
}

impl StageRun {
    fn of(stage: &Stage) -> StageRun {
        StageRun {
            first: stage.stage,
            last: stage.stage,
            num_layers: stage.num_layers,
            chunks: stage.chunks.clone(),
            embedding: stage.embedding,
            head: stage.head,
            in_flight_first: stage.in_flight_microbatches,
            in_flight_last: stage.in_flight_microbatches,
        }
    }

    /// Whether the stage may join: the first and the last stage stand alone.
    fn takes(&self, stage: &Stage) -> bool {
        !self.embedding && !stage.head && self.num_layers == stage.num_layers
    }

    fn join(&mut self, stage: &Stage) {
        self.last = stage.stage;
        self.in_flight_last = stage.in_flight_microbatches;
        for (chunk, next) in self.chunks.iter_mut().zip(&stage.chunks) {
            chunk.end = next.end;
        }
    }
}

/// The stages one by one, or, of more than eight, the first, the last, and those between in runs
/// of as many layers each.
pub fn stage_runs(stages: &[Stage]) -> Vec<StageRun> {
    let few = stages.len() as u64 <= LISTED;
    let mut runs: Vec<StageRun> = Vec::new();
    for stage in stages {
        match runs.last_mut() {
            Some(run) if !few && run.takes(stage) => run.join(stage),
            _ => runs.push(StageRun::of(stage)),
        }
    }
    runs
}

/// The tokens of each sequence that a CP rank holds. The sequence is cut in 2 · CP parts and rank
/// i takes part i from the front and part i from the back, so that causal attention costs each
/// rank the same: Megatron-LM `megatron/core/utils.py`, `get_batch_on_this_cp_rank`.
pub fn tokens_of_cp_rank(plan: &Plan, rank: u64) -> Vec<Layers> {
    let (seq, cp) = (
        plan.config.batch.seq_length,
        plan.sizes.context_parallel_size,
    );
    if cp < 2 {
        return vec![Layers { first: 0, end: seq }];
    }
    let parts = product(&[2, cp]);
    let each = quotient(seq, parts);
    let back = parts.saturating_sub(rank).saturating_sub(1);
    [rank, back]
        .iter()
        .map(|part| {
            let first = product(&[*part, each]);
            Layers {
                first,
                end: first.saturating_add(each),
            }
        })
        .collect()
}

/// The sequences of one step that a replica computes, by Megatron's DP, whose ranks each load data
/// of their own; equal parts, rounded down.
pub fn sequences_of_replica(sizes: &Sizes, replica: u64) -> Layers {
    let each = quotient(sizes.global_batch_size, sizes.megatron_data_parallel_size);
    let first = product(&[replica, each]);
    Layers {
        first,
        end: first.saturating_add(each),
    }
}

/// Whether Megatron takes the plan's global batch on so many GPUs: a multiple of micro batch · its
/// own DP. The guide's DP of a model with experts allows more.
pub fn megatron_takes_batch(plan: &Plan, world_size: u64) -> bool {
    let sizes = Sizes::of(&plan.config, world_size);
    let micro = plan.config.batch.micro_batch_size;
    let divisor = product(&[micro, sizes.megatron_data_parallel_size]);
    divides(divisor, plan.sizes.global_batch_size)
}

/// Tokens of one micro-batch on which one GPU computes LayerNorm and Dropout: those of its CP
/// rank, divided by TP with sequence parallelism. Guide, "Sequence Parallelism (SP)".
pub fn normalized_tokens(plan: &Plan) -> f64 {
    let split = if plan.sequence_parallel() {
        plan.sizes.tensor_model_parallel_size
    } else {
        1
    };
    plan.tokens_per_gpu() / split as f64
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::config::{Config, Edit, Field, Value};
    use crate::core::pipeline::Pipeline;

    fn plan(edit: Edit) -> Plan {
        Plan::of(&edit.apply(&Config::default()))
    }

    /// First stage, last stage, layers each, first and last layer of the first chunk.
    #[track_caller]
    fn runs(layers: u64, pp: u64, expected: &[(u64, u64, u64, u64, u64)]) {
        let plan = plan(Edit::count(Field::NumLayers, layers).and(Field::Pp, Value::Count(pp)));
        let found: Vec<_> = stage_runs(&Pipeline::of(&plan).stages)
            .iter()
            .map(|r| {
                (
                    r.first,
                    r.last,
                    r.num_layers,
                    r.chunks[0].first,
                    r.chunks[0].end,
                )
            })
            .collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn few_ranks_are_listed_and_many_are_folded() {
        assert_eq!(folded(2), [Some(0), Some(1)]);
        assert_eq!(folded(8).len(), 8);
        assert_eq!(
            folded(64),
            [Some(0), Some(1), Some(2), Some(3), None, Some(63)]
        );
    }

    #[test]
    fn many_stages_are_told_in_runs() {
        runs(32, 2, &[(0, 0, 16, 0, 16), (1, 1, 16, 16, 32)]);
        runs(
            32,
            16,
            &[(0, 0, 2, 0, 2), (1, 14, 2, 2, 30), (15, 15, 2, 30, 32)],
        );
        // 20 layers over 16 stages: the first four hold two.
        runs(
            20,
            16,
            &[
                (0, 0, 2, 0, 2),
                (1, 3, 2, 2, 8),
                (4, 14, 1, 8, 19),
                (15, 15, 1, 19, 20),
            ],
        );
    }

    #[test]
    fn a_cp_rank_holds_a_part_from_the_front_and_one_from_the_back() {
        let plan = plan(Edit::count(Field::Cp, 2).and(Field::SeqLength, Value::Count(4096)));
        let of = |rank| -> Vec<(u64, u64)> {
            tokens_of_cp_rank(&plan, rank)
                .iter()
                .map(|r| (r.first, r.end))
                .collect()
        };
        assert_eq!(of(0), [(0, 1024), (3072, 4096)]);
        assert_eq!(of(1), [(1024, 2048), (2048, 3072)]);
    }

    #[test]
    fn each_replica_has_its_own_slice_of_the_batch() {
        let slice = |edit: Edit, replica| {
            let plan = Plan::of(&edit.apply(&crate::core::presets::opening()));
            let slice = sequences_of_replica(&plan.sizes, replica);
            (slice.first, slice.end)
        };
        // 512 sequences over DP 8.
        assert_eq!(slice(Edit::default(), 0), (0, 64));
        assert_eq!(slice(Edit::default(), 7), (448, 512));
        // EP ranks are replicas of the dense layers, also where the guide counts them apart.
        assert_eq!(slice(Edit::count(Field::Ep, 8), 7), (448, 512));
    }

    #[test]
    fn megatron_wants_a_multiple_of_its_own_dp() {
        // 8 nodes of 8 GPUs: DP 64, which the guide counts as DP 8 · EP 8.
        let preset = crate::core::presets::PLANS
            .iter()
            .find(|p| p.id == "guide-64x3b-64")
            .expect("a preset");
        let of = |global: u64| {
            Plan::of(&Edit::count(Field::GlobalBatch, global).apply(&preset.config()))
        };
        assert!(megatron_takes_batch(&of(512), 64));
        assert!(!megatron_takes_batch(&of(40), 64));
        assert!(!megatron_takes_batch(&of(512), 72));
    }

    #[test]
    fn sequence_parallelism_divides_the_normalized_tokens_by_tp() {
        let with = Edit::count(Field::Tp, 4).and(Field::SeqLength, Value::Count(4096));
        assert_eq!(normalized_tokens(&plan(with.clone())), 1024.0);
        let without = with.and(Field::Sp, Value::Flag(false));
        assert_eq!(normalized_tokens(&plan(without)), 4096.0);
    }
}
