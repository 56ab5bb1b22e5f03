//! What Megatron-LM says at start-up, and the groups that it forms: Meshplan says and forms the
//! same. `tests/reference/rank_groups/` was made by running Megatron's own
//! `initialize_model_parallel`; each file names its commit.

use meshplan::core::checks::{Check, Status};
use meshplan::core::config::{Config, Edit, Field, Value};
use meshplan::core::mesh::{Dim, Groups};
use meshplan::core::{Plan, Report, presets};
use meshplan::diagram::{Lit, Paint};
use serde_json::Value as Json;
use std::fs;
use std::path::{Path, PathBuf};

fn reference() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/reference/rank_groups")
}

fn read(path: &Path) -> Json {
    let text = fs::read_to_string(path).expect("a readable file");
    serde_json::from_str(&text).expect("JSON")
}

/// A plan of bare sizes on one node of `world` GPUs.
fn sizes(world: u64, args: &Json) -> Config {
    let mut config = Edit::count(Field::GpusPerNode, world).apply(&Config::default());
    for (name, value) in args.as_object().expect("arguments") {
        let field = Field::at(&format!("parallel.{name}"));
        match (field, value) {
            (Some(field), Json::Number(n)) => {
                config.set(field, Value::Count(n.as_u64().expect("a whole number")));
            }
            (Some(field), Json::String(word)) => {
                assert!(config.set(field, Value::Text(word.clone())), "{word}");
            }
            _ => {}
        }
    }
    config
}

mod groups {
    use super::*;

    /// The groups of Megatron by the names of `meshplan groups`.
    const NAMES: &[(&str, &str)] = &[
        ("tp", "TENSOR_MODEL_PARALLEL_GROUP"),
        ("pp", "PIPELINE_MODEL_PARALLEL_GROUP"),
        ("cp", "CONTEXT_PARALLEL_GROUP"),
        ("dp", "DATA_PARALLEL_GROUP"),
        ("dp_cp", "DATA_PARALLEL_GROUP_WITH_CP"),
        ("ep", "EXPERT_MODEL_PARALLEL_GROUP"),
        ("etp", "EXPERT_TENSOR_PARALLEL_GROUP"),
        ("edp", "EXPERT_DATA_PARALLEL_GROUP"),
        ("embedding", "EMBEDDING_GROUP"),
    ];

    /// Groups as a sorted list of sorted lists.
    fn sorted(groups: &Json) -> Vec<Vec<u64>> {
        let ranks = |group: &Json| -> Vec<u64> {
            let list = group.as_array().expect("a group");
            let mut ranks: Vec<u64> = list.iter().filter_map(Json::as_u64).collect();
            ranks.sort_unstable();
            ranks
        };
        let mut all: Vec<_> = groups
            .as_array()
            .expect("groups")
            .iter()
            .map(ranks)
            .collect();
        all.sort();
        all
    }

    /// Which group of Megatron a rank lights up when the picture is coloured by a dimension, and
    /// that it lights up all that it talks with and no one else.
    #[test]
    fn a_gpu_in_focus_lights_up_megatrons_groups_exactly() {
        let (mut files, mut lit_up) = (0, 0);
        for entry in fs::read_dir(reference()).expect("the reference folder") {
            let path = entry.expect("an entry").path();
            if path.ends_with("errors.json") {
                continue;
            }
            let case = read(&path);
            let world = case["world_size"].as_u64().expect("a world size");
            let mut config = sizes(world, &case["args"]);
            // The picture shows the experts' mesh of models that have experts.
            config.set(Field::NumExperts, Value::Count(64));
            let plan = Plan::of(&config);
            let of_kind = |dim: Dim| -> Vec<Vec<u64>> {
                let (_, name) = NAMES
                    .iter()
                    .find(|(short, _)| *short == dim.short())
                    .expect("a kind of group");
                sorted(&case["groups"][name])
            };
            let kinds: Vec<(Dim, Vec<Vec<u64>>)> =
                Dim::ALL.iter().map(|dim| (*dim, of_kind(*dim))).collect();
            for (dim, groups) in &kinds {
                let paint = Paint::of(&plan, *dim);
                for rank in 0..world {
                    let of_rank = |groups: &Vec<Vec<u64>>| {
                        let group = groups.iter().find(|group| group.contains(&rank));
                        group.cloned().unwrap_or_default()
                    };
                    let lit = Lit::of(&paint, rank);
                    let group = of_rank(groups);
                    let expected = if group.len() > 1 { group } else { Vec::new() };
                    assert_eq!(
                        lit.group,
                        expected,
                        "{dim:?} of {rank} in {}",
                        path.display()
                    );
                    let mut all: Vec<u64> = kinds.iter().flat_map(|(_, g)| of_rank(g)).collect();
                    let mut ours: Vec<u64> = lit.all().collect();
                    all.sort_unstable();
                    all.dedup();
                    ours.sort_unstable();
                    ours.dedup();
                    assert!(
                        ours == all,
                        "all of {rank} by {dim:?} in {}",
                        path.display()
                    );
                    lit_up += 1;
                }
            }
            files += 1;
        }
        assert_eq!((files, lit_up), (13, 7 * 1672));
    }

    #[test]
    fn every_reference_configuration_has_megatrons_groups() {
        let mut files = 0;
        for entry in fs::read_dir(reference()).expect("the reference folder") {
            let path = entry.expect("an entry").path();
            if path.ends_with("errors.json") {
                continue;
            }
            let case = read(&path);
            let world = case["world_size"].as_u64().expect("a world size");
            let plan = Plan::of(&sizes(world, &case["args"]));
            for (short, size) in case["sizes"].as_object().expect("sizes") {
                let s = &plan.sizes;
                let ours = match short.as_str() {
                    "tp" => s.tensor_model_parallel_size,
                    "pp" => s.pipeline_model_parallel_size,
                    "cp" => s.context_parallel_size,
                    "dp" => s.megatron_data_parallel_size,
                    "ep" => s.expert_model_parallel_size,
                    "etp" => s.expert_tensor_parallel_size,
                    "edp" => s.expert_data_parallel_size,
                    other => panic!("unknown size {other}"),
                };
                assert_eq!(Some(ours), size.as_u64(), "{short} in {}", path.display());
            }
            let groups = Groups::of(&plan.dense_mesh(), &plan.expert_mesh());
            let ours = serde_json::to_value(&groups).expect("groups are JSON");
            for (short, theirs) in NAMES {
                let expected = sorted(&case["groups"][theirs]);
                assert!(
                    sorted(&ours[short]) == expected,
                    "{short} in {}",
                    path.display()
                );
                // They come out sorted, as scripts expect them.
                assert!(
                    ours[short] == serde_json::json!(expected),
                    "{short} is not sorted"
                );
            }
            files += 1;
        }
        assert!(files >= 13, "only {files} files");
    }

    /// Sizes and ranks of gradients over both DP and CP when PP lies between them.
    #[test]
    fn gradients_stay_in_a_node_that_holds_their_group_in_either_order() {
        let base = Edit::count(Field::Pp, 2)
            .and(Field::Cp, Value::Count(2))
            .and(Field::Ep, Value::Count(2))
            .and(Field::Etp, Value::Count(1))
            .and(Field::ModelPreset, Value::Text("mixtral-8x7b".to_owned()))
            .and(Field::SeqLength, Value::Count(32_768))
            .apply(&presets::opening());
        for (nodes, crossing) in [(1, 0), (2, 2)] {
            for order in ["tp-cp-ep-dp-pp", "tp-cp-ep-pp-dp"] {
                let config = Edit::one(Field::RankOrder, Value::Text(order.to_owned()))
                    .and(Field::Tp, Value::Count(1))
                    .and(Field::NumNodes, Value::Count(nodes))
                    .apply(&base);
                let traffic = Report::of(&config).communication;
                let gradients = traffic.iter().find(|t| t.dimension == Dim::Dp);
                let found = gradients.expect("gradients").crossing;
                let crossing = if order.ends_with("dp-pp") {
                    0
                } else {
                    crossing
                };
                assert_eq!(found.crossing, crossing, "{order} on {nodes} nodes");
            }
        }
    }
}

mod start_up {
    use super::*;

    #[track_caller]
    fn check(config: &Config, id: &str) -> Check {
        let found = Report::of(config).checks.into_iter().find(|c| c.id == id);
        found.expect("a check")
    }

    /// TechPulse's plan with a few figures changed.
    fn plan(changes: &[(Field, u64)]) -> Config {
        change(&presets::opening(), changes)
    }

    /// A mixture of 8 experts on 16 GPUs with a few figures changed.
    fn moe(changes: &[(Field, u64)]) -> Config {
        let preset = presets::PLANS.iter().find(|p| p.id == "guide-8x3b-16");
        change(&preset.expect("a preset").config(), changes)
    }

    fn change(config: &Config, changes: &[(Field, u64)]) -> Config {
        let set = changes.iter().map(|(f, n)| (*f, Value::Count(*n)));
        Edit { set: set.collect() }.apply(config)
    }

    fn order(config: &Config) -> Config {
        let word = Value::Text("tp-cp-ep-pp-dp".to_owned());
        Edit::one(Field::RankOrder, word).apply(config)
    }

    #[track_caller]
    fn passes(config: &Config, id: &str) {
        let check = check(config, id);
        assert_eq!(check.status, Status::Pass, "{}", check.message);
    }

    #[track_caller]
    fn silent(config: &Config, id: &str) {
        let check = check(config, id);
        assert_eq!(check.status, Status::NotApplicable, "{}", check.message);
    }

    /// A refusal in Megatron's words.
    #[track_caller]
    fn refuses(config: &Config, id: &str, words: &str) {
        let check = check(config, id);
        assert_eq!(check.status, Status::Fail, "{}", check.message);
        assert!(check.message.contains(words), "{}", check.message);
    }

    #[test]
    fn refusals_of_sizes_are_megatrons_own() {
        let errors = read(&reference().join("errors.json"));
        let cases = errors["errors"].as_array().expect("a list");
        let mut judged = 0;
        for case in cases {
            let known = |args: &Json| {
                let mut names = args.as_object().expect("arguments").keys();
                names.all(|name| Field::at(&format!("parallel.{name}")).is_some())
            };
            let order_is_known = case["args"]["order"]
                .as_str()
                .is_none_or(|o| ["tp-cp-ep-dp-pp", "tp-cp-ep-pp-dp"].contains(&o));
            if !known(&case["args"]) || !order_is_known {
                continue;
            }
            let world = case["world"].as_u64().expect("a world size");
            // The expert mesh is judged for models with experts.
            let config = Edit::one(Field::ModelPreset, Value::Text("mixtral-8x7b".to_owned()))
                .and(Field::NumExperts, Value::Count(24))
                .apply(&sizes(world, &case["args"]));
            let failing: Vec<Check> = Report::of(&config)
                .checks
                .into_iter()
                .filter(|c| c.status == Status::Fail && c.id.starts_with("megatron"))
                .collect();
            match case["error"].as_str() {
                None => {
                    let sizes = ["megatron_world", "megatron_expert_world", "megatron_rank"];
                    let broken = failing
                        .iter()
                        .find(|c| sizes.iter().any(|s| c.id.starts_with(s)));
                    assert!(broken.is_none(), "{case}: {broken:?}");
                }
                Some(error) => {
                    let words = error.split_once(": ").map_or(error, |(_, words)| words);
                    // At start-up VPP is refused earlier, in other words.
                    let words = words
                        .strip_suffix(" with interleaved schedule")
                        .unwrap_or(words);
                    let said = failing.iter().any(|c| c.message.contains(words));
                    assert!(said, "{case}: {failing:#?}");
                }
            }
            judged += 1;
        }
        assert!(judged >= 6, "only {judged} of {} cases", cases.len());
    }

    #[test]
    fn the_world_divides_by_tp_pp_cp() {
        passes(&plan(&[]), "megatron_world_divisible");
        refuses(
            &plan(&[
                (Field::Tp, 8),
                (Field::NumNodes, 1),
                (Field::GpusPerNode, 12),
            ]),
            "megatron_world_divisible",
            "world_size (12) is not divisible by 8",
        );
        // EP does not enter Megatron's DP.
        passes(&moe(&[(Field::Ep, 8)]), "megatron_world_divisible");
    }

    #[test]
    fn the_world_divides_by_etp_ep_pp() {
        passes(&moe(&[]), "megatron_expert_world_divisible");
        silent(&plan(&[]), "megatron_expert_world_divisible");
        refuses(
            &moe(&[(Field::Tp, 4), (Field::Ep, 8)]),
            "megatron_expert_world_divisible",
            "world_size (16) is not divisible by expert_tensor_model_pipeline_parallel size (32)",
        );
        // ETP is TP unless it is given: the usual cause.
        let message = check(&moe(&[(Field::Tp, 4)]), "megatron_expert_world_divisible").message;
        assert!(
            message.contains("ETP is not set, so Megatron takes TP for it"),
            "{message}"
        );
        let given = moe(&[(Field::Tp, 4), (Field::Etp, 1)]);
        passes(&given, "megatron_expert_world_divisible");
    }

    #[test]
    fn the_global_batch_divides_by_micro_batch_and_megatrons_dp() {
        passes(&plan(&[]), "megatron_global_batch_divisible");
        refuses(
            &plan(&[(Field::GlobalBatch, 100)]),
            "megatron_global_batch_divisible",
            "global batch size (100) is not divisible by micro batch size (2) times data parallel size (8)",
        );
        // What the guide accepts and Megatron refuses is a warning under the guide's accounting.
        let accepted = moe(&[(Field::GlobalBatch, 34)]);
        passes(&accepted, "global_batch_divisible");
        let warned = check(&accepted, "megatron_global_batch_divisible");
        assert_eq!(warned.status, Status::Warn);
        assert_eq!(warned.fix.expect("a fix").label(), "Set global batch to 32");
        let folded = Edit::one(Field::Accounting, Value::Text("folded".to_owned()));
        refuses(
            &folded.apply(&accepted),
            "megatron_global_batch_divisible",
            "data parallel size (16)",
        );
    }

    #[test]
    fn heads_divide_by_tp() {
        passes(&plan(&[(Field::Tp, 8)]), "megatron_heads_divisible");
        refuses(
            &plan(&[(Field::Tp, 8), (Field::NumAttentionHeads, 12)]),
            "megatron_heads_divisible",
            "num_attention_heads (12) must be a multiple of tensor_model_parallel_size (8)",
        );
    }

    #[test]
    fn query_groups_are_a_multiple_or_a_divisor_of_tp() {
        for groups in [1, 2, 4, 8, 16, 32] {
            passes(
                &plan(&[(Field::Tp, 8), (Field::NumQueryGroups, groups)]),
                "megatron_query_groups",
            );
        }
        refuses(
            &plan(&[(Field::Tp, 8), (Field::NumQueryGroups, 12)]),
            "megatron_query_groups",
            "num_query_groups (12) must be a multiple or divisor of tensor_model_parallel_size (8)",
        );
    }

    #[test]
    fn the_sequence_divides_by_twice_cp() {
        silent(&plan(&[]), "megatron_sequence_over_cp");
        passes(&plan(&[(Field::Cp, 2)]), "megatron_sequence_over_cp");
        refuses(
            &plan(&[(Field::Cp, 2), (Field::SeqLength, 4098)]),
            "megatron_sequence_over_cp",
            "seq-length should be a multiple of 2 * context-parallel-size if context-parallel-size > 1.",
        );
    }

    #[test]
    fn the_sequence_of_a_cp_rank_divides_by_tp_with_sequence_parallelism() {
        silent(&plan(&[(Field::Tp, 1)]), "megatron_sequence_over_tp");
        passes(&plan(&[]), "megatron_sequence_over_tp");
        refuses(
            &plan(&[(Field::SeqLength, 4097)]),
            "megatron_sequence_over_tp",
            "First dimension of the tensor should be divisible by tensor parallel size",
        );
        let off = Edit::one(Field::Sp, Value::Flag(false));
        silent(
            &off.apply(&plan(&[(Field::SeqLength, 4097)])),
            "megatron_sequence_over_tp",
        );
    }

    #[test]
    fn the_interleaved_schedule_needs_stages_chunks_and_micro_batches() {
        let id = "megatron_interleaved_schedule";
        silent(&plan(&[(Field::Pp, 2)]), id);
        passes(&plan(&[(Field::Pp, 2), (Field::Vpp, 4)]), id);
        refuses(
            &plan(&[(Field::Vpp, 2)]),
            id,
            "size should be greater than 1",
        );
        refuses(
            &plan(&[(Field::Pp, 2), (Field::Vpp, 5)]),
            id,
            "32 layers do not divide",
        );
        refuses(
            &plan(&[(Field::Pp, 3), (Field::Vpp, 2)]),
            id,
            "32 layers do not divide by PP 3, so no VPP size does",
        );
        refuses(
            &plan(&[(Field::Pp, 2), (Field::Vpp, 2), (Field::GlobalBatch, 24)]),
            "megatron_microbatch_group",
            "3 micro-batches are not a multiple of the 2 that go through a chunk in a row",
        );
    }

    #[test]
    fn the_rank_order_ends_in_pp_unless_dp_is_the_same_in_both_meshes() {
        let id = "megatron_rank_order";
        let words = "When not using pp-last rank ordering, the data parallel size of the attention \
                     and moe layers must be the same";
        silent(&plan(&[(Field::Pp, 2)]), id);
        passes(&order(&plan(&[])), id);
        passes(&order(&plan(&[(Field::Pp, 2)])), id);
        // CP is in the dense mesh alone, so even a dense model is refused.
        refuses(&order(&plan(&[(Field::Pp, 2), (Field::Cp, 2)])), id, words);
        refuses(&order(&moe(&[(Field::Pp, 2)])), id, words);
        let equal = moe(&[
            (Field::Tp, 8),
            (Field::Pp, 2),
            (Field::Ep, 8),
            (Field::Etp, 1),
        ]);
        passes(&order(&equal), id);
    }

    #[test]
    fn a_token_goes_to_no_more_experts_than_there_are() {
        silent(&plan(&[]), "megatron_router_topk");
        passes(&moe(&[(Field::MoeRouterTopk, 8)]), "megatron_router_topk");
        refuses(
            &moe(&[(Field::MoeRouterTopk, 9)]),
            "megatron_router_topk",
            "cannot go to 9 of only 8 experts",
        );
    }
}
