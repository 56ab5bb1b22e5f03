//! Megatron-LM's own memory report, case by case: `tests/reference/theoretical_memory.json` holds
//! what the unmodified module said of each set of arguments.

use meshplan::core::{Config, Plan, Report};
use serde_json::{Map, Value, json};

/// How far a figure may be off, as a share of it.
const OFF: f64 = 1e-6;

fn cases() -> Value {
    serde_json::from_str(include_str!("reference/theoretical_memory.json")).expect("JSON")
}

/// The arguments of a case under the names of a plan; Megatron's defaults are left out.
fn picked(args: &Value, names: &[&str]) -> Value {
    let given = names.iter().filter(|name| !args[**name].is_null());
    let entries = given.map(|name| ((*name).to_owned(), args[*name].clone()));
    Value::Object(entries.collect::<Map<_, _>>())
}

/// The plan of a case.
fn config(case: &Value, vocab_size: &Value) -> Config {
    let args = &case["args"];
    let mut model = picked(
        args,
        &[
            "num_layers",
            "hidden_size",
            "num_attention_heads",
            "kv_channels",
            "ffn_hidden_size",
            "swiglu",
            "normalization",
            "num_experts",
            "moe_router_topk",
            "moe_ffn_hidden_size",
            "moe_shared_expert_intermediate_size",
            "moe_layer_freq",
            "mtp_num_layers",
            "add_bias_linear",
            "multi_latent_attention",
            "q_lora_rank",
            "kv_lora_rank",
            "qk_head_dim",
            "qk_pos_emb_head_dim",
            "v_head_dim",
            "untie_embeddings_and_output_weights",
        ],
    );
    model["vocab_size"] = vocab_size.clone();
    if args["group_query_attention"] == true {
        model["num_query_groups"] = args["num_query_groups"].clone();
    }
    let parallel = picked(
        args,
        &[
            "tensor_model_parallel_size",
            "pipeline_model_parallel_size",
            "virtual_pipeline_model_parallel_size",
            "context_parallel_size",
            "expert_model_parallel_size",
            "expert_tensor_parallel_size",
            "sequence_parallel",
            "use_distributed_optimizer",
        ],
    );
    let plan = json!({
        "model": model,
        "cluster": { "gpus_per_node": 1, "num_nodes": args["world_size"] },
        "parallel": parallel,
        "batch": {
            "seq_length": args["seq_length"],
            "micro_batch_size": args["micro_batch_size"],
            "global_batch_size": case["case"]["global_batch_size"],
        },
        "training": { "recompute_granularity": args["recompute_granularity"] },
    });
    serde_json::from_value(plan).expect("a plan")
}

#[track_caller]
fn equals(id: &str, what: &str, found: &Value, expected: f64) {
    let found = found.as_f64().expect("a figure");
    let off = (found / expected - 1.0).abs();
    assert!(off < OFF, "{id}: {what} {found}, Megatron {expected}");
}

#[test]
fn every_case_is_what_megatron_reports() {
    let all = cases();
    let results = all["results"].as_array().expect("cases");
    assert_eq!(results.len(), 36);
    for case in results {
        let id = case["id"].as_str().expect("an id");
        let name = case["case"]["model"].as_str().expect("a model");
        let config = config(case, &all["models"][name]["vocab_size"]);
        assert!(config.unread.is_empty(), "{id}: {:?}", config.unread);
        let padded = Plan::of(&config).padded_vocab_size();
        assert_eq!(case["args"]["padded_vocab_size"], padded, "{id}");

        let report = serde_json::to_value(Report::of(&config)).expect("JSON");
        let found = &report["memory"]["megatron"];
        let output = &case["output"];
        let mib = |figure: &str| output["report"][figure].as_f64().expect("MiB") * 1_048_576.0;
        let weights = output["weight_and_optimizer_bytes"]
            .as_f64()
            .expect("bytes");
        equals(id, "weights", &found["weight_and_optimizer"], weights);
        equals(
            id,
            "activations",
            &found["activation"],
            mib("activation_MiB"),
        );
        equals(id, "total", &found["total"], mib("total_MiB"));
    }
}
