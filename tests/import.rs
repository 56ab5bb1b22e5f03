//! A plan from launch scripts, YAML, overrides and models' configurations, and flags both ways.
#![cfg(not(target_arch = "wasm32"))]

use meshplan::core::config::{Config, ExpertAccounting, Field, Recompute, Value};
use meshplan::core::json::Json;
use meshplan::core::layer_pattern::LayerPattern;
use meshplan::core::{Plan, Report, presets};
use meshplan::export::{Format, flags};
use meshplan::import::{self, Imported, Kind, Opened, hugging_face, script};
use proptest::prelude::*;
use std::time::{Duration, Instant};

fn fixture(name: &str) -> String {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/import/");
    std::fs::read_to_string([path, name].concat()).expect("a fixture")
}

fn json(text: &str) -> Json {
    serde_json::from_str(text).expect("JSON")
}

fn model(name: &str) -> Imported {
    hugging_face(&json(&fixture(name)))
}

/// Every field that differs from a plan's default, as `name=value`.
fn said(config: &Config) -> Vec<String> {
    let default = Config::default();
    let changed = |field: &&Field| config.get(**field) != default.get(**field);
    let word = |field: &Field| {
        let value = config.get(*field);
        format!("{}={}", field.info().name(), field.typed(&value))
    };
    Field::ALL.iter().filter(changed).map(word).collect()
}

/// What is read says each of some things, and the notes are these, in order.
#[track_caller]
fn reads(imported: &Imported, fields: &[&str], notes: &[&str]) {
    let said = said(&imported.config);
    for field in fields {
        assert!(
            said.iter().any(|s| s == field),
            "{field} is not in {said:#?}"
        );
    }
    let found: Vec<String> = imported.notes.iter().map(|note| note.message()).collect();
    assert_eq!(found.len(), notes.len(), "{found:#?}");
    for (found, note) in found.iter().zip(notes) {
        assert!(found.contains(note), "“{note}” is not in {found:#?}");
    }
    assert!(
        imported.config.unread.is_empty(),
        "{:?}",
        imported.config.unread
    );
}

/// What is read says these things and no other.
#[track_caller]
fn is(imported: &Imported, fields: &str, notes: &[&str]) {
    reads(imported, &[], notes);
    assert_eq!(said(&imported.config).join(" "), fields);
}

/// A short script says these things, beside what any script says.
#[track_caller]
fn line(text: &str, fields: &str) {
    let imported = script(text);
    let usual = [
        "sequence_parallel=",
        "use_distributed_optimizer=",
        "expert_accounting=",
    ];
    let mut said = said(&imported.config);
    said.retain(|field| !usual.iter().any(|usual| field.starts_with(usual)));
    let notes: Vec<String> = imported.notes.iter().map(|n| n.message()).collect();
    assert_eq!(said.join(" "), fields, "{notes:#?}");
}

/// A short script leads to a note.
#[track_caller]
fn notes(text: &str, note: &str) {
    let found: Vec<String> = script(text).notes.iter().map(|n| n.message()).collect();
    assert!(found.iter().any(|found| found == note), "{found:#?}");
}

const VOCABULARY: &str = "The vocabulary is the tokenizer’s";

// Models.

#[test]
fn llama_3_1_8b() {
    is(
        &model("llama-3.1-8b.json"),
        "num_layers=32 hidden_size=4096 ffn_hidden_size=14336 num_attention_heads=32 \
         num_query_groups=8 vocab_size=128256 swiglu=true normalization=RMSNorm \
         add_bias_linear=false untie_embeddings_and_output_weights=true \
         position_embedding_type=rope max_position_embeddings=131072",
        &[],
    );
    let plan = Plan::of(&model("llama-3.1-8b.json").config);
    assert_eq!(plan.model.counted_parameters, 8_030_261_248);
}

#[test]
fn mixtral_8x7b() {
    let imported = model("mixtral-8x7b.json");
    reads(
        &imported,
        &[
            "num_experts=8",
            "moe_router_topk=2",
            "moe_ffn_hidden_size=14336",
        ],
        &[],
    );
    let plan = Plan::of(&imported.config);
    assert_eq!(plan.model.counted_parameters, 46_702_792_704);
}

#[test]
fn qwen3_8b_and_30b_a3b() {
    reads(
        &model("qwen3-8b.json"),
        &[
            "kv_channels=128",
            "qk_layernorm=true",
            "ffn_hidden_size=12288",
        ],
        &[],
    );
    let moe = model("qwen3-30b-a3b.json");
    reads(
        &moe,
        &[
            "num_experts=128",
            "moe_router_topk=8",
            "moe_ffn_hidden_size=768",
            "num_query_groups=4",
            "qk_layernorm=true",
        ],
        &[],
    );
    // Every layer has experts, and what the picked ones score sums to one.
    assert_eq!(moe.config.model.moe_layer_freq, None);
    assert_eq!(moe.config.model.moe_router_pre_softmax, None);
}

#[test]
fn deepseek_v3() {
    is(
        &model("deepseek-v3.json"),
        "num_layers=61 hidden_size=7168 ffn_hidden_size=18432 num_attention_heads=128 \
         vocab_size=129280 swiglu=true normalization=RMSNorm add_bias_linear=false \
         untie_embeddings_and_output_weights=true num_experts=256 moe_router_topk=8 \
         moe_ffn_hidden_size=2048 moe_shared_expert_intermediate_size=2048 \
         moe_layer_freq=([0]*3+[1]*58) multi_latent_attention=true q_lora_rank=1536 \
         kv_lora_rank=512 qk_head_dim=128 qk_pos_emb_head_dim=64 v_head_dim=128 \
         mtp_num_layers=1 qk_layernorm=true position_embedding_type=rope \
         max_position_embeddings=163840",
        &[],
    );
}

#[test]
fn a_model_that_sees_holds_a_language_model() {
    reads(
        &model("kimi-k2.5.json"),
        &[
            "num_experts=384",
            "moe_layer_freq=([0]+[1]*60)",
            "num_attention_heads=64",
            "untie_embeddings_and_output_weights=true",
        ],
        &["Only the language model is read"],
    );
    assert_eq!(model("kimi-k2.5.json").config.model.mtp_num_layers, None);
}

#[test]
fn gpt_oss_20b_has_biases_everywhere() {
    let imported = model("gpt-oss-20b.json");
    reads(
        &imported,
        &[
            "add_bias_linear=true",
            "swiglu=true",
            "num_experts=32",
            "moe_router_topk=4",
            "moe_ffn_hidden_size=2880",
            "kv_channels=64",
        ],
        &[],
    );
    assert_eq!(imported.config.model.add_qkv_bias, None);
}

#[test]
fn glm_4_5_air() {
    reads(
        &model("glm-4.5-air.json"),
        &[
            "add_qkv_bias=true",
            "add_bias_linear=false",
            "moe_layer_freq=([0]+[1]*45)",
            "moe_shared_expert_intermediate_size=1408",
            "mtp_num_layers=1",
        ],
        &[],
    );
}

#[test]
fn gpt_2_ties_its_head_and_learns_its_positions() {
    let imported = model("gpt2.json");
    reads(
        &imported,
        &[
            "swiglu=false",
            "normalization=LayerNorm",
            "add_bias_linear=true",
        ],
        &[],
    );
    let model = &imported.config.model;
    assert_eq!(model.untie_embeddings_and_output_weights, Some(false));
    assert_eq!(
        said(&imported.config)
            .join(" ")
            .matches("learned_absolute")
            .count(),
        1
    );
}

/// A configuration made of a base and some keys leads to one note alone.
#[track_caller]
fn model_notes(keys: &str, note: &str) {
    let text = format!(
        r#"{{{} "model_type": "llama", "num_hidden_layers": 4, "hidden_size": 64,
            "num_attention_heads": 4, "vocab_size": 1000}}"#,
        keys.trim_start_matches(',').to_owned() + ","
    );
    let found: Vec<String> = hugging_face(&json(&text))
        .notes
        .iter()
        .map(|n| n.message())
        .collect();
    assert_eq!(found.len(), 1, "{found:#?}");
    assert!(found[0].contains(note), "{found:#?}");
}

#[test]
fn what_is_not_understood_of_a_model_is_said() {
    model_notes(
        r#""model_type": "phi9""#,
        "does not know the model type “phi9”",
    );
    model_notes(
        r#""block_configs": [{}]"#,
        "“block_configs” would change the plan",
    );
    model_notes(
        r#""layer_types": ["linear_attention"]"#,
        "“layer_types” would change",
    );
    model_notes(
        r#""foo": 3, "rope_theta": 1, "bar": null"#,
        "does not know: 1: foo.",
    );
    model_notes(
        r#", "attention_bias": true"#,
        "biases of attention’s output are left out",
    );
    let both = json(
        r#"{"model_type": "llama", "hidden_size": "wide", "attention_bias": true, "mlp_bias": true}"#,
    );
    let read = hugging_face(&both).config;
    assert_eq!(read.model.add_bias_linear, Some(true));
    assert_eq!(read.unread.len(), 1);
}

/// A configuration counts to what the library's model does.
#[track_caller]
fn counts_as(name: &str, preset: &str) {
    let mut library = Config::default();
    library.model.preset = Some(preset.to_owned());
    let counted = |config: &Config| Plan::of(config).model.counted_parameters;
    assert_eq!(counted(&model(name).config), counted(&library), "{name}");
}

#[test]
fn a_model_counts_as_the_library_counts_it() {
    counts_as("llama-3.1-8b.json", "llama3-8b");
    counts_as("mixtral-8x7b.json", "mixtral-8x7b");
    counts_as("qwen3-8b.json", "qwen3-8b");
    counts_as("qwen3-30b-a3b.json", "qwen3-30b-a3b");
    counts_as("deepseek-v3.json", "deepseek-v3");
    counts_as("glm-4.5-air.json", "glm-4-5-air");
    counts_as("kimi-k2.5.json", "kimi-k2");
}

#[test]
fn dense_layers_between_those_with_experts() {
    let freq = |keys: &str| {
        let text = format!(
            r#"{{"model_type": "qwen3_moe", "num_hidden_layers": 6, "num_experts": 8 {keys}}}"#
        );
        hugging_face(&json(&text)).config.model.moe_layer_freq
    };
    assert_eq!(freq(""), None);
    assert_eq!(
        freq(r#", "decoder_sparse_step": 2"#).as_deref(),
        Some("([0]+[1]+[0]+[1]+[0]+[1])")
    );
    assert_eq!(
        freq(r#", "mlp_only_layers": [0, 5]"#).as_deref(),
        Some("([0]+[1]*4+[0])")
    );
    assert_eq!(
        freq(r#", "first_k_dense_replace": 1, "moe_layer_freq": 2"#).as_deref(),
        Some("([0]*2+[1]+[0]+[1]+[0])")
    );
}

// Scripts.

#[test]
fn gpt3_175b() {
    is(
        &script(&fixture("gpt3-175b.sh")),
        "num_layers=96 hidden_size=12288 num_attention_heads=96 \
         position_embedding_type=learned_absolute max_position_embeddings=2048 num_nodes=128 \
         gpus_per_node=8 tensor_model_parallel_size=8 pipeline_model_parallel_size=16 \
         sequence_parallel=false use_distributed_optimizer=false expert_accounting=folded \
         seq_length=2048 global_batch_size=1536",
        &[
            VOCABULARY,
            "Arguments that are no part of a plan: 25, such as --master_addr",
        ],
    );
}

#[test]
fn mixtral_with_arrays() {
    let imported = script(&fixture("mixtral-8x7b.sh"));
    reads(
        &imported,
        &[
            "num_nodes=4",
            "gpus_per_node=8",
            "num_query_groups=8",
            "num_experts=8",
            "expert_model_parallel_size=8",
            "pipeline_model_parallel_size=4",
            // 32 layers / PP 4 / 2 layers a chunk.
            "virtual_pipeline_model_parallel_size=4",
            "global_batch_size=256",
            "position_embedding_type=rope",
        ],
        &[VOCABULARY, "no part of a plan"],
    );
    let plan = Plan::of(&imported.config);
    assert_eq!(plan.sizes.data_parallel_size, 8);
    assert_eq!(plan.sizes.expert_data_parallel_size, 1);
}

#[test]
fn deepseek_v3_with_a_layout() {
    reads(
        &script(&fixture("deepseek-v3.sh")),
        &[
            "pipeline_model_parallel_layout=Et*3|(tt|)*29,m|L",
            "moe_layer_freq=([0]*3+[1]*58)",
            "recompute_modules=mla_up_proj layernorm moe_act",
            "recompute_granularity=selective",
            "multi_latent_attention=true",
            "make_vocab_size_divisible_by=3232",
            "mtp_num_layers=1",
            "expert_tensor_parallel_size=1",
            "num_nodes=128",
        ],
        &[
            "Line 32: --moe-token-dispatcher-type is flex",
            "Line 38: $@ is not set in the text",
            "no part of a plan",
        ],
    );
}

#[test]
fn a_job_of_slurm() {
    reads(
        &script(&fixture("slurm.sh")),
        &[
            "num_nodes=8",
            "gpus_per_node=8",
            "num_layers=80",
            "hidden_size=8192",
            "num_layers_in_first_pipeline_stage=9",
            "num_layers_in_last_pipeline_stage=11",
            "global_batch_size=128",
            "recompute_granularity=selective",
        ],
        &[VOCABULARY, "no part of a plan"],
    );
}

#[test]
fn the_yaml_of_a_functional_test() {
    reads(
        &script(&fixture("functional-test.yaml")),
        &[
            "num_layers=12",
            "add_bias_linear=false",
            "pipeline_model_parallel_layout=Et|t*4|t*6|tL",
            "moe_layer_freq=([0]*3+[1]*9)",
            "moe_router_pre_softmax=true",
            "recompute_modules=layernorm mlp",
            "sequence_parallel=false",
        ],
        &[
            VOCABULARY,
            "how many GPUs a node has; 8 are taken",
            "how many nodes there are; 1 is taken",
            "no part of a plan: 10, such as --log-params-norm",
        ],
    );
}

#[test]
fn overrides_of_a_recipe() {
    reads(
        &script(&fixture("bridge.sh")),
        &[
            "preset=llama3-70b",
            "tensor_model_parallel_size=4",
            "untie_embeddings_and_output_weights=true",
            "recompute_modules=core_attn mlp",
            "seq_length=8192",
            "global_batch_size=128",
        ],
        &[
            "Line 11: model.cpu_offloading would change the plan",
            "The model of the recipe is taken for Llama 3 70B.",
            "Overrides change a recipe.",
            "how many nodes there are; 1 is taken",
            "no part of a plan",
        ],
    );
}

#[test]
fn a_shell_is_read_as_it_reads() {
    let tp = "tensor_model_parallel_size";
    line("x --tensor-model-parallel-size 4", &format!("{tp}=4"));
    line("x --tensor-model-parallel-size=4", &format!("{tp}=4"));
    line("x --tensor-model-parallel-size \\\n  4", &format!("{tp}=4"));
    line(
        "x --tensor-model-parallel-size \\\r\n  4 \r\n",
        &format!("{tp}=4"),
    );
    line(
        "--tensor-model-parallel-size 4\n--context-parallel-size 2",
        &format!("{tp}=4 context_parallel_size=2"),
    );
    line("x '--tensor-model-parallel-size' \"4\"", &format!("{tp}=4"));
    line("x --tensor-model-parallel-size 4 # 8", &format!("{tp}=4"));
    line(
        "# --tensor-model-parallel-size 8\nx --tensor-model-parallel-size 4",
        &format!("{tp}=4"),
    );
    line("T=4; x --tensor-model-parallel-size $T", &format!("{tp}=4"));
    line(
        "export T=4 P=2\nx --tensor-model-parallel-size ${T}",
        &format!("{tp}=4"),
    );
    line("x --tensor-model-parallel-size ${T:-4}", &format!("{tp}=4"));
    line(
        "T=2; x --tensor-model-parallel-size ${T:-4}",
        &format!("{tp}=2"),
    );
    line(
        "x --tensor-model-parallel-size ${1:-${T:-8}}",
        &format!("{tp}=8"),
    );
    line(
        "A=2; B=8; x --tensor-model-parallel-size $((A * (B - 4) / 2))",
        &format!("{tp}=4"),
    );
    line(
        "A=2; x --tensor-model-parallel-size $(( ${A} * $A ))",
        &format!("{tp}=4"),
    );
    line(
        "A=\"--tensor-model-parallel-size 4\"; A+=\" --context-parallel-size 2\"; x $A",
        &format!("{tp}=4 context_parallel_size=2"),
    );
    line(
        "A=(--tensor-model-parallel-size 4); A+=(--context-parallel-size 2); x \"${A[@]}\"",
        &format!("{tp}=4 context_parallel_size=2"),
    );
    line(
        "bash -c \"x --tensor-model-parallel-size 4\"",
        &format!("{tp}=4"),
    );
    line(
        "A=4; if [ $A = 4 ]; then T=2; else T=8; fi; x --tensor-model-parallel-size $T",
        &format!("{tp}=2"),
    );
    line(
        "A=5; if [ $A -lt 4 ]; then T=2; elif [[ $A == 5 ]]; then T=4; else T=8; fi; x --tensor-model-parallel-size $T",
        &format!("{tp}=4"),
    );
    line("ARGS=(--tensor-model-parallel-size 4)", &format!("{tp}=4"));
    line(
        "x a | tee b; y --tensor-model-parallel-size 4 > log 2>&1 &",
        &format!("{tp}=4"),
    );
    line(
        "```bash\nx --tensor-model-parallel-size 4\n```",
        &format!("{tp}=4"),
    );
    line("--tensor-model-parallel-size: 4", &format!("{tp}=4"));
    line(
        "MODEL_ARGS:\n  --swiglu: true\n  --add-qkv-bias: false\n  --seq-length: \"512\"",
        "swiglu=true seq_length=512",
    );
    line("x model.tensor_model_parallel_size=4", &format!("{tp}=4"));
    line(
        "x --recompute-modules core_attn mlp --bf16",
        "recompute_modules=core_attn mlp",
    );
}

#[test]
fn launchers_tell_nodes_and_gpus() {
    let world = "num_nodes=2 gpus_per_node=4 context_parallel_size=2";
    let cp = "--context-parallel-size 2";
    line(
        &format!("torchrun --nnodes 2 --nproc_per_node=4 t.py {cp}"),
        world,
    );
    line(
        &format!("torchrun --nnodes=2 --nproc-per-node 4 t.py {cp}"),
        world,
    );
    line(
        &format!("srun -N 2 --ntasks-per-node=4 python t.py {cp}"),
        world,
    );
    line(
        &format!("#SBATCH -N 2\n#SBATCH --gres=gpu:h100:4\nsrun python t.py {cp}"),
        world,
    );
    line(
        &format!("#SBATCH --nodes=2\ntorchrun --nnodes $SLURM_NNODES --nproc-per-node 4 t.py {cp}"),
        world,
    );
    line(
        &format!("#SBATCH --nodes=2 --ntasks-per-node=1 --gpus-per-node=4\nsrun python t.py {cp}"),
        world,
    );
    line(
        &format!("srun --nodes=2 --ntasks=8 python t.py {cp}"),
        world,
    );
    line(
        &format!("deepspeed --num_nodes 2 --num_gpus 4 t.py {cp}"),
        world,
    );
    line(
        &format!("#SBATCH --nodes=2\ntorchrun --nnodes $N --nproc-per-node 4 t.py {cp}"),
        world,
    );
}

#[test]
fn old_names_are_read() {
    line(
        "x --num-layers 24 --pipeline-model-parallel-size 4 --num-layers-per-virtual-pipeline-stage 2",
        "num_layers=24 pipeline_model_parallel_size=4 virtual_pipeline_model_parallel_size=3",
    );
    line(
        "x --num-layers 22 --pipeline-model-parallel-size 4 --num-layers-per-virtual-pipeline-stage 2 --account-for-embedding-in-pipeline-split --account-for-loss-in-pipeline-split",
        "num_layers=22 pipeline_model_parallel_size=4 virtual_pipeline_model_parallel_size=3 account_for_embedding_in_pipeline_split=true account_for_loss_in_pipeline_split=true",
    );
    line(
        "x --recompute-activations",
        "recompute_granularity=selective",
    );
    line(
        "x --checkpoint-activations",
        "recompute_granularity=full recompute_method=uniform recompute_num_layers=1",
    );
    line(
        "x --use-rotary-position-embeddings",
        "position_embedding_type=rope",
    );
    line("x --quick-geglu", "swiglu=true");
    line(
        "x --model-parallel-size 4 --batch-size 2",
        "tensor_model_parallel_size=4 micro_batch_size=2",
    );
}

#[test]
fn what_a_script_leaves_open_is_megatrons_default() {
    let parallel = script("x --num-layers 2 --hidden-size 64").config.parallel;
    assert!(!parallel.sequence_parallel && !parallel.use_distributed_optimizer);
    assert_eq!(parallel.expert_accounting, ExpertAccounting::Folded);
    line(
        "x --hidden-size 64",
        "hidden_size=64 position_embedding_type=learned_absolute",
    );
    line(
        "x --multi-latent-attention --kv-lora-rank 512",
        "multi_latent_attention=true kv_lora_rank=512 qk_head_dim=128 qk_pos_emb_head_dim=64 v_head_dim=128",
    );
    line("x --num-query-groups 8", "");
    line("x --group-query-attention", "num_query_groups=1");
}

#[test]
fn nothing_is_guessed_in_silence() {
    notes(
        "x --seq-length $SEQ",
        "Line 1: --seq-length is $SEQ, which the text does not set.",
    );
    notes(
        "x\nx --seq-length $(get seq)",
        "Line 2: --seq-length is $(get seq), which the text does not set.",
    );
    notes(
        "x --seq-length long",
        "Line 1: --seq-length is long, which cannot be read.",
    );
    notes(
        "x --seq-length 512 --foo 3",
        "Line 1: --foo is no argument that Meshplan knows.",
    );
    notes(
        "x --seq-length 512 \\\n --use-torch-fsdp2",
        "Line 2: --use-torch-fsdp2 would change the plan, but Meshplan does not read it.",
    );
    notes(
        "x --seq-length 512 $MORE",
        "Line 1: $MORE is not set in the text; what it holds is not read.",
    );
    notes(
        "x --seq-length 512 --data-path $DATA \"$@\"",
        "Line 1: $@ is not set in the text; what it holds is not read.",
    );
    notes(
        "x --seq-length 512 \\\n --seq-length 1024",
        "Line 2: --seq-length stands in the text before; the last one counts, 1024.",
    );
    notes(
        "if [ -n \"$BIG\" ]; then\n  S=1024\nfi\nx --seq-length $S",
        "Line 2: What is set here may not be run; it is taken as if it was.",
    );
    notes(
        "[ -n \"$BIG\" ] && S=1024; x --seq-length $S",
        "Line 1: What is set here may not be run; it is taken as if it was.",
    );
    notes(
        "x --seq-length 512 --num-query-groups 8",
        "Line 1: --num-query-groups 8 has no effect without --group-query-attention.",
    );
    notes(
        "x --seq-length 512 --multi-latent-attention",
        "kv_lora_rank is not said: Megatron’s default, 32, is taken.",
    );
    notes(
        "x --num-layers 10 --num-layers-per-virtual-pipeline-stage 3",
        "Line 1: --num-layers-per-virtual-pipeline-stage is 3 layers a chunk, which cannot be read.",
    );
    notes(
        "x --seq-length 512",
        "Without --bf16 Megatron trains in FP32; figures here are for BF16.",
    );
    notes(
        "x --seq-length 512",
        "Megatron demands what the text does not say: num_layers, hidden_size, num_attention_heads, max_position_embeddings, micro_batch_size.",
    );
    notes(
        "x --seq-length 512 \"open",
        "Line 1: A quote begins here and is not closed; it is taken as a letter.",
    );
    notes(
        "torchrun --nproc-per-node gpu x --seq-length 512",
        "Line 1: The launcher is told “gpu”, which is no number here.",
    );
    notes(
        "a --num-layers 2 --hidden-size 8 --seq-length 8\nb --num-layers 4 --hidden-size 8 --seq-length 8",
        "Line 2: Several commands have arguments of a plan; the one here is read.",
    );
    notes(
        "A=(--seq-length 512)",
        "No command was found that takes the arguments; those of all variables are read.",
    );
    notes("echo hello", "No argument of Megatron-LM was found.");
}

/// Megatron's words are kept; the plan that is read is one that it takes.
#[test]
fn what_megatron_refuses_in_a_script_is_said() {
    for (flag, value) in [
        ("--decoder-first-pipeline-num-layers", "6"),
        ("--decoder-last-pipeline-num-layers", "6"),
        ("--num-virtual-stages-per-pipeline-rank", "3"),
        ("--pipeline-model-parallel-layout", "Et*8|t*8|t*8L"),
    ] {
        notes(
            &format!(
                "x --num-layers 24 --pipeline-model-parallel-size 4 \\\n \
                 --num-layers-per-virtual-pipeline-stage 2 {flag} '{value}'"
            ),
            &format!(
                "Line 2: Megatron refuses --num-layers-per-virtual-pipeline-stage beside {flag}."
            ),
        );
    }
    let text = "Megatron refuses full recomputation without --recompute-method and \
                --recompute-num-layers; uniform and 1 are taken.";
    notes(
        "x --tensor-model-parallel-size 2 --recompute-granularity full",
        text,
    );
    notes(
        "x model.num_layers=2 model.recompute_granularity=full",
        text,
    );
}

/// Megatron asks for `--moe-router-pre-softmax` only where the scores are a softmax.
#[test]
fn one_expert_a_token_without_a_softmax_is_taken() {
    let line_of = |more: &str| format!("x --num-experts 8 --moe-router-topk 1 {more}");
    let fields = "num_experts=8 moe_router_topk=1";
    line(&line_of(""), fields);
    line(
        &line_of("--moe-router-load-balancing-type aux_loss"),
        fields,
    );
    let fields = "num_experts=8 moe_router_topk=1 moe_router_pre_softmax=true";
    line(
        &line_of("--moe-router-load-balancing-type sinkhorn"),
        fields,
    );
    line(&line_of("--moe-router-score-function sigmoid"), fields);
    notes(
        &line_of("--moe-router-score-function sigmoid"),
        "This router needs no --moe-router-pre-softmax for one expert a token. Meshplan has no \
         field for it and takes the flag, which changes nothing here.",
    );
    line(
        "x --num-experts 8 --moe-router-topk 2 --moe-router-score-function sigmoid",
        "num_experts=8 moe_router_topk=2",
    );
}

#[test]
fn a_figure_that_could_not_be_read_is_kept_with_the_plan() {
    let config = script("x --tensor-model-parallel-size $TP --moe-layer-freq $FREQ").config;
    let paths: Vec<&str> = config.unread.iter().map(|u| u.path.as_str()).collect();
    assert_eq!(
        paths,
        [
            "parallel.tensor_model_parallel_size",
            "model.moe_layer_freq"
        ]
    );
    let report = Report::of(&config);
    assert!(report.problems.iter().any(|p| p.message.contains("“$TP”")));
}

#[test]
fn the_most_important_notes_come_first() {
    let notes = script("x --lr 1 --seq-length $S --foo --num-layers 2").notes;
    let kinds: Vec<Kind> = notes.iter().map(|note| note.kind).collect();
    assert!(kinds.is_sorted(), "{kinds:?}");
    assert_eq!(kinds.first(), Some(&Kind::Unread));
}

// Any text.

#[test]
fn a_text_is_told_by_what_it_holds() {
    let kind = |text: &str| {
        let json = serde_json::from_str(text).ok();
        match import::any(text, json.as_ref()) {
            Ok(Opened::Link(_)) => "link".to_owned(),
            Ok(Opened::Import(imported)) => format!("{:?}", imported.source),
            Err(error) => format!("{error:?}")
                .chars()
                .take_while(|c| c.is_alphabetic())
                .collect(),
        }
    };
    assert_eq!(kind("https://example.org/#v1.tp-2.z"), "link");
    assert_eq!(kind("v1.tp-2.z"), "link");
    assert_eq!(
        kind(r#"{"parallel": {"tensor_model_parallel_size": 2}}"#),
        "Plan"
    );
    assert_eq!(kind("{}"), "Plan");
    // An empty plan would take the place of the reader's.
    for nothing in [
        r#"{"foo": 1}"#,
        r#"{"link": "v1.z", "config": {"model": {}}}"#,
        "[1]",
    ] {
        assert_eq!(kind(nothing), "NoFields");
    }
    assert_eq!(kind(r#"{"model": 5}"#), "Plan");
    assert_eq!(kind(r#"{"parallel": {"tensor_parallel_size": 4}}"#), "Plan");
    assert_eq!(kind(r#"{"batch": {"seq_length": "x"}}"#), "Plan");
    assert_eq!(kind(&fixture("qwen3-8b.json")), "Model");
    assert_eq!(kind(&fixture("kimi-k2.5.json")), "Model");
    for name in [
        "gpt3-175b.sh",
        "deepseek-v3.sh",
        "slurm.sh",
        "functional-test.yaml",
        "bridge.sh",
    ] {
        assert_eq!(kind(&fixture(name)), "Script", "{name}");
    }
    assert_eq!(
        kind("# https://example.org/#v1.tp-2.z\nx --tensor-model-parallel-size 4"),
        "Script"
    );
    assert_eq!(kind("hello"), "NotALink");
    assert_eq!(kind(""), "Empty");
}

#[test]
fn words_that_a_plan_does_not_keep_are_noted_of_json_too() {
    let said = |about: serde_json::Value| {
        let text =
            serde_json::json!({ "about": about, "batch": { "seq_length": 1024 } }).to_string();
        let json = serde_json::from_str(&text).ok();
        match import::any(&text, json.as_ref()) {
            Ok(Opened::Import(imported)) => imported.notes.iter().map(|n| n.text.clone()).collect(),
            other => vec![format!("{other:?}")],
        }
    };
    assert_eq!(
        said(serde_json::json!({ "name": " Run\n7 " })),
        Vec::<String>::new()
    );
    assert_eq!(
        said(serde_json::json!({ "name": "n".repeat(97), "note": "a\u{202e}b" })),
        [
            "A plan’s name is longer than a plan keeps: the rest is left out.",
            "A plan’s note has characters that show nothing or turn the text: they are left out.",
        ]
    );
}

/// Wrong input gives a plan with notes, quickly.
#[track_caller]
fn survives(text: &str) {
    let begun = Instant::now();
    let _ = import::any(text, None);
    let _ = script(text);
    let took = begun.elapsed();
    let most = Duration::from_secs(if cfg!(debug_assertions) { 15 } else { 1 });
    let start: String = text.chars().take(20).collect();
    assert!(took < most, "{start} took {took:?}");
}

#[test]
fn wrong_input_never_panics_and_is_quick() {
    for text in [
        "",
        " ",
        "\n",
        "-",
        "--",
        "--=",
        "=",
        "$",
        "${",
        "$((",
        "$(",
        "`",
        "\"",
        "'",
        "\\",
        "#",
        "()",
        ")",
        "a=(",
        "a=",
        "+=",
        "if",
        "fi",
        "else",
        "elif",
        "done",
        "case",
        "[",
        "&&",
        "||",
        ">&",
        "--a:",
        "model.=",
        ".=",
        "--recompute-modules",
        "$((1/0))",
        "$((9223372036854775807+1))",
        "${a[@]",
        "a=$a; x $a",
        "\u{0}\u{1}\u{ffff}",
    ] {
        survives(text);
        survives(&format!("x --seq-length {text} --num-layers 2 {text}"));
    }
    let binary: String = (0_u32..200_000)
        .filter_map(|n| char::from_u32(n * 7919 % 0x11_0000))
        .collect();
    survives(&binary);
    for part in [
        "--seq-length 8 ",
        "a",
        "\"",
        "'",
        "${",
        "$((",
        "$(",
        "`",
        "a=$a$a\n",
        "a=(",
        "if x; then\n",
        "\\\n",
        "--a\n",
        "#\n",
        "${a:-",
        "((",
        "x --seq-length $a\n",
        "model.a=1 ",
        "bash -c \"",
        "a=\"$a --a\"\n",
    ] {
        survives(&part.repeat(120_000 / part.len()));
        survives(&part.repeat(1_000_000 / part.len()));
    }
    // A variable that doubles with each line.
    let doubling = format!("a=0123456789\n{}x --seq-length $a", "a=$a$a\n".repeat(80));
    survives(&doubling);
    let arrays = format!(
        "A=(--seq-length 8)\n{}x ${{A[@]}}",
        "A+=(${A[@]})\n".repeat(80)
    );
    survives(&arrays);
    let variables: String = (0..9_000).map(|n| format!("v{n}=1\n")).collect();
    survives(&variables);
}

#[test]
fn a_deep_or_odd_configuration_never_panics() {
    for text in [
        "{}",
        "[]",
        "7",
        r#"{"model_type": 7}"#,
        r#"{"num_hidden_layers": -1}"#,
        r#"{"num_hidden_layers": 1e300, "num_experts": 1e300, "n_shared_experts": 1e9, "moe_intermediate_size": 16777216}"#,
        r#"{"text_config": {"text_config": {}}}"#,
    ] {
        let _ = hugging_face(&json(text));
    }
}

proptest! {
    #[test]
    fn any_text_is_read(text in "[-a-z=$\"'(){}\\[\\]#;|&\\\\ \n]{0,200}") {
        let _ = script(&text);
    }

    #[test]
    fn any_script_is_read(words in prop::collection::vec(prop::sample::select(vec![
        "--tensor-model-parallel-size", "--seq-length", "4", "$A", "A=4", "A+=(", ")", "${A[@]}",
        "\"", "'", "$((A*2))", "${B:-", "}", "if [ $A = 4 ]; then", "else", "fi", "\n", "\\\n",
        ";", "#SBATCH --nodes=2\n", "model.num_layers=2", "--moe-layer-freq", "([0]*3)", "true:",
        "--num-layers-per-virtual-pipeline-stage", "--num-layers", "--recompute-modules",
    ]), 0..40)) {
        let _ = script(&words.join(" "));
        let _ = script(&words.concat());
    }
}

// Flags both ways.

/// The flags of a plan without comments, and without the line that the GPU decides on.
fn written(plan: &Plan, format: Format) -> String {
    let report = Report::of_plan(&plan.config, plan);
    let text = flags(plan, &report, format);
    let lines = text.lines().filter(|line| !line.starts_with(['#', 'e']));
    lines.collect::<Vec<_>>().join("\n")
}

/// Reads the flags of a plan, in one tool's form, and finds the same plan.
///
/// Flags cannot say: the GPU and its links; the preset's id and a stated number of parameters;
/// whether EP is counted beside DP; SP with TP 1; the chunks of a pipeline that has a layout;
/// a list of layers, to Bridge, where the number of layers is not told or beyond any model's;
/// figures that have no effect, such as those of experts that a model has not. So the model and
/// the sizes in effect are compared, and what each tool would be told.
fn comes_back(config: &Config, format: Format) -> Result<(), TestCaseError> {
    let mut config = config.clone();
    // DP of a script is Megatron's.
    config.parallel.expert_accounting = ExpertAccounting::Folded;
    if config.parallel.pipeline_model_parallel_layout.is_some() {
        config.parallel.virtual_pipeline_model_parallel_size = None;
    }
    match Plan::of(&config).model.num_layers {
        _ if format != Format::Bridge => {}
        0 => config.model.moe_layer_freq = None,
        1..500 => {}
        _ => return Ok(()),
    }
    let plan = Plan::of(&config);
    let text = written(&plan, format);
    let imported = script(&text);
    let back = Plan::of(&imported.config);
    prop_assert_eq!(&imported.config.unread, &vec![]);
    for note in &imported.notes {
        let harmless = note.text.contains("vocabulary")
            || note.text.starts_with("Overrides")
            || note.text.starts_with("Megatron demands");
        prop_assert!(
            harmless || note.kind == Kind::Ignored || format == Format::Bridge,
            "{}\n{}",
            note.message(),
            text
        );
    }
    let mut sizes = back.sizes.clone();
    // None and one chunk are the same.
    sizes.virtual_pipeline_model_parallel_size = plan.sizes.virtual_pipeline_model_parallel_size;
    prop_assert_eq!(&sizes, &plan.sizes);
    // A list of layers may be written in several ways; Megatron-LM alone takes them as they are.
    for other in [format, Format::Bridge, Format::Nemo] {
        prop_assert_eq!(written(&back, other), written(&plan, other), "{}", &text);
    }
    let offsets = plan.model.softmax_offsets;
    let shape = |plan: &Plan| {
        let mut model = plan.model.clone();
        model.name.clear();
        // Latent attention has none.
        let latent = model.mla.is_some();
        // The same layers may be said in several ways.
        let layers = model.moe.as_mut().map(|moe| {
            let layers = moe.pattern.text(model.num_layers);
            moe.pattern = LayerPattern::After(0);
            layers
        });

        (
            model.num_layers,
            model.hidden_size,
            model.ffn_hidden_size,
            model.num_attention_heads,
            model.num_query_groups * u64::from(!latent),
            model.kv_channels,
            layers,
            model.moe,
            model.mla,
            model.mtp_num_layers,
            model.max_position_embeddings,
            // Offsets of the softmax are what no argument of the plan says.
            model.counted_parameters * u64::from(!offsets),
        )
    };
    prop_assert_eq!(shape(&back), shape(&plan));
    Ok(())
}

/// Values that a person or a file may give to a field that flags can say.
fn any_value(field: Field) -> BoxedStrategy<Value> {
    use meshplan::core::config::Kind as FieldKind;
    let text = |words: Vec<&'static str>| {
        prop::sample::select(words)
            .prop_map(|word| Value::Text(word.to_owned()))
            .boxed()
    };
    match (field, field.info().kind) {
        (Field::MoeLayerFreq, _) => {
            text(vec!["1", "2", "([0]*1+[1]*31)", "[0,1,1]", "([1]+[0])*4"])
        }
        (Field::PipelineLayout, _) => text(vec![
            "Et*4|t*4L",
            "Et*3|(tt|)*29,m|L",
            "E; rm -rf '$HOME'",
            "a\"b\\c",
            "E 't' | L",
            "Ä|$(x)",
        ]),
        (Field::RecomputeModules, _) => {
            text(vec!["core_attn", "core_attn mlp", "moe_act, layernorm"])
        }
        (_, FieldKind::Flag) => any::<bool>().prop_map(Value::Flag).boxed(),
        (_, FieldKind::Choice(words)) => text(words.to_vec()),
        (_, FieldKind::Model) => text(presets::models().map(|m| m.id).collect()),
        (_, FieldKind::Count { .. }) => prop_oneof![
            (0_u32..14).prop_map(|power| Value::Count(1 << power)),
            (1_u64..200).prop_map(Value::Count),
            (200_u64..4_000).prop_map(Value::Count),
        ]
        .boxed(),
        _ => Just(Value::Unset).boxed(),
    }
}

fn any_config() -> impl Strategy<Value = Config> {
    let entry = prop::sample::select(Field::ALL.to_vec())
        .prop_flat_map(|field| any_value(field).prop_map(move |value| (field, value)));
    let model = prop::sample::select(presets::models().map(|m| m.id).collect::<Vec<_>>());
    (prop::collection::vec(entry, 0..20), prop::option::of(model)).prop_map(|(set, model)| {
        let mut config = Config::default();
        config.model.preset = model.map(str::to_owned);
        for (field, value) in set {
            if field != Field::NumParameters {
                config.set(field, value);
            }
        }
        config
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn flags_of_megatron_come_back_as_the_same_plan(config in any_config()) {
        comes_back(&config, Format::Megatron)?;
    }

    #[test]
    fn overrides_of_bridge_come_back_as_the_same_plan(config in any_config()) {
        comes_back(&config, Format::Bridge)?;
    }
}

#[test]
fn every_plan_of_the_guide_comes_back() {
    for preset in presets::PLANS {
        let mut config = preset.config();
        // Its own parameters count, which flags cannot say.
        config.model.num_parameters = None;
        comes_back(&config, Format::Megatron).expect(preset.id);
        comes_back(&config, Format::Bridge).expect(preset.id);
    }
}

#[test]
fn the_worked_example_with_experts_comes_back() {
    let text = r#"{"model": {"preset": "mixtral-8x7b"},
        "cluster": {"gpu": "h100-sxm-80gb", "num_nodes": 2, "gpus_per_node": 8},
        "parallel": {"tensor_model_parallel_size": 2, "pipeline_model_parallel_size": 2,
            "expert_model_parallel_size": 4, "expert_tensor_parallel_size": 1,
            "expert_accounting": "folded"},
        "batch": {"global_batch_size": 64}, "training": {"recompute_granularity": "selective"}}"#;
    let config: Config = serde_json::from_str(text).expect("JSON");
    comes_back(&config, Format::Megatron).expect("the same plan");
    let plan = Plan::of(&config);
    let back = script(&written(&plan, Format::Megatron)).config;
    assert_eq!(back.parallel, config.parallel);
    assert_eq!(back.batch, config.batch);
    assert_eq!(
        back.training.recompute_granularity,
        Some(Recompute::Selective)
    );
    let sizes = Plan::of(&back).sizes;
    assert_eq!(
        (
            sizes.world_size,
            sizes.data_parallel_size,
            sizes.expert_data_parallel_size
        ),
        (16, 4, 2)
    );
}
