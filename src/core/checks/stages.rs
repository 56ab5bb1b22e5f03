//! What Megatron-LM asks of the layers of a pipeline: even stages, uneven ones, layouts, virtual
//! stages and their micro-batches (NVIDIA/Megatron-LM at d98e8a64, 2026-08-22).

use super::depth;
use super::guide::list;
use super::layout::layout_refusal;
use super::words::{fill, say};
use super::{Enforced, Rule, Source, Status, no_fix, pass_if};
use crate::core::config::{Edit, Field, Value};
use crate::core::number::{divides, divisors, nearest_multiple, product, quotient, remainder};
use crate::core::plan::Plan;
use crate::core::steps::in_effect;

const CONFIG: &str = "megatron/core/transformer/transformer_config.py, __post_init__";

/// The rules.
pub const RULES: &[Rule] = &[
    Rule {
        id: "megatron_layers_divisible",
        source: Source::Megatron,
        enforced: Enforced::StartUp,
        reference: "megatron/training/arguments.py, validate_args",
        fields: &[
            Field::Pp,
            Field::AccountEmbedding,
            Field::AccountLoss,
            Field::NumLayers,
        ],
        judge: |plan| {
            if is_uneven(plan) || has_layout(plan) || plan.model.num_layers == 0 {
                return Status::NotApplicable;
            }
            pass_if(divides(
                plan.sizes.pipeline_model_parallel_size,
                counted_layers(plan),
            ))
        },
        say: |plan, status| {
            let pp = plan.sizes.pipeline_model_parallel_size;
            match status {
                Status::NotApplicable => "Equal stages: the plan sets them apart".to_owned(),
                Status::Pass => format!("{} divide by PP {pp}", counted_in_words(plan)),
                _ if counted_layers(plan) == plan.model.num_layers => fill(
                    plan,
                    "Megatron would stop: “Number of layers should be divisible by the \
                     pipeline-model-parallel size”; they are {layers} and {pp}",
                ),
                _ => format!(
                    "Megatron would stop: “number of middle layers: {} must be divisible by middle \
                     pipeline_model_parallel_size {pp}”, that is {}",
                    counted_layers(plan),
                    counted_in_words(plan)
                ),
            }
        },
        fix: depth::fitting_stages,
    },
    Rule {
        id: "megatron_uneven_stages",
        source: Source::Megatron,
        enforced: Enforced::StartUp,
        reference: CONFIG,
        fields: &[
            Field::FirstStageLayers,
            Field::LastStageLayers,
            Field::Pp,
            Field::Vpp,
        ],
        judge: |plan| match uneven(plan) {
            None => Status::NotApplicable,
            Some(stages) => pass_if(stages.refusal.is_none()),
        },
        say: |plan, _| match uneven(plan) {
            None => "Uneven stages: none are asked for".to_owned(),
            Some(Uneven {
                refusal: Some(words),
                ..
            }) => format!("Megatron would stop: “{words}”"),
            Some(Uneven {
                first,
                middle,
                stages,
                last,
                ..
            }) => {
                let mut parts = Vec::new();
                parts.extend(first.map(|n| format!("{n} layers on the first stage")));
                let each = quotient(middle, stages);
                match (stages, first) {
                    (0, _) => {}
                    (1, Some(_)) if last.is_none() => parts.push(format!("{each} on the other")),
                    (1, _) => parts.push(format!("{each} layers on the middle stage")),
                    (_, Some(_)) => parts.push(format!("{each} on each of {stages} others")),
                    _ => parts.push(format!("{each} layers on each of {stages} stages")),
                }
                parts.extend(last.map(|n| format!("{n} on the last")));
                parts.join(", ")
            }
        },
        fix: |plan| {
            let mut edit = Edit::default();
            for field in [Field::FirstStageLayers, Field::LastStageLayers] {
                if plan.config.get(field) != Value::Unset {
                    edit = edit.and(field, Value::Unset);
                }
            }
            Some(edit)
        },
    },
    Rule {
        id: "megatron_stage_options",
        source: Source::Megatron,
        enforced: Enforced::StartUp,
        reference: CONFIG,
        fields: &[
            Field::PipelineLayout,
            Field::FirstStageLayers,
            Field::LastStageLayers,
            Field::AccountEmbedding,
            Field::AccountLoss,
        ],
        judge: |plan| {
            let ways = [has_layout(plan), is_uneven(plan), accounts(plan)];
            match ways.iter().filter(|way| **way).count() {
                0 => Status::NotApplicable,
                n => pass_if(n == 1),
            }
        },
        say: |plan, status| {
            let broken = if has_layout(plan) {
                "Megatron would stop: “pipeline_model_parallel_layout cannot be set with other \
                 pipeline layout arguments.”"
            } else {
                "Megatron would stop: “num_layers_in_first_pipeline_stage and \
                 num_layers_in_last_pipeline_stage cannot be set at the same time with \
                 account_for_embedding_in_pipeline_split and account_for_loss_in_pipeline_split”"
            };
            say(
                plan,
                status,
                [
                    "One way to set stages apart: the stages are equal",
                    "Stages are set apart in one way only",
                    broken,
                ],
            )
        },
        fix: |plan| {
            let mut edit = Edit::one(Field::AccountEmbedding, Value::Flag(false))
                .and(Field::AccountLoss, Value::Flag(false));
            if has_layout(plan) {
                edit = edit
                    .and(Field::FirstStageLayers, Value::Unset)
                    .and(Field::LastStageLayers, Value::Unset);
            }
            Some(edit)
        },
    },
    Rule {
        id: "megatron_pipeline_layout",
        source: Source::Megatron,
        enforced: Enforced::StartUp,
        reference: "megatron/core/transformer/pipeline_parallel_layer_layout.py, validate_layer_layout",
        fields: &[
            Field::PipelineLayout,
            Field::Pp,
            Field::NumLayers,
            Field::MtpNumLayers,
            Field::Vpp,
        ],
        judge: |plan| match has_layout(plan) {
            false => Status::NotApplicable,
            true => pass_if(layout_refusal(plan).is_none()),
        },
        say: |plan, _| match (has_layout(plan), layout_refusal(plan)) {
            (false, _) => "Pipeline layout: none is set".to_owned(),
            (true, Some(words)) => format!("Megatron would stop: “{words}”"),
            (true, None) => fill(
                plan,
                "The layout fills PP {pp} · VPP {vpp} stages with {layers} layers",
            ),
        },
        fix: |_| Some(Edit::one(Field::PipelineLayout, Value::Unset)),
    },
    Rule {
        id: "megatron_interleaved_schedule",
        source: Source::Megatron,
        enforced: Enforced::StartUp,
        reference: "megatron/training/arguments.py, validate_args; megatron/core/transformer/transformer_block.py",
        fields: &[Field::Vpp, Field::Pp, Field::NumLayers],
        judge: |plan| {
            let s = &plan.sizes;
            // Megatron takes a VPP of 1 for none.
            if s.virtual_pipeline_model_parallel_size == 1 {
                return Status::NotApplicable;
            }
            let even = is_uneven(plan)
                || has_layout(plan)
                || divides(
                    s.virtual_pipeline_model_parallel_size,
                    quotient(counted_layers(plan), s.pipeline_model_parallel_size),
                ) && divides(s.pipeline_model_parallel_size, counted_layers(plan));
            pass_if(s.pipeline_model_parallel_size > 1 && even)
        },
        say: |plan, status| {
            let pp = plan.sizes.pipeline_model_parallel_size;
            let words = match status {
                Status::NotApplicable => "Interleaved schedule: there is one chunk a stage",
                Status::Pass => {
                    "VPP {vpp}: {layers} layers fill {vpp} chunks on each of PP {pp} stages"
                }
                _ if pp == 1 => {
                    "Megatron would stop: “When interleaved schedule is used, pipeline-model-parallel \
                     size should be greater than 1”"
                }
                _ if !divides(pp, counted_layers(plan)) => {
                    "{layers} layers do not divide by PP {pp}, so no VPP size does"
                }
                _ => {
                    return format!(
                        "{} VPP sizes that do: {}",
                        fill(
                            plan,
                            "{layers} layers do not divide by PP {pp} · VPP {vpp}."
                        ),
                        list(&valid_vpp(plan))
                    );
                }
            };
            fill(plan, words)
        },
        fix: |_| Some(Edit::one(Field::Vpp, Value::Unset)),
    },
    Rule {
        id: "megatron_microbatch_group",
        source: Source::Megatron,
        enforced: Enforced::Training,
        reference: "megatron/core/pipeline_parallel/schedules.py, forward_backward_pipelining_with_interleaving",
        fields: &[Field::MicrobatchGroup, Field::GlobalBatch, Field::Vpp],
        judge: |plan| {
            let s = &plan.sizes;
            let (pp, m, n) = (
                s.pipeline_model_parallel_size,
                s.megatron_num_microbatches,
                plan.microbatches_in_a_row(),
            );
            if s.virtual_pipeline_model_parallel_size == 1 || pp == 1 {
                return Status::NotApplicable;
            }
            let rest = remainder(m, n);
            pass_if(pp <= n && n <= m && (rest == 0 || rest >= pp))
        },
        say: |plan, status| {
            let s = &plan.sizes;
            let n = plan.microbatches_in_a_row();
            let in_range = s.pipeline_model_parallel_size <= n && n <= s.megatron_num_microbatches;
            say(
                plan,
                status,
                [
                    "Micro-batches in a row: the schedule is not interleaved",
                    "{m} micro-batches go through each chunk {row} in a row",
                    if in_range {
                        "{m} micro-batches are not a multiple of the {row} that go through a chunk in a \
                     row. Megatron stops in the first step: the remainder of {rest} “should be 0, or \
                     larger than or equal to the pipeline-parallel size {pp}”"
                    } else {
                        "Megatron stops in the first step: “The number of contiguous micro-batches in a \
                     virtual pipeline stage should range in [PP={pp}, M={m}]”; it is {row}"
                    },
                ],
            )
        },
        fix: |plan| {
            let (m, pp) = (
                plan.sizes.megatron_num_microbatches,
                plan.sizes.pipeline_model_parallel_size,
            );
            let unset = Edit::one(Field::MicrobatchGroup, Value::Unset);
            if m >= pp && divides(pp, m) {
                return Some(unset);
            }
            let step = product(&[plan.proposed_divisor(), pp]);
            let near = nearest_multiple(plan.sizes.global_batch_size, step);
            let edit = Edit::count(Field::GlobalBatch, near);
            Some(
                match plan
                    .config
                    .parallel
                    .microbatch_group_size_per_virtual_pipeline_stage
                {
                    Some(_) => edit.and(Field::MicrobatchGroup, Value::Unset),
                    None => edit,
                },
            )
        },
    },
    Rule {
        id: "megatron_mtp_positions",
        source: Source::Megatron,
        enforced: Enforced::StartUp,
        reference: "megatron/training/arguments.py, validate_args",
        fields: &[Field::MtpNumLayers, Field::PositionEmbeddingType],
        judge: |plan| match in_effect(plan, Field::MtpNumLayers).count() {
            None | Some(0) => Status::NotApplicable,
            Some(_) => {
                let learned = Value::Text("learned_absolute".to_owned());
                pass_if(in_effect(plan, Field::PositionEmbeddingType) != learned)
            }
        },
        say: |plan, status| {
            say(
                plan,
                status,
                [
                    "Positions with MTP: there are no MTP layers",
                    "MTP goes with positions of this kind",
                    "Megatron would stop: “Multi-Token Prediction (MTP) is not supported with \
                 learned_absolute position embedding type.”",
                ],
            )
        },
        fix: no_fix,
    },
];

fn is_uneven(plan: &Plan) -> bool {
    let p = &plan.config.parallel;
    p.num_layers_in_first_pipeline_stage.is_some() || p.num_layers_in_last_pipeline_stage.is_some()
}

fn has_layout(plan: &Plan) -> bool {
    plan.config
        .parallel
        .pipeline_model_parallel_layout
        .is_some()
}

fn accounts(plan: &Plan) -> bool {
    let p = &plan.config.parallel;
    p.account_for_embedding_in_pipeline_split || p.account_for_loss_in_pipeline_split
}

/// Layers, with the embedding and the loss where they count as one.
pub fn counted_layers(plan: &Plan) -> u64 {
    let p = &plan.config.parallel;
    plan.model
        .num_layers
        .saturating_add(u64::from(p.account_for_embedding_in_pipeline_split))
        .saturating_add(u64::from(p.account_for_loss_in_pipeline_split))
}

fn counted_in_words(plan: &Plan) -> String {
    let p = &plan.config.parallel;
    let mut words = format!("{} layers", plan.model.num_layers);
    if p.account_for_embedding_in_pipeline_split {
        words.push_str(" + embedding");
    }
    if p.account_for_loss_in_pipeline_split {
        words.push_str(" + loss");
    }
    words
}

/// Uneven stages, as Megatron counts them.
struct Uneven {
    first: Option<u64>,
    /// Layers between the first and the last stage.
    middle: u64,
    /// Stages between them.
    stages: u64,
    last: Option<u64>,
    /// Megatron's words, where it refuses them.
    refusal: Option<String>,
}

fn uneven(plan: &Plan) -> Option<Uneven> {
    let p = &plan.config.parallel;
    let (first, last) = (
        p.num_layers_in_first_pipeline_stage,
        p.num_layers_in_last_pipeline_stage,
    );
    if !is_uneven(plan) || has_layout(plan) {
        return None;
    }
    let s = &plan.sizes;
    let vpp = s.virtual_pipeline_model_parallel_size;
    let taken = first.unwrap_or(0).saturating_add(last.unwrap_or(0));
    let set = u64::from(first.is_some()).saturating_add(u64::from(last.is_some()));
    let middle = plan.model.num_layers.saturating_sub(taken);
    let stages = s.pipeline_model_parallel_size.saturating_sub(set);
    let chunks = |name: &str, n: Option<u64>| {
        n.filter(|n| !divides(vpp, *n)).map(|n| {
            format!("number of layers at {name} stage: {n} must be divisible by virtual pipeline parallel degree {vpp}")
        })
    };
    let too_many = taken > plan.model.num_layers || set > s.pipeline_model_parallel_size;
    let refusal = chunks("first", first).or_else(|| chunks("last", last)).or_else(|| {
        if too_many || (middle == 0) != (stages == 0) {
            let left = if taken > plan.model.num_layers { "fewer than 0".to_owned() } else { middle.to_string() };
            return Some(format!("Mismatch: {left} middle layers remaining but {stages} middle PP stages available."));
        }
        if stages > 0 && !divides(stages, middle) {
            return Some(format!(
                "number of layers at middle stage: {middle} must be divisible by the middle pipeline model parallel size {stages}"
            ));
        }
        let each = quotient(middle, stages);
        (stages > 0 && !divides(vpp, each)).then(|| {
            format!("number of layers on each middle pipeline rank: {each} must be divisible by virtual pipeline parallel degree {vpp}")
        })
    });
    Some(Uneven {
        first,
        middle,
        stages,
        last,
        refusal,
    })
}

/// VPP sizes that divide the layers of a stage; none where PP does not divide the layers.
pub fn valid_vpp(plan: &Plan) -> Vec<u64> {
    let (layers, pp) = (
        counted_layers(plan),
        plan.sizes.pipeline_model_parallel_size,
    );
    if divides(pp, layers) {
        divisors(quotient(layers, pp))
    } else {
        Vec::new()
    }
}
