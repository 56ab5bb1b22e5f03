//! A plan as plain data: what a person, a file or a link says, and nothing derived from it.
//!
//! One table ([`fields!`](self)) lists every field once: its place in the JSON, its type, its
//! default, its range and its words. The structs, the JSON, the form, the edits and the links
//! all follow from it.

mod edit;
mod field;
mod read;
mod value;
mod words;

pub use edit::Edit;
pub use field::{FieldInfo, Kind};
pub use read::Misread;
use value::choice;
pub use value::{Optional, Slot, Value};
pub use words::{is_shown, one_line, shown};

use crate::core::json::Json;

choice! {
    /// Ranks that vary fastest come first, as in Megatron-LM's `RankGenerator`.
    Order {
        /// Megatron's default.
        #[default]
        TpCpEpDpPp = "tp-cp-ep-dp-pp",
        /// `--use-tp-pp-dp-mapping`.
        TpCpEpPpDp = "tp-cp-ep-pp-dp",
    }
}

choice! {
    /// What is called DP when a model has experts (README, "Where the figures come from").
    ExpertAccounting {
        /// The guide: GPUs = TP · PP · DP · EP.
        #[default]
        Multiplied = "multiplied",
        /// Megatron Core: EP is taken from the data-parallel ranks, GPUs = TP · CP · PP · DP.
        Folded = "folded",
    }
}

choice! {
    /// Which activations are computed again in the backward pass (`--recompute-granularity`).
    Recompute {
        /// The core attention alone.
        #[default]
        Selective = "selective",
        /// Whole layers.
        Full = "full",
    }
}

choice! {
    /// The kind of normalization layer (`--normalization`).
    Normalization {
        /// Weight and bias.
        #[default]
        LayerNorm = "LayerNorm",
        /// Weight alone.
        RmsNorm = "RMSNorm",
    }
}

choice! {
    /// How the layers that are computed again are picked (`--recompute-method`).
    RecomputeMethod {
        /// Groups of `recompute_num_layers` layers, each of which keeps its input.
        #[default]
        Uniform = "uniform",
        /// The first `recompute_num_layers` layers of each stage.
        Block = "block",
    }
}

choice! {
    /// How positions enter (`--position-embedding-type`). Only a learned table has parameters.
    PositionEmbedding {
        /// Rotary embeddings.
        #[default]
        Rope = "rope",
        /// A learned table of `max_position_embeddings` rows.
        LearnedAbsolute = "learned_absolute",
        /// None.
        NoPosition = "none",
    }
}

/// A name that a table must hold, such as a GPU's id.
pub type Name = String;

/// Text in a small language of its own, such as a pipeline layout.
pub type Pattern = String;

/// A line of people's own words.
pub type Words = String;

macro_rules! fields {
    ($(
        $(#[$group_doc:meta])*
        $group:ident: $Group:ident {
            $(
                $(#[$doc:meta])*
                $name:ident: $ty:ty = $default:expr, $Field:ident, $kind:expr, $short:literal, $label:literal;
            )*
        }
    )*) => {
        $(
            $(#[$group_doc])*
            #[derive(Debug, Clone, PartialEq)]
            pub struct $Group {
                $( $(#[$doc])* pub $name: $ty, )*
            }

            impl Default for $Group {
                fn default() -> $Group {
                    $Group { $( $name: $default, )* }
                }
            }
        )*

        /// A plan. Every `Config` gives a [`Report`](crate::core::report::Report).
        #[derive(Debug, Clone, PartialEq, Default)]
        pub struct Config {
            $( $(#[$group_doc])* pub $group: $Group, )*
            /// What was written but could not be understood, kept so that nothing is lost.
            pub unread: Vec<Unread>,
        }

        /// The name of one field of a plan.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Field {
            $($( $(#[$doc])* $Field, )*)*
        }

        impl Field {
            /// Every field, in the order of the form.
            pub const ALL: &'static [Field] = &[$($(Field::$Field,)*)*];

            /// What is known of the field.
            pub fn info(self) -> &'static FieldInfo {
                match self {
                    $($(
                        Field::$Field => {
                            const INFO: &FieldInfo = &FieldInfo {
                                path: concat!(stringify!($group), ".", stringify!($name)),
                                short: $short,
                                label: $label,
                                kind: $kind,
                                optional: <$ty as Optional>::OPTIONAL,
                            };
                            INFO
                        }
                    )*)*
                }
            }
        }

        impl Config {
            /// The value of a field.
            pub fn get(&self, field: Field) -> Value {
                self.slot(field).get()
            }

            fn slot(&self, field: Field) -> &dyn Slot {
                match field {
                    $($( Field::$Field => &self.$group.$name, )*)*
                }
            }

            fn slot_mut(&mut self, field: Field) -> &mut dyn Slot {
                match field {
                    $($( Field::$Field => &mut self.$group.$name, )*)*
                }
            }

            /// Sets a field. A value of another type than the field's is refused with `false`;
            /// an unset value restores the default. What had been unread for it is gone.
            pub fn set(&mut self, field: Field, value: Value) -> bool {
                let value = match value {
                    Value::Unset => Config::default().get(field),
                    value => value,
                };
                let taken = self.slot_mut(field).set(value);
                if taken {
                    self.unread.retain(|unread| unread.path != field.info().path);
                }
                taken
            }
        }
    };
}

const SIZE: Kind = Kind::Count {
    min: 1,
    max: 1 << 20,
};

fields! {
    /// The model: a preset, its own figures, or a preset with some figures changed.
    model: Model {
        /// Id of a model that the other fields start from.
        preset: Option<Name> = None, ModelPreset, Kind::Model, "m", "Model preset";
        /// Parameters in all, when only the count is known, as in the guide.
        num_parameters: Option<u64> = None, NumParameters, Kind::Count { min: 1, max: 1_000_000_000_000_000 }, "params", "Parameters";
        /// Transformer layers.
        num_layers: Option<u64> = None, NumLayers, Kind::Count { min: 1, max: 10_000 }, "layers", "Layers";
        /// Width of the residual stream.
        hidden_size: Option<u64> = None, HiddenSize, SIZE, "hidden", "Hidden size";
        /// Width of the MLP; Megatron's default is 4 · hidden, or 8/3 · hidden rounded when gated.
        ffn_hidden_size: Option<u64> = None, FfnHiddenSize, Kind::Count { min: 1, max: 1 << 24 }, "ffn", "MLP width";
        /// Query heads.
        num_attention_heads: Option<u64> = None, NumAttentionHeads, Kind::Count { min: 1, max: 1 << 16 }, "heads", "Attention heads";
        /// Key and value heads; as many as the query heads when unset.
        num_query_groups: Option<u64> = None, NumQueryGroups, Kind::Count { min: 1, max: 1 << 16 }, "groups", "Query groups";
        /// Width of one head; hidden size / heads when unset.
        kv_channels: Option<u64> = None, KvChannels, Kind::Count { min: 1, max: 1 << 16 }, "kv", "Head width";
        /// Tokens in the vocabulary.
        vocab_size: Option<u64> = None, VocabSize, Kind::Count { min: 1, max: 1 << 24 }, "vocab", "Vocabulary";
        /// Gated MLP (gate, up and down) instead of two matrices.
        swiglu: Option<bool> = None, Swiglu, Kind::Flag, "swiglu", "Gated MLP (SwiGLU)";
        /// Kind of normalization.
        normalization: Option<Normalization> = None, NormalizationKind, Kind::Choice(Normalization::WORDS), "norm", "Normalization";
        /// Biases in the linear layers.
        add_bias_linear: Option<bool> = None, AddBiasLinear, Kind::Flag, "bias", "Linear biases";
        /// Separate matrices for the embedding and the head.
        untie_embeddings_and_output_weights: Option<bool> = None, Untie, Kind::Flag, "untie", "Untied head";
        /// Experts of each MoE layer; unset for a dense model.
        num_experts: Option<u64> = None, NumExperts, Kind::Count { min: 1, max: 1 << 16 }, "experts", "Experts";
        /// Experts that each token is sent to.
        moe_router_topk: Option<u64> = None, MoeRouterTopk, Kind::Count { min: 1, max: 1 << 16 }, "topk", "Experts a token";
        /// Width of one expert; the MLP width when unset.
        moe_ffn_hidden_size: Option<u64> = None, MoeFfnHiddenSize, Kind::Count { min: 1, max: 1 << 24 }, "effn", "Expert width";
        /// Width of the expert that every token passes; none when unset.
        moe_shared_expert_intermediate_size: Option<u64> = None, MoeSharedExpert, Kind::Count { min: 1, max: 1 << 24 }, "shared", "Shared expert width";
        /// Which layers have experts: every n-th, or a list such as `([0]*3+[1]*58)`; all when unset.
        moe_layer_freq: Option<Pattern> = None, MoeLayerFreq, Kind::Pattern, "freq", "Layers with experts";
        /// Scores before the softmax pick the experts; Megatron demands it for one expert a token.
        moe_router_pre_softmax: Option<bool> = None, MoeRouterPreSoftmax, Kind::Flag, "presoftmax", "Router before softmax";
        /// Multi-latent attention (MLA) instead of query groups.
        multi_latent_attention: Option<bool> = None, Mla, Kind::Flag, "mla", "Multi-latent attention";
        /// MLA: width of the compressed queries; queries are not compressed when unset.
        q_lora_rank: Option<u64> = None, QLoraRank, SIZE, "qlora", "MLA query rank";
        /// MLA: width of the compressed keys and values.
        kv_lora_rank: Option<u64> = None, KvLoraRank, SIZE, "kvlora", "MLA key-value rank";
        /// MLA: width of a head's part without positions.
        qk_head_dim: Option<u64> = None, QkHeadDim, SIZE, "qkdim", "MLA head width";
        /// MLA: width of a head's part with positions.
        qk_pos_emb_head_dim: Option<u64> = None, QkPosEmbHeadDim, SIZE, "posdim", "MLA position width";
        /// MLA: width of a head's values.
        v_head_dim: Option<u64> = None, VHeadDim, SIZE, "vdim", "MLA value width";
        /// Multi-token prediction: further layers that each predict one more token.
        mtp_num_layers: Option<u64> = None, MtpNumLayers, Kind::Count { min: 0, max: 64 }, "mtp", "MTP layers";
        /// Biases of the query, key and value projections alone.
        add_qkv_bias: Option<bool> = None, AddQkvBias, Kind::Flag, "qkvbias", "QKV bias";
        /// Normalization of queries and keys.
        qk_layernorm: Option<bool> = None, QkLayernorm, Kind::Flag, "qknorm", "QK normalization";
        /// How positions enter.
        position_embedding_type: Option<PositionEmbedding> = None, PositionEmbeddingType, Kind::Choice(PositionEmbedding::WORDS), "pos", "Positions";
        /// Positions that the model can tell apart; the sequence length when unset.
        max_position_embeddings: Option<u64> = None, MaxPositionEmbeddings, Kind::Count { min: 1, max: 1 << 27 }, "maxpos", "Most positions";
        /// The vocabulary is padded to a multiple of this times TP; Megatron's default is 128.
        make_vocab_size_divisible_by: Option<u64> = None, VocabDivisor, SIZE, "vdiv", "Vocabulary multiple";
    }
    /// The cluster: a GPU and a node type from the tables, or its own figures.
    cluster: Cluster {
        /// Id of a node type; it names the GPU, the GPUs of a node and the links.
        node: Option<Name> = None, Node, Kind::Node, "node", "Node type";
        /// Id of a GPU.
        gpu: Option<Name> = None, Gpu, Kind::Gpu, "gpu", "GPU";
        /// Nodes.
        num_nodes: u64 = 1, NumNodes, SIZE, "nodes", "Nodes";
        /// GPUs of one node, that is, processes that one `torchrun` starts.
        gpus_per_node: Option<u64> = None, GpusPerNode, Kind::Count { min: 1, max: 1024 }, "gpn", "GPUs a node";
        /// GPUs that share one NVLink domain; more than a node's in an NVL72 rack.
        nvlink_domain_gpus: Option<u64> = None, NvlinkDomain, Kind::Count { min: 1, max: 1 << 16 }, "domain", "GPUs an NVLink domain";
        /// Memory of one GPU, bytes.
        gpu_memory_bytes: Option<u64> = None, GpuMemory, Kind::Bytes, "mem", "GPU memory";
        /// Dense BF16 rate of one GPU, TFLOP/s.
        peak_tflops: Option<f64> = None, PeakTflops, Kind::Rate("TFLOP/s"), "tflops", "Peak BF16 rate";
        /// Link between the GPUs of a node, GB/s of one GPU.
        intra_node_gb_per_s: Option<f64> = None, IntraNode, Kind::Rate("GB/s"), "intra", "Link inside a node";
        /// Network of one node, GB/s.
        inter_node_gb_per_s: Option<f64> = None, InterNode, Kind::Rate("GB/s"), "inter", "Link between nodes";
    }
    /// How the model and the batch are spread.
    parallel: Parallel {
        /// TP: GPUs that share each weight matrix.
        tensor_model_parallel_size: u64 = 1, Tp, SIZE, "tp", "TP tensor";
        /// PP: stages of layers.
        pipeline_model_parallel_size: u64 = 1, Pp, Kind::Count { min: 1, max: 10_000 }, "pp", "PP pipeline";
        /// VPP: model chunks of each stage, for the interleaved schedule.
        virtual_pipeline_model_parallel_size: Option<u64> = None, Vpp, Kind::Count { min: 1, max: 10_000 }, "vpp", "VPP chunks a stage";
        /// CP: GPUs that share each sequence.
        context_parallel_size: u64 = 1, Cp, SIZE, "cp", "CP context";
        /// EP: GPUs that share the experts of each MoE layer.
        expert_model_parallel_size: u64 = 1, Ep, SIZE, "ep", "EP expert";
        /// ETP: GPUs that share the matrices of each expert; Megatron's default is TP.
        expert_tensor_parallel_size: Option<u64> = None, Etp, SIZE, "etp", "ETP expert tensor";
        /// SP: splits normalization and dropout over the TP group.
        sequence_parallel: bool = true, Sp, Kind::Flag, "sp", "SP sequence";
        /// Shards the optimizer state over the data-parallel ranks (ZeRO stage 1).
        use_distributed_optimizer: bool = true, DistOpt, Kind::Flag, "do", "Distributed optimizer";
        /// Replicas of the sharded optimizer state: DP · CP / instances ranks share one.
        num_distributed_optimizer_instances: u64 = 1, DistOptInstances, SIZE, "inst", "Optimizer instances";
        /// Layers of the first stage, when they differ from the middle ones'.
        num_layers_in_first_pipeline_stage: Option<u64> = None, FirstStageLayers, Kind::Count { min: 1, max: 10_000 }, "first", "First stage layers";
        /// Layers of the last stage, when they differ from the middle ones'.
        num_layers_in_last_pipeline_stage: Option<u64> = None, LastStageLayers, Kind::Count { min: 1, max: 10_000 }, "last", "Last stage layers";
        /// Counts the embedding as a layer when layers are spread over the stages.
        account_for_embedding_in_pipeline_split: bool = false, AccountEmbedding, Kind::Flag, "aemb", "Embedding counts as a layer";
        /// Counts the head and the loss as a layer when layers are spread over the stages.
        account_for_loss_in_pipeline_split: bool = false, AccountLoss, Kind::Flag, "aloss", "Loss counts as a layer";
        /// Which layers lie on which stage, such as `Et*3|(tt|)*29,m|L`.
        pipeline_model_parallel_layout: Option<Pattern> = None, PipelineLayout, Kind::Pattern, "layout", "Pipeline layout";
        /// Micro-batches that a chunk computes in a row under the interleaved schedule; PP when unset.
        microbatch_group_size_per_virtual_pipeline_stage: Option<u64> = None, MicrobatchGroup, SIZE, "mbgroup", "Micro-batches in a row";
        /// Which ranks are neighbours.
        order: Order = Order::TpCpEpDpPp, RankOrder, Kind::Choice(Order::WORDS), "order", "Rank order";
        /// What is called DP when the model has experts.
        expert_accounting: ExpertAccounting = ExpertAccounting::Multiplied, Accounting, Kind::Choice(ExpertAccounting::WORDS), "acc", "Expert accounting";
    }
    /// What is trained on in one step.
    batch: Batch {
        /// Tokens of one sequence.
        seq_length: u64 = 4096, SeqLength, Kind::Count { min: 1, max: 1 << 27 }, "seq", "Sequence length";
        /// Sequences that one replica computes at a time.
        micro_batch_size: u64 = 1, MicroBatch, SIZE, "mbs", "Micro batch";
        /// Sequences of one step over all replicas; Megatron's default is micro batch · DP.
        global_batch_size: Option<u64> = None, GlobalBatch, Kind::Count { min: 1, max: 1 << 40 }, "gbs", "Global batch";
    }
    /// How it is trained.
    training: Training {
        /// Activations that are computed again in the backward pass.
        recompute_granularity: Option<Recompute> = None, RecomputeGranularity, Kind::Choice(Recompute::WORDS), "rc", "Recompute";
        /// How the layers that are computed again are picked.
        recompute_method: Option<RecomputeMethod> = None, RecomputeHow, Kind::Choice(RecomputeMethod::WORDS), "rcm", "Recompute method";
        /// Layers of one group, or of each stage, that are computed again.
        recompute_num_layers: Option<u64> = None, RecomputeNumLayers, Kind::Count { min: 1, max: 10_000 }, "rcn", "Recompute layers";
        /// Parts that are computed again under `selective`, such as `core_attn mlp`.
        recompute_modules: Option<Pattern> = None, RecomputeModules, Kind::Pattern, "rcmod", "Recompute modules";
    }
    /// What people call the plan; it changes no figure.
    about: About {
        /// A name, such as a run's.
        name: Option<Words> = None, PlanName, Kind::Words { most: 96 }, "name", "Name";
        /// A short note: why the plan is as it is.
        note: Option<Words> = None, PlanNote, Kind::Words { most: 400 }, "note", "Note";
    }
}

impl Config {
    /// Drops the model's own figures, which stood for another preset.
    pub fn keep_only_model_preset(&mut self) {
        self.model = Model {
            preset: self.model.preset.take(),
            ..Default::default()
        };
        self.unread
            .retain(|unread| !unread.path.starts_with("model."));
    }

    /// The plan with the model of another, and with what could not be read of that one.
    #[must_use]
    pub fn with_model_of(mut self, other: Config) -> Config {
        self.unread
            .retain(|unread| !unread.path.starts_with("model."));
        self.unread.extend(other.unread);
        self.model = other.model;
        self
    }

    /// Drops the cluster's own figures, which stood for another node type; the number of nodes
    /// stays, and a GPU where no node type is named.
    pub fn keep_only_node(&mut self) {
        let node = self.cluster.node.take();
        let gpu = self.cluster.gpu.take().filter(|_| node.is_none());
        self.cluster = Cluster {
            node,
            gpu,
            num_nodes: self.cluster.num_nodes,
            ..Default::default()
        };
        self.unread
            .retain(|unread| !unread.path.starts_with("cluster."));
    }
}

/// Something written that could not be understood: an entry of the wrong type, or an unknown
/// field.
#[derive(Debug, Clone, PartialEq)]
pub struct Unread {
    /// Where it stands, such as `parallel.tensor_model_parallel_size`.
    pub path: String,
    /// What was written there.
    pub value: Json,
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_field_has_its_own_path_and_short_name() {
        let paths: BTreeSet<_> = Field::ALL.iter().map(|f| f.info().path).collect();
        let shorts: BTreeSet<_> = Field::ALL.iter().map(|f| f.info().short).collect();
        assert_eq!(
            (paths.len(), shorts.len()),
            (Field::ALL.len(), Field::ALL.len())
        );
    }

    #[test]
    fn a_field_takes_back_what_it_gives() {
        let mut config = Config::default();
        for &field in Field::ALL {
            let value = config.get(field);
            assert!(config.set(field, value), "{}", field.info().path);
        }
        assert_eq!(config, Config::default());
    }

    #[test]
    fn a_value_of_another_type_is_refused() {
        let mut config = Config::default();
        assert!(!config.set(Field::Tp, Value::Flag(true)));
        assert!(!config.set(Field::RankOrder, Value::Text("pp-first".into())));
        assert_eq!(config, Config::default());
    }
}
