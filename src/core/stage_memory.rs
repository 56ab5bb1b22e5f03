//! Memory of each pipeline stage by the guide's bytes, for what the stage really holds.
//!
//! The guide's own estimate (`memory.rs`) is the same for every GPU: an even share of the parameters,
//! and one micro-batch in the layers of the largest stage. Here each stage has its own layers, the first the embedding, the last the head,
//! and activations of as many micro-batches as are in flight. The bytes are the guide's ("Memory
//! Estimation Per GPU"): 2 a weight, 2 a gradient, 12 a parameter's optimizer state over its shards,
//! 10 an activation, and 4 GB beside them. With one stage both are the same.

use super::memory::{Estimate, OVERHEAD};
use super::model::Parts;
use super::number::{Bytes, product, quotient, remainder};
use super::pipeline::Stage;
use super::plan::{GpuParameters, Plan};
use serde::Serialize;

/// Bytes on one GPU of a pipeline stage.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct StageMemory {
    /// The number of the stage.
    pub stage: u64,
    /// Parameters on one GPU of it: dense ones over TP, experts over ETP · EP.
    pub parameters: f64,
    /// Those of them that are a copy of another stage's: the table of tokens of a tied head, and
    /// the embedding of a stage with multi-token prediction. Megatron-LM
    /// `megatron/core/models/gpt/gpt_model.py`.
    pub copied_parameters: f64,
    /// BF16 weights: parameters · 2.
    pub weights: Bytes,
    /// BF16 gradients: parameters · 2.
    pub gradients: Bytes,
    /// FP32 Adam: parameters · 12, over DP with the distributed optimizer.
    pub optimizer: Bytes,
    /// batch · seq_len / CP · hidden · 10, for each of its layers and micro-batches in flight.
    pub activations: Bytes,
    /// Buffers and the rest.
    pub overhead: Bytes,
    /// All of it.
    pub total: Bytes,
}

/// The parameters of one stage before TP and EP divide them, each table in its own right.
#[derive(Debug, Clone, Copy, Default)]
struct Held {
    /// Its own dense parameters.
    dense: f64,
    /// Copies of what another stage holds too.
    copies: f64,
    /// Its routed experts.
    experts: f64,
}

impl StageMemory {
    /// The memory of every stage of a plan, first to last. Where no architecture is told, or the
    /// stages hold none of it, the parameters are spread evenly, as the guide spreads them.
    pub fn of_stages(plan: &Plan) -> Vec<StageMemory> {
        StageMemory::of_these(plan, &Stage::all(plan))
    }

    /// The same of the plan's stages, which somebody has made already.
    pub fn of_these(plan: &Plan, stages: &[Stage]) -> Vec<StageMemory> {
        let parts = Parts::of(&plan.model);
        let held: Vec<Held> = stages
            .iter()
            .map(|stage| Held::of(plan, stage, &parts))
            .collect();
        let all = Held {
            dense: held.iter().map(|h| h.dense).sum(),
            experts: held.iter().map(|h| h.experts).sum(),
            ..Held::default()
        };
        stages
            .iter()
            .zip(held)
            .map(|(stage, held)| StageMemory::of(plan, stage, held, &all))
            .collect()
    }

    /// `all` is what the stages hold together, each parameter once. The plan's own count of
    /// parameters may differ from what is counted of the architecture: each stage gets its share.
    fn of(plan: &Plan, stage: &Stage, held: Held, all: &Held) -> StageMemory {
        let s = &plan.sizes;
        let even = 1.0 / s.pipeline_model_parallel_size.max(1) as f64;
        let share = |part: f64, whole: f64, otherwise: f64| {
            if whole > 0.0 { part / whole } else { otherwise }
        };
        let experts = plan.model.expert_parameters as f64;
        let dense = plan.model.num_parameters as f64 - experts;
        let tp = s.tensor_model_parallel_size.max(1) as f64;
        let expert_ways = product(&[s.expert_tensor_parallel_size, s.expert_model_parallel_size]);
        let copied = dense * share(held.copies, all.dense, 0.0) / tp;
        let params = GpuParameters {
            dense: dense * share(held.dense, all.dense, even) / tp + copied,
            experts: experts * share(held.experts, all.experts, even) / expert_ways.max(1) as f64,
        };
        let distributed = plan.config.parallel.use_distributed_optimizer;
        let layers = layers_in_flight(plan, stage);
        let estimate = Estimate::holding(plan, params, layers, distributed);
        StageMemory {
            stage: stage.stage,
            parameters: params.total(),
            copied_parameters: copied,
            weights: Bytes(estimate.weights),
            gradients: Bytes(estimate.gradients),
            optimizer: Bytes(estimate.optimizer),
            activations: Bytes(estimate.activations),
            overhead: Bytes(OVERHEAD),
            total: Bytes(estimate.total()),
        }
    }

    /// The figures by their keys, in the order of the guide.
    pub fn parts(&self) -> [(&'static str, f64); 5] {
        [
            ("weights", self.weights.0),
            ("gradients", self.gradients.0),
            ("optimizer", self.optimizer.0),
            ("activations", self.activations.0),
            ("overhead", self.overhead.0),
        ]
    }
}

impl Held {
    /// What Megatron builds on a stage (`megatron/core/models/gpt/gpt_model.py`, `GPTModel`): the
    /// embedding on the first and where multi-token prediction needs it, the last norm and the
    /// head on the last; a tied head has its own table unless the embedding is on the same stage.
    fn of(plan: &Plan, stage: &Stage, parts: &Parts) -> Held {
        let model = &plan.model;
        let table = parts.table as f64;
        let embedding = table + parts.positions as f64;
        let chunks = stage.chunks.iter();
        let moe: f64 = chunks
            .map(|chunk| model.moe_layers(chunk.first, chunk.end) as f64)
            .sum();
        let mtp = stage.mtp_num_layers as f64;
        let mtp_moe = if model.mtp_has_experts() { mtp } else { 0.0 };
        let with_experts = moe + mtp_moe;
        let without = (stage.num_layers as f64 - moe).max(0.0) + mtp - mtp_moe;
        let mut held = Held {
            dense: without * parts.dense_layer as f64
                + with_experts * parts.moe_layer as f64
                + mtp * parts.mtp_beside as f64,
            copies: 0.0,
            experts: with_experts * parts.experts as f64,
        };
        if stage.embedding {
            held.dense += embedding;
        } else if mtp > 0.0 {
            held.copies += embedding;
        }
        if stage.head {
            held.dense += parts.final_norm as f64;
            if model.untie_embeddings_and_output_weights {
                held.dense += table;
            } else if !stage.embedding {
                held.copies += table;
            }
        }
        held
    }
}

/// Layers whose activations a stage keeps at its fullest, each counted once for every micro-batch
/// in flight. Layers of multi-token prediction are left out, as the guide's estimate leaves them
/// out. Where the step has no whole micro-batch it is one, as in the guide.
fn layers_in_flight(plan: &Plan, stage: &Stage) -> f64 {
    let s = &plan.sizes;
    let (pp, vpp) = (
        s.pipeline_model_parallel_size,
        s.virtual_pipeline_model_parallel_size,
    );
    if pp < 2 || stage.in_flight_microbatches == 0 {
        return stage.num_layers as f64;
    }
    if vpp < 2 {
        return stage.num_layers as f64 * stage.in_flight_microbatches as f64;
    }
    let in_a_row = plan
        .microbatches_in_a_row()
        .min(s.megatron_num_microbatches);
    let mut runs: Vec<Run> = stage
        .chunks
        .iter()
        .map(|chunk| Run {
            layers: chunk.end.saturating_sub(chunk.first) as f64,
            passes: in_a_row,
        })
        .collect();
    // Empty chunks are not listed, but take their turn.
    runs.push(Run {
        layers: 0.0,
        passes: product(&[vpp.saturating_sub(runs.len() as u64), in_a_row]),
    });
    runs.retain(|run| run.passes > 0);
    let total = product(&[s.megatron_num_microbatches, vpp]);
    most_in_flight(&runs, stage.in_flight_microbatches, total)
}

/// Passes of one chunk in a row, one a micro-batch.
#[derive(Debug, Clone, Copy, Default)]
struct Run {
    layers: f64,
    passes: u64,
}

/// The most layers in flight under the interleaved schedule. Forward passes go through the chunks
/// first to last, `passes` micro-batches each, over and over; backward passes go last to first.
/// After `warm` forward passes each further one comes after a backward pass. Megatron-LM
/// `megatron/core/pipeline_parallel/schedules.py`, `get_schedule_table` and
/// `forward_backward_pipelining_with_interleaving`. A smaller last group is taken as
/// a whole one, which with uneven chunks may count a few layers too many or too few.
fn most_in_flight(runs: &[Run], warm: u64, total: u64) -> f64 {
    let period = runs
        .iter()
        .fold(0, |all: u64, run| all.saturating_add(run.passes));
    let of_period: f64 = runs.iter().map(|run| run.layers * run.passes as f64).sum();
    let mut now = of_period * quotient(warm, period) as f64;
    let mut forward = runs.iter().copied().cycle();
    let mut backward = runs.iter().rev().copied().cycle();
    // The warm-up ends inside a period.
    let mut left = remainder(warm, period);
    let mut ahead = Run::default();
    while left > 0 {
        let Some(run) = forward.next() else { break };
        let passes = run.passes.min(left);
        now += run.layers * passes as f64;
        left = left.saturating_sub(passes);
        ahead = Run {
            passes: run.passes.saturating_sub(passes),
            ..run
        };
    }
    // Everything repeats after one more period.
    let mut left = total.saturating_sub(warm).min(period);
    let mut behind = Run::default();
    let mut most = now;
    while left > 0 {
        if ahead.passes == 0 {
            ahead = forward.next().unwrap_or(ahead);
        }
        if behind.passes == 0 {
            behind = backward.next().unwrap_or(behind);
        }
        let passes = ahead.passes.min(behind.passes).min(left);
        if passes == 0 {
            break;
        }
        now += (ahead.layers - behind.layers) * passes as f64;
        most = most.max(now);
        ahead.passes = ahead.passes.saturating_sub(passes);
        behind.passes = behind.passes.saturating_sub(passes);
        left = left.saturating_sub(passes);
    }
    most
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::config::{Config, Edit, Field, Value};
    use crate::core::memory::Memory;
    use crate::core::presets::{PLANS, models};

    /// A model of the library with other fields.
    fn plan(model: &str, set: &[(Field, u64)]) -> Plan {
        let start = Edit::one(Field::ModelPreset, Value::Text(model.into()));
        let edit = set
            .iter()
            .fold(start, |edit, (field, n)| edit.and(*field, Value::Count(*n)));
        Plan::of(&edit.apply(&Config::default()))
    }

    #[track_caller]
    fn close(found: f64, expected: f64) {
        assert!(
            (found - expected).abs() <= 1e-9 * expected.abs(),
            "{found}, not {expected}"
        );
    }

    #[track_caller]
    fn equals_the_guide(plan: &Plan) {
        let memory = Memory::of(plan);
        let guide = &memory.guide;
        let [one] = memory.stages.as_slice() else {
            panic!("one stage");
        };
        assert_eq!(
            (one.weights, one.gradients, one.optimizer, one.activations),
            (
                guide.weights,
                guide.gradients,
                guide.optimizer,
                guide.activations
            )
        );
        assert_eq!((one.overhead, one.total), (guide.overhead, guide.total));
        assert_eq!(one.copied_parameters, 0.0);
    }

    #[test]
    fn one_stage_is_the_guides_estimate_exactly() {
        let one = Edit::count(Field::Pp, 1);
        for preset in PLANS {
            equals_the_guide(&Plan::of(&one.apply(&preset.config())));
        }
        for model in models() {
            equals_the_guide(&plan(model.id, &[]));
            equals_the_guide(&plan(
                model.id,
                &[
                    (Field::Tp, 4),
                    (Field::Cp, 3),
                    (Field::Ep, 2),
                    (Field::NumNodes, 7),
                ],
            ));
        }
        let bare = Edit::count(Field::NumParameters, 7_000_000_000);
        equals_the_guide(&Plan::of(&bare.apply(&Config::default())));
    }

    /// The parameters of each stage and the copies among them, before TP.
    #[track_caller]
    fn parameters(plan: &Plan, expected: &[(f64, f64)]) {
        let stages = StageMemory::of_stages(plan);
        assert_eq!(stages.len(), expected.len());
        for (stage, (all, copied)) in stages.iter().zip(expected) {
            close(stage.parameters, *all);
            close(stage.copied_parameters, *copied);
        }
    }

    #[test]
    fn the_ends_hold_embedding_and_head() {
        // Llama 2 7B: 32 layers of 202,383,360, two tables of 32,000 · 4,096, a norm of 4,096.
        let (layers, table) = (16.0 * 202_383_360.0, 131_072_000.0);
        parameters(
            &plan("llama2-7b", &[(Field::Pp, 2)]),
            &[(layers + table, 0.0), (layers + table + 4096.0, 0.0)],
        );
        // TP divides all of it.
        let (first, last) = ((layers + table) / 4.0, (layers + table + 4096.0) / 4.0);
        let split = plan("llama2-7b", &[(Field::Pp, 2), (Field::Tp, 4)]);
        parameters(&split, &[(first, 0.0), (last, 0.0)]);
    }

    #[test]
    fn a_tied_head_has_a_table_of_its_own() {
        // Qwen3 0.6B: 28 layers, 151,936 · 1,024 tied.
        let table = 151_936.0 * 1024.0;
        let layers = (596_049_920.0 - table - 1024.0) / 2.0;
        parameters(
            &plan("qwen3-0-6b", &[(Field::Pp, 2)]),
            &[(layers + table, 0.0), (layers + table + 1024.0, table)],
        );
        parameters(&plan("qwen3-0-6b", &[]), &[(596_049_920.0, 0.0)]);
    }

    #[test]
    fn prediction_layers_bring_a_copy_of_the_embedding() {
        let stages = StageMemory::of_stages(&plan("deepseek-v3", &[(Field::Pp, 4)]));
        let copied: Vec<f64> = stages.iter().map(|s| s.copied_parameters).collect();
        assert_eq!(copied[..3], [0.0; 3]);
        close(copied[3], 129_280.0 * 7168.0);
    }

    #[test]
    fn a_stated_count_is_spread_as_the_architecture_is() {
        let counted = StageMemory::of_stages(&plan("llama2-7b", &[(Field::Pp, 2)]));
        let stated = plan(
            "llama2-7b",
            &[(Field::Pp, 2), (Field::NumParameters, 2 * 6_738_415_616)],
        );
        for (twice, once) in StageMemory::of_stages(&stated).iter().zip(&counted) {
            close(twice.weights.0, 2.0 * once.weights.0);
        }
        // Without an architecture nobody knows which stage has more.
        let bare = Edit::count(Field::NumParameters, 8_000_000_000).and(Field::Pp, Value::Count(4));
        parameters(&Plan::of(&bare.apply(&Config::default())), &[(2e9, 0.0); 4]);
    }

    /// Activations of each stage in layers of one micro-batch.
    #[track_caller]
    fn layers_held(plan: &Plan, expected: &[f64]) {
        let layer = plan.tokens_per_gpu() * plan.model.hidden_size as f64 * 10.0;
        for (stage, layers) in StageMemory::of_stages(plan).iter().zip(expected) {
            close(stage.activations.0, layers * layer);
        }
    }

    #[test]
    fn activations_of_the_micro_batches_in_flight() {
        let on = |set: &[(Field, u64)]| {
            let four = [
                (Field::Pp, 4),
                (Field::GpusPerNode, 4),
                (Field::NumNodes, 1),
            ];
            plan("llama2-7b", &[&four, set].concat())
        };
        let batch = |n| (Field::GlobalBatch, n);
        // 1F1B: PP − stage micro-batches of 8 layers each, and no more than the step has.
        layers_held(&on(&[batch(8)]), &[32.0, 24.0, 16.0, 8.0]);
        layers_held(&on(&[batch(2)]), &[16.0, 16.0, 16.0, 8.0]);
        // Interleaved: 2 · 3 + 4 + 1 passes of chunks with 4 layers on the first stage.
        layers_held(&on(&[batch(8), (Field::Vpp, 2)]), &[44.0, 36.0, 28.0, 20.0]);
        // Without a whole micro-batch it is one, as the guide counts.
        layers_held(&on(&[batch(8), (Field::MicroBatch, 16)]), &[8.0; 4]);
    }

    /// Chunks of some layers, passes in a row, warm-up, passes in all, and the most layers.
    #[track_caller]
    fn held(layers: &[u64], in_a_row: u64, warm: u64, total: u64, most: f64) {
        let runs: Vec<Run> = layers
            .iter()
            .map(|n| Run {
                layers: *n as f64,
                passes: in_a_row,
            })
            .collect();
        assert_eq!(most_in_flight(&runs, warm, total), most);
        // The same, pass by pass.
        let nth = |i: u64, chunks: &[u64]| {
            chunks[usize::try_from(i / in_a_row).unwrap() % chunks.len()] as f64
        };
        let reversed: Vec<u64> = layers.iter().rev().copied().collect();
        let mut now: f64 = (0..warm).map(|i| nth(i, layers)).sum();
        let mut slow = now;
        for i in 0..total.saturating_sub(warm) {
            now += nth(warm + i, layers) - nth(i, &reversed);
            slow = slow.max(now);
        }
        assert_eq!(slow, most);
    }

    #[test]
    fn uneven_chunks_are_fullest_after_the_warm_up() {
        held(&[4, 4], 4, 11, 16, 44.0);
        // `Et*3|(tt|)*29,m|L` with PP 16: the first stage has chunks of three and of two layers.
        held(&[3, 2], 16, 47, 128, 126.0);
        held(&[1, 5, 0], 2, 7, 60, 19.0);
        held(&[2, 2], 4, 8, 8, 16.0);
        held(&[0, 0], 4, 5, 8, 0.0);
    }
}
