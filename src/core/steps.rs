//! The values that a stepper moves through: only those that the rules of the field allow.

use super::checks::{guide_valid_tp, valid_vpp};
use super::config::{Field, Recompute, RecomputeMethod, Value};
use super::experts::valid_ep;
use super::model::{Mla, VOCAB_DIVISOR};
use super::number::{divides, divisors, lcm, product, quotient, quotient_up};
use super::plan::Plan;

/// The value that a field has in effect: what the plan says, else the preset's, the table's or
/// Megatron's.
pub fn in_effect(plan: &Plan, field: Field) -> Value {
    let said = plan.config.get(field);
    if said != Value::Unset {
        return said;
    }
    let count = |n: u64| {
        if n == 0 {
            Value::Unset
        } else {
            Value::Count(n)
        }
    };
    let model = &plan.model;
    let moe = |read: fn(&super::model::Moe) -> u64| {
        model
            .moe
            .as_ref()
            .map_or(Value::Unset, |moe| count(read(moe)))
    };
    let mla = |read: fn(&Mla) -> u64| {
        model
            .mla
            .as_ref()
            .map_or(Value::Unset, |mla| count(read(mla)))
    };
    let cluster = &plan.cluster;
    match field {
        Field::NumParameters => count(model.num_parameters),
        Field::NumLayers => count(model.num_layers),
        Field::HiddenSize => count(model.hidden_size),
        Field::FfnHiddenSize => count(model.ffn_hidden_size),
        Field::NumAttentionHeads => count(model.num_attention_heads),
        Field::NumQueryGroups => count(model.num_query_groups),
        Field::KvChannels => count(model.kv_channels),
        Field::VocabSize => count(model.vocab_size),
        Field::Swiglu => Value::Flag(model.swiglu),
        Field::NormalizationKind => Value::Text(model.normalization.to_owned()),
        Field::AddBiasLinear => Value::Flag(model.add_bias_linear),
        Field::Untie => Value::Flag(model.untie_embeddings_and_output_weights),
        Field::NumExperts => moe(|m| m.num_experts),
        Field::MoeRouterTopk => moe(|m| m.moe_router_topk),
        Field::MoeFfnHiddenSize => moe(|m| m.moe_ffn_hidden_size),
        Field::MoeSharedExpert => moe(|m| m.moe_shared_expert_intermediate_size),
        Field::MoeLayerFreq => model.moe.as_ref().map_or(Value::Unset, |moe| {
            Value::Text(moe.pattern.text(model.num_layers))
        }),
        Field::MoeRouterPreSoftmax => {
            Value::Flag(model.moe.as_ref().is_some_and(|m| m.moe_router_pre_softmax))
        }
        Field::Mla => Value::Flag(model.mla.is_some()),
        Field::QLoraRank => mla(|m| m.q_lora_rank),
        Field::KvLoraRank => mla(|m| m.kv_lora_rank),
        Field::QkHeadDim => mla(|m| m.qk_head_dim),
        Field::QkPosEmbHeadDim => mla(|m| m.qk_pos_emb_head_dim),
        Field::VHeadDim => mla(|m| m.v_head_dim),
        Field::MtpNumLayers => Value::Count(model.mtp_num_layers),
        Field::AddQkvBias => Value::Flag(model.add_qkv_bias),
        Field::QkLayernorm => Value::Flag(model.qk_layernorm),
        Field::PositionEmbeddingType => Value::Text(model.position_embedding_type.to_owned()),
        Field::MaxPositionEmbeddings => count(model.max_position_embeddings),
        Field::VocabDivisor => Value::Count(VOCAB_DIVISOR),
        Field::GpusPerNode => count(cluster.gpus_per_node),
        Field::NvlinkDomain => count(cluster.nvlink_domain_gpus),
        Field::GpuMemory => cluster.gpu_memory_bytes.map_or(Value::Unset, Value::Count),
        Field::PeakTflops => cluster.peak_tflops.map_or(Value::Unset, Value::Real),
        Field::IntraNode => cluster
            .intra_node_gb_per_s
            .map_or(Value::Unset, Value::Real),
        Field::InterNode => cluster
            .inter_node_gb_per_s
            .map_or(Value::Unset, Value::Real),
        Field::Etp => count(plan.sizes.expert_tensor_parallel_size),
        Field::Vpp => Value::Count(plan.sizes.virtual_pipeline_model_parallel_size),
        Field::GlobalBatch => count(plan.sizes.global_batch_size),
        // What the flags name where whole layers are computed again and the plan says no more.
        Field::RecomputeHow if recomputes_layers(plan) => {
            Value::Text(RecomputeMethod::Uniform.word().to_owned())
        }
        Field::RecomputeNumLayers if recomputes_layers(plan) => Value::Count(1),
        _ => Value::Unset,
    }
}

/// How far the next divisor is looked for.
const FAR: u64 = 4096;

fn recomputes_layers(plan: &Plan) -> bool {
    plan.config.training.recompute_granularity == Some(Recompute::Full)
}

/// The next valid value of a whole-number field, up or down; none at the end.
pub fn step(plan: &Plan, field: Field, up: bool) -> Option<u64> {
    let (min, max) = field.range()?;
    valid_step(plan, field, up).filter(|n| (min..=max).contains(n))
}

fn valid_step(plan: &Plan, field: Field, up: bool) -> Option<u64> {
    let now = in_effect(plan, field).count().unwrap_or(0);
    let s = &plan.sizes;
    let among = |values: Vec<u64>| {
        if up {
            values.into_iter().find(|n| *n > now)
        } else {
            values.into_iter().rfind(|n| *n < now)
        }
    };
    match field {
        Field::Tp => among(guide_valid_tp(plan)),
        Field::Pp => among(up_to(divisors(plan.model.num_layers), s.world_size)),
        Field::Vpp => among(valid_vpp(plan)),
        Field::Ep => among(
            plan.model
                .moe
                .as_ref()
                .map_or(vec![1], |moe| valid_ep(moe.num_experts)),
        ),
        Field::Etp => among(guide_valid_tp(plan)),
        Field::Cp => among(powers_of_two(s.world_size)),
        Field::NumExperts => among(powers_of_two(1024)),
        Field::GpusPerNode => among(powers_of_two(64)),
        Field::SeqLength => among(powers_of_two(1 << 24)),
        Field::MicroBatch => {
            // Sizes that still divide the global batch.
            let per_replica = quotient(s.global_batch_size, s.data_parallel_size.max(1));
            let fits = |n: &u64| divides(*n, per_replica);
            if up {
                (now.saturating_add(1)..=now.saturating_add(FAR)).find(fits)
            } else {
                (now.saturating_sub(FAR).max(1)..now).rev().find(fits)
            }
        }
        Field::GlobalBatch => multiple(now, plan.proposed_divisor(), up),
        Field::NumNodes => {
            let needs = s.model_parallel_product(plan.config.parallel.expert_accounting);
            let per_node = plan.cluster.gpus_per_node;
            // The fewest whole nodes that the sizes divide.
            multiple(now, quotient(lcm(needs, per_node), per_node).max(1), up)
        }
        _ => {
            let next = if up {
                now.saturating_add(1)
            } else {
                now.saturating_sub(1)
            };
            Some(next).filter(|n| *n != now)
        }
    }
}

fn up_to(mut values: Vec<u64>, most: u64) -> Vec<u64> {
    values.retain(|n| *n <= most.max(1));
    values
}

fn powers_of_two(most: u64) -> Vec<u64> {
    (0..63_u32)
        .map(|power| 1_u64 << power)
        .take_while(|n| *n <= most)
        .collect()
}

/// The next multiple of `of` above or below `n`.
fn multiple(n: u64, of: u64, up: bool) -> Option<u64> {
    let next = if up {
        product(&[quotient(n, of).saturating_add(1), of])
    } else {
        product(&[quotient_up(n, of).saturating_sub(1), of])
    };
    Some(next).filter(|next| *next > 0 && *next != n)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::config::{Config, Edit};
    use crate::core::presets;

    #[track_caller]
    fn steps(field: Field, down: Option<u64>, up: Option<u64>) {
        let plan = Plan::of(&presets::opening());
        assert_eq!(
            (step(&plan, field, false), step(&plan, field, true)),
            (down, up)
        );
    }

    #[test]
    fn steppers_move_through_valid_values_only() {
        steps(Field::Tp, Some(1), Some(4));
        steps(Field::Pp, None, Some(2));
        steps(Field::Ep, None, None);
        steps(Field::GlobalBatch, Some(496), Some(528));
        steps(Field::MicroBatch, Some(1), Some(4));
        steps(Field::NumNodes, Some(1), Some(3));
        steps(Field::NumLayers, Some(31), Some(33));
    }

    #[test]
    fn nodes_move_by_as_many_as_the_sizes_fill() {
        // TP 4 · PP 3 = 12 GPUs: three nodes of 8.
        let edit = Edit::count(Field::Tp, 4).and(Field::Pp, Value::Count(3));
        let plan = Plan::of(&edit.apply(&presets::opening()));
        assert_eq!(step(&plan, Field::NumNodes, true), Some(3));
        let most = Edit::count(Field::NumNodes, 1 << 20);
        let plan = Plan::of(&most.apply(&presets::opening()));
        assert_eq!(step(&plan, Field::NumNodes, true), None);
    }

    #[test]
    fn a_typed_value_between_steps_goes_to_the_next() {
        let edit = Edit::count(Field::Tp, 3);
        let plan = Plan::of(&edit.apply(&presets::opening()));
        assert_eq!(
            (step(&plan, Field::Tp, false), step(&plan, Field::Tp, true)),
            (Some(2), Some(4))
        );
    }

    #[test]
    fn every_field_in_effect_is_of_its_own_type() {
        let plan = Plan::of(&presets::opening());
        for &field in Field::ALL {
            let value = in_effect(&plan, field);
            assert!(Config::default().set(field, value), "{}", field.info().path);
        }
    }
}
