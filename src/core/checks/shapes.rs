//! What Megatron-LM asks of a model's shapes: heads, widths and sequence against the sizes that
//! split them (NVIDIA/Megatron-LM at d98e8a64, 2026-08-22).

use super::guide::{nearest, valid_tp};
use super::words::say;
use super::{Enforced, Rule, Source, Status, pass_if};
use crate::core::config::{Edit, Field};
use crate::core::number::{
    divides, divisors, is_power_of_two, nearest_multiple, product, quotient,
};
use crate::core::plan::Plan;
use crate::core::units::grouped;

/// The rules.
pub const RULES: &[Rule] = &[
    Rule {
        id: "megatron_heads_divisible",
        source: Source::Megatron,
        enforced: Enforced::StartUp,
        reference: "megatron/core/transformer/transformer_config.py, __post_init__",
        fields: &[Field::Tp, Field::NumAttentionHeads],
        judge: |plan| match plan.model.num_attention_heads {
            0 => Status::NotApplicable,
            heads => pass_if(divides(plan.sizes.tensor_model_parallel_size, heads)),
        },
        say: |plan, status| {
            say(
                plan,
                status,
                [
                    "Attention heads over TP: the heads are not told",
                    "{heads} attention heads divide by TP {tp}",
                    "Megatron would stop: “num_attention_heads ({heads}) must be a multiple of \
                     tensor_model_parallel_size ({tp})”",
                ],
            )
        },
        fix: |plan| {
            let heads = plan.model.num_attention_heads;
            let sizes: Vec<u64> = valid_tp(plan)
                .into_iter()
                .filter(|tp| divides(*tp, heads))
                .collect();
            nearest(&sizes, plan.sizes.tensor_model_parallel_size)
                .map(|tp| Edit::count(Field::Tp, tp))
        },
    },
    Rule {
        id: "megatron_query_groups",
        source: Source::Megatron,
        enforced: Enforced::StartUp,
        reference: "megatron/core/transformer/transformer_config.py, __post_init__",
        fields: &[Field::Tp, Field::NumQueryGroups],
        judge: |plan| match plan.model.num_query_groups {
            0 => Status::NotApplicable,
            groups => {
                let tp = plan.sizes.tensor_model_parallel_size;
                pass_if(divides(tp, groups) || divides(groups, tp))
            }
        },
        say: |plan, status| {
            let (groups, tp) = (
                plan.model.num_query_groups,
                plan.sizes.tensor_model_parallel_size,
            );
            say(
                plan,
                status,
                [
                    "Query groups over TP: the groups are not told",
                    if divides(tp, groups) {
                        "{groups} query groups divide by TP {tp}"
                    } else {
                        "TP {tp} is a multiple of {groups} query groups: KV heads are replicated"
                    },
                    "Megatron would stop: “num_query_groups ({groups}) must be a multiple or divisor \
                     of tensor_model_parallel_size ({tp})”",
                ],
            )
        },
        fix: |plan| {
            let (groups, heads) = (plan.model.num_query_groups, plan.model.num_attention_heads);
            let kept =
                |tp: &u64| (divides(*tp, groups) || divides(groups, *tp)) && divides(*tp, heads);
            let sizes: Vec<u64> = valid_tp(plan).into_iter().filter(kept).collect();
            nearest(&sizes, plan.sizes.tensor_model_parallel_size)
                .map(|tp| Edit::count(Field::Tp, tp))
        },
    },
    Rule {
        id: "megatron_heads_per_group",
        source: Source::Megatron,
        enforced: Enforced::StartUp,
        reference: "megatron/core/transformer/attention.py",
        fields: &[Field::NumQueryGroups, Field::NumAttentionHeads],
        judge: |plan| {
            let (heads, groups) = (plan.model.num_attention_heads, plan.model.num_query_groups);
            match heads {
                0 => Status::NotApplicable,
                _ => pass_if(divides(groups, heads)),
            }
        },
        say: |plan, status| {
            say(
                plan,
                status,
                [
                    "Heads of each query group: the heads are not told",
                    "{heads} attention heads divide by {groups} query groups",
                    "Megatron would stop: “{heads} is not divisible by {groups}”, heads by query \
                     groups",
                ],
            )
        },
        fix: |plan| {
            let groups = divisors(plan.model.num_attention_heads);
            nearest(&groups, plan.model.num_query_groups)
                .map(|groups| Edit::count(Field::NumQueryGroups, groups))
        },
    },
    Rule {
        id: "megatron_head_width",
        source: Source::Megatron,
        enforced: Enforced::StartUp,
        reference: "megatron/training/arguments.py, validate_args",
        fields: &[
            Field::NumAttentionHeads,
            Field::HiddenSize,
            Field::KvChannels,
        ],
        judge: |plan| {
            let (heads, hidden) = (plan.model.num_attention_heads, plan.model.hidden_size);
            // Only a width that nobody told follows from the other two.
            let follows = quotient(hidden, heads) == plan.model.kv_channels;
            match (heads, hidden) {
                (0, _) | (_, 0) => Status::NotApplicable,
                _ if plan.config.model.kv_channels.is_some() || !follows => Status::Pass,
                _ => pass_if(divides(heads, hidden)),
            }
        },
        say: |plan, status| {
            say(
                plan,
                status,
                [
                    "Width of a head: the heads or the hidden size are not told",
                    "A head is {kv} wide",
                    "Hidden size {hidden,} does not divide by {heads} heads, so the width of a head \
                     is to be told",
                ],
            )
        },
        fix: |plan| {
            // Heads that TP and the query groups divide too; else a width of its own.
            let (m, tp) = (&plan.model, plan.sizes.tensor_model_parallel_size);
            let suits = |heads: &u64| divides(tp, *heads) && divides(m.num_query_groups, *heads);
            let heads: Vec<u64> = divisors(m.hidden_size).into_iter().filter(suits).collect();
            Some(match nearest(&heads, m.num_attention_heads) {
                Some(heads) => Edit::count(Field::NumAttentionHeads, heads),
                None => Edit::count(Field::KvChannels, m.kv_channels),
            })
        },
    },
    Rule {
        id: "megatron_mlp_divisible",
        source: Source::Megatron,
        enforced: Enforced::StartUp,
        reference: "megatron/core/tensor_parallel/layers.py, ColumnParallelLinear",
        fields: &[
            Field::FfnHiddenSize,
            Field::MoeFfnHiddenSize,
            Field::Tp,
            Field::Etp,
        ],
        judge: |plan| match mlp_split(plan) {
            (_, 0, _) => Status::NotApplicable,
            (_, width, ways) => pass_if(divides(ways, width)),
        },
        say: |plan, status| {
            let (name, width, ways) = mlp_split(plan);
            match status {
                Status::NotApplicable => "Width of the MLP over TP: it is not told".to_owned(),
                Status::Pass => format!("MLP width {} divides by {name} {ways}", grouped(width)),
                _ => format!(
                    "Megatron would stop: “{width} is not divisible by {ways}”, the MLP's width by {name}"
                ),
            }
        },
        fix: |plan| {
            let (name, width, ways) = mlp_split(plan);
            let field = match name {
                "ETP" => Field::MoeFfnHiddenSize,
                _ => Field::FfnHiddenSize,
            };
            Some(Edit::count(field, nearest_multiple(width, ways)))
        },
    },
    Rule {
        id: "megatron_sequence_over_cp",
        source: Source::Megatron,
        enforced: Enforced::StartUp,
        reference: "megatron/training/arguments.py, validate_args",
        fields: &[Field::SeqLength, Field::Cp],
        judge: |plan| match plan.sizes.context_parallel_size {
            1 => Status::NotApplicable,
            cp => pass_if(divides(cp.saturating_mul(2), plan.config.batch.seq_length)),
        },
        say: |plan, status| {
            say(
                plan,
                status,
                [
                    "Sequence over 2 · CP: CP is 1",
                    "Sequence length {seq,} is a multiple of 2 · CP {cp}",
                    "Sequence length {seq,} is not a multiple of 2 · CP {cp}. Megatron would stop: \
                     “seq-length should be a multiple of 2 * context-parallel-size if \
                     context-parallel-size > 1.”",
                ],
            )
        },
        fix: |plan| Some(split_length(plan, splitting_tp(plan).unwrap_or(1))),
    },
    Rule {
        id: "megatron_sequence_over_tp",
        source: Source::Megatron,
        enforced: Enforced::Training,
        reference: "megatron/core/tensor_parallel/mappings.py, when training runs",
        fields: &[Field::SeqLength, Field::Tp, Field::Cp],
        judge: |plan| {
            if !plan.sequence_parallel() {
                return Status::NotApplicable;
            }
            let s = &plan.sizes;
            let parts = product(&[s.context_parallel_size, s.tensor_model_parallel_size]);
            pass_if(divides(parts, plan.config.batch.seq_length))
        },
        say: |plan, status| {
            say(
                plan,
                status,
                [
                    "Sequence over TP: sequence parallelism does nothing here",
                    "Sequence length {seq,} divides by CP {cp} · TP {tp} for sequence parallelism",
                    "Sequence length {seq,} does not divide by CP {cp} · TP {tp}. Megatron stops in \
                     the first step: “First dimension of the tensor should be divisible by tensor \
                     parallel size”",
                ],
            )
        },
        fix: |plan| {
            splitting_tp(plan)
                .map(|tp| split_length(plan, tp))
                .or_else(|| {
                    // A length that suits such a TP would suit nothing else.
                    let tp = plan.sizes.tensor_model_parallel_size;
                    let smaller = valid_tp(plan).into_iter().rfind(|size| *size < tp);
                    smaller.map(|size| Edit::count(Field::Tp, size))
                })
        },
    },
    Rule {
        id: "megatron_router_topk",
        source: Source::Megatron,
        enforced: Enforced::Training,
        reference: "megatron/core/transformer/moe/router.py: the top k of the experts' scores",
        fields: &[Field::MoeRouterTopk, Field::NumExperts],
        judge: |plan| match &plan.model.moe {
            None => Status::NotApplicable,
            Some(moe) => pass_if(moe.moe_router_topk <= moe.num_experts),
        },
        say: |plan, status| {
            say(
                plan,
                status,
                [
                    "Experts a token: the model is dense",
                    "Each token goes to {topk} of {experts} experts",
                    "Each token cannot go to {topk} of only {experts} experts",
                ],
            )
        },
        fix: |plan| {
            plan.model
                .moe
                .as_ref()
                .map(|moe| Edit::count(Field::MoeRouterTopk, moe.num_experts))
        },
    },
];

/// The width that is split, over which dimension, and into how many parts: the MLP over TP, or
/// each expert over ETP. Of a model with both kinds of layers, the dense one where it is broken.
fn mlp_split(plan: &Plan) -> (&'static str, u64, u64) {
    let (model, tp) = (&plan.model, plan.sizes.tensor_model_parallel_size);
    match &model.moe {
        Some(moe)
            if moe.num_moe_layers == model.num_layers || divides(tp, model.ffn_hidden_size) =>
        {
            (
                "ETP",
                moe.moe_ffn_hidden_size,
                plan.sizes.expert_tensor_parallel_size,
            )
        }
        _ => ("TP", model.ffn_hidden_size, tp),
    }
}

/// The nearest length that CP, and SP where it is on, can split.
fn split_length(plan: &Plan, tp: u64) -> Edit {
    let cp = match plan.sizes.context_parallel_size {
        1 => 1,
        cp => cp.saturating_mul(2),
    };
    let near = nearest_multiple(plan.config.batch.seq_length, product(&[cp, tp]));
    Edit::count(Field::SeqLength, near)
}

/// The TP whose GPUs split the sequence, where a length can suit it.
fn splitting_tp(plan: &Plan) -> Option<u64> {
    let tp = plan.sizes.tensor_model_parallel_size;
    (plan.sequence_parallel() && is_power_of_two(tp)).then_some(tp)
}
