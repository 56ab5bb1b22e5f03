//! What holds for every plan, however odd: a report without a panic, sizes that multiply, fixes
//! that mend, figures that are numbers.

use meshplan::core::checks::{Status, checks, passes};
use meshplan::core::config::{Config, Edit, Field, Kind, Value, is_shown};
use meshplan::core::json::Json;
use meshplan::core::mesh::{Dim, Groups};
use meshplan::core::rank::Rank;
use meshplan::core::schedule;
use meshplan::core::stage_memory::StageMemory;
use meshplan::core::{Plan, Report, hardware, presets};
use meshplan::diagram::{self, ColourBy, Lit, Paint, Scope, Shape, Zoom};
use proptest::prelude::*;
use std::time::{Duration, Instant};

/// A report of any plan, in a debug build on a busy machine.
const SLOWEST: Duration = Duration::from_millis(50);

/// Any value at all that a field's type holds.
fn any_value(field: Field) -> BoxedStrategy<Value> {
    let names = |names: Vec<&'static str>| {
        prop_oneof![
            8 => prop::sample::select(names).prop_map(|n| Value::Text(n.to_owned())),
            1 => "[a-z0-9-]{0,12}".prop_map(Value::Text),
            1 => ".{0,80}".prop_map(Value::Text),
        ]
        .boxed()
    };
    match field.info().kind {
        Kind::Count { min, max } => prop_oneof![
            6 => (0_u32..14).prop_map(|power| 1_u64 << power),
            3 => 1_u64..200,
            1 => prop::sample::select(vec![0, 1, min, max, max + 1, u64::MAX, u64::MAX / 2 + 1]),
            1 => any::<u64>(),
        ]
        .prop_map(Value::Count)
        .boxed(),
        Kind::Bytes => prop_oneof![
            (1_u64..1000).prop_map(|gb| gb * 1_000_000_000),
            prop::sample::select(vec![0, 1, u64::MAX]),
        ]
        .prop_map(Value::Count)
        .boxed(),
        Kind::Rate(_) => prop_oneof![
            4 => (10_u32..50_000).prop_map(|tenths| f64::from(tenths) / 10.0).boxed(),
            1 => prop::sample::select(vec![0.0, -1.0, 1e-300, 1e300, f64::NAN, f64::INFINITY]).boxed(),
        ]
        .prop_map(Value::Real)
        .boxed(),
        Kind::Flag => any::<bool>().prop_map(Value::Flag).boxed(),
        Kind::Choice(words) => prop::sample::select(words.to_vec())
            .prop_map(|w| Value::Text(w.to_owned()))
            .boxed(),
        Kind::Pattern => prop_oneof![
            prop::sample::select(vec!["1", "2", "([0]*1+[1]*31)", "Et*4|t*4L", "core_attn mlp"])
                .prop_map(|text| Value::Text(text.to_owned())),
            "[Etm|L(),*0-9\\[\\]+ ]{0,40}".prop_map(Value::Text),
            ".{0,80}".prop_map(Value::Text),
        ]
        .boxed(),
        Kind::Words { .. } => ".{0,80}"
            .prop_map(move |text| field.read(&Json::Text(text)).expect("any words"))
            .boxed(),
        Kind::Model => names(presets::models().map(|m| m.id).collect()),
        Kind::Gpu => names(hardware::GPUS.iter().map(|g| g.id).collect()),
        Kind::Node => names(hardware::NODES.iter().map(|n| n.id).collect()),
    }
}

fn any_edit() -> impl Strategy<Value = Edit> {
    let entry = prop::sample::select(Field::ALL.to_vec())
        .prop_flat_map(|field| any_value(field).prop_map(move |value| (field, value)));
    prop::collection::vec(entry, 0..12).prop_map(|set| Edit { set })
}

/// A plan to start from: nothing at all, or one of the guide's.
fn any_start() -> impl Strategy<Value = Config> {
    prop_oneof![
        Just(Config::default()),
        prop::sample::select(presets::PLANS.iter().collect::<Vec<_>>()).prop_map(|p| p.config()),
    ]
}

/// Entries that cannot be read: junk in known fields, and unknown ones.
fn any_junk() -> impl Strategy<Value = Vec<(String, Json)>> {
    let known = prop::sample::select(Field::ALL.to_vec()).prop_map(|f| f.info().path.to_owned());
    let path = prop_oneof![
        known,
        "[a-z]{1,8}\\.[a-z_]{1,8}",
        "[a-z]{1,8}",
        Just(String::new())
    ];
    let value = prop_oneof![
        ".{0,20}".prop_map(Json::Text),
        any::<i32>().prop_map(|eighths| Json::Number(f64::from(eighths) / 8.0)),
        Just(Json::List(vec![Json::Number(2.0)])),
        Just(Json::Bool(true)),
    ];
    prop::collection::vec((path, value), 0..3)
}

/// Any plan with any entries.
fn any_config() -> impl Strategy<Value = Config> {
    (any_start(), any_edit(), any_junk()).prop_map(|(start, edit, junk)| {
        let mut config = edit.apply(&start);
        for (path, value) in junk {
            config.read_entry(&path, &value);
        }
        config
    })
}

/// A plan as an engineer might try it: one of the guide's with a few sizes changed.
fn near_config() -> impl Strategy<Value = Config> {
    let sizes = vec![
        (Field::Tp, vec![1, 2, 3, 4, 8, 16]),
        (Field::Pp, vec![1, 2, 3, 4, 7, 8, 16]),
        (Field::Cp, vec![1, 2, 3, 4]),
        (Field::Ep, vec![1, 2, 3, 4, 8, 16]),
        (Field::Etp, vec![1, 2, 4]),
        (Field::Vpp, vec![1, 2, 4, 5]),
        (Field::NumNodes, vec![1, 2, 3, 4, 8, 16, 32]),
        (Field::GpusPerNode, vec![1, 4, 6, 8]),
        (Field::NvlinkDomain, vec![4, 8, 72]),
        (Field::MicroBatch, vec![1, 2, 3, 4, 8]),
        (Field::GlobalBatch, vec![1, 64, 100, 256, 512, 1000]),
        (Field::SeqLength, vec![1000, 2048, 4096, 32_768, 131_072]),
        (Field::NumExperts, vec![1, 8, 62, 64]),
        (Field::MoeRouterTopk, vec![1, 2, 8]),
        (Field::NumQueryGroups, vec![1, 3, 8]),
        (Field::NumAttentionHeads, vec![12, 32, 40]),
        (Field::GpuMemory, vec![16_000_000_000, 80_000_000_000]),
    ];
    let size = prop::sample::select(sizes).prop_flat_map(|(field, values)| {
        prop::sample::select(values).prop_map(move |n| (field, Value::Count(n)))
    });
    let flag = prop::sample::select(vec![Field::Sp, Field::DistOpt])
        .prop_flat_map(|field| any::<bool>().prop_map(move |on| (field, Value::Flag(on))));
    let word = prop::sample::select(vec![Field::RankOrder, Field::Accounting])
        .prop_flat_map(|field| any_value(field).prop_map(move |value| (field, value)));
    let entry = prop_oneof![8 => size, 1 => flag, 1 => word];
    (
        prop::sample::select(presets::PLANS.iter().collect::<Vec<_>>()),
        prop::collection::vec(entry, 1..5),
    )
        .prop_map(|(preset, set)| Edit { set }.apply(&preset.config()))
}

/// Time that this thread has computed, where the system tells: other work on the machine is not
/// the report's fault. Elsewhere, time on the clock.
fn time(since: Instant) -> Duration {
    let told = std::fs::read_to_string("/proc/thread-self/schedstat").ok();
    let computed = told.and_then(|text| text.split(' ').next()?.parse().ok());
    computed.map_or_else(|| since.elapsed(), Duration::from_nanos)
}

#[track_caller]
fn is_quick(config: &Config) {
    let clock = Instant::now();
    // The best of five.
    let slow = (0..5)
        .map(|_| {
            let start = time(clock);
            std::hint::black_box(Report::of(config));
            time(clock).saturating_sub(start)
        })
        .take_while(|took| *took > SLOWEST)
        .count();
    assert!(
        slow < 5,
        "the report took longer than {SLOWEST:?}: {config:?}"
    );
}

#[track_caller]
fn all_finite(json: &serde_json::Value, path: &str) {
    match json {
        serde_json::Value::Number(n) => {
            assert!(n.as_f64().is_some_and(f64::is_finite), "{path} is {n}");
        }
        serde_json::Value::Array(items) => items.iter().for_each(|i| all_finite(i, path)),
        serde_json::Value::Object(entries) => {
            for (key, value) in entries {
                all_finite(value, &format!("{path}.{key}"));
            }
        }
        _ => {}
    }
}

/// Every path that the README promises to scripts.
const PATHS: &[&str] = &[
    "sizes.world_size",
    "sizes.tensor_model_parallel_size",
    "sizes.pipeline_model_parallel_size",
    "sizes.virtual_pipeline_model_parallel_size",
    "sizes.context_parallel_size",
    "sizes.expert_model_parallel_size",
    "sizes.expert_tensor_parallel_size",
    "sizes.data_parallel_size",
    "sizes.expert_data_parallel_size",
    "sizes.num_microbatches",
    "sizes.batch_divisor",
    "checks.0.id",
    "checks.0.status",
    "checks.0.source",
    "checks.0.fields.0",
    "checks.0.message",
    "checks.0.fix",
    "memory.guide.weights",
    "memory.guide.gradients",
    "memory.guide.optimizer",
    "memory.guide.activations",
    "memory.guide.overhead",
    "memory.guide.total",
    "memory.guide.capacity",
    "memory.guide.fits",
    "memory.stages.0.stage",
    "memory.stages.0.parameters",
    "memory.stages.0.copied_parameters",
    "memory.stages.0.weights",
    "memory.stages.0.gradients",
    "memory.stages.0.optimizer",
    "memory.stages.0.activations",
    "memory.stages.0.overhead",
    "memory.stages.0.total",
    "communication",
    "pipeline.bubble_fraction",
    "pipeline.schedule",
    "pipeline.stages.0.num_layers",
    "pipeline.stages.0.in_flight_microbatches",
    "batch.divisor",
    "batch.valid_global_batch_sizes",
    "advice.steps",
];

const TRAFFIC: &[&str] = &[
    "dimension",
    "operation",
    "count_per_step",
    "bytes_per_call",
    "bytes_per_gpu_per_step",
    "link",
    "seconds_at_link_rate",
];

fn at<'a>(json: &'a serde_json::Value, path: &str) -> Option<&'a serde_json::Value> {
    json.pointer(&format!("/{}", path.replace('.', "/")))
}

fn status_of(plan: &Plan, id: &str) -> Status {
    checks(plan)
        .into_iter()
        .find(|check| check.id == id)
        .map_or(Status::NotApplicable, |check| check.status)
}

/// No list of groups larger than this is written out.
const MOST_LISTED: u64 = 4096;

#[track_caller]
fn partition(kind: &str, groups: &[Vec<u64>], ranks: u64) {
    let mut all: Vec<u64> = groups.iter().flatten().copied().collect();
    all.sort_unstable();
    assert!(all.iter().copied().eq(0..ranks), "{kind} of {ranks} ranks");
}

/// What could not be read, by path.
fn unread(config: &Config) -> Vec<(String, Json)> {
    let each = config.unread.iter();
    let mut all: Vec<_> = each.map(|u| (u.path.clone(), u.value.clone())).collect();
    all.sort_by(|a, b| a.0.cmp(&b.0));
    all
}

fn total(config: &Config) -> f64 {
    Report::of(config).memory.guide.total.0
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_config_gives_a_report_quickly(config in any_config()) {
        is_quick(&config);
    }

    #[test]
    fn every_number_of_a_report_is_finite_and_every_path_is_there(config in any_config()) {
        let report = Report::of(&config);
        let text = serde_json::to_string(&report).expect("a report is JSON");
        let json: serde_json::Value = serde_json::from_str(&text).expect("JSON reads back");
        all_finite(&json, "report");
        prop_assert!(!text.contains("null,null,null"), "{text}");
        for path in PATHS {
            prop_assert!(at(&json, path).is_some(), "{path}");
        }
        for traffic in json["communication"].as_array().expect("a list") {
            for key in TRAFFIC {
                prop_assert!(traffic.get(key).is_some(), "communication[].{key}");
            }
        }
        // A figure that is no number would be written as null.
        for figure in ["weights", "gradients", "optimizer", "activations", "overhead", "total"] {
            prop_assert!(json["memory"]["guide"][figure].is_number(), "{figure}");
        }
        prop_assert!(json["pipeline"]["bubble_fraction"].is_number());
    }

    #[test]
    fn the_stages_hold_the_model_once(config in prop_oneof![any_config(), near_config()]) {
        let plan = Plan::of(&config);
        let pp = plan.sizes.pipeline_model_parallel_size;
        let stages = StageMemory::of_stages(&plan);
        prop_assert_eq!(stages.len() as u64, pp);
        let mut own = 0.0;
        for stage in &stages {
            own += stage.parameters - stage.copied_parameters;
            let mut total = 0.0;
            for (key, bytes) in stage.parts() {
                prop_assert!(bytes.is_finite() && bytes >= 0.0, "{} of stage {}", key, stage.stage);
                total += bytes;
            }
            prop_assert!((stage.total.0 - total).abs() <= 1e-9 * total);
            prop_assert!(stage.copied_parameters >= 0.0 && stage.parameters >= stage.copied_parameters);
        }
        let whole = plan.parameters_per_gpu().total() * pp as f64;
        prop_assert!((own - whole).abs() <= 1e-6 * whole, "{} of {}", own, whole);
    }

    #[test]
    fn any_plan_can_be_drawn(config in any_config()) {
        let plan = Plan::of(&config);
        let mut drawn = vec![
            Ok(diagram::memory_figure(&plan)),
            Ok(diagram::layers_figure(&plan)),
            diagram::matrices_figure(&plan),
            diagram::experts_figure(&plan),
            diagram::batch_figure(&plan),
        ];
        drawn.push(diagram::schedule_figure(&plan, schedule::Kind::of(&plan)));
        for figure in drawn {
            let figure = match figure {
                Ok(figure) => figure,
                Err(why) => {
                    prop_assert!(why.ends_with('.') && why.len() > 20, "{why}");
                    continue;
                }
            };
            let scene = &figure.scene;
            prop_assert!(scene.width > 0.0 && (1.0..5000.0).contains(&scene.height), "{}", figure.title);
            prop_assert!(scene.marks.len() < 5000, "{} has {} marks", figure.title, scene.marks.len());
            prop_assert!(figure.summary.ends_with('.'), "{}", figure.summary);
        }
    }

    #[test]
    fn a_byte_of_a_cell_says_what_its_shade_and_marks_are(config in near_config()) {
        let plan = Plan::of(&config);
        let gpus = Shape::of(&plan).drawn_gpus().min(1 << 12);
        for by in ColourBy::ALL {
            let paint = Paint::by(&plan, by, || by.figures(&plan));
            let cells = paint.cells(gpus);
            prop_assert_eq!(cells.len() as u64, gpus);
            for (rank, cell) in (0..gpus).zip(cells) {
                prop_assert_eq!(cell & 0x1f, paint.shade(rank).index(), "{:?} {}", by, rank);
                prop_assert_eq!(cell & 0x80 != 0, paint.is_misplaced_at(rank), "{:?} {}", by, rank);
            }
        }
    }

    #[test]
    fn a_gpu_lights_up_the_groups_that_it_is_told_to_be_in(config in near_config(), rank in 0_u64..256) {
        let plan = Plan::of(&config);
        let Some(told) = Rank::of(&plan, rank) else { return Ok(()) };
        let mut expected = vec![rank];
        for group in told.place.iter().flat_map(|place| &place.groups) {
            let mesh = match group.dimension {
                Dim::Etp | Dim::Ep | Dim::Edp => plan.expert_mesh(),
                _ => plan.dense_mesh(),
            };
            expected.extend(mesh.axis(group.dimension).unwrap().members(rank));
        }
        expected.sort_unstable();
        expected.dedup();
        for by in ColourBy::ALL {
            let mut lit: Vec<u64> = Lit::of(&Paint::by(&plan, by, || None), rank).all().collect();
            lit.sort_unstable();
            lit.dedup();
            prop_assert_eq!(&lit, &expected, "{:?}", by);
        }
    }

    #[test]
    fn one_stage_needs_what_the_guide_says(config in near_config()) {
        let one = Edit::count(Field::Pp, 1).and(Field::Vpp, Value::Unset).apply(&config);
        let memory = Report::of(&one).memory;
        prop_assert_eq!(memory.stages.len(), 1);
        prop_assert_eq!(memory.stages[0].total, memory.guide.total);
        prop_assert_eq!(memory.stages[0].optimizer, memory.guide.optimizer);
        prop_assert_eq!(memory.stages[0].activations, memory.guide.activations);
    }

    #[test]
    fn sizes_multiply_to_the_world(config in any_config()) {
        let plan = Plan::of(&config);
        let s = &plan.sizes;
        let model = s.tensor_model_parallel_size
            * s.pipeline_model_parallel_size
            * s.context_parallel_size;
        if status_of(&plan, "data_parallel_size") == Status::Pass {
            let ep = if s.data_parallel_size == s.megatron_data_parallel_size
                && s.guide_data_parallel_size != s.data_parallel_size
            {
                1
            } else {
                s.world_size / model / s.data_parallel_size
            };
            prop_assert_eq!(model * ep * s.data_parallel_size, s.world_size);
            prop_assert!(ep == 1 || ep == s.expert_model_parallel_size);
        }
        if status_of(&plan, "megatron_world_divisible") == Status::Pass {
            prop_assert_eq!(model * s.megatron_data_parallel_size, s.world_size);
        }
        if status_of(&plan, "megatron_expert_world_divisible") == Status::Pass {
            prop_assert_eq!(s.expert_product() * s.expert_data_parallel_size, s.world_size);
        }
    }

    #[test]
    fn every_listed_batch_size_passes_the_batch_rule(config in any_config()) {
        // Without a replica there is no rule to pass.
        let replicas = Plan::of(&config).sizes.data_parallel_size;
        for gbs in Report::of(&config).batch.valid_global_batch_sizes.into_iter().filter(|_| replicas > 0) {
            let plan = Plan::of(&Edit::count(Field::GlobalBatch, gbs).apply(&config));
            prop_assert_eq!(status_of(&plan, "global_batch_divisible"), Status::Pass, "{}", gbs);
        }
    }

    #[test]
    fn every_change_of_nodes_keeps_the_sizes_and_the_batch_rule(config in any_config()) {
        for change in Report::of(&config).batch.node_changes {
            if let Some(edit) = change.edit {
                let plan = Plan::of(&edit.apply(&config));
                prop_assert_eq!(plan.sizes.world_size, change.world_size);
                prop_assert_eq!(status_of(&plan, "data_parallel_size"), Status::Pass);
                prop_assert_eq!(status_of(&plan, "global_batch_divisible"), Status::Pass);
            }
        }
    }

    #[test]
    fn every_fix_makes_its_check_pass(config in prop_oneof![near_config(), any_config()]) {
        for check in Report::of(&config).checks {
            if let Some(fix) = check.fix {
                let fixed = Plan::of(&fix.apply(&config));
                let status = status_of(&fixed, check.id);
                prop_assert!(
                    matches!(status, Status::Pass | Status::NotApplicable),
                    "{}: {} leaves {status:?}: {}", check.id, fix.label(), check.message
                );
            }
        }
    }

    #[test]
    fn a_failing_check_of_an_ordinary_plan_has_a_fix(config in near_config()) {
        let report = Report::of(&config);
        for check in &report.checks {
            // Memory may be too small for any size of these clusters.
            if check.status == Status::Fail && check.id != "memory_fits" {
                prop_assert!(check.fix.is_some(), "{}: {}", check.id, check.message);
            }
        }
    }

    #[test]
    fn a_fix_never_leaves_more_rules_broken(config in prop_oneof![near_config(), any_config()]) {
        let report = Report::of(&config);
        let broken = |report: &Report| report.checks.iter().filter(|c| c.status == Status::Fail).count();
        for check in report.checks.iter().filter(|c| c.status == Status::Fail) {
            if let Some(fix) = &check.fix {
                let after = Report::of(&fix.apply(&config));
                prop_assert!(broken(&after) <= broken(&report), "{}: {}", check.message, fix.label());
            }
        }
    }

    #[test]
    fn every_fix_of_a_problem_removes_it(config in any_config()) {
        for problem in Report::of(&config).problems {
            if let Some(fix) = &problem.fix {
                let fixed = fix.apply(&config);
                let left = Report::of(&fixed).problems;
                prop_assert!(
                    !left.iter().any(|p| p.field == problem.field && p.message == problem.message),
                    "{}: {}", fix.label(), problem.message
                );
            }
        }
    }

    #[test]
    fn every_repair_makes_the_whole_plan_valid(config in prop_oneof![near_config(), any_config()]) {
        for repair in Report::of(&config).advice.repairs {
            let report = Report::of(&repair.apply(&config));
            let broken: Vec<_> = report.checks.iter().filter(|c| c.status == Status::Fail).collect();
            prop_assert!(broken.is_empty(), "{}: {broken:#?}", repair.label());
        }
    }

    #[test]
    fn every_advised_plan_passes(config in prop_oneof![near_config(), any_config()]) {
        let advice = Report::of(&config).advice;
        if advice.found {
            let advised = advice.edit.unwrap_or_default().apply(&config);
            prop_assert!(passes(&Plan::of(&advised)), "{}", advice.summary);
            // Advice on what was advised is to keep it; more nodes may open another way.
            let again = Report::of(&advised).advice;
            let same_nodes = advised.cluster.num_nodes == config.cluster.num_nodes;
            prop_assert!(!same_nodes || again.found && again.edit.is_none(), "{:?}", again.edit.map(|e| e.label()));
        }
    }

    #[test]
    fn groups_of_each_kind_partition_the_ranks(config in near_config()) {
        let plan = Plan::of(&config);
        if !passes(&plan) || plan.sizes.world_size > MOST_LISTED {
            return Ok(());
        }
        let groups = Groups::of(&plan.dense_mesh(), &plan.expert_mesh());
        for (kind, groups) in [
            ("tp", &groups.tp), ("pp", &groups.pp), ("cp", &groups.cp), ("dp", &groups.dp),
            ("dp_cp", &groups.dp_cp), ("ep", &groups.ep), ("etp", &groups.etp), ("edp", &groups.edp),
        ] {
            partition(kind, groups, plan.sizes.world_size);
        }
        for axis in plan.dense_mesh().axes.iter().chain(&plan.expert_mesh().axes) {
            for rank in 0..plan.sizes.world_size {
                prop_assert!(axis.members(rank).any(|member| member == rank));
                prop_assert_eq!(axis.members(rank).next(), Some(axis.first_of_group(rank)));
            }
        }
    }

    #[test]
    fn traffic_counts_the_groups_that_leave_a_node(config in near_config()) {
        let plan = Plan::of(&config);
        if !passes(&plan) || plan.sizes.world_size > MOST_LISTED {
            return Ok(());
        }
        let groups = Groups::of(&plan.dense_mesh(), &plan.expert_mesh());
        for traffic in Report::of(&config).communication {
            let groups = match traffic.dimension {
                Dim::Tp => &groups.tp,
                Dim::Cp => &groups.cp,
                Dim::Pp => &groups.pp,
                // Gradients are shared by every rank with the same weights.
                Dim::Dp => &groups.dp_cp,
                Dim::Ep => &groups.ep,
                Dim::Etp => &groups.etp,
                Dim::Edp => &groups.edp,
            };
            let domain = |rank: &u64| plan.cluster.domain_of(*rank);
            let leaves = |g: &&Vec<u64>| g.iter().any(|r| domain(r) != domain(&g[0]));
            prop_assert_eq!(traffic.crossing.groups, groups.len() as u64);
            prop_assert_eq!(traffic.crossing.crossing, groups.iter().filter(leaves).count() as u64);
            prop_assert_eq!(traffic.group_size, groups[0].len() as u64);
        }
    }

    #[test]
    fn layers_of_the_stages_add_up(config in any_config()) {
        let report = Report::of(&config);
        // Stages that are set apart add up where Megatron takes them.
        let refused = |id: &str| report.checks.iter().any(|c| c.id == id && c.status == Status::Fail);
        let refused = ["megatron_uneven_stages", "megatron_stage_options", "megatron_pipeline_layout", "megatron_layers_divisible"]
            .into_iter()
            .any(refused);
        prop_assume!(!(Plan::of(&config).stages_are_set() && refused));
        let stages = &report.pipeline.stages;
        prop_assert_eq!(stages.iter().map(|s| s.num_layers).sum::<u64>(), report.model.num_layers);
        prop_assert_eq!(stages.len() as u64, report.sizes.pipeline_model_parallel_size);
        let mut layers: Vec<u64> = stages
            .iter()
            .flat_map(|s| s.chunks.iter().flat_map(|c| c.first..c.end))
            .collect();
        layers.sort_unstable();
        prop_assert!(layers.iter().copied().eq(0..report.model.num_layers));
    }

    #[test]
    fn memory_never_grows_when_the_model_is_split_further(
        preset in prop::sample::select(presets::PLANS.iter().collect::<Vec<_>>()),
        field in prop::sample::select(vec![Field::Tp, Field::Pp, Field::Cp]),
        nodes in 1_u64..64,
        power in 0_u32..5,
    ) {
        // Without the distributed optimizer: more TP leaves fewer replicas to shard it over.
        let config = Edit::count(Field::NumNodes, nodes)
            .and(Field::DistOpt, Value::Flag(false))
            .apply(&preset.config());
        let split = |ways: u64| total(&Edit::count(field, ways).apply(&config));
        prop_assert!(split(2 << power) <= split(1 << power));
    }

    #[test]
    fn memory_never_grows_with_nodes_and_never_shrinks_with_the_batch(
        config in near_config(),
        nodes in 1_u64..64,
        micro in 1_u64..16,
    ) {
        let with = |field, n| total(&Edit::count(field, n).apply(&config));
        prop_assert!(with(Field::NumNodes, nodes * 2) <= with(Field::NumNodes, nodes));
        prop_assert!(with(Field::MicroBatch, micro + 1) >= with(Field::MicroBatch, micro));
    }

    #[test]
    fn a_plan_survives_json(config in any_config()) {
        let exact = |f: &Field| match config.get(*f) {
            Value::Count(n) => n <= 1 << 53,
            Value::Real(x) => x.is_finite() && x > 0.0,
            _ => true,
        };
        if Field::ALL.iter().all(exact) {
            let text = serde_json::to_string(&config).expect("a plan is JSON");
            let read: Config = serde_json::from_str(&text).expect("JSON reads back");
            for &field in Field::ALL {
                // Of a field that could not be read, what was written is kept.
                if config.unread_at(field).is_none() {
                    prop_assert_eq!(read.get(field), config.get(field), "{}", text);
                }
            }
            prop_assert_eq!(unread(&read), unread(&config), "{}", text);
        }
    }

    #[test]
    fn what_a_field_shows_reads_back(
        field in prop::sample::select(Field::ALL.to_vec()),
        n in prop_oneof![1_u64..1_000_000_000_000_000, 1_u64..1_000_000],
        hundredths in 1_u32..100_000_000,
    ) {
        let value = match (field.info().kind, field.range()) {
            (Kind::Rate(_), _) => Value::Real(f64::from(hundredths) / 100.0),
            (_, Some((min, max))) => Value::Count(n.clamp(min, max)),
            _ => return Ok(()),
        };
        // A million billions of parameters, the largest count, would read as a million.
        prop_assume!(value != Value::Count(1_000_000_000_000_000));
        let shown = field.typed(&value);
        prop_assert!(shown.chars().all(|c| c.is_ascii_digit() || c == '.'), "{}", shown);
        prop_assert_eq!(field.read_typed(&shown), Ok(value), "{}", shown);
    }

    #[test]
    fn what_is_typed_is_never_lost(field in prop::sample::select(Field::ALL.to_vec()), text in ".{0,20}") {
        let mut config = presets::opening();
        config.type_into(field, &text);
        let kept = config.unread_at(field) == Some(&Json::Text(text.clone()));
        let read = field.read_typed(&text).is_ok_and(|value| {
            let unset = value == Value::Unset;
            config.get(field) == value || unset
        });
        prop_assert!(kept || read);
        is_quick(&config);
    }

    #[test]
    fn whatever_is_typed_is_quoted_in_few_words_that_hide_nothing(field in prop::sample::select(Field::ALL.to_vec()), text in ".{0,900}") {
        let mut config = presets::opening();
        config.type_into(field, &text);
        config.read_entry(&text, &Json::Text(text.clone()));
        for problem in Report::of(&config).problems {
            let message = problem.message;
            prop_assert!(message.chars().count() <= 300, "{}", message);
            prop_assert!(message.chars().all(is_shown), "{:?}", message);
        }
    }
}

fn with(edit: Edit) -> Config {
    edit.apply(&presets::opening())
}

/// The picture of the GPUs, one of them in focus, all its words and figures: of any sizes, quickly.
#[track_caller]
fn is_drawn_quickly(config: &Config) {
    let plan = Plan::of(config);
    let shape = Shape::of(&plan);
    let begin = Instant::now();
    let scope = Scope::of(shape, 626, Zoom::default());
    for by in ColourBy::ALL {
        let paint = Paint::by(&plan, by, || by.figures(&plan));
        diagram::summary(&shape, &paint);
        diagram::legend(&paint);
        diagram::group_rows(&plan, &paint, 0);
        diagram::figure_rows(&paint, 0);
        let Some(scope) = scope else { continue };
        let lit = Lit::of(&paint, 0);
        let mut cells = paint.cells(scope.layout.gpus());
        diagram::light(&mut cells, lit.all());
        diagram::unnamed_nodes(&scope.layout, true);
        diagram::rack_labels_in(&scope.layout, scope.window);
        diagram::node_labels_in(&scope.layout, scope.window);
    }
    let _ = diagram::find(&plan, "layer=1 slot=0", None);
    // A million GPUs in ten colours, without optimization.
    let spent = begin.elapsed();
    assert!(
        spent.as_secs() < 12,
        "{spent:?} for {} GPUs",
        shape.world_size
    );
}

#[test]
fn pictures_of_hostile_sizes_are_quick() {
    let of = |edit: &Edit| edit.apply(&presets::opening());
    let nodes = |nodes: u64, gpus: u64| {
        Edit::count(Field::NumNodes, nodes).and(Field::GpusPerNode, Value::Count(gpus))
    };
    for edit in [
        nodes(1 << 20, 1),
        nodes(1, 1 << 16),
        nodes(1 << 20, 1024),
        nodes(1_000_000_000, 1000),
        nodes(1 << 17, 1).and(Field::NvlinkDomain, Value::Count(2)),
        nodes(1 << 17, 8).and(Field::NvlinkDomain, Value::Count(1 << 16)),
        nodes(1 << 17, 8)
            .and(Field::Pp, Value::Count(10_000))
            .and(Field::NumLayers, Value::Count(10_000))
            .and(Field::GlobalBatch, Value::Count(1 << 20)),
        nodes(2, 8).and(Field::Tp, Value::Count(1 << 20)),
    ] {
        is_drawn_quickly(&of(&edit));
    }
}

#[test]
fn hundreds_of_unknown_names_are_quick() {
    // As many as a link holds; near to no field, and near to some.
    for stem in ["q", "parallel.tensor_model_parallel_"] {
        let mut config = presets::opening();
        for n in 0..256 {
            config.read_entry(&format!("{stem}{n}"), &Json::Number(1.0));
        }
        is_quick(&config);
    }
}

#[test]
fn hostile_sizes_are_quick() {
    let largest = |field: Field| field.range().map_or(1, |(_, max)| max);
    let mut all = Edit::default();
    for &field in Field::ALL {
        if field.range().is_some() {
            is_quick(&with(Edit::count(field, largest(field))));
            is_quick(&with(Edit::count(field, u64::MAX)));
            is_quick(&with(Edit::count(field, 0)));
            all = all.and(field, Value::Count(largest(field)));
        }
    }
    is_quick(&with(all));
    // 10,000 stages of 10,000 chunks, and worlds of 10¹² GPUs.
    let stages = Edit::count(Field::Pp, 10_000).and(Field::NumLayers, Value::Count(10_000));
    is_quick(&with(stages.clone()));
    is_quick(&with(stages.and(Field::Vpp, Value::Count(10_000))));
    // Uneven chunks: 1,024 stages of six and seven.
    let chunks = Edit::count(Field::Pp, 1024)
        .and(Field::Vpp, Value::Count(7))
        .and(Field::NumLayers, Value::Count(6500))
        .and(Field::GlobalBatch, Value::Count(1 << 20));
    is_quick(&with(chunks));
    let world =
        Edit::count(Field::NumNodes, 1_000_000_000).and(Field::GpusPerNode, Value::Count(1000));
    is_quick(&with(world.clone()));
    is_quick(&with(world.and(Field::GpuMemory, Value::Count(1))));
    // Numbers with the most divisors in their ranges.
    let divisors = Edit::count(Field::NumLayers, 9240)
        .and(Field::NumExperts, Value::Count(55_440))
        .and(Field::Cp, Value::Count(720_720))
        .and(Field::NumNodes, Value::Count(720_720))
        .and(Field::MicroBatch, Value::Count(1 << 20))
        .and(Field::GpuMemory, Value::Count(1_000_000));
    is_quick(&with(divisors));
    // The widest NVLink domain with sizes that do not divide it.
    let odd = Edit::count(Field::NvlinkDomain, 65_536)
        .and(Field::NumNodes, Value::Count(99_991))
        .and(Field::GpusPerNode, Value::Count(7))
        .and(Field::Tp, Value::Count(7))
        .and(Field::Cp, Value::Count(3));
    is_quick(&with(odd));
}
