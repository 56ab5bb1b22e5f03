//! Memory of each GPU as Megatron-LM's own report has it
//! (`megatron/training/theoretical_memory_usage.py` at d98e8a64, 2026-08-22).
//!
//! It knows Megatron's formulas with their simplifications, which `notes` says: `weights.rs` those
//! of weights and optimizer, `activation.rs` those of activations. It must never know better than
//! Megatron does.

mod activation;
mod weights;

use super::config::Recompute;
use super::formula::{Formula, put_in};
use super::memory::Part;
use super::model::Model;
use super::number::Bytes;
use super::plan::Plan;
use super::units::{grouped, parameters};
use serde::Serialize;

const SOURCE: &str = "Megatron-LM, megatron/training/theoretical_memory_usage.py";

/// Bytes on one GPU by Megatron-LM's report. What the plan does not tell enough for is none.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct MegatronMemory {
    /// Weights, gradients and optimizer state of the most loaded shard.
    pub weight_and_optimizer: Option<Bytes>,
    /// Activations of the first pipeline stage.
    pub activation: Option<Bytes>,
    /// Both.
    pub total: Option<Bytes>,
    /// Where each known figure comes from.
    pub formulas: Vec<Part>,
    /// What the report leaves out of this plan, and what it takes for granted.
    pub notes: Vec<String>,
}

impl MegatronMemory {
    /// The report on a plan.
    pub fn of(plan: &Plan) -> MegatronMemory {
        let weights = weights::weight_and_optimizer(plan);
        let activation = activation::activation(plan);
        let size = |part: &Option<Part>| part.as_ref().map(|part| part.bytes);
        let (weight_and_optimizer, activations) = (size(&weights), size(&activation));
        MegatronMemory {
            weight_and_optimizer,
            activation: activations,
            total: weight_and_optimizer
                .zip(activations)
                .map(|(weights, activations)| Bytes::sum(&[weights, activations])),
            notes: notes(plan, weights.is_some() && activation.is_some()),
            formulas: [weights, activation].into_iter().flatten().collect(),
        }
    }
}

/// Whether Megatron's formula for SP with selective recomputation applies.
fn is_selective(plan: &Plan) -> bool {
    let recompute = plan.config.training.recompute_granularity;
    plan.sequence_parallel() && recompute == Some(Recompute::Selective)
}

fn has_layers(model: &Model) -> bool {
    model.num_layers > 0 && model.hidden_size > 0
}

/// A figure with its formula in names and the values put in.
fn part(
    plan: &Plan,
    [key, name]: [&'static str; 2],
    size: f64,
    names: &[&str],
    values: &[(&str, String)],
) -> Part {
    let names = names.concat();
    let with_values = [&put_in(&names, values), " = ", &plan.unit.text(size)].concat();
    Part {
        key,
        name,
        bytes: Bytes(size),
        formula: Formula::new(names, with_values, SOURCE),
    }
}

/// What Megatron's report leaves out of this plan.
fn notes(plan: &Plan, known: bool) -> Vec<String> {
    let (model, s) = (&plan.model, &plan.sizes);
    let all = [
        (
            !known,
            "Layers, hidden size, heads, vocabulary, or a whole micro-batch and replica are not told: \
         what depends on them is unknown.",
        ),
        (
            true,
            "Weights are BF16, gradients and Adam FP32, whatever the flags say. CUDA and NCCL buffers \
         and fragmentation are left out, so are biases and learned positions.",
        ),
        (
            !is_selective(plan),
            "One formula is for SP with selective recomputation; this plan takes the other, for all \
         else. Full recomputation needs far less than it says.",
        ),
        (
            s.context_parallel_size > 1,
            "CP divides neither the activations nor the optimizer state of dense layers here: both \
         are too high.",
        ),
        (
            model.moe.is_some(),
            "Activations are those of a dense model of this MLP width: experts, routing and dispatch \
         are left out.",
        ),
        (
            model.mla.is_some() || model.mtp_num_layers > 0,
            "Activations of multi-latent attention and multi-token prediction are left out.",
        ),
        (
            s.pipeline_model_parallel_size > 1,
            "It reports the first stage, with an even part of the layers and all of multi-token \
         prediction: uneven stages, and the head and logits of the last one, are left out.",
        ),
        (
            plan.config.parallel.num_distributed_optimizer_instances > 1,
            "Optimizer instances are left out: the state is divided by all of DP.",
        ),
    ];
    let applying = all.iter().filter(|(applies, _)| *applies);
    let mut notes: Vec<String> = applying.map(|(_, text)| (*text).to_owned()).collect();
    let padded = plan.padded_vocab_size();
    if padded != model.vocab_size {
        notes.push(format!(
            "The vocabulary of {} is padded to {} for TP.",
            grouped(model.vocab_size),
            grouped(padded)
        ));
    }
    let (all, counted) = (model.num_parameters, model.counted_parameters);
    if known && all != counted {
        notes.push(format!(
            "It counts the architecture, {} parameters, not the {} of the plan.",
            parameters(counted as f64),
            parameters(all as f64)
        ));
    }
    notes
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::config::{Config, Edit, Field, Value};
    use crate::core::presets;

    fn report(config: &Config) -> MegatronMemory {
        MegatronMemory::of(&Plan::of(config))
    }

    fn count(field: Field, n: u64) -> Edit {
        Edit::count(field, n)
    }

    fn selective() -> Edit {
        Edit::one(Field::RecomputeGranularity, Value::Text("selective".into()))
    }

    #[track_caller]
    fn opening_with(edit: &Edit, weights: f64, activation: f64) {
        let memory = report(&edit.apply(&presets::opening()));
        let of = |size: Option<Bytes>| size.map_or(f64::NAN, |bytes| bytes.0);
        let close = |found: f64, expected: f64| (found / expected - 1.0).abs() < 1e-9;
        let found = (of(memory.weight_and_optimizer), of(memory.activation));
        assert!(
            close(found.0, weights) && close(found.1, activation),
            "{found:?}"
        );
    }

    #[test]
    fn the_opening_plan_by_hand() {
        // 6,738,149,376 split over TP 2 and 266,240 whole, at 6 + 12 / 8 bytes; 8,192 tokens of
        // 32 layers, the embedding and the head.
        let weights = (6_738_149_376.0 / 2.0 + 266_240.0) * 7.5;
        let tokens = 8192.0;
        let all = tokens * (4096.0 * 22.0 * 32.0 + 4104.0 + 2.0 * (4096.0 + 16_000.0)) * 1.05;
        opening_with(&Edit::default(), weights, all);
        let with_sp = 32.0 * (18.0 * 4096.0 + 4.0 * 11_008.0) + 4104.0 + 4.0 * 36_096.0;
        opening_with(&selective(), weights, tokens * with_sp / 2.0);
        // SP without TP does nothing, so it takes the other formula; 50 MB whole instead of split.
        let one = count(Field::Tp, 1).and(Field::GlobalBatch, Value::Count(512));
        let whole = tokens * (4096.0 * 34.0 * 32.0 + 4104.0 + 2.0 * 36_096.0) * 1.05;
        let alone = 6_738_415_616.0 * (6.0 + 12.0 / 16.0);
        opening_with(
            &one.and(Field::RecomputeGranularity, selective().set[0].1.clone()),
            alone,
            whole,
        );
    }

    #[test]
    fn few_micro_batches_do_not_fill_a_pipeline() {
        let staged = count(Field::Pp, 4).and(Field::MicroBatch, Value::Count(1));
        let memory = |micro_batches: u64| {
            let edit = staged
                .clone()
                .and(Field::GlobalBatch, Value::Count(2 * micro_batches));
            report(&edit.apply(&presets::opening()))
                .activation
                .expect("a figure")
                .0
        };
        assert!((memory(1) * 4.0 / memory(4) - 1.0).abs() < 1e-12);
        assert!((memory(4) / memory(8) - 1.0).abs() < 1e-12);
    }

    #[test]
    fn what_the_plan_does_not_tell_is_unknown() {
        let bare = count(Field::NumParameters, 7_000_000_000).apply(&Config::default());
        let memory = report(&bare);
        assert_eq!(
            (memory.weight_and_optimizer, memory.activation),
            (None, None)
        );
        assert!(memory.formulas.is_empty() && memory.total.is_none());
        // A pipeline's first stage has no head: its activations need no vocabulary.
        let staged = count(Field::NumLayers, 32)
            .and(Field::HiddenSize, Value::Count(4096))
            .and(Field::NumAttentionHeads, Value::Count(32))
            .and(Field::Pp, Value::Count(2))
            .and(Field::GpusPerNode, Value::Count(8));
        let memory = report(&staged.apply(&Config::default()));
        assert!(memory.weight_and_optimizer.is_none() && memory.activation.is_some());
        // A global batch below one micro-batch of each replica.
        let small = count(Field::GlobalBatch, 1).apply(&presets::opening());
        let memory = report(&small);
        assert!(memory.weight_and_optimizer.is_some() && memory.activation.is_none());
        let wide = count(Field::Tp, 64).apply(&presets::opening());
        assert_eq!(report(&wide).weight_and_optimizer, None);
    }

    #[test]
    fn formulas_hold_the_values_put_in() {
        let memory = report(&selective().apply(&presets::opening()));
        let values: Vec<_> = memory
            .formulas
            .iter()
            .map(|p| p.formula.with_values.as_str())
            .collect();
        assert_eq!(
            values,
            [
                "(6.738 B / TP 2 + 266,240) · (6 + 12 / DP 8) bytes = 25.27 GB",
                "4,096 · 2 · ((18 · 4,096 + 4 · 11,008) · 32 + (8 + 4,096) · PP 1 + 4 · (4,096 + 32,000)) / TP 2 = 16.04 GB",
            ]
        );
    }
}
