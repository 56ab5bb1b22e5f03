//! What Megatron-LM asks of a mixture of experts (NVIDIA/Megatron-LM at d98e8a64, 2026-08-22).

use super::guide::nearest;
use super::words::say;
use super::{Enforced, Rule, Source, Status, no_fix, pass_if};
use crate::core::config::{Edit, Field, Value};
use crate::core::experts::valid_ep;
use crate::core::number::{divides, nearest_multiple};
use crate::core::plan::Plan;

const CONFIG: &str = "megatron/core/transformer/transformer_config.py, __post_init__";

/// The rules.
pub const RULES: &[Rule] = &[
    Rule {
        id: "megatron_experts_divisible",
        source: Source::Megatron,
        enforced: Enforced::StartUp,
        reference: "megatron/training/arguments.py, validate_args",
        fields: &[Field::Ep, Field::NumExperts],
        judge: |plan| match (&plan.model.moe, plan.sizes.expert_model_parallel_size) {
            (None, 1) => Status::NotApplicable,
            (None, _) => Status::Fail,
            (Some(moe), ep) => pass_if(divides(ep, moe.num_experts)),
        },
        say: |plan, status| {
            say(
                plan,
                status,
                [
                    "Experts over EP: the model is dense",
                    "{experts} experts divide by EP {ep}",
                    if plan.model.moe.is_none() {
                        "Megatron would stop: “num_experts must be non None to use expert model parallelism”"
                    } else {
                        "Megatron would stop: “Number of experts should be a multiple of expert model \
                     parallel_size.”; they are {experts} and {ep}"
                    },
                ],
            )
        },
        fix: |plan| {
            let valid = plan
                .model
                .moe
                .as_ref()
                .map_or(vec![1], |moe| valid_ep(moe.num_experts));
            nearest(&valid, plan.sizes.expert_model_parallel_size)
                .map(|ep| Edit::count(Field::Ep, ep))
        },
    },
    Rule {
        id: "megatron_moe_sequence_parallel",
        source: Source::Megatron,
        enforced: Enforced::Training,
        reference: "megatron/core/transformer/moe/moe_layer.py, forward",
        fields: &[Field::Sp, Field::Tp],
        judge: |plan| match (&plan.model.moe, plan.sizes.tensor_model_parallel_size) {
            (None, _) | (_, 1) => Status::NotApplicable,
            _ => pass_if(plan.config.parallel.sequence_parallel),
        },
        say: |plan, status| {
            say(
                plan,
                status,
                [
                    "SP with experts: it is needed with TP above 1",
                    "Experts with TP {tp} have sequence parallelism",
                    "Megatron stops in the first step: “During training, performance may degrade if MoE and \
                 tensor parallelism are enabled without also enabling sequence parallelism.”",
                ],
            )
        },
        fix: |_| Some(Edit::one(Field::Sp, Value::Flag(true))),
    },
    Rule {
        id: "megatron_moe_bias",
        source: Source::Megatron,
        enforced: Enforced::StartUp,
        reference: CONFIG,
        fields: &[Field::Etp, Field::AddBiasLinear],
        judge: |plan| match plan.model.moe.is_some() && plan.model.add_bias_linear {
            false => Status::NotApplicable,
            true => pass_if(plan.sizes.expert_tensor_parallel_size == 1),
        },
        say: |plan, status| {
            say(
                plan,
                status,
                [
                    "Biases of experts: there are none",
                    "Experts with biases are not split, ETP is 1",
                    if plan.config.parallel.expert_tensor_parallel_size.is_none() {
                        "Megatron would stop: “Bias in Moe is only supported when ETP==1”. ETP is not set, so \
                     Megatron takes TP {tp} for it"
                    } else {
                        "Megatron would stop: “Bias in Moe is only supported when ETP==1”; it is {etp}"
                    },
                ],
            )
        },
        fix: |_| Some(Edit::count(Field::Etp, 1)),
    },
    Rule {
        id: "megatron_topk_pre_softmax",
        source: Source::Megatron,
        enforced: Enforced::StartUp,
        reference: CONFIG,
        fields: &[Field::MoeRouterTopk, Field::MoeRouterPreSoftmax],
        judge: |plan| match &plan.model.moe {
            Some(moe) if moe.moe_router_topk == 1 => pass_if(moe.moe_router_pre_softmax),
            _ => Status::NotApplicable,
        },
        say: |plan, status| {
            say(
                plan,
                status,
                [
                    "One expert a token: tokens go to more, or the model is dense",
                    "One expert a token, picked before the softmax",
                    "Megatron would stop: “Please use --moe-router-pre-softmax when topk is 1.”",
                ],
            )
        },
        fix: |_| Some(Edit::one(Field::MoeRouterPreSoftmax, Value::Flag(true))),
    },
    Rule {
        id: "megatron_expert_width",
        source: Source::Megatron,
        enforced: Enforced::StartUp,
        reference: CONFIG,
        fields: &[Field::MoeFfnHiddenSize, Field::NumExperts],
        judge: |plan| match (plan.config.model.moe_ffn_hidden_size, &plan.model.moe) {
            (None, _) => Status::NotApplicable,
            (Some(_), moe) => pass_if(moe.is_some()),
        },
        say: |plan, status| {
            say(
                plan,
                status,
                [
                    "Width of an expert: the plan does not set it",
                    "Experts are {effn,} wide",
                    "Megatron would stop: “moe_ffn_hidden_size is set but num_moe_experts is None.”",
                ],
            )
        },
        fix: |_| Some(Edit::one(Field::MoeFfnHiddenSize, Value::Unset)),
    },
    Rule {
        id: "megatron_shared_expert_divisible",
        source: Source::Megatron,
        enforced: Enforced::StartUp,
        reference: "megatron/core/tensor_parallel/layers.py, ColumnParallelLinear",
        fields: &[Field::MoeSharedExpert, Field::Tp],
        judge: |plan| match shared_width(plan) {
            0 => Status::NotApplicable,
            width => pass_if(divides(plan.sizes.tensor_model_parallel_size, width)),
        },
        say: |plan, status| {
            say(
                plan,
                status,
                [
                    "Shared expert over TP: there is none",
                    "The shared expert’s width {shared,} divides by TP {tp}",
                    "Megatron would stop: “{shared} is not divisible by {tp}”, the shared expert’s width by TP",
                ],
            )
        },
        fix: |plan| {
            let near = nearest_multiple(shared_width(plan), plan.sizes.tensor_model_parallel_size);
            Some(Edit::count(Field::MoeSharedExpert, near))
        },
    },
    Rule {
        id: "expert_parallel_inside_node",
        source: Source::Megatron,
        enforced: Enforced::No,
        reference: "Megatron Core, MoE README, \"Performance Best Practice\": EP and ETP inside the NVLink domain",
        fields: &[Field::Ep, Field::Etp],
        judge: |plan| {
            let ranks = plan
                .sizes
                .expert_tensor_parallel_size
                .saturating_mul(plan.sizes.expert_model_parallel_size);
            match plan.sizes.expert_model_parallel_size {
                1 => Status::NotApplicable,
                _ if ranks <= plan.cluster.nvlink_domain_gpus
                    && divides(ranks, plan.cluster.nvlink_domain_gpus) =>
                {
                    Status::Pass
                }
                _ => Status::Warn,
            }
        },
        say: |plan, status| {
            say(
                plan,
                status,
                [
                    "EP inside a node: EP is 1",
                    "The {ep} GPUs that share the experts lie in one NVLink domain of {domain}",
                    "EP {ep} with ETP {etp} leaves the NVLink domain of {domain} GPUs: tokens cross the network \
                 twice in every MoE layer. Megatron allows it",
                ],
            )
        },
        fix: no_fix,
    },
];

/// Width of the shared expert; zero for none.
fn shared_width(plan: &Plan) -> u64 {
    plan.model
        .moe
        .as_ref()
        .map_or(0, |moe| moe.moe_shared_expert_intermediate_size)
}
