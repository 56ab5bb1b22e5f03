//! What Megatron-LM checks at start-up on sizes, batch and schedule
//! (NVIDIA/Megatron-LM at d98e8a64, 2026-08-22).

use super::guide::{model_parallel_fields, shrink};
use super::words::say;
use super::{Enforced, Rule, Source, Status, pass_if};
use crate::core::config::{Edit, ExpertAccounting, Field, Order, Value};
use crate::core::number::{divides, nearest_multiple, product};
use crate::core::plan::Plan;

/// Megatron's rules.
pub const RULES: &[Rule] = &[
    Rule {
        id: "megatron_world_divisible",
        source: Source::Megatron,
        enforced: Enforced::StartUp,
        reference: "megatron/training/arguments.py, validate_args",
        fields: &[
            Field::NumNodes,
            Field::GpusPerNode,
            Field::Tp,
            Field::Pp,
            Field::Cp,
        ],
        judge: |plan| pass_if(plan.sizes.fill_the_world(ExpertAccounting::Folded)),
        say: |plan, status| {
            say(
                plan,
                status,
                [
                    "",
                    "{world,} GPUs divide by TP · PP · CP = {tppp,}; Megatron’s DP is {dp,}",
                    "Megatron would stop: “world_size ({world}) is not divisible by {tppp}”, that is \
                     TP · PP · CP",
                ],
            )
        },
        fix: |plan| shrink(plan, model_parallel_fields(ExpertAccounting::Folded)),
    },
    Rule {
        id: "megatron_expert_world_divisible",
        source: Source::Megatron,
        enforced: Enforced::StartUp,
        reference: "megatron/core/parallel_state.py, initialize_model_parallel",
        fields: &[Field::Etp, Field::Ep, Field::Pp, Field::NumNodes],
        judge: |plan| {
            if plan.model.moe.is_none()
                && plan.config.parallel.expert_tensor_parallel_size.is_none()
            {
                return Status::NotApplicable;
            }
            pass_if(divides(plan.sizes.expert_product(), plan.sizes.world_size))
        },
        say: |plan, status| {
            let is_default = plan.config.parallel.expert_tensor_parallel_size.is_none()
                && plan.sizes.tensor_model_parallel_size > 1;
            say(
                plan,
                status,
                [
                    "Expert mesh: the model is dense",
                    "{world,} GPUs divide by ETP {etp} · EP {ep} · PP {pp} = {etpeppp,}; EDP is {edp,}",
                    if is_default {
                        "Megatron would stop: “world_size ({world}) is not divisible by \
                         expert_tensor_model_pipeline_parallel size ({etpeppp})”, that is ETP {etp} · \
                         EP {ep} · PP {pp}. ETP is not set, so Megatron takes TP for it"
                    } else {
                        "Megatron would stop: “world_size ({world}) is not divisible by \
                         expert_tensor_model_pipeline_parallel size ({etpeppp})”, that is ETP {etp} · \
                         EP {ep} · PP {pp}"
                    },
                ],
            )
        },
        fix: |plan| {
            let whole = product(&[
                plan.sizes.expert_model_parallel_size,
                plan.sizes.pipeline_model_parallel_size,
            ]);
            let is_default = plan.config.parallel.expert_tensor_parallel_size.is_none();
            if is_default && divides(whole, plan.sizes.world_size) {
                return Some(Edit::count(Field::Etp, 1));
            }
            shrink(plan, &[Field::Etp, Field::Ep, Field::Pp])
        },
    },
    Rule {
        id: "megatron_global_batch_divisible",
        source: Source::Megatron,
        enforced: Enforced::StartUp,
        reference: "megatron/core/num_microbatches_calculator.py",
        fields: &[Field::GlobalBatch, Field::MicroBatch],
        judge: |plan| {
            if divides(megatron_divisor(plan), plan.sizes.global_batch_size) {
                return Status::Pass;
            }
            // Under the guide's accounting the guide's rule decides.
            match plan.config.parallel.expert_accounting {
                ExpertAccounting::Folded => Status::Fail,
                ExpertAccounting::Multiplied if plan.model.moe.is_some() => Status::Warn,
                ExpertAccounting::Multiplied => Status::Fail,
            }
        },
        say: |plan, status| {
            say(
                plan,
                status,
                [
                    "",
                    "Global batch {gbs} is a multiple of micro batch {mbs} · Megatron’s DP {dp}",
                    BATCH_REFUSAL,
                ],
            )
        },
        fix: |plan| {
            let near = nearest_multiple(plan.sizes.global_batch_size, plan.proposed_divisor());
            Some(Edit::count(Field::GlobalBatch, near))
        },
    },
    Rule {
        id: "megatron_rank_order",
        source: Source::Megatron,
        enforced: Enforced::StartUp,
        reference: "megatron/core/parallel_state.py, initialize_model_parallel",
        fields: &[Field::RankOrder, Field::Cp, Field::Ep],
        judge: |plan| match plan.config.parallel.order {
            Order::TpCpEpDpPp => Status::NotApplicable,
            Order::TpCpEpPpDp => pass_if(
                plan.sizes.pipeline_model_parallel_size == 1
                    || plan.sizes.expert_data_parallel_size
                        == plan.sizes.megatron_data_parallel_size,
            ),
        },
        say: |plan, status| {
            say(
                plan,
                status,
                [
                    "Rank order ends in pp, Megatron’s default",
                    "Rank order tp-cp-ep-pp-dp suits these sizes",
                    "Megatron would stop: “When not using pp-last rank ordering, the data parallel \
                     size of the attention and moe layers must be the same”; they are {dp} and {edp}",
                ],
            )
        },
        fix: |_| {
            Some(Edit::one(
                Field::RankOrder,
                Value::Text(Order::TpCpEpDpPp.word().to_owned()),
            ))
        },
    },
];

/// What Megatron says to a global batch that does not divide.
pub const BATCH_REFUSAL: &str = "Megatron would stop: “eval_global_batch_size ({gbs}) must be divisible by \
     eval_micro_batch_size ({mbs}) * data_parallel_size ({dp}) * gtp_weight_remat_size (1)”, in older \
     releases “global batch size ({gbs}) is not divisible by micro batch size ({mbs}) times data parallel \
     size ({dp})”";

fn megatron_divisor(plan: &Plan) -> u64 {
    product(&[
        plan.config.batch.micro_batch_size,
        plan.sizes.megatron_data_parallel_size.max(1),
    ])
}
