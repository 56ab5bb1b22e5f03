//! What Megatron-LM checks at start-up on sizes, batch and schedule
//! (NVIDIA/Megatron-LM at d98e8a64, 2026-08-22).

use super::guide::{model_parallel_fields, shrink};
use super::{Enforced, Rule, Source, Status, pass_if};
use crate::core::config::{Edit, ExpertAccounting, Field, Order, Value};
use crate::core::number::{divides, nearest_multiple, product};
use crate::core::plan::Plan;
use crate::core::units::grouped;

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
            let s = &plan.sizes;
            let (world, product) = (
                s.world_size,
                s.model_parallel_product(ExpertAccounting::Folded),
            );
            match status {
                Status::Pass => format!(
                    "{} GPUs divide by TP · PP · CP = {}; Megatron's DP is {}",
                    grouped(world),
                    grouped(product),
                    grouped(s.megatron_data_parallel_size)
                ),
                _ => format!(
                    "Megatron would stop: “world_size ({world}) is not divisible by {product}”, \
                     that is TP · PP · CP"
                ),
            }
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
            let s = &plan.sizes;
            let words = format!(
                "ETP {} · EP {} · PP {} = {}",
                s.expert_tensor_parallel_size,
                s.expert_model_parallel_size,
                s.pipeline_model_parallel_size,
                grouped(s.expert_product())
            );
            let default = if plan.config.parallel.expert_tensor_parallel_size.is_none()
                && s.tensor_model_parallel_size > 1
            {
                ". ETP is not set, so Megatron takes TP for it"
            } else {
                ""
            };
            match status {
                Status::NotApplicable => "Expert mesh: the model is dense".to_owned(),
                Status::Pass => format!(
                    "{} GPUs divide by {words}; EDP is {}",
                    grouped(s.world_size),
                    grouped(s.expert_data_parallel_size)
                ),
                _ => format!(
                    "Megatron would stop: “world_size ({}) is not divisible by \
                     expert_tensor_model_pipeline_parallel size ({})”, that is {words}{default}",
                    s.world_size,
                    s.expert_product()
                ),
            }
        },
        fix: |plan| shrink(plan, &[Field::Etp, Field::Ep, Field::Pp]),
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
            let (gbs, micro) = (
                plan.sizes.global_batch_size,
                plan.config.batch.micro_batch_size,
            );
            let dp = plan.sizes.megatron_data_parallel_size;
            match status {
                Status::Pass => {
                    format!(
                        "Global batch {gbs} is a multiple of micro batch {micro} · Megatron's DP {dp}"
                    )
                }
                _ => batch_refusal(gbs, micro, dp),
            }
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
            let s = &plan.sizes;
            match status {
                Status::NotApplicable => "Rank order ends in pp, Megatron's default".to_owned(),
                Status::Pass => "Rank order tp-cp-ep-pp-dp suits these sizes".to_owned(),
                _ => format!(
                    "Megatron would stop: “When not using pp-last rank ordering, the data parallel \
                     size of the attention and moe layers must be the same”; they are {} and {}",
                    s.megatron_data_parallel_size, s.expert_data_parallel_size
                ),
            }
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
pub fn batch_refusal(gbs: u64, micro: u64, dp: u64) -> String {
    format!(
        "Megatron would stop: “eval_global_batch_size ({gbs}) must be divisible by \
         eval_micro_batch_size ({micro}) * data_parallel_size ({dp}) * gtp_weight_remat_size (1)”, in \
         older releases “global batch size ({gbs}) is not divisible by micro batch size ({micro}) \
         times data parallel size ({dp})”"
    )
}
fn megatron_divisor(plan: &Plan) -> u64 {
    product(&[
        plan.config.batch.micro_batch_size,
        plan.sizes.megatron_data_parallel_size.max(1),
    ])
}
