//! The model of a plan: its architecture, from a preset and the plan's own figures, and its
//! parameters.

pub mod layer_pattern;

use crate::core::config::{self, Normalization};
use crate::core::model_library::LibraryModel;
use crate::core::number::quotient;
use crate::core::presets;
use serde::Serialize;

/// Where the number of parameters comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum CountedFrom {
    /// The plan states it.
    Stated,
    /// The preset's authors, or the guide, state it.
    Published,
    /// It follows from the architecture.
    Architecture,
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
    /// Parameters that one token passes.
    pub active_parameters: u64,
    /// Transformer layers.
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
    /// Tokens in the vocabulary.
    pub vocab_size: u64,
    /// Gated MLP.
    pub swiglu: bool,
    /// Kind of normalization, Megatron's name.
    pub normalization: &'static str,
    /// Biases in the linear layers.
    pub add_bias_linear: bool,
    /// Separate matrices for the embedding and the head.
    pub untie_embeddings_and_output_weights: bool,
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
    /// Fills in the model of a plan: the plan's own figures, then the preset's, then Megatron's
    /// defaults.
    pub fn of(said: &config::Model) -> Model {
        let preset = said.preset.as_deref().and_then(presets::model);
        let from = |own: Option<u64>, theirs: fn(&LibraryModel) -> u64| {
            own.or(preset.map(theirs)).unwrap_or(0)
        };
        let swiglu = said.swiglu.or(preset.map(|p| p.swiglu)).unwrap_or(false);
        let hidden_size = from(said.hidden_size, |p| p.hidden_size);
        let num_attention_heads = from(said.num_attention_heads, |p| p.num_attention_heads);
        let ffn_hidden_size = said
            .ffn_hidden_size
            .or(preset
                .filter(|_| said.hidden_size.is_none())
                .map(|p| p.ffn_hidden_size))
            .unwrap_or_else(|| default_ffn(hidden_size, swiglu));
        let kv_channels = said
            .kv_channels
            .or(preset
                .filter(|_| said.hidden_size.is_none() && said.num_attention_heads.is_none())
                .map(|p| p.kv_channels))
            .unwrap_or_else(|| quotient(hidden_size, num_attention_heads));
        let num_query_groups = said
            .num_query_groups
            // A model that shares KV heads goes on sharing them when its heads change.
            .or(preset
                .filter(|p| {
                    said.num_attention_heads.is_none() || p.num_query_groups < p.num_attention_heads
                })
                .map(|p| p.num_query_groups))
            .unwrap_or(num_attention_heads);
        let normalization = said
            .normalization
            .map(Normalization::word)
            .or(preset.map(|p| p.normalization))
            .unwrap_or(Normalization::LayerNorm.word());
        let preset_moe = preset.and_then(|p| p.moe);
        let moe = said
            .num_experts
            .or(preset_moe.map(|m| m.num_experts))
            .map(|num_experts| Moe {
                num_experts,
                // Megatron's default is two.
                moe_router_topk: said
                    .moe_router_topk
                    .or(preset_moe.map(|m| m.moe_router_topk))
                    .unwrap_or(2),
                moe_ffn_hidden_size: said
                    .moe_ffn_hidden_size
                    .or(preset_moe.map(|m| m.moe_ffn_hidden_size))
                    .unwrap_or(ffn_hidden_size),
                moe_shared_expert_intermediate_size: said
                    .moe_shared_expert_intermediate_size
                    .or(preset_moe.map(|m| m.moe_shared_expert_intermediate_size))
                    .unwrap_or(0),
            });
        let mut model = Model {
            name: preset.map_or_else(|| "Own model".to_owned(), |p| p.name.to_owned()),
            num_parameters: 0,
            counted_from: CountedFrom::Architecture,
            counted_parameters: 0,
            expert_parameters: 0,
            active_parameters: 0,
            num_layers: from(said.num_layers, |p| p.num_layers),
            hidden_size,
            ffn_hidden_size,
            num_attention_heads,
            num_query_groups,
            kv_channels,
            vocab_size: from(said.vocab_size, |p| p.vocab_size),
            swiglu,
            normalization,
            add_bias_linear: said
                .add_bias_linear
                .or(preset.map(|p| p.add_bias_linear))
                .unwrap_or(true),
            untie_embeddings_and_output_weights: said
                .untie_embeddings_and_output_weights
                .or(preset.map(|p| p.untie_embeddings_and_output_weights))
                .unwrap_or(false),
            moe,
        };
        model.count(said, preset);
        model
    }

    /// Parameters, from the architecture and from what the plan and the preset state.
    fn count(&mut self, said: &config::Model, preset: Option<&LibraryModel>) {
        let extras = preset.map_or((false, false, 0), |p| {
            (p.add_qkv_bias, p.qk_layernorm, p.learned_positions)
        });
        let first_dense = preset
            .and_then(|p| p.moe)
            .map_or(0, |m| m.first_dense_layers);
        let counted = self.architecture(extras, first_dense);
        self.counted_parameters = counted.total;
        // A figure that equals the preset's is no change.
        let unchanged = preset.is_some_and(|preset| {
            let as_published = config::Model {
                preset: said.preset.clone(),
                ..Default::default()
            };
            as_published == *said || self.has_shape_of(&Model::of(&as_published), preset)
        });
        if preset.is_some() && (!unchanged || said.num_parameters.is_some()) {
            self.name.push_str(", changed");
        }
        (self.num_parameters, self.counted_from) = match (said.num_parameters, preset) {
            (Some(stated), _) => (stated, CountedFrom::Stated),
            (None, Some(preset)) if unchanged => {
                (preset.published_parameters, CountedFrom::Published)
            }
            _ => (counted.total, CountedFrom::Architecture),
        };
        self.expert_parameters = counted.experts.min(self.num_parameters);
        let idle = counted.experts.saturating_sub(counted.active_experts);
        self.active_parameters = self
            .num_parameters
            .saturating_sub(idle.min(self.expert_parameters));
    }

    /// Whether the architecture is a preset's own.
    fn has_shape_of(&self, published: &Model, preset: &LibraryModel) -> bool {
        let shape = |m: &Model| Model {
            num_parameters: 0,
            expert_parameters: 0,
            active_parameters: 0,
            counted_from: CountedFrom::Published,
            ..m.clone()
        };
        published.num_parameters == preset.published_parameters && shape(self) == shape(published)
    }

    /// The parameters of a transformer, matrix by matrix, as Megatron-LM's `GPTModel` builds it;
    /// the vocabulary is not padded.
    fn architecture(
        &self,
        (qkv_bias, qk_norm, positions): (bool, bool, u64),
        first_dense: u64,
    ) -> Counted {
        if self.num_layers == 0 || self.hidden_size == 0 {
            return Counted::default();
        }
        let h = self.hidden_size;
        let times = |a: u64, b: u64| a.saturating_mul(b);
        let query = times(self.num_attention_heads, self.kv_channels);
        let key_value = times(2, times(self.num_query_groups, self.kv_channels));
        let bias = |n: u64| if self.add_bias_linear { n } else { 0 };
        let norm = if self.normalization == Normalization::LayerNorm.word() {
            times(2, h)
        } else {
            h
        };
        let qkv = query.saturating_add(key_value);
        let attention = sum(&[
            times(h, qkv),
            times(query, h),
            bias(qkv.saturating_add(h)),
            if qkv_bias { qkv } else { 0 },
            if qk_norm {
                times(2, self.kv_channels)
            } else {
                0
            },
        ]);
        let mlp = |width: u64| {
            let into = if self.swiglu { times(2, width) } else { width };
            sum(&[
                times(h, into),
                times(width, h),
                bias(into.saturating_add(h)),
            ])
        };
        let layers = self.num_layers;
        let (experts, active_experts, ffn) = match &self.moe {
            None => (0, 0, times(layers, mlp(self.ffn_hidden_size))),
            Some(moe) => {
                let moe_layers = layers.saturating_sub(first_dense);
                let one = mlp(moe.moe_ffn_hidden_size);
                let shared = match moe.moe_shared_expert_intermediate_size {
                    0 => 0,
                    width => mlp(width),
                };
                let dense = times(layers.min(first_dense), mlp(self.ffn_hidden_size));
                let router = times(h, moe.num_experts);
                (
                    times(moe_layers, times(moe.num_experts, one)),
                    times(
                        moe_layers,
                        times(moe.moe_router_topk.min(moe.num_experts), one),
                    ),
                    sum(&[dense, times(moe_layers, shared.saturating_add(router))]),
                )
            }
        };
        let tables = if self.untie_embeddings_and_output_weights {
            2
        } else {
            1
        };
        let total = sum(&[
            times(layers, attention.saturating_add(times(2, norm))),
            ffn,
            experts,
            norm,
            times(times(self.vocab_size, h), tables),
            times(positions, h),
        ]);
        Counted {
            total,
            experts,
            active_experts,
        }
    }

    /// Whether the architecture is known well enough for the memory estimate.
    pub fn is_complete(&self) -> bool {
        self.num_layers > 0 && self.hidden_size > 0 && self.num_parameters > 0
    }
}

#[derive(Default)]
struct Counted {
    total: u64,
    experts: u64,
    active_experts: u64,
}

fn sum(parts: &[u64]) -> u64 {
    parts.iter().fold(0, |all, part| all.saturating_add(*part))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::model_library::MODELS;

    fn preset(id: &str) -> config::Model {
        config::Model {
            preset: Some(id.to_owned()),
            ..Default::default()
        }
    }

    #[test]
    fn every_library_model_counts_to_its_published_parameters() {
        for model in MODELS {
            let counted = Model::of(&preset(model.id)).counted_parameters as f64;
            let published = model.published_parameters as f64;
            let exact = if model.id == "gpt3-175b" { 0.005 } else { 0.0 };
            assert!(
                (counted - published).abs() <= exact * published,
                "{} {counted}",
                model.id
            );
        }
    }

    #[test]
    fn a_stated_count_wins_and_a_changed_architecture_is_counted_anew() {
        let stated = config::Model {
            num_parameters: Some(7),
            ..preset("llama2-7b")
        };
        assert_eq!(Model::of(&stated).num_parameters, 7);
        let deeper = config::Model {
            num_layers: Some(64),
            ..preset("llama2-7b")
        };
        let model = Model::of(&deeper);
        assert_eq!(model.counted_from, CountedFrom::Architecture);
        assert_eq!(model.num_parameters, 13_214_683_136);
    }

    #[test]
    fn a_figure_that_equals_the_presets_is_no_change() {
        let same = config::Model {
            num_layers: Some(32),
            kv_channels: Some(128),
            ..preset("guide-7b")
        };
        assert_eq!(Model::of(&same).num_parameters, 7_000_000_000);
    }

    #[test]
    fn mixtral_has_thirteen_billion_active_parameters() {
        let model = Model::of(&preset("mixtral-8x7b"));
        assert_eq!(model.num_parameters, 46_702_792_704);
        assert_eq!(model.active_parameters, 12_879_925_248);
    }
}
