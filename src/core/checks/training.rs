//! What Megatron-LM asks of attention, positions, the distributed optimizer and recomputation
//! (NVIDIA/Megatron-LM at d98e8a64, 2026-08-22).

use super::words::{fill, say};
use super::{Enforced, Rule, Source, Status, no_fix, pass_if};
use crate::core::config::{Edit, Field, Recompute, Value};
use crate::core::number::{divides, gcd, product};
use crate::core::plan::Plan;

const CONFIG: &str = "megatron/core/transformer/transformer_config.py, __post_init__";
const ARGUMENTS: &str = "megatron/training/arguments.py, validate_args";

/// What `--recompute-modules` takes.
const MODULES: [&str; 11] = [
    "core_attn",
    "moe_act",
    "layernorm",
    "mla_up_proj",
    "mlp",
    "moe",
    "shared_experts",
    "gdn_norm_out",
    "gdp_in_proj",
    "gdp_qkv",
    "mhc",
];

/// The rules.
pub const RULES: &[Rule] = &[
    Rule {
        id: "megatron_optimizer_instances",
        source: Source::Megatron,
        enforced: Enforced::StartUp,
        reference: "megatron/core/parallel_state.py, initialize_model_parallel",
        fields: &[Field::DistOptInstances, Field::DistOpt],
        judge: |plan| match plan.config.parallel.num_distributed_optimizer_instances {
            1 => Status::NotApplicable,
            n => pass_if(
                divides(n, dense_shards(plan))
                    && divides(n, plan.sizes.expert_data_parallel_size)
                    && plan.config.parallel.use_distributed_optimizer,
            ),
        },
        say: |plan, status| {
            let n = plan.config.parallel.num_distributed_optimizer_instances;
            say(
                plan,
                status,
                [
                    "Optimizer instances: there is one",
                    "{inst} optimizer instances divide DP · CP {dpcp} and EDP {edp}",
                    if divides(n, dense_shards(plan))
                        && divides(n, plan.sizes.expert_data_parallel_size)
                    {
                        // `megatron/core/distributed/distributed_data_parallel.py`.
                        "Megatron would stop: “Partial DistOpt cannot be used without DistOpt”"
                    } else if divides(n, dense_shards(plan)) {
                        "Megatron would stop: “Expert data parallel size should be divisible by partial DistOpt \
                     shard factor”; they are {edp} and {inst}"
                    } else {
                        "Megatron would stop: “Data parallel size should be divisible by partial DistOpt shard \
                     factor”; they are {dpcp} and {inst}"
                    },
                ],
            )
        },
        fix: |plan| {
            if !plan.config.parallel.use_distributed_optimizer {
                return Some(Edit::one(Field::DistOpt, Value::Flag(true)));
            }
            let n = plan.config.parallel.num_distributed_optimizer_instances;
            let common = gcd(dense_shards(plan), plan.sizes.expert_data_parallel_size);
            Some(Edit::count(Field::DistOptInstances, gcd(n, common).max(1)))
        },
    },
    Rule {
        id: "megatron_max_positions",
        source: Source::Megatron,
        enforced: Enforced::StartUp,
        reference: ARGUMENTS,
        fields: &[Field::MaxPositionEmbeddings, Field::SeqLength],
        judge: |plan| match plan.config.model.max_position_embeddings {
            None => Status::NotApplicable,
            Some(most) => pass_if(most >= plan.config.batch.seq_length),
        },
        say: |plan, status| {
            say(
                plan,
                status,
                [
                    "Most positions: the plan does not set them",
                    "{maxpos,} positions are enough for {seq,} tokens",
                    "Megatron would stop: “max_position_embeddings ({maxpos}) must be greater than or equal to \
                 seq_length ({seq}).”",
                ],
            )
        },
        fix: |plan| {
            Some(Edit::count(
                Field::MaxPositionEmbeddings,
                plan.config.batch.seq_length,
            ))
        },
    },
    Rule {
        id: "megatron_mla_groups",
        source: Source::Megatron,
        enforced: Enforced::StartUp,
        reference: ARGUMENTS,
        fields: &[Field::Mla, Field::NumQueryGroups],
        judge: |plan| match plan.model.mla {
            Some(_) => {
                let groups = plan.config.model.num_query_groups;
                pass_if(groups.is_none_or(|n| n == plan.model.num_attention_heads))
            }
            None => Status::NotApplicable,
        },
        say: |plan, status| {
            say(
                plan,
                status,
                [
                    "Query groups with MLA: the model has no MLA",
                    "MLA has no query groups",
                    "Megatron would stop: “Group query attention is mutually exclusive with multi latent \
                 attention.”",
                ],
            )
        },
        fix: |_| Some(Edit::one(Field::NumQueryGroups, Value::Unset)),
    },
    Rule {
        id: "megatron_recompute",
        source: Source::Megatron,
        enforced: Enforced::StartUp,
        reference: CONFIG,
        fields: &[
            Field::RecomputeGranularity,
            Field::RecomputeHow,
            Field::RecomputeNumLayers,
        ],
        judge: |plan| {
            let t = &plan.config.training;
            match t.recompute_granularity {
                None => Status::NotApplicable,
                Some(Recompute::Full) => Status::Pass,
                Some(Recompute::Selective) => {
                    pass_if(t.recompute_method.is_none() && t.recompute_num_layers.is_none())
                }
            }
        },
        say: |plan, status| {
            let t = &plan.config.training;
            let words = match (status, t.recompute_granularity) {
                (Status::NotApplicable, _) => "Recomputation is off",
                (Status::Pass, Some(Recompute::Full)) => {
                    "Whole layers are computed again; the flags name the method and the layers"
                }
                (Status::Pass, _) => "Parts of a layer are computed again",
                _ if t.recompute_method.is_some() => {
                    "Megatron would stop: “recompute method is not yet supported for selective \
                     recomputing granularity”"
                }
                _ => {
                    "Megatron would stop: “When using recompute_granularity: selective \
                     recompute_num_layers must be None.”"
                }
            };
            fill(plan, words)
        },
        fix: |_| {
            Some(
                Edit::one(Field::RecomputeHow, Value::Unset)
                    .and(Field::RecomputeNumLayers, Value::Unset),
            )
        },
    },
    Rule {
        id: "megatron_recompute_modules",
        source: Source::Megatron,
        enforced: Enforced::StartUp,
        reference: CONFIG,
        fields: &[
            Field::RecomputeModules,
            Field::RecomputeGranularity,
            Field::Mla,
        ],
        judge: |plan| match modules_refusal(plan) {
            None => Status::NotApplicable,
            Some(words) => pass_if(words.is_empty()),
        },
        say: |plan, _| match modules_refusal(plan) {
            None => "Modules to compute again: the plan names none".to_owned(),
            Some(words) if words.is_empty() => fill(plan, "Computed again: {rcmod}"),
            Some(words) => format!("Megatron would stop: “{words}”"),
        },
        fix: |_| Some(Edit::one(Field::RecomputeModules, Value::Unset)),
    },
    Rule {
        id: "megatron_cuda_connections",
        source: Source::Megatron,
        enforced: Enforced::StartUp,
        reference: ARGUMENTS,
        fields: &[Field::Tp, Field::Cp],
        judge: |plan| {
            let s = &plan.sizes;
            let split = s.tensor_model_parallel_size > 1 || s.context_parallel_size > 1;
            let before_blackwell = plan
                .cluster
                .compute_capability
                .is_none_or(|major| major < 10);
            if split && before_blackwell {
                Status::Pass
            } else {
                Status::NotApplicable
            }
        },
        say: |plan, status| {
            say(
                plan,
                status,
                [
                    "CUDA_DEVICE_MAX_CONNECTIONS: these GPUs and sizes need no limit",
                    "The flags set CUDA_DEVICE_MAX_CONNECTIONS=1, which TP and CP need before Blackwell",
                    "",
                ],
            )
        },
        fix: no_fix,
    },
];

/// Ranks that share the dense optimizer state: DP · CP.
fn dense_shards(plan: &Plan) -> u64 {
    product(&[
        plan.sizes.megatron_data_parallel_size,
        plan.sizes.context_parallel_size,
    ])
}

/// Megatron's words over the modules to compute again; empty where it takes them, none where the
/// plan names none or does not compute parts of layers again.
fn modules_refusal(plan: &Plan) -> Option<String> {
    let t = &plan.config.training;
    let text = t.recompute_modules.as_deref()?;
    if t.recompute_granularity != Some(Recompute::Selective) {
        return None;
    }
    let words = || text.split([' ', ',']).filter(|word| !word.is_empty());
    let strange = words().find(|word| !MODULES.contains(word));
    let has = |name: &str| words().any(|word| word == name);
    let mla = plan.model.mla.is_some();
    Some(match strange {
        Some(word) => format!(
            "Invalid choices for recompute_modules: {word}. Allowed modules are: {}",
            MODULES.join(", ")
        ),
        None if has("mla_up_proj") && !mla => {
            "mla_up_proj in recompute_modules is only supported with multi_latent_attention."
                .to_owned()
        }
        None => String::new(),
    })
}
