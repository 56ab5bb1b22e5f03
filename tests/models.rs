//! The models of the library against what their authors publish.
//!
//! A published total is the sum of the tensors of the published weights. It may hold more than
//! Megatron trains as parameters: `beyond` says what and how many. Rounded totals come from papers.

use meshplan::core::model_library::MODELS;
use meshplan::core::rank::Rank;
use meshplan::core::steps::in_effect;
use meshplan::core::{Config, Edit, Field, Plan, Report, Value};

/// A published count: the model, parameters in all, those beyond Megatron's, and how much the
/// rounding of the source may leave.
struct Published(&'static str, u64, u64, u64);

/// The correction biases of a sigmoid router, one an expert and layer: a buffer in Megatron.
const fn biases(layers: u64, experts: u64) -> u64 {
    layers * experts
}

/// The weights of multi-token prediction come with a copy of the embedding and of the head.
const fn copies(vocabulary: u64, hidden: u64) -> u64 {
    2 * vocabulary * hidden
}

#[rustfmt::skip]
const PUBLISHED: &[Published] = &[
    // arXiv:2005.14165, table D.1, rounded to millions; its table of positions and biases too.
    Published("gpt3-175b",        174_600_000_000, 0, 50_000_000),
    // Totals of the safetensors files at huggingface.co, where each row's source says.
    Published("llama2-7b",          6_738_415_616, 0, 0),
    Published("llama2-13b",        13_015_864_320, 0, 0),
    Published("llama2-70b",        68_976_648_192, 0, 0),
    Published("llama3-8b",          8_030_261_248, 0, 0),
    Published("llama3-70b",        70_553_706_496, 0, 0),
    Published("llama3-405b",      405_853_388_800, 0, 0),
    Published("llama3-2-3b",        3_212_749_824, 0, 0),
    Published("mixtral-8x7b",      46_702_792_704, 0, 0),
    Published("mixtral-8x22b",    140_620_634_112, 0, 0),
    // The tied head is not counted twice.
    Published("qwen3-0-6b",           596_049_920, 0, 0),
    Published("qwen3-1-7b",         1_720_574_976, 0, 0),
    Published("qwen3-4b",           4_022_468_096, 0, 0),
    Published("qwen3-8b",           8_190_735_360, 0, 0),
    Published("qwen3-14b",         14_768_307_200, 0, 0),
    Published("qwen3-32b",         32_762_123_264, 0, 0),
    Published("qwen3-30b-a3b",     30_532_122_624, 0, 0),
    Published("qwen3-235b-a22b",  235_093_634_560, 0, 0),
    Published("deepseek-v2-lite",  15_706_484_224, 0, 0),
    Published("deepseek-v2",      235_741_434_880, 0, 0),
    // With multi-token prediction; the scales of its FP8 weights are not counted.
    Published("deepseek-v3",      684_489_845_504, biases(59, 256) + copies(129_280, 7168), 0),
    Published("kimi-k2",        1_026_408_232_448, biases(60, 384), 0),
    // With multi-token prediction.
    Published("glm-4-5",          358_337_791_296, biases(90, 160) + copies(151_552, 5120), 0),
    Published("glm-4-5-air",      110_468_824_832, biases(46, 128) + copies(151_552, 4096), 0),
    // As BF16; the published experts are packed.
    Published("gpt-oss-20b",       20_914_757_184, 0, 0),
    Published("gpt-oss-120b",     116_829_156_672, 0, 0),
    // Papers: 3.1 and 12.5 billion, 9.4 and 331.6 billion in the embeddings and beside them.
    Published("nemotron-4-15b",    15_600_000_000, 0, 100_000_000),
    Published("nemotron-4-340b",  341_000_000_000, 0, 100_000_000),
];

fn plan(id: &str, edit: &Edit) -> Plan {
    let named = Edit::one(Field::ModelPreset, Value::Text(id.to_owned()));
    Plan::of(&edit.apply(&named.apply(&Config::default())))
}

fn preset(id: &str) -> Plan {
    plan(id, &Edit::default())
}

#[test]
fn every_model_counts_to_what_its_authors_publish() {
    for &Published(id, published, beyond, rounding) in PUBLISHED {
        let model = preset(id).model;
        assert!(
            model.num_parameters.abs_diff(published - beyond) <= rounding,
            "{id}: {} of {published}",
            model.num_parameters
        );
        assert_eq!(model.num_parameters, model.counted_parameters, "{id}");
    }
    for model in MODELS {
        assert!(
            PUBLISHED.iter().any(|row| row.0 == model.id),
            "{}",
            model.id
        );
    }
}

/// Active parameters, and those without the two tables of the vocabulary, in billions.
#[track_caller]
fn active(id: &str, expected: f64, with_tables: bool) {
    let plan = plan(id, &Edit::count(Field::MtpNumLayers, 0));
    let model = plan.model;
    let table = model.vocab_size * model.hidden_size;
    let left_out = if with_tables { 0 } else { table };
    let billions = (model.active_parameters - left_out) as f64 / 1e9;
    assert!((billions - expected).abs() < 0.06, "{id}: {billions}");
}

#[test]
fn active_parameters_are_those_of_the_papers() {
    active("mixtral-8x7b", 12.9, true); // arXiv:2401.04088: 13B
    active("qwen3-30b-a3b", 3.35, true); // arXiv:2505.09388: 3B
    active("qwen3-235b-a22b", 22.19, true); // 22B
    active("deepseek-v2-lite", 2.66, true); // arXiv:2405.04434: 2.4B
    active("deepseek-v2", 21.4, true); // 21B
    active("deepseek-v3", 37.55, true); // arXiv:2412.19437: 37B
    active("kimi-k2", 32.86, true); // arXiv:2507.20534: 32.6B
    active("glm-4-5", 33.63, true); // arXiv:2508.06471: 32B
    // The model card leaves the embedding out: 3.61 and 5.13.
    active("gpt-oss-20b", 3.61, false);
    active("gpt-oss-120b", 5.13, false);
}

#[test]
fn the_weights_of_multi_token_prediction_are_megatrons() {
    // DeepSeek-V3's README_WEIGHTS: 11.5B unique parameters, the embedding and the head shared.
    assert_eq!(preset("deepseek-v3").model.mtp_parameters, 11_610_067_968);
    let without = plan("deepseek-v3", &Edit::count(Field::MtpNumLayers, 0)).model;
    assert_eq!(without.num_parameters, 671_026_404_352);
    assert_eq!(without.mtp_parameters, 0);
}

#[track_caller]
fn padded(id: &str, tp: u64, divisor: Option<u64>, expected: u64) {
    let edit = Edit::count(Field::Tp, tp);
    let edit = match divisor {
        Some(divisor) => edit.and(Field::VocabDivisor, Value::Count(divisor)),
        None => edit,
    };
    assert_eq!(plan(id, &edit).padded_vocab_size(), expected);
}

#[test]
fn the_vocabulary_is_padded_for_tp() {
    padded("gpt3-175b", 1, None, 50_304);
    padded("gpt3-175b", 8, None, 51_200);
    padded("llama2-7b", 2, None, 32_000);
    padded("llama2-7b", 8, None, 32_768);
    padded("gpt3-175b", 8, Some(1), 50_264);
}

/// The report of a preset after an edit, as JSON.
fn report(id: &str, edit: &Edit) -> serde_json::Value {
    serde_json::to_value(Report::of(&plan(id, edit).config)).expect("JSON")
}

/// How often a dimension talks in one step, and how that comes about.
#[track_caller]
fn talks(id: &str, edit: &Edit, dimension: &str, times: u64, formula: &str) {
    let report = report(id, edit);
    let lines = report["communication"].as_array().expect("lines");
    let line = lines.iter().find(|line| line["dimension"] == dimension);
    let line = line.expect("a line");
    let found = (
        line["count_per_step"].as_u64(),
        line["count_formula"].as_str(),
    );
    assert_eq!(found, (Some(times), Some(formula)));
}

/// 8 nodes of 8 GPUs and one micro-batch a step.
fn cluster(sizes: &[(Field, u64)]) -> Edit {
    let edit = Edit::count(Field::NumNodes, 8).and(Field::GpusPerNode, Value::Count(8));
    let folded = edit.and(Field::Accounting, Value::Text("folded".to_owned()));
    sizes.iter().fold(folded, |edit, (field, n)| {
        edit.and(*field, Value::Count(*n))
    })
}

#[test]
fn a_stage_talks_for_the_layers_it_has() {
    // 58 layers with experts, 3 dense ones and one of multi-token prediction with experts.
    let flat = cluster(&[(Field::Tp, 8), (Field::Etp, 1), (Field::Ep, 64)]);
    let experts =
        "(dispatch + combine) · (1 forward + 1 backward) · 59 MoE layers · 1 micro-batches";
    talks("deepseek-v3", &flat, "ep", 59 * 4, experts);
    let halves = "(1 forward + 1 backward) · (59 MoE + 2 · 3 dense layers) · 1 micro-batches";
    talks("deepseek-v3", &flat, "tp", 65 * 2, halves);
    let whole = cluster(&[(Field::Tp, 8), (Field::Ep, 8)]);
    talks(
        "deepseek-v3",
        &whole,
        "tp",
        62 * 4,
        "(2 forward + 2 backward) · 62 layers · 1 micro-batches",
    );
    // Of two stages of 23 layers the last has all of them with experts, and the 47th.
    let staged = cluster(&[(Field::Pp, 2), (Field::Ep, 8)]);
    let experts =
        "(dispatch + combine) · (1 forward + 1 backward) · 24 MoE layers · 1 micro-batches";
    talks("glm-4-5-air", &staged, "ep", 24 * 4, experts);
}

#[test]
fn the_ring_passes_the_keys_and_values_of_every_latent_head() {
    let edit = cluster(&[(Field::Cp, 2), (Field::Tp, 4)]);
    let bytes = |id: &str| {
        let report = report(id, &edit);
        let lines = report["communication"].as_array().expect("lines").clone();
        let line = lines.into_iter().find(|line| line["dimension"] == "cp");
        line.expect("a ring")["bytes_per_call"].as_u64()
    };
    // 2,048 tokens, 2 bytes; 32 heads of 192 + 128 channels, 2 groups of 128 + 128.
    assert_eq!(bytes("deepseek-v3"), Some(2048 * 2 * 32 * 320));
    assert_eq!(bytes("llama3-8b"), Some(2048 * 2 * 2 * 256));
}

/// The matrices of a preset's layer with TP 4: name, rows, columns, and columns of one GPU.
#[track_caller]
fn matrices(id: &str, block: &str, expected: &[(&str, u64, u64, u64)]) {
    let report = report(id, &cluster(&[(Field::Tp, 4)]));
    let all = report["matrices"].as_array().expect("matrices");
    let of_block = all.iter().filter(|m| m["block"] == block);
    let side = |m: &serde_json::Value, key: &str| m[key].as_u64().expect("a side");
    let found: Vec<_> = of_block
        .map(|m| {
            let name = m["name"].as_str().expect("a name");
            (
                name,
                side(m, "rows"),
                side(m, "columns"),
                side(m, "columns_per_gpu"),
            )
        })
        .collect();
    assert_eq!(found, expected);
}

#[test]
fn latent_attention_is_drawn_as_megatron_splits_it() {
    matrices(
        "deepseek-v3",
        "Attention",
        &[
            ("Q down", 7168, 1536, 1536),
            ("Q up", 1536, 24_576, 6144),
            ("KV down", 7168, 576, 576),
            ("KV up", 512, 32_768, 8192),
            ("Output projection", 16_384, 7168, 7168),
        ],
    );
    matrices(
        "deepseek-v2-lite",
        "Attention",
        &[
            ("Q", 2048, 3072, 768),
            ("KV down", 2048, 576, 576),
            ("KV up", 512, 4096, 1024),
            ("Output projection", 2048, 2048, 2048),
        ],
    );
    let dense = [
        ("Gate", 2048, 10_944, 2736),
        ("Up", 2048, 10_944, 2736),
        ("Down", 10_944, 2048, 2048),
    ];
    matrices("deepseek-v2-lite", "Dense layers’ MLP", &dense);
    matrices("mixtral-8x7b", "Dense layers’ MLP", &[]);
}

#[test]
fn a_stage_of_dense_layers_holds_no_experts() {
    let edit = cluster(&[(Field::Pp, 61), (Field::Ep, 4), (Field::NumNodes, 61)]);
    let plan = plan("deepseek-v3", &edit);
    let experts = |rank: u64| {
        Rank::of(&plan, rank)
            .and_then(|r| r.place)
            .expect("a place")
            .experts
    };
    assert_eq!(experts(0), None);
    assert!(experts(plan.cluster.world_size - 1).is_some());
}

#[track_caller]
fn in_effect_is(id: &str, field: Field, expected: Value) {
    assert_eq!(in_effect(&preset(id), field), expected);
}

#[test]
fn what_is_in_effect_comes_from_the_preset_or_megatron() {
    in_effect_is("deepseek-v3", Field::Mla, Value::Flag(true));
    in_effect_is("deepseek-v3", Field::QLoraRank, Value::Count(1536));
    in_effect_is("deepseek-v2-lite", Field::QLoraRank, Value::Unset);
    in_effect_is("llama2-7b", Field::KvLoraRank, Value::Unset);
    let layers = Value::Text("([0]*3+[1]*58)".to_owned());
    in_effect_is("deepseek-v3", Field::MoeLayerFreq, layers);
    in_effect_is(
        "mixtral-8x7b",
        Field::MoeLayerFreq,
        Value::Text("1".to_owned()),
    );
    in_effect_is("llama2-7b", Field::MoeLayerFreq, Value::Unset);
    in_effect_is("deepseek-v3", Field::MtpNumLayers, Value::Count(1));
    in_effect_is("deepseek-v2", Field::MoeRouterPreSoftmax, Value::Flag(true));
    in_effect_is("glm-4-5", Field::AddQkvBias, Value::Flag(true));
    in_effect_is("qwen3-8b", Field::QkLayernorm, Value::Flag(true));
    in_effect_is(
        "gpt3-175b",
        Field::MaxPositionEmbeddings,
        Value::Count(4096),
    );
    let learned = Value::Text("learned_absolute".to_owned());
    in_effect_is("gpt3-175b", Field::PositionEmbeddingType, learned);
    in_effect_is("llama2-7b", Field::VocabDivisor, Value::Count(128));
}

/// How a plan's JSON tells which layers have experts, and how many of 61 these are.
#[track_caller]
fn layers_with_experts(json: &str, expected: u64) {
    let plan = format!(r#"{{"model": {{"preset": "deepseek-v3", "moe_layer_freq": {json}}}}}"#);
    let config: Config = serde_json::from_str(&plan).expect("JSON");
    assert!(config.unread.is_empty(), "{json}");
    let moe = Plan::of(&config).model.moe.expect("experts");
    assert_eq!(moe.num_moe_layers, expected, "{json}");
}

#[test]
fn layers_with_experts_are_told_as_number_list_or_text() {
    layers_with_experts("1", 61);
    layers_with_experts("2", 31);
    layers_with_experts(r#""([0]*1+[1]*60)""#, 60);
    let each: Vec<String> = (0..61).map(|i| u64::from(i >= 10).to_string()).collect();
    layers_with_experts(&format!("[{}]", each.join(",")), 51);
}
