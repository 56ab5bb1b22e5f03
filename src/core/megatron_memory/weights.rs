//! Weights, gradients and optimizer state, as `compute_weight_and_optimizer_memory` counts them.

use super::{has_layers, part};
use crate::core::config::Normalization;
use crate::core::memory::Part;
use crate::core::model::Model;
use crate::core::plan::Plan;
use crate::core::units::parameters;

/// Bytes of a parameter: BF16 weight, FP32 gradient, and FP32 copy with Adam's two moments.
const WEIGHT_AND_GRADIENT: f64 = 6.0;
const ADAM: f64 = 12.0;

/// Parameters of one layer by the way that a GPU holds them. Biases, the normalization of queries
/// and keys, and learned positions are not counted.
struct Layer {
    /// Split over TP.
    split: f64,
    /// Whole on every GPU: norms and router.
    whole: f64,
    /// Routed experts, split over ETP and EP.
    experts: f64,
}

/// The two kinds of layers, and a norm.
struct Layers {
    dense: Layer,
    moe: Layer,
    norm: f64,
}

impl Layers {
    fn of(model: &Model) -> Layers {
        let h = model.hidden_size as f64;
        let layer_norm = model.normalization == Normalization::LayerNorm.word();
        let norm = if layer_norm { 2.0 } else { 1.0 };
        let gated = if model.swiglu { 1.5 } else { 1.0 };
        let mlp = |width: u64| 2.0 * h * width as f64 * gated;
        let attention = attention(model, norm);
        let norms = 2.0 * h * norm;
        let mut moe = Layer {
            split: attention,
            whole: norms,
            experts: 0.0,
        };
        if let Some(m) = &model.moe {
            let experts = m.num_experts as f64;
            let bias = if model.add_bias_linear { experts } else { 0.0 };
            moe.split += mlp(m.moe_shared_expert_intermediate_size);
            moe.whole += h * experts + bias;
            moe.experts = mlp(m.moe_ffn_hidden_size) * experts;
        }
        Layers {
            dense: Layer {
                split: attention + mlp(model.ffn_hidden_size),
                whole: norms,
                experts: 0.0,
            },
            moe,
            norm: h * norm,
        }
    }

    /// The parameters of some dense layers and some with experts.
    fn of_kinds(&self, dense: f64, moe: f64) -> Layer {
        let both = |part: fn(&Layer) -> f64| part(&self.dense) * dense + part(&self.moe) * moe;
        Layer {
            split: both(|layer| layer.split),
            whole: both(|layer| layer.whole),
            experts: both(|layer| layer.experts),
        }
    }
}

/// The attention of one layer. `norm` is 1 for RMSNorm and 2 for LayerNorm.
fn attention(model: &Model, norm: f64) -> f64 {
    let (h, heads) = (model.hidden_size as f64, model.num_attention_heads as f64);
    let Some(mla) = &model.mla else {
        let width = heads + model.num_query_groups as f64;
        return 2.0 * h * width * model.kv_channels as f64;
    };
    let (query, rank) = (heads * mla.query_width() as f64, mla.q_lora_rank as f64);
    let queries = match mla.q_lora_rank {
        0 => h * query,
        _ => rank * (h + query + norm),
    };
    let (positions, values) = (mla.qk_pos_emb_head_dim as f64, mla.v_head_dim as f64);
    let key_value = heads * (mla.qk_head_dim as f64 + values);
    queries + mla.kv_lora_rank as f64 * (h + key_value + norm) + h * positions + heads * values * h
}

/// The parameters of the most loaded shard before they are split: an even part of the layers, all
/// of multi-token prediction, the embedding, and the head where the pipeline is one stage.
fn most_loaded(plan: &Plan) -> Layer {
    let model = &plan.model;
    let pp = plan.sizes.pipeline_model_parallel_size;
    let kinds = Layers::of(model);
    let moe_layers = model.moe.as_ref().map_or(0, |moe| moe.num_moe_layers);
    let dense_layers = model.num_layers.saturating_sub(moe_layers);
    let block = kinds.of_kinds(dense_layers as f64, moe_layers as f64);
    let mtp_layers = model.mtp_num_layers as f64;
    let mtp = if model.mtp_has_experts() {
        kinds.of_kinds(0.0, mtp_layers)
    } else {
        kinds.of_kinds(mtp_layers, 0.0)
    };
    let head = model.untie_embeddings_and_output_weights && pp == 1;
    let tables = if head { 2.0 } else { 1.0 };
    let embedding = model.hidden_size as f64 * plan.padded_vocab_size() as f64;
    let stages = pp as f64;
    Layer {
        split: block.split / stages + mtp.split + tables * embedding,
        whole: (block.whole + kinds.norm) / stages + mtp.whole,
        experts: block.experts / stages + mtp.experts,
    }
}

/// `compute_weight_and_optimizer_memory`.
pub fn weight_and_optimizer(plan: &Plan) -> Option<Part> {
    let (model, s) = (&plan.model, &plan.sizes);
    let (dp, edp) = (s.megatron_data_parallel_size, s.expert_data_parallel_size);
    let distributed = plan.config.parallel.use_distributed_optimizer;
    let told = has_layers(model)
        && model.vocab_size > 0
        && model.num_attention_heads > 0
        && !(distributed && (dp == 0 || edp == 0));
    if !told {
        return None;
    }
    let shard = most_loaded(plan);
    let (tp, etp, ep) = (
        s.tensor_model_parallel_size,
        s.expert_tensor_parallel_size,
        s.expert_model_parallel_size,
    );
    let replicas = |n: u64| if distributed { n as f64 } else { 1.0 };
    let dense =
        (shard.split / tp as f64 + shard.whole) * (WEIGHT_AND_GRADIENT + ADAM / replicas(dp));
    let experts =
        shard.experts / (etp as f64 * ep as f64) * (WEIGHT_AND_GRADIENT + ADAM / replicas(edp));

    let (dense_bytes, expert_bytes) = if distributed {
        ("(6 + 12 / DP)", "(6 + 12 / EDP)")
    } else {
        ("18", "18")
    };
    let mut names = vec![
        "(params_split_over_TP / TP + norms_and_routers) · ",
        dense_bytes,
        " bytes",
    ];
    if experts > 0.0 {
        names.extend([" + expert_params / (ETP · EP) · ", expert_bytes, " bytes"]);
    }
    let values = [
        ("params_split_over_TP", parameters(shard.split)),
        ("norms_and_routers", parameters(shard.whole)),
        ("expert_params", parameters(shard.experts)),
        ("TP", tp.to_string()),
        ("ETP", etp.to_string()),
        ("EP", ep.to_string()),
        ("DP", dp.to_string()),
        ("EDP", edp.to_string()),
    ];
    let size = dense + experts;
    Some(part(
        plan,
        ["weight_and_optimizer", "Weights, gradients, optimizer"],
        size,
        &names,
        &values,
    ))
}
