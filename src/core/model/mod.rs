//! The model of a plan: its architecture, from the plan's own figures, a preset and Megatron's
//! defaults.
//!
//! It knows the shape of a transformer and counts its parameters (`count.rs`); it must never know
//! sizes, a cluster or a batch beyond the sequence that a table of positions has to hold.

mod count;

use super::config::{self, Normalization, PositionEmbedding};
use super::layer_pattern::{self, LayerPattern};
use super::model_library::{self, LibraryModel, LibraryMoe, OWN};
use super::number::quotient;
use super::presets;
pub use count::Parts;
use count::count;
use serde::Serialize;

/// Megatron's `--make-vocab-size-divisible-by` when it is not given.
pub const VOCAB_DIVISOR: u64 = 128;

/// Where the number of parameters comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum CountedFrom {
    /// The plan states it.
    Stated,
    /// The preset's authors, or the guide, state it; layers of multi-token prediction come on top.
    Published,
    /// It follows from the architecture.
    Architecture,
}

/// Multi-latent attention: queries, keys and values pass through narrow matrices.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Mla {
    /// Width of the compressed queries; zero where they are not compressed.
    pub q_lora_rank: u64,
    /// Width of the compressed keys and values.
    pub kv_lora_rank: u64,
    /// Width of a head's part without positions.
    pub qk_head_dim: u64,
    /// Width of a head's part with positions.
    pub qk_pos_emb_head_dim: u64,
    /// Width of a head's values.
    pub v_head_dim: u64,
}

impl Mla {
    /// `--multi-latent-attention` without further arguments. Megatron-LM
    /// `megatron/training/arguments.py`, `_add_mla_args`.
    const DEFAULT: Mla = Mla {
        q_lora_rank: 0,
        kv_lora_rank: 32,
        qk_head_dim: 128,
        qk_pos_emb_head_dim: 64,
        v_head_dim: 128,
    };

    /// Width of one head's query, and of its key.
    pub fn query_width(&self) -> u64 {
        self.qk_head_dim.saturating_add(self.qk_pos_emb_head_dim)
    }
}

/// The routed experts of a model.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Moe {
    /// Routed experts of each MoE layer.
    pub num_experts: u64,
    /// Experts that each token is sent to.
    pub moe_router_topk: u64,
    /// Width of one expert.
    pub moe_ffn_hidden_size: u64,
    /// Width of the expert that every token passes; zero for none.
    pub moe_shared_expert_intermediate_size: u64,
    /// Whether scores before the softmax pick the experts.
    pub moe_router_pre_softmax: bool,
    /// Layers with experts; those of multi-token prediction come on top.
    pub num_moe_layers: u64,
    /// Which layers have experts.
    #[serde(skip)]
    pub pattern: LayerPattern,
}

/// A model with every figure filled in. Zero stands for a figure that nobody told.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Model {
    /// Name for people.
    pub name: String,
    /// Parameters in all.
    pub num_parameters: u64,
    /// Where `num_parameters` comes from.
    pub counted_from: CountedFrom,
    /// Parameters counted from the architecture; zero when it is not known well enough.
    pub counted_parameters: u64,
    /// Parameters of all routed experts, a part of `num_parameters`.
    pub expert_parameters: u64,
    /// Parameters of multi-token prediction, a part of `counted_parameters`.
    pub mtp_parameters: u64,
    /// Parameters that one token passes.
    pub active_parameters: u64,
    /// Transformer layers, without those of multi-token prediction.
    pub num_layers: u64,
    /// Width of the residual stream.
    pub hidden_size: u64,
    /// Width of the dense MLP.
    pub ffn_hidden_size: u64,
    /// Query heads.
    pub num_attention_heads: u64,
    /// Key and value heads.
    pub num_query_groups: u64,
    /// Width of one head.
    pub kv_channels: u64,
    /// Tokens in the vocabulary, not padded.
    pub vocab_size: u64,
    /// Gated MLP.
    pub swiglu: bool,
    /// Kind of normalization, Megatron's name.
    pub normalization: &'static str,
    /// Biases in the linear layers.
    pub add_bias_linear: bool,
    /// Biases of the query, key and value projections alone.
    pub add_qkv_bias: bool,
    /// Normalization of queries and keys.
    pub qk_layernorm: bool,
    /// A learned offset of each head's softmax.
    pub softmax_offsets: bool,
    /// Separate matrices for the embedding and the head.
    pub untie_embeddings_and_output_weights: bool,
    /// How positions enter, Megatron's name.
    pub position_embedding_type: &'static str,
    /// Positions that the model can tell apart; only a learned table has a row for each.
    pub max_position_embeddings: u64,
    /// Layers of multi-token prediction (MTP).
    pub mtp_num_layers: u64,
    /// Multi-latent attention; none for query groups.
    pub mla: Option<Mla>,
    /// The experts; none for a dense model.
    pub moe: Option<Moe>,
}

/// `--ffn-hidden-size` when it is not given: 4 · hidden, or ⌊(4 · hidden · 2/3) / 64⌋ · 64 when
/// gated. Megatron-LM `megatron/training/arguments.py`, `validate_args`.
fn default_ffn(hidden: u64, swiglu: bool) -> u64 {
    let wide = hidden.saturating_mul(4);
    if swiglu {
        quotient(wide.saturating_mul(2), 192).saturating_mul(64)
    } else {
        wide
    }
}

impl Model {
    /// Fills in the model of a plan that trains on sequences of `seq_length` tokens: the plan's
    /// own figures, then the preset's, then Megatron's defaults.
    pub fn of(said: &config::Model, seq_length: u64) -> Model {
        let preset = said.preset.as_deref().and_then(presets::model);
        let base = preset.unwrap_or(&OWN);
        let swiglu = said.swiglu.unwrap_or(base.swiglu);
        let num_layers = said.num_layers.unwrap_or(base.num_layers);
        let hidden_size = said.hidden_size.unwrap_or(base.hidden_size);
        let num_attention_heads = said.num_attention_heads.unwrap_or(base.num_attention_heads);
        // A figure that follows from others follows from those of the plan.
        let follows = preset.is_none() || said.hidden_size.is_some();
        let ffn_hidden_size = said.ffn_hidden_size.unwrap_or_else(|| match follows {
            true => default_ffn(hidden_size, swiglu),
            false => base.ffn_hidden_size,
        });
        let follows = follows || said.num_attention_heads.is_some();
        let kv_channels = said.kv_channels.unwrap_or_else(|| match follows {
            true => quotient(hidden_size, num_attention_heads),
            false => base.kv_channels,
        });
        // A model that shares KV heads goes on sharing them when its heads change.
        let shares = base.num_query_groups < base.num_attention_heads;
        let num_query_groups = match said.num_attention_heads {
            Some(heads) if !shares => heads,
            _ => base.num_query_groups,
        };
        let position_embedding = match base.learned_positions {
            0 => PositionEmbedding::Rope,
            _ => PositionEmbedding::LearnedAbsolute,
        };
        let mut model = Model {
            name: base.name.to_owned(),
            num_parameters: 0,
            counted_from: CountedFrom::Architecture,
            counted_parameters: 0,
            expert_parameters: 0,
            mtp_parameters: 0,
            active_parameters: 0,
            num_layers,
            hidden_size,
            ffn_hidden_size,
            num_attention_heads,
            num_query_groups: said.num_query_groups.unwrap_or(num_query_groups),
            kv_channels,
            vocab_size: said.vocab_size.unwrap_or(base.vocab_size),
            swiglu,
            normalization: said
                .normalization
                .map_or(base.normalization, Normalization::word),
            add_bias_linear: said.add_bias_linear.unwrap_or(base.add_bias_linear),
            add_qkv_bias: said.add_qkv_bias.unwrap_or(base.add_qkv_bias),
            qk_layernorm: said.qk_layernorm.unwrap_or(base.qk_layernorm),
            softmax_offsets: base.softmax_offsets,
            untie_embeddings_and_output_weights: said
                .untie_embeddings_and_output_weights
                .unwrap_or(base.untie_embeddings_and_output_weights),
            position_embedding_type: said
                .position_embedding_type
                .unwrap_or(position_embedding)
                .word(),
            max_position_embeddings: said
                .max_position_embeddings
                .unwrap_or(base.learned_positions.max(seq_length)),
            mtp_num_layers: said.mtp_num_layers.unwrap_or(base.mtp_num_layers),
            mla: latent_attention(said, base.mla),
            moe: experts(said, base.moe, num_layers, ffn_hidden_size),
        };
        model.count(said, preset, seq_length);
        model
    }

    /// Parameters, from the architecture and from what the plan and the preset state.
    fn count(&mut self, said: &config::Model, preset: Option<&LibraryModel>, seq_length: u64) {
        let counted = count(self);
        self.counted_parameters = counted.total;
        self.mtp_parameters = counted.mtp;
        // A figure that equals the preset's is no change.
        let unchanged = preset.is_some() && {
            let as_published = config::Model {
                preset: said.preset.clone(),
                ..Default::default()
            };
            as_published == *said || Model::of(&as_published, seq_length).has_shape_of(self)
        };
        if preset.is_some() && (!unchanged || said.num_parameters.is_some()) {
            self.name.push_str(", changed");
        }
        (self.num_parameters, self.counted_from) = match (said.num_parameters, preset) {
            (Some(stated), _) => (stated, CountedFrom::Stated),
            (None, Some(preset)) if unchanged => {
                let published = match preset.published_parameters {
                    0 => counted.total,
                    stated => stated,
                };
                (published, CountedFrom::Published)
            }
            _ => (counted.total, CountedFrom::Architecture),
        };
        self.expert_parameters = counted.experts.min(self.num_parameters);
        let idle = counted.experts.saturating_sub(counted.active_experts);
        self.active_parameters = self
            .num_parameters
            .saturating_sub(idle.min(self.expert_parameters));
    }

    /// Whether the architecture, apart from what is counted of it, is another model's.
    fn has_shape_of(&self, other: &Model) -> bool {
        let shape = |m: &Model| Model {
            name: String::new(),
            num_parameters: 0,
            counted_parameters: 0,
            expert_parameters: 0,
            mtp_parameters: 0,
            active_parameters: 0,
            counted_from: CountedFrom::Published,
            max_position_embeddings: m.learned_positions(),
            ..m.clone()
        };
        shape(self) == shape(other)
    }

    /// Rows of the learned table of positions; zero without one.
    pub fn learned_positions(&self) -> u64 {
        if self.position_embedding_type == PositionEmbedding::LearnedAbsolute.word() {
            self.max_position_embeddings
        } else {
            0
        }
    }

    /// How many layers of a half-open range have experts.
    pub fn moe_layers(&self, first: u64, end: u64) -> u64 {
        self.moe
            .as_ref()
            .map_or(0, |moe| moe.pattern.count(first, end))
    }

    /// Whether the layers of multi-token prediction have experts: they are built like the last
    /// layer (`megatron/core/models/gpt/gpt_layer_specs.py`, `get_gpt_mtp_block_spec`).
    pub fn mtp_has_experts(&self) -> bool {
        self.moe_layers(self.num_layers.saturating_sub(1), self.num_layers) > 0
    }

    /// Whether the architecture is known well enough for the memory estimate.
    pub fn is_complete(&self) -> bool {
        self.num_layers > 0 && self.hidden_size > 0 && self.num_parameters > 0
    }
}

/// The multi-latent attention of a plan, where it has one.
fn latent_attention(said: &config::Model, preset: Option<&Mla>) -> Option<Mla> {
    if !said.multi_latent_attention.unwrap_or(preset.is_some()) {
        return None;
    }
    let theirs = preset.unwrap_or(&Mla::DEFAULT);
    Some(Mla {
        q_lora_rank: said.q_lora_rank.unwrap_or(theirs.q_lora_rank),
        kv_lora_rank: said.kv_lora_rank.unwrap_or(theirs.kv_lora_rank),
        qk_head_dim: said.qk_head_dim.unwrap_or(theirs.qk_head_dim),
        qk_pos_emb_head_dim: said
            .qk_pos_emb_head_dim
            .unwrap_or(theirs.qk_pos_emb_head_dim),
        v_head_dim: said.v_head_dim.unwrap_or(theirs.v_head_dim),
    })
}

/// The experts of a plan, where it has some; by Megatron's default a token goes to two of them.
fn experts(
    said: &config::Model,
    preset: Option<LibraryMoe>,
    num_layers: u64,
    ffn_hidden_size: u64,
) -> Option<Moe> {
    let num_experts = said.num_experts.or(preset.map(|m| m.num_experts))?;
    let base = preset.unwrap_or(model_library::experts(num_experts, 2, ffn_hidden_size));
    let pattern = said
        .moe_layer_freq
        .as_deref()
        .and_then(|text| layer_pattern::read(text, num_layers).0)
        .unwrap_or(LayerPattern::After(base.first_dense_layers));
    Some(Moe {
        num_experts,
        moe_router_topk: said.moe_router_topk.unwrap_or(base.moe_router_topk),
        moe_ffn_hidden_size: said.moe_ffn_hidden_size.unwrap_or(base.moe_ffn_hidden_size),
        moe_shared_expert_intermediate_size: said
            .moe_shared_expert_intermediate_size
            .unwrap_or(base.moe_shared_expert_intermediate_size),
        moe_router_pre_softmax: said
            .moe_router_pre_softmax
            .unwrap_or(base.moe_router_pre_softmax),
        num_moe_layers: pattern.count(0, num_layers),
        pattern,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Sequences of the tests' models.
    const SEQUENCE: u64 = 4096;

    fn preset(id: &str) -> config::Model {
        config::Model {
            preset: Some(id.to_owned()),
            ..Default::default()
        }
    }

    fn model(said: &config::Model) -> Model {
        Model::of(said, SEQUENCE)
    }

    #[test]
    fn a_stated_count_wins_and_a_changed_architecture_is_counted_anew() {
        let stated = config::Model {
            num_parameters: Some(7),
            ..preset("llama2-7b")
        };
        assert_eq!(model(&stated).num_parameters, 7);
        let deeper = model(&config::Model {
            num_layers: Some(64),
            ..preset("llama2-7b")
        });
        assert_eq!(deeper.counted_from, CountedFrom::Architecture);
        assert_eq!(deeper.num_parameters, 13_214_683_136);
    }

    #[test]
    fn a_figure_that_equals_the_presets_is_no_change() {
        let same = model(&config::Model {
            num_layers: Some(32),
            kv_channels: Some(128),
            make_vocab_size_divisible_by: Some(64),
            max_position_embeddings: Some(8192),
            ..preset("guide-7b")
        });
        assert_eq!(same.num_parameters, 7_000_000_000);
        let same = model(&config::Model {
            moe_layer_freq: Some("[0,0,0]+[1]*58".to_owned()),
            q_lora_rank: Some(1536),
            ..preset("deepseek-v3")
        });
        assert_eq!(same.name, "DeepSeek-V3");
    }

    #[test]
    fn the_plan_wins_over_the_preset_and_the_preset_over_megatron() {
        let deepseek = config::Model {
            kv_lora_rank: Some(256),
            mtp_num_layers: Some(0),
            moe_layer_freq: Some("2".to_owned()),
            ..preset("deepseek-v3")
        };
        let (own, theirs) = (model(&deepseek), model(&preset("deepseek-v3")));
        let mla = own.mla.expect("MLA");
        assert_eq!((mla.q_lora_rank, mla.kv_lora_rank), (1536, 256));
        assert_eq!((own.mtp_num_layers, theirs.mtp_num_layers), (0, 1));
        let layers = |m: &Model| m.moe.as_ref().map(|moe| moe.num_moe_layers);
        assert_eq!((layers(&own), layers(&theirs)), (Some(31), Some(58)));
        let latent = model(&config::Model {
            multi_latent_attention: Some(true),
            ..preset("llama2-7b")
        });
        assert_eq!(latent.mla, Some(Mla::DEFAULT));
        let grouped = model(&config::Model {
            multi_latent_attention: Some(false),
            ..preset("deepseek-v3")
        });
        assert_eq!(grouped.mla, None);
    }

    #[test]
    fn a_learned_table_has_a_row_for_each_position() {
        let rows = |said: &config::Model, seq| Model::of(said, seq).learned_positions();
        assert_eq!(rows(&preset("gpt3-175b"), 1024), 2048);
        assert_eq!(rows(&preset("gpt3-175b"), 4096), 4096);
        assert_eq!(rows(&preset("llama2-7b"), 4096), 0);
        let own = config::Model {
            position_embedding_type: Some(PositionEmbedding::LearnedAbsolute),
            ..Default::default()
        };
        assert_eq!(rows(&own, 512), 512);
        let longer = config::Model {
            max_position_embeddings: Some(1024),
            ..own
        };
        assert_eq!(rows(&longer, 512), 1024);
    }

    #[test]
    fn prediction_layers_are_like_the_last_layer() {
        let with = |pattern: &str| {
            model(&config::Model {
                moe_layer_freq: Some(pattern.to_owned()),
                ..preset("deepseek-v3")
            })
        };
        assert!(with("1").mtp_has_experts() && !with("[1]*60+[0]").mtp_has_experts());
        assert!(with("1").mtp_parameters > with("[1]*60+[0]").mtp_parameters);
    }

    #[test]
    fn mixtral_has_thirteen_billion_active_parameters() {
        let mixtral = model(&preset("mixtral-8x7b"));
        assert_eq!(mixtral.num_parameters, 46_702_792_704);
        assert_eq!(mixtral.active_parameters, 12_879_925_248);
    }
}
