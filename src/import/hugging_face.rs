//! A model's `config.json` on Hugging Face as the model of a plan.
//!
//! What a key means is said by the family's class in Transformers
//! (`src/transformers/models/<family>/configuration_<family>.py` and `modeling_<family>.py`):
//! much of an architecture is in the class and not in the file.

use super::names::among;
use super::note::{Kind, Notes};
use super::{Imported, Source};
use crate::core::json::Json;
use crate::core::layer_pattern::LayerPattern;
use crate::core::number::{divides, product, remainder};
use crate::core::{Config, Field};

/// What the class of a family says, beside the file.
struct Family {
    /// `model_type` in the file.
    model_type: &'static str,
    /// Fields with the values that the class gives them, beside or in the place of those of
    /// [`USUAL`].
    fixed: &'static [(Field, &'static str)],
    /// Whether embedding and head share a matrix when the file does not say.
    tied: bool,
    /// Which projections `attention_bias` stands for.
    bias: Bias,
}

/// Which projections `attention_bias` stands for.
#[derive(Clone, Copy, PartialEq)]
enum Bias {
    /// Queries, keys and values.
    Qkv,
    /// Those and the output.
    All,
}
use Bias::{All, Qkv};

/// What most classes say.
const USUAL: &[(Field, &str)] = &[
    (Field::Swiglu, "true"),
    (Field::NormalizationKind, "RMSNorm"),
    (Field::AddBiasLinear, "false"),
    (Field::PositionEmbeddingType, "rope"),
];

/// What the classes of the first GPTs say.
const OLD: &[(Field, &str)] = &[
    (Field::Swiglu, "false"),
    (Field::NormalizationKind, "LayerNorm"),
    (Field::AddBiasLinear, "true"),
];
const GPT2: &[(Field, &str)] = &[
    (Field::Swiglu, "false"),
    (Field::NormalizationKind, "LayerNorm"),
    (Field::AddBiasLinear, "true"),
    (Field::PositionEmbeddingType, "learned_absolute"),
];
const NEMOTRON: &[(Field, &str)] = &[
    (Field::Swiglu, "false"),
    (Field::NormalizationKind, "LayerNorm"),
];
/// The compressed queries, keys and values are normalized.
const LATENT: &[(Field, &str)] = &[(Field::Mla, "true"), (Field::QkLayernorm, "true")];
const QKV_BIAS: &[(Field, &str)] = &[(Field::AddQkvBias, "true")];
const QK_NORM: &[(Field, &str)] = &[(Field::QkLayernorm, "true")];
const BIASES: &[(Field, &str)] = &[(Field::AddBiasLinear, "true")];

const fn family(
    model_type: &'static str,
    fixed: &'static [(Field, &'static str)],
    bias: Bias,
) -> Family {
    Family {
        model_type,
        fixed,
        tied: false,
        bias,
    }
}

const FAMILIES: &[Family] = &[
    family("llama", &[], All),
    family("mistral", &[], All),
    family("mixtral", &[], All),
    family("qwen2", QKV_BIAS, Qkv),
    family("qwen2_moe", QKV_BIAS, Qkv),
    family("qwen3", QK_NORM, All),
    family("qwen3_moe", QK_NORM, All),
    family("deepseek_v2", LATENT, All),
    family("deepseek_v3", LATENT, All),
    family("kimi_k2", LATENT, All),
    family("glm4_moe", &[], Qkv),
    family("gpt_oss", BIASES, All),
    family("nemotron", NEMOTRON, All),
    family("gpt_neox", OLD, All),
    Family {
        tied: true,
        ..family("gpt2", GPT2, All)
    },
];

/// Keys whose value is the field's own.
const KEYS: &[(&str, Field)] = &[
    ("num_hidden_layers", Field::NumLayers),
    ("n_layer", Field::NumLayers),
    ("hidden_size", Field::HiddenSize),
    ("n_embd", Field::HiddenSize),
    ("intermediate_size", Field::FfnHiddenSize),
    ("n_inner", Field::FfnHiddenSize),
    ("num_attention_heads", Field::NumAttentionHeads),
    ("n_head", Field::NumAttentionHeads),
    ("num_key_value_heads", Field::NumQueryGroups),
    ("head_dim", Field::KvChannels),
    ("vocab_size", Field::VocabSize),
    ("max_position_embeddings", Field::MaxPositionEmbeddings),
    ("n_positions", Field::MaxPositionEmbeddings),
    ("num_experts", Field::NumExperts),
    ("num_local_experts", Field::NumExperts),
    ("n_routed_experts", Field::NumExperts),
    ("num_experts_per_tok", Field::MoeRouterTopk),
    ("moe_intermediate_size", Field::MoeFfnHiddenSize),
    ("shared_expert_intermediate_size", Field::MoeSharedExpert),
    ("q_lora_rank", Field::QLoraRank),
    ("kv_lora_rank", Field::KvLoraRank),
    ("qk_nope_head_dim", Field::QkHeadDim),
    ("qk_rope_head_dim", Field::QkPosEmbHeadDim),
    ("v_head_dim", Field::VHeadDim),
    ("num_nextn_predict_layers", Field::MtpNumLayers),
    ("use_qk_norm", Field::QkLayernorm),
];

/// Keys that are read in their own ways below.
const OWN_WAYS: &str = "model_type tie_word_embeddings attention_bias mlp_bias n_shared_experts \
    first_k_dense_replace moe_layer_freq decoder_sparse_step mlp_only_layers norm_topk_prob \
    scoring_func layer_types text_config llm_config language_config";

/// Keys that change no figure of a plan. A star stands for any end.
const SILENT: &str = "architectures auto_map _* torch_dtype dtype transformers_version use_cache \
    bos_token_id eos_token_id pad_token_id initializer_range rms_norm_eps \
    norm_eps norm_epsilon layer_norm_* rope_* rotary_* partial_rotary_factor hidden_act hidden_activation \
    activation_function attention_dropout attention_probs_dropout_prob hidden_dropout* \
    classifier_dropout resid_pdrop embd_pdrop attn_pdrop summary_* task_specific_params \
    pretraining_tp quantization_config sliding_window use_sliding_window max_window_layers \
    router_aux_loss_coef router_jitter_noise output_router_logits routed_scaling_factor topk_group \
    topk_method n_group seq_aux aux_loss_alpha ep_size num_experts_per_token experts_per_token \
    swiglu_limit initial_context_length attention_out_bias use_parallel_residual \
    gradient_checkpointing return_dict id2label label2id problem_type is_decoder n_ctx \
    original_max_position_embeddings max_length do_sample temperature top_p scale_attn_* \
    reorder_and_upcast_attn vocab_size_* head_dim_* debug bias qk_head_dim output_* \
    moe_router_* use_mamba tokenizer_class cache_implementation unsloth* qk_layernorm_*";

/// Keys of what Meshplan does not count. A star stands for any end.
const MATTERS: &str = "block_configs hybrid_override_pattern layers_block_type mamba_* ssm_* \
    linear_* full_attention_interval attn_layer_* vision_config audio_config index_* \
    num_attention_heads_per_layer cross_attention_layers layer_types";

/// More layers than this are in no model.
const MOST_LAYERS: u64 = 10_000;

/// Whether JSON is a model's configuration, and no plan.
pub fn is_config(json: &Json) -> bool {
    let groups = ["model", "cluster", "parallel", "batch", "training"];
    let plan = groups
        .iter()
        .any(|group| matches!(json.get(group), Some(Json::Object(_))));
    let signs = [
        "model_type",
        "architectures",
        "num_hidden_layers",
        "n_layer",
    ];
    !plan && (signs.iter().any(|key| json.get(key).is_some()) || inner(json).is_some())
}

/// The language model of one that sees or hears.
fn inner(json: &Json) -> Option<&Json> {
    ["text_config", "llm_config", "language_config"]
        .iter()
        .find_map(|key| json.get(key))
        .filter(|inner| matches!(inner, Json::Object(_)))
}

/// Reads a model's configuration. The rest of the plan is as in a new one.
pub fn hugging_face(json: &Json) -> Imported {
    let mut notes = Notes::default();
    let model = inner(json).unwrap_or(json);
    if inner(json).is_some() {
        let parts = ["Only the language model is read; what sees or hears is not counted."];
        notes.say(Kind::Left, 0, &parts);
    }
    let mut config = Config::default();
    let key = |key: &str| model.get(key).or(json.get(key));
    let model_type = match key("model_type") {
        Some(Json::Text(text)) => text.as_str(),
        _ => "",
    };
    let known = FAMILIES.iter().find(|f| f.model_type == model_type);
    if known.is_none() {
        let parts = [
            "Meshplan does not know the model type “",
            model_type,
            "”. The usual keys are read, and for the rest the model is taken for one like Llama: \
             gated MLP, RMSNorm, no biases, rotary positions. Check each of these.",
        ];
        notes.say(Kind::Left, 0, &parts);
    }
    let fixed = known.map_or(&[][..], |family| family.fixed);
    for (field, text) in USUAL.iter().chain(fixed) {
        put(&mut config, *field, text);
    }
    let latent = config.model.multi_latent_attention.is_some()
        || matches!(model.get("kv_lora_rank"), Some(Json::Number(_)));
    if latent {
        put(&mut config, Field::Mla, "true");
    }
    for (name, field) in KEYS {
        // Latent attention has no groups, and no heads of one width.
        let of_groups = matches!(field, Field::NumQueryGroups | Field::KvChannels);
        match model.get(name) {
            None | Some(Json::Null) => {}
            Some(_) if latent && of_groups => {}
            // None of them, said with a number.
            Some(Json::Number(n))
                if *n < 1.0 && matches!(field, Field::NumExperts | Field::MtpNumLayers) => {}
            Some(value) => config.read_entry(field.info().path, value),
        }
    }
    experts(model, &mut config);
    let tied = match key("tie_word_embeddings") {
        Some(Json::Bool(tied)) => *tied,
        // What Transformers takes for a class that says nothing of its own.
        _ => known.is_none_or(|family| family.tied),
    };
    put(
        &mut config,
        Field::Untie,
        if tied { "false" } else { "true" },
    );
    biases(model, known, &mut config, &mut notes);
    unknown_keys(model, &mut notes);
    Imported {
        config,
        notes: notes.done(),
        source: Source::Model,
    }
}

fn put(config: &mut Config, field: Field, text: &str) {
    config.read_entry(field.info().path, &Json::Text(text.to_owned()));
}

/// A whole number of the file.
fn count(json: &Json, key: &str) -> Option<u64> {
    match json.get(key) {
        Some(Json::Number(n)) if *n >= 0.0 && *n <= 1e9 && n.fract() == 0.0 =>
        {
            #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
            Some(*n as u64)
        }
        _ => None,
    }
}

fn is_on(json: &Json, key: &str) -> bool {
    json.get(key) == Some(&Json::Bool(true))
}

/// Which layers have experts, how wide they are, and how they are picked.
fn experts(json: &Json, config: &mut Config) {
    if config.model.num_experts.is_none() {
        // A dense model may carry keys of experts that it does not have.
        config.model.moe_router_topk = None;
        config.model.moe_ffn_hidden_size = None;
        config.model.moe_shared_expert_intermediate_size = None;
        return;
    }
    if config.model.moe_ffn_hidden_size.is_none() {
        config.model.moe_ffn_hidden_size = config.model.ffn_hidden_size;
    }
    let shared = count(json, "n_shared_experts").filter(|n| *n > 0);
    if let (Some(shared), Some(width)) = (shared, config.model.moe_ffn_hidden_size) {
        config.model.moe_shared_expert_intermediate_size = Some(product(&[shared, width]));
    }
    // The scores of all experts are what counts where those of the picked ones do not sum to one.
    let sigmoid = json.get("scoring_func") == Some(&Json::Text("sigmoid".to_owned()));
    if json.get("norm_topk_prob") == Some(&Json::Bool(false)) && !sigmoid {
        config.model.moe_router_pre_softmax = Some(true);
    }
    let dense_first = count(json, "first_k_dense_replace").unwrap_or(0);
    let every = count(json, "moe_layer_freq").unwrap_or(1);
    let step = count(json, "decoder_sparse_step").unwrap_or(1);
    let dense: &[Json] = match json.get("mlp_only_layers") {
        Some(Json::List(layers)) => layers,
        _ => &[],
    };
    let has_experts = |layer: u64| {
        let skipped = dense.contains(&Json::Number(layer as f64));
        let stepped = step < 2 || remainder(layer.saturating_add(1), step) == 0;
        layer >= dense_first && divides(every.max(1), layer) && stepped && !skipped
    };
    let num_layers = config.model.num_layers.unwrap_or(0).min(MOST_LAYERS);
    let layers: Vec<u64> = (0..num_layers)
        .map(|layer| u64::from(has_experts(layer)))
        .collect();
    if layers.contains(&0) {
        config.model.moe_layer_freq = Some(LayerPattern::List(layers).text(num_layers));
    }
}

/// `attention_bias` and `mlp_bias`, as the family means them.
fn biases(json: &Json, family: Option<&Family>, config: &mut Config, notes: &mut Notes) {
    let attention = is_on(json, "attention_bias");
    let mlp = is_on(json, "mlp_bias");
    if config.model.add_bias_linear == Some(true) {
        return;
    }
    if attention && mlp {
        config.model.add_bias_linear = Some(true);
        return;
    }
    if attention {
        config.model.add_qkv_bias = Some(true);
    }
    let output = attention && family.is_none_or(|family| family.bias == All);
    for (left_out, what) in [(output, "attention’s output"), (mlp, "the MLP")] {
        if left_out {
            let parts = [
                "The biases of ",
                what,
                " are left out: Megatron has no argument for them.",
            ];
            notes.say(Kind::Left, 0, &parts);
        }
    }
}

/// Says which keys were not read, unless they change nothing.
fn unknown_keys(json: &Json, notes: &mut Notes) {
    let Json::Object(entries) = json else {
        return;
    };
    let mut unknown: Vec<&str> = Vec::new();
    for (key, value) in entries {
        let name = key.as_str();
        let nothing = match value {
            Json::Null | Json::Bool(false) => true,
            Json::List(items) if name == "layer_types" => items.iter().all(is_attention),
            Json::List(items) => items.is_empty(),
            _ => false,
        };
        let read = KEYS.iter().any(|(known, _)| *known == name);
        if nothing || read || among(SILENT, name) || name.ends_with("_token_id") {
            continue;
        }
        if among(MATTERS, name) {
            let parts = [
                "“",
                name,
                "” would change the plan, but Meshplan does not read it.",
            ];
            notes.say(Kind::Left, 0, &parts);
        } else if !among(OWN_WAYS, name) {
            unknown.push(name);
        }
    }
    if !unknown.is_empty() {
        let mut list = String::new();
        for name in unknown.iter().take(12) {
            if !list.is_empty() {
                list.push_str(", ");
            }
            list.push_str(&crate::core::config::shown(name));
        }
        let number = unknown.len().to_string();
        let parts = [
            "Keys that Meshplan does not know: ",
            &number,
            ": ",
            "",
            &list,
            "",
            ".",
        ];
        notes.say(Kind::Left, 0, &parts);
    }
}

/// Whether a layer's type is one of attention, over all or over a part of the sequence.
fn is_attention(layer: &Json) -> bool {
    matches!(layer, Json::Text(text) if text == "full_attention" || text == "sliding_attention")
}
