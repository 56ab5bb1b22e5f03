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

/// The parameters of a model's parts, each counted once: what a pipeline spreads over its stages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Parts {
    /// A layer with a dense MLP.
    pub dense_layer: u64,
    /// A layer with experts, without its routed experts.
    pub moe_layer: u64,
    /// The routed experts of one layer.
    pub experts: u64,
    /// What a layer of multi-token prediction holds beside a layer that is like the last.
    pub mtp_beside: u64,
    /// The table of tokens; the head has one of its own where the two are not tied.
    pub table: u64,
    /// The learned table of positions.
    pub positions: u64,
    /// The norm after the last layer.
    pub final_norm: u64,
}

impl Parts {
    /// The parts of a model; nothing where its layers or its hidden size are not told.
    pub fn of(model: &Model) -> Parts {
        let h = model.hidden_size;
        if model.num_layers == 0 || h == 0 {
            return Parts::default();
        }
        let common = sum(&[attention(model), norm(model, h), norm(model, h)]);
        let (moe_layer, experts) = model.moe.as_ref().map_or((0, 0), |moe| {
            let shared = match moe.moe_shared_expert_intermediate_size {
                0 => 0,
                width => mlp(model, width),
            };
            // `megatron/core/transformer/moe/router.py`.
            let router =
                product(&[h, moe.num_experts]).saturating_add(bias(model, moe.num_experts));
            let expert = mlp(model, moe.moe_ffn_hidden_size);
            (
                sum(&[common, shared, router]),
                product(&[moe.num_experts, expert]),
            )
        });
        Parts {
            dense_layer: common.saturating_add(mlp(model, model.ffn_hidden_size)),
            moe_layer,
            experts,
            // `megatron/core/transformer/multi_token_prediction.py`: two norms, a projection of
            // what they give to the hidden size, a layer, and a norm. The embedding and the head
            // are the model's.
            mtp_beside: sum(&[product(&[3, norm(model, h)]), product(&[2, h, h])]),
            table: product(&[model.vocab_size, h]),
            positions: product(&[model.learned_positions(), h]),
            final_norm: norm(model, h),
        }
    }
}

/// Counts a model; nothing where its layers or its hidden size are not told.
pub fn count(model: &Model) -> Counted {
    let parts = Parts::of(model);
    if parts == Parts::default() {
        return Counted::default();
    }
    let with_experts = parts.moe_layer.saturating_add(parts.experts);
    let moe_layers = model.moe.as_ref().map_or(0, |moe| moe.num_moe_layers);
    let (mtp_layer, mtp_moe) = if model.mtp_has_experts() {
        (with_experts, model.mtp_num_layers)
    } else {
        (parts.dense_layer, 0)
    };
    let mtp = product(&[
        model.mtp_num_layers,
        mtp_layer.saturating_add(parts.mtp_beside),
    ]);
    let dense = model.num_layers.saturating_sub(moe_layers);
    let tables = if model.untie_embeddings_and_output_weights {
        2
    } else {
        1
    };
    let moe = moe_layers.saturating_add(mtp_moe);
    let active_experts = model.moe.as_ref().map_or(0, |moe| {
        let expert = mlp(model, moe.moe_ffn_hidden_size);
        product(&[moe.moe_router_topk.min(moe.num_experts), expert])
    });
    Counted {
        total: sum(&[
            product(&[dense, parts.dense_layer]),
            product(&[moe_layers, with_experts]),
            mtp,
            parts.final_norm,
            product(&[parts.table, tables]),
            parts.positions,
        ]),
        experts: product(&[moe, parts.experts]),
        active_experts: product(&[moe, active_experts]),
        mtp,
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
