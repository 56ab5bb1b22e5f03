//! Every argument that follows from a plan, with its name in each tool and the field that it is
//! read back into. One table, so that the three formats and what is read cannot disagree.
//!
//! Names: Megatron-LM at d98e8a64 (`megatron/training/arguments.py`); Megatron Bridge's
//! "Megatron-LM to Megatron Bridge Guide"; NeMo 2.0's `MegatronStrategy`, `GPTConfig` and data
//! modules, which take the names of Megatron Core's `TransformerConfig`.

use crate::core::config::{Field, Order, Recompute};
use crate::core::steps::in_effect;
use crate::core::{Plan, Value};

/// What an argument is set to.
#[derive(Debug, Clone, PartialEq)]
pub enum Setting {
    /// The plan does not tell; it is written nowhere.
    Untold,
    /// Set to nothing: `null`, `None`.
    Unset,
    /// A number.
    Number(u64),
    /// A name, or text in a small language of its own.
    Word(String),
    /// Several names, parted by spaces.
    Words(String),
    /// Which layers: a number, or Python that makes a list, such as `([0]*3+[1]*58)`.
    Layers(String),
    /// A function of `torch.nn.functional`.
    Function(&'static str),
    /// On or off.
    Flag(bool),
}
use Setting::{Flag, Function, Layers, Number, Unset, Untold, Word, Words};

/// How Megatron-LM's command line takes an argument.
#[derive(Debug, Clone, Copy)]
pub enum Megatron {
    /// Not at all.
    Nothing,
    /// A name and a value, left out where it is not set.
    Value(&'static str),
    /// A name and a value, left out at Megatron's default.
    Unless(&'static str, u64),
    /// A name alone, when the setting is on.
    WhenOn(&'static str),
    /// A name alone, when the setting is off.
    WhenOff(&'static str),
}
use Megatron::{Nothing, Unless, Value as Valued, WhenOff, WhenOn};

impl Megatron {
    /// Its name; empty for none.
    pub fn name(self) -> &'static str {
        match self {
            Nothing => "",
            Valued(name) | Unless(name, _) | WhenOn(name) | WhenOff(name) => name,
        }
    }
}

/// The call of NeMo that takes an argument.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Nemo {
    /// None.
    Nowhere,
    /// `MegatronStrategy`.
    Strategy,
    /// `OptimizerConfig`.
    Optimizer,
    /// A data module.
    Data,
    /// `GPTConfig`.
    Model,
}
use Nemo::{Data, Model, Nowhere, Optimizer, Strategy};

/// The field of a plan that an argument is read back into.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Holds {
    /// None: it follows from the others.
    Nothing,
    /// The field, with the same value.
    As(Field),
    /// The field, on where the argument is off.
    Opposite(Field),
    /// The rank order.
    Order,
}
use Holds::{As, Opposite};

/// One argument.
pub struct Argument {
    /// The field that it is read back into.
    pub holds: Holds,
    /// Its name and form on Megatron-LM's command line.
    pub megatron: Megatron,
    /// Its path in Megatron Bridge's configuration; empty for none.
    pub bridge: &'static str,
    /// The call of NeMo that takes it, by the last word of the path.
    pub nemo: Nemo,
    /// Its value in a plan, where that is not the field's in effect.
    value: Option<fn(&Plan) -> Setting>,
}

impl Argument {
    /// The last word of its path.
    pub fn name(&self) -> &'static str {
        self.bridge.rsplit('.').next().unwrap_or(self.bridge)
    }

    /// Its value in a plan.
    pub fn setting(&self, plan: &Plan) -> Setting {
        match (self.value, self.holds) {
            (Some(value), _) => value(plan),
            (None, As(field)) => effective(plan, field),
            _ => Untold,
        }
    }
}

const fn row(
    holds: Holds,
    megatron: Megatron,
    bridge: &'static str,
    nemo: Nemo,
    value: fn(&Plan) -> Setting,
) -> Argument {
    Argument {
        holds,
        megatron,
        bridge,
        nemo,
        value: Some(value),
    }
}

/// An argument whose value is the field's in effect.
const fn plain(field: Field, megatron: Megatron, bridge: &'static str, nemo: Nemo) -> Argument {
    Argument {
        holds: As(field),
        megatron,
        bridge,
        nemo,
        value: None,
    }
}

/// An argument that is written beside another one for the same field.
const fn beside(bridge: &'static str, nemo: Nemo, value: fn(&Plan) -> Setting) -> Argument {
    row(Holds::Nothing, Nothing, bridge, nemo, value)
}

/// The arguments, in the order in which they are written.
#[rustfmt::skip]
pub const ARGUMENTS: &[Argument] = &[
    plain(Field::Tp, Valued("--tensor-model-parallel-size"), "model.tensor_model_parallel_size", Strategy),
    plain(Field::Pp, Valued("--pipeline-model-parallel-size"), "model.pipeline_model_parallel_size", Strategy),
    // A layout tells the chunks; Megatron refuses both together.
    row(As(Field::Vpp), Valued("--num-virtual-stages-per-pipeline-rank"), "model.virtual_pipeline_model_parallel_size", Strategy,
        |p| if has_layout(p) { Unset } else { above_one(p.sizes.virtual_pipeline_model_parallel_size) }),
    row(As(Field::MicrobatchGroup), Valued("--microbatch-group-size-per-virtual-pipeline-stage"),
        "model.microbatch_group_size_per_vp_stage", Strategy, |p| or_null(p, Field::MicrobatchGroup)),
    row(As(Field::FirstStageLayers), Valued("--decoder-first-pipeline-num-layers"),
        "model.num_layers_in_first_pipeline_stage", Strategy, |p| or_null(p, Field::FirstStageLayers)),
    row(As(Field::LastStageLayers), Valued("--decoder-last-pipeline-num-layers"),
        "model.num_layers_in_last_pipeline_stage", Strategy, |p| or_null(p, Field::LastStageLayers)),
    plain(Field::AccountEmbedding, WhenOn("--account-for-embedding-in-pipeline-split"),
        "model.account_for_embedding_in_pipeline_split", Strategy),
    plain(Field::AccountLoss, WhenOn("--account-for-loss-in-pipeline-split"),
        "model.account_for_loss_in_pipeline_split", Strategy),
    row(As(Field::PipelineLayout), Valued("--pipeline-model-parallel-layout"),
        "model.pipeline_model_parallel_layout", Model, |p| or_null(p, Field::PipelineLayout)),
    plain(Field::Cp, Unless("--context-parallel-size", 1), "model.context_parallel_size", Strategy),
    plain(Field::Ep, Unless("--expert-model-parallel-size", 1), "model.expert_model_parallel_size", Strategy),
    row(As(Field::Etp), Valued("--expert-tensor-parallel-size"), "model.expert_tensor_parallel_size", Strategy,
        expert_tensor_parallel_size),
    row(As(Field::Sp), WhenOn("--sequence-parallel"), "model.sequence_parallel", Strategy,
        |p| Flag(p.sequence_parallel())),
    row(Holds::Order, WhenOn("--use-tp-pp-dp-mapping"), "dist.use_tp_pp_dp_mapping", Strategy,
        |p| Flag(p.config.parallel.order == Order::TpCpEpPpDp)),
    plain(Field::DistOpt, WhenOn("--use-distributed-optimizer"), "ddp.use_distributed_optimizer", Optimizer),
    // Bridge turns both on when either is.
    beside("optimizer.use_distributed_optimizer", Nowhere, |p| Flag(p.config.parallel.use_distributed_optimizer)),
    plain(Field::DistOptInstances, Unless("--num-distributed-optimizer-instances", 1),
        "ddp.num_distributed_optimizer_instances", Strategy),

    plain(Field::MicroBatch, Valued("--micro-batch-size"), "train.micro_batch_size", Data),
    row(As(Field::GlobalBatch), Valued("--global-batch-size"), "train.global_batch_size", Data,
        |p| Number(p.sizes.global_batch_size)),
    plain(Field::SeqLength, Valued("--seq-length"), "dataset.seq_length", Data),
    row(As(Field::SeqLength), Nothing, "model.seq_length", Model, |p| Number(p.config.batch.seq_length)),
    plain(Field::MaxPositionEmbeddings, Valued("--max-position-embeddings"), "model.max_position_embeddings", Nowhere),

    plain(Field::NumLayers, Valued("--num-layers"), "model.num_layers", Model),
    plain(Field::HiddenSize, Valued("--hidden-size"), "model.hidden_size", Model),
    plain(Field::FfnHiddenSize, Valued("--ffn-hidden-size"), "model.ffn_hidden_size", Model),
    plain(Field::NumAttentionHeads, Valued("--num-attention-heads"), "model.num_attention_heads", Model),
    // Without this flag Megatron takes no notice of the groups.
    row(Holds::Nothing, WhenOn("--group-query-attention"), "", Nowhere, |p| Flag(has_groups(p))),
    row(As(Field::NumQueryGroups), Nothing, "model.num_query_groups", Model,
        |p| if is_mla(p) { Untold } else { told(p.model.num_query_groups) }),
    row(As(Field::NumQueryGroups), Valued("--num-query-groups"), "", Nowhere,
        |p| if has_groups(p) { Number(p.model.num_query_groups) } else { Untold }),
    plain(Field::KvChannels, Valued("--kv-channels"), "model.kv_channels", Model),
    row(As(Field::Mla), WhenOn("--multi-latent-attention"), "model.multi_latent_attention", Model,
        |p| if is_mla(p) { Flag(true) } else { of_architecture(p, Flag(false)) }),
    row(As(Field::QLoraRank), Valued("--q-lora-rank"), "model.q_lora_rank", Model,
        |p| of_mla(p, Field::QLoraRank)),
    row(As(Field::KvLoraRank), Valued("--kv-lora-rank"), "model.kv_lora_rank", Model, |p| of_mla(p, Field::KvLoraRank)),
    row(As(Field::QkHeadDim), Valued("--qk-head-dim"), "model.qk_head_dim", Model, |p| of_mla(p, Field::QkHeadDim)),
    row(As(Field::QkPosEmbHeadDim), Valued("--qk-pos-emb-head-dim"), "model.qk_pos_emb_head_dim", Model,
        |p| of_mla(p, Field::QkPosEmbHeadDim)),
    row(As(Field::VHeadDim), Valued("--v-head-dim"), "model.v_head_dim", Model, |p| of_mla(p, Field::VHeadDim)),
    row(As(Field::Swiglu), WhenOn("--swiglu"), "model.gated_linear_unit", Model, |p| of_architecture(p, Flag(p.model.swiglu))),
    beside("model.activation_func", Model, |p| of_architecture(p, Function(if p.model.swiglu { "silu" } else { "gelu" }))),
    row(As(Field::NormalizationKind), Valued("--normalization"), "model.normalization", Model,
        |p| of_architecture(p, effective(p, Field::NormalizationKind))),
    row(As(Field::AddBiasLinear), WhenOff("--disable-bias-linear"), "model.add_bias_linear", Model,
        |p| of_architecture(p, Flag(p.model.add_bias_linear))),
    row(As(Field::AddQkvBias), WhenOn("--add-qkv-bias"), "model.add_qkv_bias", Model,
        |p| of_architecture(p, effective(p, Field::AddQkvBias))),
    row(As(Field::QkLayernorm), WhenOn("--qk-layernorm"), "model.qk_layernorm", Model,
        |p| of_architecture(p, effective(p, Field::QkLayernorm))),
    row(Opposite(Field::Untie), WhenOff("--untie-embeddings-and-output-weights"), "model.share_embeddings_and_output_weights", Model,
        |p| of_architecture(p, Flag(!p.model.untie_embeddings_and_output_weights))),
    // Always said: Megatron's default is a learned table.
    row(As(Field::PositionEmbeddingType), Valued("--position-embedding-type"), "model.position_embedding_type", Model,
        |p| of_architecture(p, effective(p, Field::PositionEmbeddingType))),
    plain(Field::VocabSize, Valued("--vocab-size"), "model.vocab_size", Model),
    row(As(Field::VocabDivisor), Unless("--make-vocab-size-divisible-by", 128), "model.make_vocab_size_divisible_by", Model,
        |p| of_architecture(p, effective(p, Field::VocabDivisor))),
    row(As(Field::MtpNumLayers), Valued("--mtp-num-layers"), "model.mtp_num_layers", Model,
        |p| in_effect(p, Field::MtpNumLayers).count().filter(|n| *n > 0).map_or(Unset, Number)),

    row(As(Field::NumExperts), Valued("--num-experts"), "model.num_moe_experts", Model, |p| or_null(p, Field::NumExperts)),
    row(As(Field::MoeRouterTopk), Valued("--moe-router-topk"), "model.moe_router_topk", Model, |p| of_moe(p, Field::MoeRouterTopk)),
    row(As(Field::MoeRouterPreSoftmax), WhenOn("--moe-router-pre-softmax"), "model.moe_router_pre_softmax", Model,
        |p| of_moe(p, Field::MoeRouterPreSoftmax)),
    row(As(Field::MoeLayerFreq), Unless("--moe-layer-freq", 1), "model.moe_layer_freq", Model,
        |p| match of_moe(p, Field::MoeLayerFreq) {
            Word(pattern) if pattern != "1" => Layers(pattern),
            Untold => Untold,
            _ => Number(1),
        }),
    // The traffic of EP is counted for this dispatcher; Megatron's default gathers all tokens.
    row(Holds::Nothing, Valued("--moe-token-dispatcher-type"), "model.moe_token_dispatcher_type", Model,
        |p| if p.model.moe.is_some() { Word("alltoall".to_owned()) } else { Unset }),
    row(As(Field::MoeFfnHiddenSize), Valued("--moe-ffn-hidden-size"), "model.moe_ffn_hidden_size", Model,
        |p| of_moe(p, Field::MoeFfnHiddenSize)),
    row(As(Field::MoeSharedExpert), Valued("--moe-shared-expert-intermediate-size"),
        "model.moe_shared_expert_intermediate_size", Model,
        |p| if p.model.moe.is_some() { or_null(p, Field::MoeSharedExpert) } else { Untold }),

    row(As(Field::RecomputeGranularity), Valued("--recompute-granularity"), "model.recompute_granularity", Model,
        |p| or_null(p, Field::RecomputeGranularity)),
    // Of whole layers Megatron demands both arguments, of their parts it refuses both.
    row(As(Field::RecomputeHow), Valued("--recompute-method"), "model.recompute_method", Model,
        |p| if recomputes(p, Recompute::Full) { or(p, Field::RecomputeHow, Word("uniform".to_owned())) } else { Unset }),
    row(As(Field::RecomputeNumLayers), Valued("--recompute-num-layers"), "model.recompute_num_layers", Model,
        |p| if recomputes(p, Recompute::Full) { or(p, Field::RecomputeNumLayers, Number(1)) } else { Unset }),
    row(As(Field::RecomputeModules), Valued("--recompute-modules"), "model.recompute_modules", Model,
        |p| match effective(p, Field::RecomputeModules) {
            Word(modules) if recomputes(p, Recompute::Selective) => Words(modules),
            _ => Untold,
        }),
];

/// A field's value in effect.
fn effective(plan: &Plan, field: Field) -> Setting {
    match in_effect(plan, field) {
        Value::Count(n) => Number(n),
        Value::Flag(on) => Flag(on),
        Value::Text(text) => Word(text),
        Value::Unset | Value::Real(_) => Untold,
    }
}

/// A field's value in effect, or another one where there is none.
fn or(plan: &Plan, field: Field, other: Setting) -> Setting {
    match effective(plan, field) {
        Untold => other,
        setting => setting,
    }
}

fn or_null(plan: &Plan, field: Field) -> Setting {
    or(plan, field, Unset)
}

/// What only a model with experts has.
fn of_moe(plan: &Plan, field: Field) -> Setting {
    if plan.model.moe.is_some() {
        effective(plan, field)
    } else {
        Untold
    }
}

/// Whether the model has multi-latent attention.
fn is_mla(plan: &Plan) -> bool {
    plan.model.mla.is_some()
}

/// What only multi-latent attention has. It is always said: the defaults of Megatron-LM's command
/// line and of Megatron Core differ.
fn of_mla(plan: &Plan, field: Field) -> Setting {
    if is_mla(plan) {
        or_null(plan, field)
    } else {
        Untold
    }
}

fn has_layout(plan: &Plan) -> bool {
    plan.config
        .parallel
        .pipeline_model_parallel_layout
        .is_some()
}

/// A figure of the model; zero stands for one that nobody told.
fn told(n: u64) -> Setting {
    if n == 0 { Untold } else { Number(n) }
}

fn above_one(n: u64) -> Setting {
    if n > 1 { Number(n) } else { Unset }
}

/// A kind of layer. Where only the number of parameters is told, so is no layer.
fn of_architecture(plan: &Plan, setting: Setting) -> Setting {
    if plan.model.hidden_size == 0 {
        Untold
    } else {
        setting
    }
}

/// Megatron takes TP when ETP is not given, which is said aloud for a model with experts.
fn expert_tensor_parallel_size(plan: &Plan) -> Setting {
    let said = plan.config.parallel.expert_tensor_parallel_size.is_some();
    if said || plan.model.moe.is_some() {
        Number(plan.sizes.expert_tensor_parallel_size)
    } else {
        Unset
    }
}

/// Whether there are fewer query groups than heads, which MLA has none of.
fn has_groups(plan: &Plan) -> bool {
    // Megatron refuses both together.
    !is_mla(plan)
        && plan.model.num_query_groups != 0
        && plan.model.num_query_groups != plan.model.num_attention_heads
}

fn recomputes(plan: &Plan, granularity: Recompute) -> bool {
    plan.config.training.recompute_granularity == Some(granularity)
}
