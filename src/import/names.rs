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
pub const IGNORED: &str = "lr* min-lr warmup* override-opt* use-checkpoint-opt* decoupled-* \
    data-* train-* valid-* test-* split mock-data tokenizer-* vocab-file merge-file \
    vocab-extra-ids save* load* no-load-* no-save-* ckpt-* use-dist-ckpt* dist-ckpt-* \
    auto-detect-ckpt-format async-save non-persistent-* finetune pretrained-checkpoint exit-* \
    log-* no-log-* logging-* timing-* tensorboard-* wandb-* one-logger* no-one-logger \
    enable-one-logger eval-* skip-* weight-decay* start-weight-decay end-weight-decay clip-grad \
    adam-* sgd-* muon-* attention-backend attention-dropout hidden-dropout \
    attention-softmax-in-fp32 apply-* no-rope-fusion rotary-* rope-* use-rope-scaling norm-epsilon \
    layernorm-epsilon init-method-* seed use-mcore-models transformer-impl use-flash-attn \
    no-masked-softmax-fusion no-bias-* bias-* no-gradient-accumulation-fusion cross-entropy-* \
    overlap-* no-overlap-* no-align-* tp-comm-* ddp-* distributed-* num-workers \
    dataloader-type no-create-attention-mask-in-dataloader create-attention-mask-in-dataloader \
    reset-position-ids reset-attention-mask eod-mask-loss no-mmap-bin-files \
    num-dataset-builder-threads full-validation manual-gc* no-check-* check-* rerun-* profile* \
    use-pytorch-profiler record-memory-history memory-snapshot-path cuda-graph-* \
    enable-cuda-graph external-cuda-graph deterministic-mode use-cpu-initialization \
    initial-loss-scale loss-scale* min-loss-scale hysteresis \
    disable-bf16-reduced-precision-matmul accumulate-allreduce-grads-in-fp32 \
    mtp-loss-scaling-factor mscale* no-position-embedding enable-experimental use-nccl-ub nccl-* \
    use-sharp high-priority-stream-groups enable-gloo-process-groups \
    disable-gloo-process-groups calculate-per-token-loss local-rank config-logger-dir adlr-* te-* \
    inprocess-* app-tag-* enable-ft-package calc-ft-timeouts result-rejected-tracker-filename \
    straggler* disable-straggler-on-startup use-persistent-ckpt-worker defer-embedding-wgrad-compute wgrad-deferral-limit \
    squared-relu openai-gelu activation-func-clamp-value glu-linear-offset softmax-type \
    window-size window-attn-skip-freq sft sft-* \
    moe-grouped-gemm moe-use-legacy-grouped-gemm moe-aux-loss-coeff moe-z-loss-coeff \
    moe-input-jitter-eps moe-router-* moe-permute-fusion moe-shared-expert-overlap \
    moe-shared-expert-gate moe-per-layer-logging moe-token-drop-policy moe-enable-deepep \
    moe-flex-dispatcher-backend moe-deepep-num-sms moe-hybridep-num-sms \
    node-rank master-addr master-port rdzv-* max-restarts tee redirects role start-method \
    local-ranks-filter module standalone monitor-interval job-name partition account time output \
    error exclusive mem mem-* container-* no-container-* mpi export cpus-per-* cpu-bind overcommit \
    qos chdir kill-on-bad-exit label unbuffered hostfile constraint dependency comment mail-* \
    nodelist exclude reservation requeue open-mode signal gpu-bind wait gpus-per-task mode";

/// Whether a list of names has one.
pub fn among(list: &str, name: &str) -> bool {
    list.split(' ').any(|entry| match entry.strip_suffix('*') {
        Some(begin) => name.starts_with(begin),
        None => !entry.is_empty() && name == entry,
    })
}
