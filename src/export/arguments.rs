//! Every argument that follows from a plan, with its name in each tool. One table, so that the
//! three formats cannot disagree.
//!
//! Names: Megatron-LM at d98e8a64 (`megatron/training/arguments.py`); Megatron Bridge's
//! "Megatron-LM to Megatron Bridge Guide"; NeMo 2.0's `MegatronStrategy`, `GPTConfig` and data
//! modules, which take the names of Megatron Core's `TransformerConfig`.

use crate::core::config::{Order, Recompute};
use crate::core::model_library::LibraryModel;
use crate::core::{Plan, presets};

/// What an argument is set to.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Setting {
    /// The plan does not tell; it is written nowhere.
    Untold,
    /// Set to nothing: `null`, `None`.
    Unset,
    /// A number.
    Number(u64),
    /// A name.
    Word(&'static str),
    /// A function of `torch.nn.functional`.
    Function(&'static str),
    /// On or off.
    Flag(bool),
}
use Setting::{Flag, Function, Number, Unset, Untold, Word};

/// How Megatron-LM's command line takes an argument.
#[derive(Debug, Clone, Copy)]
pub enum Megatron {
    /// Not at all.
    Nothing,
    /// A name and a value, always.
    Always(&'static str),
    /// A name and a value, left out at Megatron's default.
    Unless(&'static str, Setting),
    /// A name alone, when the setting is on.
    WhenOn(&'static str),
    /// A name alone, when the setting is off.
    WhenOff(&'static str),
}
use Megatron::{Always, Nothing, Unless, WhenOff, WhenOn};

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

/// One argument.
pub struct Argument {
    /// Its name and form on Megatron-LM's command line.
    pub megatron: Megatron,
    /// Its path in Megatron Bridge's configuration; empty for none.
    pub bridge: &'static str,
    /// The call of NeMo that takes it, by the last word of the path.
    pub nemo: Nemo,
    /// Its value in a plan.
    pub value: fn(&Plan) -> Setting,
}

impl Argument {
    /// The last word of its path.
    pub fn name(&self) -> &'static str {
        self.bridge.rsplit('.').next().unwrap_or(self.bridge)
    }
}

const fn row(
    megatron: Megatron,
    bridge: &'static str,
    nemo: Nemo,
    value: fn(&Plan) -> Setting,
) -> Argument {
    Argument {
        megatron,
        bridge,
        nemo,
        value,
    }
}

/// The arguments, in the order in which they are written.
#[rustfmt::skip]
pub const ARGUMENTS: &[Argument] = &[
    row(Always("--tensor-model-parallel-size"), "model.tensor_model_parallel_size", Strategy,
        |p| Number(p.sizes.tensor_model_parallel_size)),
    row(Always("--pipeline-model-parallel-size"), "model.pipeline_model_parallel_size", Strategy,
        |p| Number(p.sizes.pipeline_model_parallel_size)),
    row(Unless("--num-virtual-stages-per-pipeline-rank", Unset), "model.virtual_pipeline_model_parallel_size", Strategy,
        |p| above_one(p.sizes.virtual_pipeline_model_parallel_size)),
    row(Unless("--context-parallel-size", Number(1)), "model.context_parallel_size", Strategy,
        |p| Number(p.sizes.context_parallel_size)),
    row(Unless("--expert-model-parallel-size", Number(1)), "model.expert_model_parallel_size", Strategy,
        |p| Number(p.sizes.expert_model_parallel_size)),
    row(Unless("--expert-tensor-parallel-size", Unset), "model.expert_tensor_parallel_size", Strategy,
        expert_tensor_parallel_size),
    row(WhenOn("--sequence-parallel"), "model.sequence_parallel", Strategy,
        |p| Flag(p.sequence_parallel())),
    row(WhenOn("--use-tp-pp-dp-mapping"), "dist.use_tp_pp_dp_mapping", Strategy,
        |p| Flag(p.config.parallel.order == Order::TpCpEpPpDp)),
    row(WhenOn("--use-distributed-optimizer"), "ddp.use_distributed_optimizer", Optimizer,
        |p| Flag(p.config.parallel.use_distributed_optimizer)),
    // Bridge turns both on when either is.
    row(Nothing, "optimizer.use_distributed_optimizer", Nowhere,
        |p| Flag(p.config.parallel.use_distributed_optimizer)),

    row(Always("--micro-batch-size"), "train.micro_batch_size", Data,
        |p| Number(p.config.batch.micro_batch_size)),
    row(Always("--global-batch-size"), "train.global_batch_size", Data,
        |p| Number(p.sizes.global_batch_size)),
    row(Always("--seq-length"), "dataset.seq_length", Data,
        |p| Number(p.config.batch.seq_length)),
    row(Nothing, "model.seq_length", Model,
        |p| Number(p.config.batch.seq_length)),
    row(Always("--max-position-embeddings"), "model.max_position_embeddings", Nowhere,
        |p| Number(p.config.batch.seq_length.max(library(p).map_or(0, |m| m.learned_positions)))),

    row(Always("--num-layers"), "model.num_layers", Model, |p| told(p.model.num_layers)),
    row(Always("--hidden-size"), "model.hidden_size", Model, |p| told(p.model.hidden_size)),
    row(Always("--ffn-hidden-size"), "model.ffn_hidden_size", Model, |p| told(p.model.ffn_hidden_size)),
    row(Always("--num-attention-heads"), "model.num_attention_heads", Model, |p| told(p.model.num_attention_heads)),
    // Without this flag Megatron takes no notice of the groups.
    row(WhenOn("--group-query-attention"), "", Nowhere, |p| Flag(has_groups(p))),
    row(Nothing, "model.num_query_groups", Model, |p| told(p.model.num_query_groups)),
    row(Always("--num-query-groups"), "", Nowhere,
        |p| if has_groups(p) { Number(p.model.num_query_groups) } else { Untold }),
    row(Always("--kv-channels"), "model.kv_channels", Model, |p| told(p.model.kv_channels)),
    row(WhenOn("--swiglu"), "model.gated_linear_unit", Model, |p| of_architecture(p, Flag(p.model.swiglu))),
    row(Nothing, "model.activation_func", Model,
        |p| of_architecture(p, Function(if p.model.swiglu { "silu" } else { "gelu" }))),
    row(Always("--normalization"), "model.normalization", Model, |p| of_architecture(p, Word(p.model.normalization))),
    row(WhenOff("--disable-bias-linear"), "model.add_bias_linear", Model, |p| of_architecture(p, Flag(p.model.add_bias_linear))),
    row(WhenOn("--add-qkv-bias"), "model.add_qkv_bias", Model, |p| of_library(p, |m| Flag(m.add_qkv_bias))),
    row(WhenOn("--qk-layernorm"), "model.qk_layernorm", Model, |p| of_library(p, |m| Flag(m.qk_layernorm))),
    row(WhenOff("--untie-embeddings-and-output-weights"), "model.share_embeddings_and_output_weights", Model,
        |p| of_architecture(p, Flag(!p.model.untie_embeddings_and_output_weights))),
    row(Always("--position-embedding-type"), "model.position_embedding_type", Model,
        |p| of_library(p, |m| Word(if m.learned_positions > 0 { "learned_absolute" } else { "rope" }))),

    row(Unless("--num-experts", Unset), "model.num_moe_experts", Model,
        |p| p.model.moe.as_ref().map_or(Unset, |moe| Number(moe.num_experts))),
    row(Always("--moe-router-topk"), "model.moe_router_topk", Model,
        |p| p.model.moe.as_ref().map_or(Untold, |moe| Number(moe.moe_router_topk))),
    // The traffic of EP is counted for this dispatcher; Megatron's default gathers all tokens.
    row(Unless("--moe-token-dispatcher-type", Unset), "model.moe_token_dispatcher_type", Model,
        |p| if p.model.moe.is_some() { Word("alltoall") } else { Unset }),
    row(Always("--moe-ffn-hidden-size"), "model.moe_ffn_hidden_size", Model,
        |p| p.model.moe.as_ref().map_or(Untold, |moe| told(moe.moe_ffn_hidden_size))),
    row(Unless("--moe-shared-expert-intermediate-size", Unset), "model.moe_shared_expert_intermediate_size", Model,
        |p| p.model.moe.as_ref().map_or(Untold, |moe| match moe.moe_shared_expert_intermediate_size {
            0 => Unset,
            width => Number(width),
        })),

    row(Unless("--recompute-granularity", Unset), "model.recompute_granularity", Model,
        |p| p.config.training.recompute_granularity.map_or(Unset, |r| Word(r.word()))),
    // Whole layers are computed again one by one; Megatron demands both arguments.
    row(Unless("--recompute-method", Unset), "model.recompute_method", Model,
        |p| if recomputes_layers(p) { Word("uniform") } else { Unset }),
    row(Unless("--recompute-num-layers", Unset), "model.recompute_num_layers", Model,
        |p| if recomputes_layers(p) { Number(1) } else { Unset }),
];

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

fn library(plan: &Plan) -> Option<&'static LibraryModel> {
    plan.config.model.preset.as_deref().and_then(presets::model)
}

/// What only a model of the library tells.
fn of_library(plan: &Plan, setting: fn(&LibraryModel) -> Setting) -> Setting {
    library(plan).map_or(Untold, setting)
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

/// Whether there are fewer query groups than heads.
fn has_groups(plan: &Plan) -> bool {
    plan.model.num_query_groups != 0
        && plan.model.num_query_groups != plan.model.num_attention_heads
}

fn recomputes_layers(plan: &Plan) -> bool {
    plan.config.training.recompute_granularity == Some(Recompute::Full)
}
