//! The parameters of a transformer, matrix by matrix, as Megatron-LM's `GPTModel` builds it
//! (`megatron/core/models/gpt/gpt_model.py`); the vocabulary is not padded.

use super::{Mla, Model};
use crate::core::config::Normalization;
use crate::core::number::product;

/// The parameters of a model.
#[derive(Default)]
pub struct Counted {
    /// All of them.
    pub total: u64,
    /// Those of all routed experts.
    pub experts: u64,
    /// Those of the routed experts that one token passes.
    pub active_experts: u64,
    /// Those of the layers of multi-token prediction.
    pub mtp: u64,
}

/// Counts a model; nothing where its layers or its hidden size are not told.
pub fn count(model: &Model) -> Counted {
    if model.num_layers == 0 || model.hidden_size == 0 {
        return Counted::default();
    }
    let h = model.hidden_size;
    let common = sum(&[attention(model), norm(model, h), norm(model, h)]);
    let dense_layer = common.saturating_add(mlp(model, model.ffn_hidden_size));
    let layers = Layers::of(model, common);
    // `megatron/core/transformer/multi_token_prediction.py`: two norms, a projection of what they
    // give to the hidden size, a layer, and a norm. The embedding and the head are the model's.
    let (mtp_layer, mtp_moe) = if model.mtp_has_experts() {
        (layers.moe_layer, model.mtp_num_layers)
    } else {
        (dense_layer, 0)
    };
    let beside = sum(&[product(&[3, norm(model, h)]), product(&[2, h, h])]);
    let mtp = product(&[model.mtp_num_layers, mtp_layer.saturating_add(beside)]);
    let dense = model.num_layers.saturating_sub(layers.moe);
    let tables = if model.untie_embeddings_and_output_weights {
        2
    } else {
        1
    };
    let moe = layers.moe.saturating_add(mtp_moe);
    Counted {
        total: sum(&[
            product(&[dense, dense_layer]),
            product(&[layers.moe, layers.moe_layer]),
            mtp,
            norm(model, h),
            product(&[model.vocab_size, h, tables]),
            product(&[model.learned_positions(), h]),
        ]),
        experts: product(&[moe, layers.experts]),
        active_experts: product(&[moe, layers.active_experts]),
        mtp,
    }
}

/// The layers with experts, those of multi-token prediction left out.
#[derive(Default)]
struct Layers {
    /// How many there are.
    moe: u64,
    /// Parameters of one.
    moe_layer: u64,
    /// Parameters of its routed experts.
    experts: u64,
    /// Parameters of those that one token passes.
    active_experts: u64,
}

impl Layers {
    /// `common` are the parameters of a layer's attention and norms.
    fn of(model: &Model, common: u64) -> Layers {
        let Some(moe) = &model.moe else {
            return Layers::default();
        };
        let expert = mlp(model, moe.moe_ffn_hidden_size);
        let experts = product(&[moe.num_experts, expert]);
        let shared = match moe.moe_shared_expert_intermediate_size {
            0 => 0,
            width => mlp(model, width),
        };
        // `megatron/core/transformer/moe/router.py`.
        let router = product(&[model.hidden_size, moe.num_experts])
            .saturating_add(bias(model, moe.num_experts));
        let topk = moe.moe_router_topk.min(moe.num_experts);
        Layers {
            moe: moe.num_moe_layers,
            moe_layer: sum(&[common, experts, shared, router]),
            experts,
            active_experts: product(&[topk, expert]),
        }
    }
}

/// The attention of one layer (`megatron/core/transformer/attention.py`).
fn attention(model: &Model) -> u64 {
    let (h, heads) = (model.hidden_size, model.num_attention_heads);
    let offsets = if model.softmax_offsets { heads } else { 0 };
    if let Some(mla) = &model.mla {
        return latent_attention(model, mla).saturating_add(offsets);
    }
    let query = product(&[heads, model.kv_channels]);
    let qkv = query.saturating_add(product(&[2, model.num_query_groups, model.kv_channels]));
    let with_bias = model.add_bias_linear || model.add_qkv_bias;
    sum(&[
        product(&[h, qkv]),
        product(&[query, h]),
        if with_bias { qkv } else { 0 },
        bias(model, h),
        product(&[2, qk_norm(model, model.kv_channels)]),
        offsets,
    ])
}

/// The multi-latent attention of one layer (`megatron/core/transformer/multi_latent_attention.py`).
/// Only its output projection can have a bias.
fn latent_attention(model: &Model, mla: &Mla) -> u64 {
    let (h, heads) = (model.hidden_size, model.num_attention_heads);
    let query = product(&[heads, mla.query_width()]);
    let key_value = product(&[heads, mla.qk_head_dim.saturating_add(mla.v_head_dim)]);
    let queries = match mla.q_lora_rank {
        0 => product(&[h, query]),
        rank => product(&[rank, h.saturating_add(query)]).saturating_add(qk_norm(model, rank)),
    };
    let rank = mla.kv_lora_rank;
    sum(&[
        queries,
        product(&[h, rank.saturating_add(mla.qk_pos_emb_head_dim)]),
        product(&[rank, key_value]),
        qk_norm(model, rank),
        product(&[heads, mla.v_head_dim, h]),
        bias(model, h),
    ])
}

/// An MLP, or one expert, of a width.
fn mlp(model: &Model, width: u64) -> u64 {
    let h = model.hidden_size;
    let into = product(&[width, if model.swiglu { 2 } else { 1 }]);
    sum(&[
        product(&[h, into]),
        product(&[width, h]),
        bias(model, into.saturating_add(h)),
    ])
}

/// A bias of a width, where linear layers have some.
fn bias(model: &Model, width: u64) -> u64 {
    if model.add_bias_linear { width } else { 0 }
}

/// A normalization: a weight, and for LayerNorm a bias.
fn norm(model: &Model, width: u64) -> u64 {
    let layer_norm = model.normalization == Normalization::LayerNorm.word();
    product(&[width, if layer_norm { 2 } else { 1 }])
}

/// A normalization of queries or keys, where the model has it.
fn qk_norm(model: &Model, width: u64) -> u64 {
    if model.qk_layernorm {
        norm(model, width)
    } else {
        0
    }
}

fn sum(parts: &[u64]) -> u64 {
    parts.iter().fold(0, |all, part| all.saturating_add(*part))
}
