//! Flags: what a plan says in the words of Megatron-LM, NeMo and Megatron Bridge.

use meshplan::core::{Config, Plan, Report};
use meshplan::export::{Format, flags};

fn written(json: &str, format: Format) -> String {
    let config: Config = serde_json::from_str(json).expect("JSON");
    let plan = Plan::of(&config);
    flags(&plan, &Report::of_plan(&config, &plan), format)
}

/// The flags of a plan hold every one of some lines, and none of the others.
#[track_caller]
fn check(json: &str, format: Format, has: &[&str], lacks: &[&str]) {
    let text = written(json, format);
    let holds = |words: &&&str| {
        let alone = |line: &str| line.trim_start().trim_end_matches([' ', '\\', ',']) == **words;
        text.lines().any(alone)
    };
    assert_eq!(has.iter().find(|w| !holds(w)), None, "{text}");
    assert_eq!(lacks.iter().find(|w| text.contains(**w)), None, "{text}");
}

const TECHPULSE: &str = r#"{"model": {"preset": "guide-7b"},
    "cluster": {"node": "p4d-24xlarge", "num_nodes": 2},
    "parallel": {"tensor_model_parallel_size": 2},
    "batch": {"micro_batch_size": 2, "global_batch_size": 512}}"#;

const MIXTRAL: &str = r#"{"model": {"preset": "mixtral-8x7b"},
    "cluster": {"gpu": "h100-sxm-80gb", "num_nodes": 8},
    "parallel": {"tensor_model_parallel_size": 2, "pipeline_model_parallel_size": 4,
        "virtual_pipeline_model_parallel_size": 2, "expert_model_parallel_size": 8,
        "expert_tensor_parallel_size": 1},
    "batch": {"global_batch_size": 256}, "training": {"recompute_granularity": "full"}}"#;

#[test]
fn the_guides_plan_for_megatron() {
    assert_eq!(
        written(TECHPULSE, Format::Megatron),
        "\
# Add what is no part of the plan: data, tokenizer, rotary base, optimizer settings.
# Run it on every node, with NODE_RANK and MASTER_ADDR set.
export CUDA_DEVICE_MAX_CONNECTIONS=1
torchrun --nnodes 2 --nproc-per-node 8 --node-rank \"$NODE_RANK\" --master-addr \"$MASTER_ADDR\" \\
  pretrain_gpt.py \\
  --tensor-model-parallel-size 2 \\
  --pipeline-model-parallel-size 1 \\
  --sequence-parallel \\
  --use-distributed-optimizer \\
  --micro-batch-size 2 \\
  --global-batch-size 512 \\
  --seq-length 4096 \\
  --max-position-embeddings 4096 \\
  --num-layers 32 \\
  --hidden-size 4096 \\
  --ffn-hidden-size 11008 \\
  --num-attention-heads 32 \\
  --kv-channels 128 \\
  --swiglu \\
  --normalization RMSNorm \\
  --disable-bias-linear \\
  --untie-embeddings-and-output-weights \\
  --position-embedding-type rope \\
  --bf16
"
    );
}

#[test]
fn every_dimension_has_its_name_in_each_tool() {
    check(
        MIXTRAL,
        Format::Megatron,
        &[
            "--pipeline-model-parallel-size 4",
            "--num-virtual-stages-per-pipeline-rank 2",
            "--expert-model-parallel-size 8",
            "--expert-tensor-parallel-size 1",
            "--group-query-attention",
            "--num-query-groups 8",
            "--num-experts 8",
            "--moe-router-topk 2",
            "--moe-ffn-hidden-size 14336",
            "--recompute-granularity full",
            "--recompute-method uniform",
            "--recompute-num-layers 1",
        ],
        &["--context-parallel-size", "mapping", "shared-expert"],
    );
    check(
        MIXTRAL,
        Format::Bridge,
        &[
            "model.virtual_pipeline_model_parallel_size=2",
            "model.expert_tensor_parallel_size=1",
            "model.num_query_groups=8",
            "model.num_moe_experts=8",
            "model.gated_linear_unit=true",
            "model.activation_func=silu",
            "model.share_embeddings_and_output_weights=false",
            "model.recompute_method=uniform",
            "train.global_batch_size=256",
            "ddp.use_distributed_optimizer=true",
            "mixed_precision=bf16_mixed",
        ],
        &["group_query"],
    );
    check(
        MIXTRAL,
        Format::Nemo,
        &[
            "virtual_pipeline_model_parallel_size=2",
            "expert_model_parallel_size=8",
            "sequence_parallel=True",
            "use_distributed_optimizer=True",
            "num_moe_experts=8",
            "activation_func=F.silu",
            "recompute_granularity=\"full\"",
            "num_nodes=8",
            "devices=8",
        ],
        &[],
    );
}

#[test]
fn what_is_off_is_said_to_recipes_that_may_turn_it_on() {
    let off = r#"{"model": {"preset": "gpt3-175b"}, "cluster": {"node": "p5-48xlarge"},
        "parallel": {"tensor_model_parallel_size": 8, "sequence_parallel": false,
            "use_distributed_optimizer": false, "order": "tp-cp-ep-pp-dp"}}"#;
    check(
        off,
        Format::Megatron,
        &[
            "--use-tp-pp-dp-mapping",
            "--position-embedding-type learned_absolute",
        ],
        &[
            "--sequence-parallel",
            "--use-distributed-optimizer",
            "swiglu",
            "bias",
            "untie",
        ],
    );
    check(
        off,
        Format::Bridge,
        &[
            "model.sequence_parallel=false",
            "ddp.use_distributed_optimizer=false",
            "optimizer.use_distributed_optimizer=false",
            "dist.use_tp_pp_dp_mapping=true",
            "model.activation_func=gelu",
            "model.share_embeddings_and_output_weights=true",
        ],
        &[],
    );
}

#[test]
fn sequence_parallel_needs_tensor_parallel() {
    check(
        r#"{"model": {"preset": "qwen3-8b"}, "cluster": {"node": "p5-48xlarge"}}"#,
        Format::Megatron,
        &[
            "--qk-layernorm",
            "torchrun --nnodes 1 --nproc-per-node 8 pretrain_gpt.py",
        ],
        &[
            "--sequence-parallel",
            "CUDA_DEVICE_MAX_CONNECTIONS",
            "NODE_RANK",
        ],
    );
}

#[test]
fn blackwell_needs_no_limit_of_connections() {
    let on = |gpu: &str| {
        let json = format!(
            r#"{{"model": {{"preset": "guide-7b"}}, "cluster": {{"gpu": "{gpu}"}},
                "parallel": {{"context_parallel_size": 2}}}}"#
        );
        written(&json, Format::Megatron).contains("export CUDA_DEVICE_MAX_CONNECTIONS=1")
    };
    assert_eq!(
        (on("h200-sxm-141gb"), on("mi300x-192gb"), on("gb200-186gb")),
        (true, true, false)
    );
}

#[test]
fn comments_say_what_is_wrong() {
    let starts = |json: &str, expected: &str| {
        let text = written(json, Format::Megatron);
        assert!(text.contains(expected), "{text}");
    };
    starts(
        &TECHPULSE.replace("512", "500"),
        "# WARNING: this plan is not valid. Mend it before you launch it:\n# - Global batch 500",
    );
    starts(
        &TECHPULSE.replace(
            r#""tensor_model_parallel_size": 2"#,
            r#""tensor_model_parallel_size": 0"#,
        ),
        "# - TP tensor 0 must be at least 1. Figures are computed with 1.\n",
    );
    starts(
        MIXTRAL,
        "# Megatron takes EP from the data-parallel ranks: its DP is 8, where the plan counts DP 1",
    );
    starts(
        r#"{"model": {"num_parameters": 7000000000}, "cluster": {"gpu": "h100-sxm-80gb"}}"#,
        "# The plan does not tell the whole architecture: add what is missing.\n",
    );
}
