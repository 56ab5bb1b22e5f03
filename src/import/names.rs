//! Names of arguments that no row of the table of arguments has: old ones, those of launchers,
//! and which of the others a plan is made of.
//!
//! Megatron-LM `megatron/training/arguments.py`; torchrun and Slurm by their manuals.

use crate::core::Field;

/// What an argument of another name means.
#[derive(Clone, Copy)]
pub enum Alias {
    /// The field, with the argument's value.
    Named(Field),
    /// Some fields with values of their own.
    Means(&'static [(Field, &'static str)]),
    /// `K` layers of each chunk, from which the number of chunks follows.
    LayersPerChunk,
    /// Query groups are taken notice of.
    Groups,
    /// The way of tokens to experts.
    Dispatcher,
    /// A recipe of Megatron Bridge.
    Recipe,
    /// BF16 or FP16, not FP32.
    HalfPrecision,
}
use Alias::{Dispatcher, Groups, HalfPrecision, LayersPerChunk, Means, Named, Recipe};

/// Other names, without the dashes.
pub const ALIASES: &[(&str, Alias)] = &[
    ("num-layers-per-virtual-pipeline-stage", LayersPerChunk),
    ("group-query-attention", Groups),
    ("moe-token-dispatcher-type", Dispatcher),
    ("recipe", Recipe),
    ("bf16", HalfPrecision),
    ("fp16", HalfPrecision),
    ("model-parallel-size", Named(Field::Tp)),
    ("batch-size", Named(Field::MicroBatch)),
    ("encoder-num-layers", Named(Field::NumLayers)),
    ("encoder-seq-length", Named(Field::SeqLength)),
    (
        "recompute-activations",
        Means(&[(Field::RecomputeGranularity, "selective")]),
    ),
    (
        "checkpoint-activations",
        Means(&[
            (Field::RecomputeGranularity, "full"),
            (Field::RecomputeHow, "uniform"),
            (Field::RecomputeNumLayers, "1"),
        ]),
    ),
    (
        "moe-layer-recompute",
        Means(&[
            (Field::RecomputeGranularity, "selective"),
            (Field::RecomputeModules, "moe"),
        ]),
    ),
    ("activations-checkpoint-method", Named(Field::RecomputeHow)),
    (
        "activations-checkpoint-num-layers",
        Named(Field::RecomputeNumLayers),
    ),
    (
        "use-rotary-position-embeddings",
        Means(&[(Field::PositionEmbeddingType, "rope")]),
    ),
    // Gated too, with another function in the gate.
    ("quick-geglu", Means(&[(Field::Swiglu, "true")])),
];

/// What a launcher is told of the cluster.
#[derive(Clone, Copy, PartialEq)]
pub enum Launch {
    /// Nodes.
    Nodes,
    /// Processes that `torchrun` starts on a node.
    Processes,
    /// Tasks that Slurm starts on a node.
    Tasks,
    /// GPUs of a node that Slurm is asked for.
    Gpus,
    /// Tasks in all.
    AllTasks,
}

/// Arguments of launchers, with dashes for underscores.
pub const LAUNCH: &[(&str, Launch)] = &[
    ("--nnodes", Launch::Nodes),
    ("--nodes", Launch::Nodes),
    ("-N", Launch::Nodes),
    ("--num-nodes", Launch::Nodes),
    ("--nproc-per-node", Launch::Processes),
    ("--ntasks-per-node", Launch::Tasks),
    ("--gpus-per-node", Launch::Gpus),
    ("--gres", Launch::Gpus),
    ("--num-gpus", Launch::Gpus),
    ("--ntasks", Launch::AllTasks),
    ("-n", Launch::AllTasks),
];

/// Values that are Megatron's default or what Meshplan counts with, of arguments that matter.
pub const HARMLESS: &[&str] = &["adam", "fp32", "no_shard", "alltoall", "none"];

/// Arguments that would change memory, traffic or sizes, and that no field holds. A star stands
/// for any end.
pub const MATTERS: &str = "use-torch-fsdp2 use-megatron-fsdp use-custom-fsdp \
    data-parallel-sharding-strategy tensor-parallel-num-weight-shards \
    expert-tensor-parallel-num-weight-shards fp8* fp4* first-last-layers-bf16 hybrid-* \
    is-hybrid-model mamba-* spec heterogeneous-* cpu-offloading* optimizer optimizer-cpu-offload \
    optimizer-offload-* use-precision-aware-optimizer main-grads-dtype main-params-dtype \
    exp-avg-* grad-reduce-in-bf16 rampup-batch-size step-batch-size-schedule \
    decrease-batch-size-if-needed overlap-moe-expert-parallel-comm delay-wgrad-compute \
    distribute-saved-activations cp-comm-type hierarchical-context-parallel-sizes \
    moe-latent-size moe-extended-tp moe-expert-capacity-factor moe-pad-expert-input-to-capacity \
    moe-use-upcycling encoder-* decoder-* standalone-* pipeline-model-parallel-split-rank \
    deepspeed* zero-* fp32-residual-connection transformer-pipeline-model-parallel-size \
    experimental-attention-variant linear-* gdn-* dsa-* lora-* peft-* yaml-cfg use-legacy-models \
    fine-grained-activation-offloading offload-modules reuse-grad-buf-for-mxfp8-param-ag \
    add-bias-linear perform-rl-step use-dualpipev schedules-method";

/// Arguments that are no part of a plan. A star stands for any end.
pub const IGNORED: &str = "lr* min-lr warmup* override-opt* decoupled-* data-* train-* valid-* \
    test-* split mock-data tokenizer-* vocab-* merge-file save* load* no-* ckpt-* use-checkpoint-* use-dist-ckpt* use-mcore-models use-flash-attn use-rope-scaling \
    use-nccl-ub use-sharp use-cpu-initialization use-pytorch-profiler use-persistent-* dist-ckpt-* \
    auto-detect-ckpt-format async-save non-persistent-* finetune pretrained-checkpoint exit-* log* \
    timing-* tensorboard-* wandb-* one-logger* eval-* skip-* weight-decay* start-weight-decay \
    end-weight-decay clip-grad adam-* sgd-* muon-* attention-* hidden-dropout apply-* rotary-* \
    rope-* norm-epsilon layernorm-epsilon init-* seed transformer-impl bias-* cross-entropy-* \
    overlap-* tp-comm-* ddp-* distributed-* num-workers dataloader-type \
    create-attention-mask-in-dataloader reset-* eod-mask-loss num-dataset-builder-threads \
    full-validation manual-gc* check-* rerun-* profile* record-memory-history memory-snapshot-path \
    cuda-graph-* deterministic-mode loss-scale* min-loss-scale hysteresis disable-* \
    accumulate-allreduce-grads-in-fp32 mtp-loss-scaling-factor mscale* enable-* external-cuda-graph \
    nccl-* high-priority-stream-groups calculate-per-token-loss local-rank config-logger-dir adlr-* \
    te-* inprocess-* app-tag-* calc-ft-timeouts result-rejected-* straggler* \
    defer-embedding-wgrad-compute wgrad-deferral-limit squared-relu openai-gelu \
    activation-func-clamp-value glu-linear-offset softmax-type window-* sft* moe-grouped-gemm \
    moe-aux-loss-coeff moe-z-loss-coeff moe-input-jitter-eps moe-router-* moe-permute-fusion \
    moe-shared-expert-* moe-per-layer-logging moe-token-drop-policy moe-enable-deepep moe-flex-* \
    moe-deepep-* moe-hybridep-* node-rank master-* rdzv-* max-restarts tee redirects role \
    start-method module standalone monitor-interval job-name partition account time output error \
    exclusive mem* container-* mpi export cpu* overcommit qos chdir kill-on-bad-exit label \
    unbuffered hostfile constraint dependency comment mail-* nodelist exclude reservation requeue \
    open-mode signal gpu-bind wait gpus-per-task mode";

/// Whether a list of names has one.
pub fn among(list: &str, name: &str) -> bool {
    list.split(' ').any(|entry| match entry.strip_suffix('*') {
        Some(begin) => name.starts_with(begin),
        None => !entry.is_empty() && name == entry,
    })
}
