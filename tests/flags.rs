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
  --vocab-size 32000 \\
  --bf16
"
    );
}

const LATENT: &str = r#"{"model": {"num_layers": 61, "hidden_size": 7168, "num_attention_heads": 128,
        "ffn_hidden_size": 18432, "vocab_size": 129280, "make_vocab_size_divisible_by": 3232,
        "multi_latent_attention": true, "q_lora_rank": 1536, "kv_lora_rank": 512,
        "qk_head_dim": 128, "qk_pos_emb_head_dim": 64, "v_head_dim": 128, "qk_layernorm": true,
        "num_experts": 256, "moe_router_topk": 8, "moe_ffn_hidden_size": 2048,
        "moe_shared_expert_intermediate_size": 2048, "moe_layer_freq": "([0]*3+[1]*58)",
        "moe_router_pre_softmax": true, "mtp_num_layers": 1, "num_query_groups": 8,
        "position_embedding_type": "rope", "max_position_embeddings": 163840},
    "cluster": {"gpu": "h100-sxm-80gb", "num_nodes": 32},
    "parallel": {"pipeline_model_parallel_size": 16, "virtual_pipeline_model_parallel_size": 2,
        "expert_model_parallel_size": 8, "pipeline_model_parallel_layout": "Et*3|(tt|)*29,m|L",
        "num_distributed_optimizer_instances": 2,
        "microbatch_group_size_per_virtual_pipeline_stage": 32},
    "training": {"recompute_granularity": "selective", "recompute_num_layers": 4,
        "recompute_modules": "mla_up_proj, mlp"}}"#;

#[test]
fn a_model_with_latent_attention_has_its_names_in_each_tool() {
    check(
        LATENT,
        Format::Megatron,
        &[
            "--pipeline-model-parallel-layout 'Et*3|(tt|)*29,m|L'",
            "--microbatch-group-size-per-virtual-pipeline-stage 32",
            "--num-distributed-optimizer-instances 2",
            "--max-position-embeddings 163840",
            "--multi-latent-attention",
            "--q-lora-rank 1536",
            "--kv-lora-rank 512",
            "--qk-head-dim 128",
            "--qk-pos-emb-head-dim 64",
            "--v-head-dim 128",
            "--qk-layernorm",
            "--vocab-size 129280",
            "--make-vocab-size-divisible-by 3232",
            "--mtp-num-layers 1",
            "--moe-router-pre-softmax",
            "--moe-layer-freq '([0]*3+[1]*58)'",
            "--moe-shared-expert-intermediate-size 2048",
            "--recompute-modules mla_up_proj mlp",
        ],
        // Megatron refuses each of these beside what is written.
        &["-query-", "num-virtual", "--recompute-num-layers"],
    );
    check(
        LATENT,
        Format::Bridge,
        &[
            "model.virtual_pipeline_model_parallel_size=null",
            r#"'model.pipeline_model_parallel_layout="Et*3|(tt|)*29,m|L"'"#,
            "model.microbatch_group_size_per_vp_stage=32",
            "ddp.num_distributed_optimizer_instances=2",
            "model.kv_lora_rank=512",
            r#"'model.recompute_modules=["mla_up_proj","mlp"]'"#,
            "model.recompute_num_layers=null",
            "model.account_for_loss_in_pipeline_split=false",
        ],
        &["num_query_groups"],
    );
    assert!(written(LATENT, Format::Bridge).contains("'model.moe_layer_freq=[0,0,0,1,1,"));
    check(
        LATENT,
        Format::Nemo,
        &[
            "model_config = llm.DeepSeekConfig(",
            "multi_latent_attention=True",
            r#"pipeline_model_parallel_layout="Et*3|(tt|)*29,m|L""#,
            r#"recompute_modules=["mla_up_proj", "mlp"]"#,
        ],
        &["=None", "num_query_groups"],
    );
}

#[test]
fn an_uneven_pipeline_has_its_names_in_each_tool() {
    let uneven = r#"{"model": {"preset": "llama3-70b"}, "cluster": {"gpu": "h100-sxm-80gb"},
        "parallel": {"pipeline_model_parallel_size": 4, "num_layers_in_first_pipeline_stage": 19,
            "num_layers_in_last_pipeline_stage": 17}}"#;
    check(
        uneven,
        Format::Megatron,
        &[
            "--decoder-first-pipeline-num-layers 19",
            "--decoder-last-pipeline-num-layers 17",
        ],
        &["account", "layout"],
    );
    check(
        uneven,
        Format::Nemo,
        &[
            "num_layers_in_first_pipeline_stage=19",
            "num_layers_in_last_pipeline_stage=17",
        ],
        &[],
    );
    let counted = r#"{"model": {"preset": "llama3-405b"}, "cluster": {"gpu": "h100-sxm-80gb"},
        "parallel": {"account_for_embedding_in_pipeline_split": true,
            "account_for_loss_in_pipeline_split": true}}"#;
    check(
        counted,
        Format::Megatron,
        &[
            "--account-for-embedding-in-pipeline-split",
            "--account-for-loss-in-pipeline-split",
        ],
        &[],
    );
}

/// A plan may come from anyone's link.
#[test]
fn a_pattern_cannot_break_out_of_its_quotes() {
    let layout = |layout: &str, format| {
        let json = serde_json::json!({"model": {"preset": "guide-7b"},
            "parallel": {"pipeline_model_parallel_layout": layout}});
        let text = written(&json.to_string(), format);
        let line = text.lines().find(|line| line.contains("layout"));
        line.expect("the layout").trim().to_owned()
    };
    assert_eq!(
        layout("E'; rm -rf $HOME; '\nL", Format::Megatron),
        r#"--pipeline-model-parallel-layout 'E'\''; rm -rf $HOME; '\'' L' \"#
    );
    assert_eq!(
        layout(r#"E",os="L"#, Format::Nemo),
        r#"pipeline_model_parallel_layout="E\",os=\"L","#
    );
    assert_eq!(
        layout(r#"E" x=1 'L"#, Format::Bridge),
        r#"'model.pipeline_model_parallel_layout="E\" x=1 '\''L"' \"#
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
    // The guide's figure for all stages fits.
    starts(
        r#"{"model": {"preset": "gpt3-175b"}, "cluster": {"node": "p4d-24xlarge", "num_nodes": 16},
            "parallel": {"tensor_model_parallel_size": 8, "pipeline_model_parallel_size": 8},
            "batch": {"global_batch_size": 256}}"#,
        "# WARNING: memory fits by the guide's figure, but 7 of 8 stages do not fit, the fullest needs 80.33 GB.\n",
    );
}
