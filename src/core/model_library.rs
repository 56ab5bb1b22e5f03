//! Public models a plan can start from, as data: the architecture of each in
//! the terms of Megatron-LM's own arguments, with the parameter count its
//! authors publish to check it against. Only plain transformers are here (dense
//! or with routed experts, no multi-latent attention); every row says where it
//! comes from.
//!
//! `vocab_size` is the vocabulary of the model, before Megatron-LM pads it.

/// One public model.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LibraryModel {
    /// Id used in plans: lower case with hyphens.
    pub id: &'static str,
    /// Name as the authors spell it.
    pub name: &'static str,
    /// Transformer layers.
    pub num_layers: u64,
    /// Width of the residual stream.
    pub hidden_size: u64,
    /// Width of a dense feed-forward layer; where every layer routes to experts,
    /// the figure the authors publish, which no layer uses unless the experts
    /// have the same width.
    pub ffn_hidden_size: u64,
    /// Query heads.
    pub num_attention_heads: u64,
    /// Key and value heads.
    pub num_query_groups: u64,
    /// Width of one head.
    pub kv_channels: u64,
    /// Tokens in the vocabulary, not padded.
    pub vocab_size: u64,
    /// Whether the feed-forward layer is gated: three matrices, not two.
    pub swiglu: bool,
    /// `LayerNorm` or `RMSNorm`.
    pub normalization: &'static str,
    /// Whether every linear layer has a bias, the query, key and value
    /// projections too.
    pub add_bias_linear: bool,
    /// Whether those projections have a bias when the others do not.
    pub add_qkv_bias: bool,
    /// Whether queries and keys are normalised per head.
    pub qk_layernorm: bool,
    /// Whether the output layer has a matrix of its own.
    pub untie_embeddings_and_output_weights: bool,
    /// Rows of a learned absolute position table; 0 for rotary positions.
    pub learned_positions: u64,
    /// The routed experts, if any.
    pub moe: Option<LibraryMoe>,
    /// Parameters as published by the authors, in total.
    pub published_parameters: u64,
    /// Where the row comes from.
    pub source: &'static str,
}

/// The routed experts of a model.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LibraryMoe {
    /// Routed experts in one layer.
    pub num_experts: u64,
    /// Experts a token is sent to.
    pub moe_router_topk: u64,
    /// Width of one expert.
    pub moe_ffn_hidden_size: u64,
    /// Width of the shared experts together; 0 if there are none.
    pub moe_shared_expert_intermediate_size: u64,
    /// Layers at the start that are dense.
    pub first_dense_layers: u64,
}

/// Every model of the library.
pub const MODELS: &[LibraryModel] = &[
    LibraryModel {
        id: "gpt3-175b",
        name: "GPT-3 175B",
        num_layers: 96,
        hidden_size: 12_288,
        ffn_hidden_size: 49_152,
        num_attention_heads: 96,
        num_query_groups: 96,
        kv_channels: 128,
        vocab_size: 50_257,
        swiglu: false,
        normalization: "LayerNorm",
        add_bias_linear: true,
        add_qkv_bias: false,
        qk_layernorm: false,
        untie_embeddings_and_output_weights: false,
        learned_positions: 2048,
        moe: None,
        published_parameters: 174_600_000_000,
        source: "arXiv:2005.14165, tables 2.1 and D.1 (174,600 M); vocabulary of GPT-2",
    },
    LibraryModel {
        id: "llama2-7b",
        name: "Llama 2 7B",
        num_layers: 32,
        hidden_size: 4096,
        ffn_hidden_size: 11_008,
        num_attention_heads: 32,
        num_query_groups: 32,
        kv_channels: 128,
        vocab_size: 32_000,
        swiglu: true,
        normalization: "RMSNorm",
        add_bias_linear: false,
        add_qkv_bias: false,
        qk_layernorm: false,
        untie_embeddings_and_output_weights: true,
        learned_positions: 0,
        moe: None,
        published_parameters: 6_738_415_616,
        source: "https://huggingface.co/meta-llama/Llama-2-7b-hf config.json",
    },
    LibraryModel {
        id: "llama2-13b",
        name: "Llama 2 13B",
        num_layers: 40,
        hidden_size: 5120,
        ffn_hidden_size: 13_824,
        num_attention_heads: 40,
        num_query_groups: 40,
        kv_channels: 128,
        vocab_size: 32_000,
        swiglu: true,
        normalization: "RMSNorm",
        add_bias_linear: false,
        add_qkv_bias: false,
        qk_layernorm: false,
        untie_embeddings_and_output_weights: true,
        learned_positions: 0,
        moe: None,
        published_parameters: 13_015_864_320,
        source: "https://huggingface.co/meta-llama/Llama-2-13b-hf config.json",
    },
    LibraryModel {
        id: "llama2-70b",
        name: "Llama 2 70B",
        num_layers: 80,
        hidden_size: 8192,
        ffn_hidden_size: 28_672,
        num_attention_heads: 64,
        num_query_groups: 8,
        kv_channels: 128,
        vocab_size: 32_000,
        swiglu: true,
        normalization: "RMSNorm",
        add_bias_linear: false,
        add_qkv_bias: false,
        qk_layernorm: false,
        untie_embeddings_and_output_weights: true,
        learned_positions: 0,
        moe: None,
        published_parameters: 68_976_648_192,
        source: "https://huggingface.co/meta-llama/Llama-2-70b-hf config.json",
    },
    LibraryModel {
        id: "llama3-8b",
        name: "Llama 3 8B",
        num_layers: 32,
        hidden_size: 4096,
        ffn_hidden_size: 14_336,
        num_attention_heads: 32,
        num_query_groups: 8,
        kv_channels: 128,
        vocab_size: 128_256,
        swiglu: true,
        normalization: "RMSNorm",
        add_bias_linear: false,
        add_qkv_bias: false,
        qk_layernorm: false,
        untie_embeddings_and_output_weights: true,
        learned_positions: 0,
        moe: None,
        published_parameters: 8_030_261_248,
        source: "https://huggingface.co/meta-llama/Meta-Llama-3-8B config.json; arXiv:2407.21783, table 3",
    },
    LibraryModel {
        id: "llama3-70b",
        name: "Llama 3 70B",
        num_layers: 80,
        hidden_size: 8192,
        ffn_hidden_size: 28_672,
        num_attention_heads: 64,
        num_query_groups: 8,
        kv_channels: 128,
        vocab_size: 128_256,
        swiglu: true,
        normalization: "RMSNorm",
        add_bias_linear: false,
        add_qkv_bias: false,
        qk_layernorm: false,
        untie_embeddings_and_output_weights: true,
        learned_positions: 0,
        moe: None,
        published_parameters: 70_553_706_496,
        source: "https://huggingface.co/meta-llama/Meta-Llama-3-70B config.json; arXiv:2407.21783, table 3",
    },
    LibraryModel {
        id: "llama3-405b",
        name: "Llama 3.1 405B",
        num_layers: 126,
        hidden_size: 16_384,
        ffn_hidden_size: 53_248,
        num_attention_heads: 128,
        num_query_groups: 8,
        kv_channels: 128,
        vocab_size: 128_256,
        swiglu: true,
        normalization: "RMSNorm",
        add_bias_linear: false,
        add_qkv_bias: false,
        qk_layernorm: false,
        untie_embeddings_and_output_weights: true,
        learned_positions: 0,
        moe: None,
        published_parameters: 405_853_388_800,
        source: "https://huggingface.co/meta-llama/Llama-3.1-405B config.json; arXiv:2407.21783, table 3",
    },
    LibraryModel {
        id: "llama3-2-3b",
        name: "Llama 3.2 3B",
        num_layers: 28,
        hidden_size: 3072,
        ffn_hidden_size: 8192,
        num_attention_heads: 24,
        num_query_groups: 8,
        kv_channels: 128,
        vocab_size: 128_256,
        swiglu: true,
        normalization: "RMSNorm",
        add_bias_linear: false,
        add_qkv_bias: false,
        qk_layernorm: false,
        untie_embeddings_and_output_weights: false,
        learned_positions: 0,
        moe: None,
        published_parameters: 3_212_749_824,
        source: "https://huggingface.co/meta-llama/Llama-3.2-3B config.json",
    },
    LibraryModel {
        id: "mixtral-8x7b",
        name: "Mixtral 8x7B",
        num_layers: 32,
        hidden_size: 4096,
        ffn_hidden_size: 14_336,
        num_attention_heads: 32,
        num_query_groups: 8,
        kv_channels: 128,
        vocab_size: 32_000,
        swiglu: true,
        normalization: "RMSNorm",
        add_bias_linear: false,
        add_qkv_bias: false,
        qk_layernorm: false,
        untie_embeddings_and_output_weights: true,
        learned_positions: 0,
        moe: Some(LibraryMoe {
            num_experts: 8,
            moe_router_topk: 2,
            moe_ffn_hidden_size: 14_336,
            moe_shared_expert_intermediate_size: 0,
            first_dense_layers: 0,
        }),
        published_parameters: 46_702_792_704,
        source: "https://huggingface.co/mistralai/Mixtral-8x7B-v0.1 config.json; arXiv:2401.04088, table 1",
    },
    LibraryModel {
        id: "mixtral-8x22b",
        name: "Mixtral 8x22B",
        num_layers: 56,
        hidden_size: 6144,
        ffn_hidden_size: 16_384,
        num_attention_heads: 48,
        num_query_groups: 8,
        kv_channels: 128,
        vocab_size: 32_000,
        swiglu: true,
        normalization: "RMSNorm",
        add_bias_linear: false,
        add_qkv_bias: false,
        qk_layernorm: false,
        untie_embeddings_and_output_weights: true,
        learned_positions: 0,
        moe: Some(LibraryMoe {
            num_experts: 8,
            moe_router_topk: 2,
            moe_ffn_hidden_size: 16_384,
            moe_shared_expert_intermediate_size: 0,
            first_dense_layers: 0,
        }),
        published_parameters: 140_620_634_112,
        source: "https://huggingface.co/mistralai/Mixtral-8x22B-v0.1 config.json (v0.3 has 32,768 tokens)",
    },
    LibraryModel {
        id: "qwen3-8b",
        name: "Qwen3 8B",
        num_layers: 36,
        hidden_size: 4096,
        ffn_hidden_size: 12_288,
        num_attention_heads: 32,
        num_query_groups: 8,
        kv_channels: 128,
        vocab_size: 151_936,
        swiglu: true,
        normalization: "RMSNorm",
        add_bias_linear: false,
        add_qkv_bias: false,
        qk_layernorm: true,
        untie_embeddings_and_output_weights: true,
        learned_positions: 0,
        moe: None,
        published_parameters: 8_190_735_360,
        source: "https://huggingface.co/Qwen/Qwen3-8B config.json; arXiv:2505.09388, table 1",
    },
    LibraryModel {
        id: "qwen3-14b",
        name: "Qwen3 14B",
        num_layers: 40,
        hidden_size: 5120,
        ffn_hidden_size: 17_408,
        num_attention_heads: 40,
        num_query_groups: 8,
        kv_channels: 128,
        vocab_size: 151_936,
        swiglu: true,
        normalization: "RMSNorm",
        add_bias_linear: false,
        add_qkv_bias: false,
        qk_layernorm: true,
        untie_embeddings_and_output_weights: true,
        learned_positions: 0,
        moe: None,
        published_parameters: 14_768_307_200,
        source: "https://huggingface.co/Qwen/Qwen3-14B config.json; arXiv:2505.09388, table 1",
    },
    LibraryModel {
        id: "qwen3-32b",
        name: "Qwen3 32B",
        num_layers: 64,
        hidden_size: 5120,
        ffn_hidden_size: 25_600,
        num_attention_heads: 64,
        num_query_groups: 8,
        kv_channels: 128,
        vocab_size: 151_936,
        swiglu: true,
        normalization: "RMSNorm",
        add_bias_linear: false,
        add_qkv_bias: false,
        qk_layernorm: true,
        untie_embeddings_and_output_weights: true,
        learned_positions: 0,
        moe: None,
        published_parameters: 32_762_123_264,
        source: "https://huggingface.co/Qwen/Qwen3-32B config.json; arXiv:2505.09388, table 1",
    },
    LibraryModel {
        id: "qwen3-30b-a3b",
        name: "Qwen3 30B-A3B",
        num_layers: 48,
        hidden_size: 2048,
        ffn_hidden_size: 6144,
        num_attention_heads: 32,
        num_query_groups: 4,
        kv_channels: 128,
        vocab_size: 151_936,
        swiglu: true,
        normalization: "RMSNorm",
        add_bias_linear: false,
        add_qkv_bias: false,
        qk_layernorm: true,
        untie_embeddings_and_output_weights: true,
        learned_positions: 0,
        moe: Some(LibraryMoe {
            num_experts: 128,
            moe_router_topk: 8,
            moe_ffn_hidden_size: 768,
            moe_shared_expert_intermediate_size: 0,
            first_dense_layers: 0,
        }),
        published_parameters: 30_532_122_624,
        source: "https://huggingface.co/Qwen/Qwen3-30B-A3B config.json; arXiv:2505.09388, table 2",
    },
    LibraryModel {
        id: "qwen3-235b-a22b",
        name: "Qwen3 235B-A22B",
        num_layers: 94,
        hidden_size: 4096,
        ffn_hidden_size: 12_288,
        num_attention_heads: 64,
        num_query_groups: 4,
        kv_channels: 128,
        vocab_size: 151_936,
        swiglu: true,
        normalization: "RMSNorm",
        add_bias_linear: false,
        add_qkv_bias: false,
        qk_layernorm: true,
        untie_embeddings_and_output_weights: true,
        learned_positions: 0,
        moe: Some(LibraryMoe {
            num_experts: 128,
            moe_router_topk: 8,
            moe_ffn_hidden_size: 1536,
            moe_shared_expert_intermediate_size: 0,
            first_dense_layers: 0,
        }),
        published_parameters: 235_093_634_560,
        source: "https://huggingface.co/Qwen/Qwen3-235B-A22B config.json; arXiv:2505.09388, table 2",
    },
];

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    /// Rows whose published count is rounded; the others are exact.
    const ROUNDED: &[&str] = &["gpt3-175b"];

    fn norm(model: &LibraryModel, width: u64) -> u64 {
        match model.normalization {
            "RMSNorm" => width,
            "LayerNorm" => 2 * width,
            other => panic!("{}: {other}", model.id),
        }
    }

    fn feed_forward(model: &LibraryModel, width: u64) -> u64 {
        let inputs = if model.swiglu { 2 } else { 1 };
        let bias = if model.add_bias_linear {
            inputs * width + model.hidden_size
        } else {
            0
        };
        (inputs + 1) * model.hidden_size * width + bias
    }

    fn attention(model: &LibraryModel) -> u64 {
        let hidden = model.hidden_size;
        let query = model.num_attention_heads * model.kv_channels;
        let key_value = 2 * model.num_query_groups * model.kv_channels;
        let mut count = hidden * (query + key_value) + query * hidden;
        if model.add_bias_linear || model.add_qkv_bias {
            count += query + key_value;
        }
        if model.add_bias_linear {
            count += hidden;
        }
        if model.qk_layernorm {
            count += 2 * norm(model, model.kv_channels);
        }
        count
    }

    fn parameters(model: &LibraryModel) -> u64 {
        let hidden = model.hidden_size;
        let tables = if model.untie_embeddings_and_output_weights {
            2
        } else {
            1
        };
        let common = attention(model) + 2 * norm(model, hidden);
        let dense = feed_forward(model, model.ffn_hidden_size);
        let layers = match model.moe {
            None => model.num_layers * (common + dense),
            Some(moe) => {
                let routed = moe.num_experts * feed_forward(model, moe.moe_ffn_hidden_size);
                let shared = match moe.moe_shared_expert_intermediate_size {
                    0 => 0,
                    width => feed_forward(model, width),
                };
                let router = hidden * moe.num_experts;
                model.num_layers * common
                    + moe.first_dense_layers * dense
                    + (model.num_layers - moe.first_dense_layers) * (routed + shared + router)
            }
        };
        tables * model.vocab_size * hidden
            + model.learned_positions * hidden
            + layers
            + norm(model, hidden)
    }

    #[test]
    fn parameters_are_those_published() {
        for model in MODELS {
            let counted = parameters(model);
            let published = model.published_parameters;
            if ROUNDED.contains(&model.id) {
                let error = counted.abs_diff(published);
                assert!(error * 200 <= published, "{}: {counted}", model.id);
            } else {
                assert_eq!(counted, published, "{}", model.id);
            }
        }
    }

    #[test]
    fn ids_are_unique_and_plain() {
        let ids: BTreeSet<_> = MODELS.iter().map(|model| model.id).collect();
        assert_eq!(ids.len(), MODELS.len());
        for id in ids {
            assert!(
                !id.is_empty()
                    && id
                        .bytes()
                        .all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-')),
                "{id}"
            );
        }
        for id in ROUNDED {
            assert!(MODELS.iter().any(|model| model.id == *id), "{id}");
        }
    }

    #[test]
    fn shapes_are_ones_megatron_takes() {
        for model in MODELS {
            let id = model.id;
            assert!(model.num_layers > 0 && model.hidden_size > 0, "{id}");
            assert!(model.ffn_hidden_size > 0 && model.vocab_size > 0, "{id}");
            assert!(model.num_query_groups > 0 && model.kv_channels > 0, "{id}");
            assert_eq!(
                model.num_attention_heads % model.num_query_groups,
                0,
                "{id}"
            );
            assert!(!model.name.is_empty() && !model.source.is_empty(), "{id}");
            if let Some(moe) = model.moe {
                assert!(moe.moe_router_topk > 0, "{id}");
                assert!(moe.moe_router_topk <= moe.num_experts, "{id}");
                assert!(moe.moe_ffn_hidden_size > 0, "{id}");
                assert!(moe.first_dense_layers < model.num_layers, "{id}");
            }
        }
    }
}
