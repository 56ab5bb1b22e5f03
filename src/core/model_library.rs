//! Public models a plan can start from, as data: the architecture of each in the terms of
//! Megatron-LM's own arguments. Every row says where it comes from; `tests/models.rs` holds its
//! parameters against the count that its authors publish.
//!
//! `vocab_size` is the vocabulary of the model, before Megatron-LM pads it.

use super::model::Mla;

/// One public model.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LibraryModel {
    /// Id used in plans: lower case with hyphens.
    pub id: &'static str,
    /// Name as the authors spell it.
    pub name: &'static str,
    /// Transformer layers, without those of multi-token prediction.
    pub num_layers: u64,
    /// Width of the residual stream.
    pub hidden_size: u64,
    /// Width of a dense MLP; where every layer has experts, the figure the authors publish,
    /// which no layer uses unless the experts have the same width.
    pub ffn_hidden_size: u64,
    /// Query heads.
    pub num_attention_heads: u64,
    /// Key and value heads.
    pub num_query_groups: u64,
    /// Width of one head.
    pub kv_channels: u64,
    /// Tokens in the vocabulary, not padded.
    pub vocab_size: u64,
    /// Whether the MLP is gated: three matrices, not two.
    pub swiglu: bool,
    /// `LayerNorm` or `RMSNorm`.
    pub normalization: &'static str,
    /// Whether every linear layer has a bias, the query, key and value projections too.
    pub add_bias_linear: bool,
    /// Whether those projections have a bias when the others do not.
    pub add_qkv_bias: bool,
    /// Whether queries and keys are normalized; with multi-latent attention, compressed ones.
    pub qk_layernorm: bool,
    /// Whether each head has a learned offset in its softmax (an attention sink).
    pub softmax_offsets: bool,
    /// Whether the output layer has a matrix of its own.
    pub untie_embeddings_and_output_weights: bool,
    /// Rows of a learned absolute position table; 0 for rotary positions.
    pub learned_positions: u64,
    /// Layers of multi-token prediction.
    pub mtp_num_layers: u64,
    /// Multi-latent attention, if any.
    pub mla: Option<&'static Mla>,
    /// The routed experts, if any.
    pub moe: Option<LibraryMoe>,
    /// Parameters where others than the architecture's are stated; else 0.
    pub published_parameters: u64,
    /// What Megatron needs besides, which no field of a plan holds; often nothing.
    pub note: &'static str,
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
    /// Whether scores before the softmax pick the experts.
    pub moe_router_pre_softmax: bool,
}

impl LibraryModel {
    /// The same kind of model in another shape.
    pub const fn shaped(
        self,
        num_layers: u64,
        hidden_size: u64,
        num_attention_heads: u64,
        num_query_groups: u64,
        ffn_hidden_size: u64,
    ) -> LibraryModel {
        LibraryModel {
            num_layers,
            hidden_size,
            ffn_hidden_size,
            num_attention_heads,
            num_query_groups,
            ..self
        }
    }
}

/// Experts of a width in every layer, `moe_router_topk` of them for each token.
pub const fn experts(
    num_experts: u64,
    moe_router_topk: u64,
    moe_ffn_hidden_size: u64,
) -> LibraryMoe {
    LibraryMoe {
        num_experts,
        moe_router_topk,
        moe_ffn_hidden_size,
        moe_shared_expert_intermediate_size: 0,
        first_dense_layers: 0,
        moe_router_pre_softmax: false,
    }
}

/// Experts with a shared one beside them, after some dense layers.
const fn shared(
    num_experts: u64,
    moe_router_topk: u64,
    moe_ffn_hidden_size: u64,
    moe_shared_expert_intermediate_size: u64,
    first_dense_layers: u64,
) -> LibraryMoe {
    LibraryMoe {
        moe_shared_expert_intermediate_size,
        first_dense_layers,
        ..experts(num_experts, moe_router_topk, moe_ffn_hidden_size)
    }
}

/// The same experts, picked by the scores before the softmax.
const fn before_softmax(moe: LibraryMoe) -> LibraryMoe {
    LibraryMoe {
        moe_router_pre_softmax: true,
        ..moe
    }
}

/// A model of Llama 2's kind.
pub const LLAMA: LibraryModel = LibraryModel {
    id: "",
    name: "",
    num_layers: 0,
    hidden_size: 0,
    ffn_hidden_size: 0,
    num_attention_heads: 0,
    num_query_groups: 0,
    kv_channels: 128,
    vocab_size: 32_000,
    swiglu: true,
    normalization: "RMSNorm",
    add_bias_linear: false,
    add_qkv_bias: false,
    qk_layernorm: false,
    softmax_offsets: false,
    untie_embeddings_and_output_weights: true,
    learned_positions: 0,
    mtp_num_layers: 0,
    mla: None,
    moe: None,
    published_parameters: 0,
    note: "",
    source: "",
};

/// No model at all: Megatron's defaults, with positions that need no table.
pub const OWN: LibraryModel = LibraryModel {
    name: "Own model",
    vocab_size: 0,
    ..GPT
};

/// A model of GPT-2's and GPT-3's kind.
pub const GPT: LibraryModel = LibraryModel {
    swiglu: false,
    normalization: "LayerNorm",
    add_bias_linear: true,
    untie_embeddings_and_output_weights: false,
    ..LLAMA
};

const QWEN: LibraryModel = LibraryModel {
    vocab_size: 151_936,
    qk_layernorm: true,
    ..LLAMA
};

const DEEPSEEK: LibraryModel = LibraryModel {
    qk_layernorm: true,
    mla: Some(&MLA),
    ..LLAMA
};

const GLM: LibraryModel = LibraryModel {
    vocab_size: 151_552,
    add_qkv_bias: true,
    mtp_num_layers: 1,
    note: SIGMOID,
    ..LLAMA
};

const GPT_OSS: LibraryModel = LibraryModel {
    kv_channels: 64,
    vocab_size: 201_088,
    add_bias_linear: true,
    softmax_offsets: true,
    note: "Megatron takes --quick-geglu in place of --swiglu, and --softmax-type learnable too.",
    ..LLAMA
};

const NEMOTRON: LibraryModel = LibraryModel {
    vocab_size: 256_000,
    swiglu: false,
    normalization: "LayerNorm",
    note: "Megatron needs --squared-relu too.",
    ..LLAMA
};

const MLA: Mla = Mla {
    q_lora_rank: 1536,
    kv_lora_rank: 512,
    qk_head_dim: 128,
    qk_pos_emb_head_dim: 64,
    v_head_dim: 128,
};

const SIGMOID: &str =
    "Megatron needs --moe-router-score-function sigmoid and --moe-router-enable-expert-bias too.";

/// Every model of the library.
pub const MODELS: &[LibraryModel] = &[
    LibraryModel {
        id: "gpt3-175b",
        name: "GPT-3 175B",
        vocab_size: 50_257,
        learned_positions: 2048,
        source: "arXiv:2005.14165, tables 2.1 and D.1; vocabulary of GPT-2",
        ..GPT.shaped(96, 12_288, 96, 96, 49_152)
    },
    LibraryModel {
        id: "llama2-7b",
        name: "Llama 2 7B",
        source: "huggingface.co/meta-llama/Llama-2-7b-hf",
        ..LLAMA.shaped(32, 4096, 32, 32, 11_008)
    },
    LibraryModel {
        id: "llama2-13b",
        name: "Llama 2 13B",
        source: "huggingface.co/meta-llama/Llama-2-13b-hf",
        ..LLAMA.shaped(40, 5120, 40, 40, 13_824)
    },
    LibraryModel {
        id: "llama2-70b",
        name: "Llama 2 70B",
        source: "huggingface.co/meta-llama/Llama-2-70b-hf",
        ..LLAMA.shaped(80, 8192, 64, 8, 28_672)
    },
    LibraryModel {
        id: "llama3-8b",
        name: "Llama 3 8B",
        vocab_size: 128_256,
        source: "huggingface.co/meta-llama/Meta-Llama-3-8B",
        ..LLAMA.shaped(32, 4096, 32, 8, 14_336)
    },
    LibraryModel {
        id: "llama3-70b",
        name: "Llama 3 70B",
        vocab_size: 128_256,
        source: "huggingface.co/meta-llama/Meta-Llama-3-70B",
        ..LLAMA.shaped(80, 8192, 64, 8, 28_672)
    },
    LibraryModel {
        id: "llama3-405b",
        name: "Llama 3.1 405B",
        vocab_size: 128_256,
        source: "huggingface.co/meta-llama/Llama-3.1-405B",
        ..LLAMA.shaped(126, 16_384, 128, 8, 53_248)
    },
    LibraryModel {
        id: "llama3-2-3b",
        name: "Llama 3.2 3B",
        vocab_size: 128_256,
        untie_embeddings_and_output_weights: false,
        source: "huggingface.co/meta-llama/Llama-3.2-3B",
        ..LLAMA.shaped(28, 3072, 24, 8, 8192)
    },
    LibraryModel {
        id: "mixtral-8x7b",
        name: "Mixtral 8x7B",
        moe: Some(experts(8, 2, 14_336)),
        source: "huggingface.co/mistralai/Mixtral-8x7B-v0.1",
        ..LLAMA.shaped(32, 4096, 32, 8, 14_336)
    },
    LibraryModel {
        id: "mixtral-8x22b",
        name: "Mixtral 8x22B",
        moe: Some(experts(8, 2, 16_384)),
        source: "huggingface.co/mistralai/Mixtral-8x22B-v0.1 (v0.3 has 32,768 tokens)",
        ..LLAMA.shaped(56, 6144, 48, 8, 16_384)
    },
    LibraryModel {
        id: "qwen3-0-6b",
        name: "Qwen3 0.6B",
        untie_embeddings_and_output_weights: false,
        source: "huggingface.co/Qwen/Qwen3-0.6B",
        ..QWEN.shaped(28, 1024, 16, 8, 3072)
    },
    LibraryModel {
        id: "qwen3-1-7b",
        name: "Qwen3 1.7B",
        untie_embeddings_and_output_weights: false,
        source: "huggingface.co/Qwen/Qwen3-1.7B",
        ..QWEN.shaped(28, 2048, 16, 8, 6144)
    },
    LibraryModel {
        id: "qwen3-4b",
        name: "Qwen3 4B",
        untie_embeddings_and_output_weights: false,
        source: "huggingface.co/Qwen/Qwen3-4B",
        ..QWEN.shaped(36, 2560, 32, 8, 9728)
    },
    LibraryModel {
        id: "qwen3-8b",
        name: "Qwen3 8B",
        source: "huggingface.co/Qwen/Qwen3-8B",
        ..QWEN.shaped(36, 4096, 32, 8, 12_288)
    },
    LibraryModel {
        id: "qwen3-14b",
        name: "Qwen3 14B",
        source: "huggingface.co/Qwen/Qwen3-14B",
        ..QWEN.shaped(40, 5120, 40, 8, 17_408)
    },
    LibraryModel {
        id: "qwen3-32b",
        name: "Qwen3 32B",
        source: "huggingface.co/Qwen/Qwen3-32B",
        ..QWEN.shaped(64, 5120, 64, 8, 25_600)
    },
    LibraryModel {
        id: "qwen3-30b-a3b",
        name: "Qwen3 30B-A3B",
        moe: Some(experts(128, 8, 768)),
        source: "huggingface.co/Qwen/Qwen3-30B-A3B",
        ..QWEN.shaped(48, 2048, 32, 4, 6144)
    },
    LibraryModel {
        id: "qwen3-235b-a22b",
        name: "Qwen3 235B-A22B",
        moe: Some(experts(128, 8, 1536)),
        source: "huggingface.co/Qwen/Qwen3-235B-A22B",
        ..QWEN.shaped(94, 4096, 64, 4, 12_288)
    },
    LibraryModel {
        id: "deepseek-v2-lite",
        name: "DeepSeek-V2-Lite",
        vocab_size: 102_400,
        mla: Some(&Mla {
            q_lora_rank: 0,
            ..MLA
        }),
        moe: Some(before_softmax(shared(64, 6, 1408, 2816, 1))),
        source: "huggingface.co/deepseek-ai/DeepSeek-V2-Lite",
        ..DEEPSEEK.shaped(27, 2048, 16, 16, 10_944)
    },
    LibraryModel {
        id: "deepseek-v2",
        name: "DeepSeek-V2",
        vocab_size: 102_400,
        moe: Some(before_softmax(shared(160, 6, 1536, 3072, 1))),
        source: "huggingface.co/deepseek-ai/DeepSeek-V2",
        ..DEEPSEEK.shaped(60, 5120, 128, 128, 12_288)
    },
    LibraryModel {
        id: "deepseek-v3",
        name: "DeepSeek-V3",
        vocab_size: 129_280,
        mtp_num_layers: 1,
        note: SIGMOID,
        moe: Some(shared(256, 8, 2048, 2048, 3)),
        source: "huggingface.co/deepseek-ai/DeepSeek-V3",
        ..DEEPSEEK.shaped(61, 7168, 128, 128, 18_432)
    },
    LibraryModel {
        id: "kimi-k2",
        name: "Kimi K2",
        vocab_size: 163_840,
        note: SIGMOID,
        moe: Some(shared(384, 8, 2048, 2048, 1)),
        source: "huggingface.co/moonshotai/Kimi-K2-Base",
        ..DEEPSEEK.shaped(61, 7168, 64, 64, 18_432)
    },
    LibraryModel {
        id: "glm-4-5",
        name: "GLM-4.5",
        qk_layernorm: true,
        moe: Some(shared(160, 8, 1536, 1536, 3)),
        source: "huggingface.co/zai-org/GLM-4.5",
        ..GLM.shaped(92, 5120, 96, 8, 12_288)
    },
    LibraryModel {
        id: "glm-4-5-air",
        name: "GLM-4.5-Air",
        moe: Some(shared(128, 8, 1408, 1408, 1)),
        source: "huggingface.co/zai-org/GLM-4.5-Air",
        ..GLM.shaped(46, 4096, 96, 8, 10_944)
    },
    LibraryModel {
        id: "gpt-oss-20b",
        name: "gpt-oss-20b",
        moe: Some(experts(32, 4, 2880)),
        source: "huggingface.co/openai/gpt-oss-20b",
        ..GPT_OSS.shaped(24, 2880, 64, 8, 2880)
    },
    LibraryModel {
        id: "gpt-oss-120b",
        name: "gpt-oss-120b",
        moe: Some(experts(128, 4, 2880)),
        source: "huggingface.co/openai/gpt-oss-120b",
        ..GPT_OSS.shaped(36, 2880, 64, 8, 2880)
    },
    LibraryModel {
        id: "nemotron-4-15b",
        name: "Nemotron-4 15B",
        source: "arXiv:2402.16819, table 1",
        ..NEMOTRON.shaped(32, 6144, 48, 8, 24_576)
    },
    LibraryModel {
        id: "nemotron-4-340b",
        name: "Nemotron-4 340B",
        kv_channels: 192,
        source: "arXiv:2406.11704, table 1",
        ..NEMOTRON.shaped(96, 18_432, 96, 8, 73_728)
    },
];

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

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
