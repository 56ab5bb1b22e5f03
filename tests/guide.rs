//! The guide (02, Understanding Parallelism Strategies) in Meshplan: a module for each of its
//! sections, a line for each of its rows, formulas and rules.

use meshplan::core::checks::{Check, Status, passes};
use meshplan::core::communication::Traffic;
use meshplan::core::config::{Config, Edit, Field, Value};
use meshplan::core::experts::{recommended_ep, valid_ep};
use meshplan::core::layer::Split;
use meshplan::core::mesh::Dim;
use meshplan::core::units::MemoryUnit;
use meshplan::core::{Plan, Report, presets};

/// A plan of the presets.
#[track_caller]
fn preset(id: &str) -> Config {
    let found = presets::PLANS.iter().find(|plan| plan.id == id);
    found.expect("a preset").config()
}

/// A plan with some whole numbers changed.
fn with(config: &Config, changes: &[(Field, u64)]) -> Config {
    let set = changes.iter().map(|(f, n)| (*f, Value::Count(*n)));
    Edit { set: set.collect() }.apply(config)
}

/// TechPulse's plan with some whole numbers changed.
fn techpulse(changes: &[(Field, u64)]) -> Config {
    with(&presets::opening(), changes)
}

fn flag(config: &Config, field: Field, on: bool) -> Config {
    Edit::one(field, Value::Flag(on)).apply(config)
}

fn word(config: &Config, field: Field, word: &str) -> Config {
    Edit::one(field, Value::Text(word.to_owned())).apply(config)
}

#[track_caller]
fn check(config: &Config, id: &str) -> Check {
    let found = Report::of(config).checks.into_iter().find(|c| c.id == id);
    found.expect("a check")
}

#[track_caller]
fn is(config: &Config, id: &str, status: Status) {
    let check = check(config, id);
    assert_eq!(check.status, status, "{}", check.message);
}

/// A failing box, what its fix does, and that the box passes then.
#[track_caller]
fn fails(config: &Config, id: &str, fix: &str) {
    let failing = check(config, id);
    assert_eq!(failing.status, Status::Fail, "{}", failing.message);
    let edit = failing.fix.expect("a fix");
    assert_eq!(edit.label(), fix);
    let fixed = check(&edit.apply(config), id).status;
    assert!(
        matches!(fixed, Status::Pass | Status::NotApplicable),
        "{fixed:?}"
    );
}

#[track_caller]
fn traffic(config: &Config, dimension: Dim, operation: &str) -> Traffic {
    let all = Report::of(config).communication;
    let found = all
        .iter()
        .find(|t| t.dimension == dimension && t.operation == operation);
    found
        .unwrap_or_else(|| panic!("{dimension:?} {operation} in {all:#?}"))
        .clone()
}

fn no_traffic(config: &Config, dimension: Dim) -> bool {
    Report::of(config)
        .communication
        .iter()
        .all(|t| t.dimension != dimension)
}

mod background {
    use super::*;

    /// 7B on one GPU without sharding: parameters and nothing else.
    #[test]
    fn a_7b_model_in_bf16_needs_14_gb_of_weights_14_of_gradients_and_more_for_the_optimizer() {
        let one_gpu = flag(
            &techpulse(&[
                (Field::Tp, 1),
                (Field::NumNodes, 1),
                (Field::GpusPerNode, 1),
            ]),
            Field::DistOpt,
            false,
        );
        let memory = Report::of(&one_gpu).memory.guide;
        assert_eq!(memory.weights.0, 14e9);
        assert_eq!(memory.gradients.0, 14e9);
        // The background speaks of 56 GB (8 bytes a parameter); the formulas below count 12.
        assert_eq!(memory.optimizer.0, 84e9);
        assert_eq!(memory.fits, Some(false));
    }

    #[test]
    fn total_gpus_are_tp_pp_dp_and_ep() {
        let s = Report::of(&preset("guide-64x3b-128")).sizes;
        let product = s.tensor_model_parallel_size
            * s.pipeline_model_parallel_size
            * s.data_parallel_size
            * s.expert_model_parallel_size;
        assert_eq!((product, s.world_size), (128, 128));
    }
}

mod tensor_parallelism {
    use super::*;

    /// Rows × columns of a matrix and of one GPU's part of it.
    #[track_caller]
    fn split(config: &Config, name: &str, kind: Split, whole: (u64, u64), part: (u64, u64)) {
        let matrices = Report::of(config).matrices;
        let found = matrices.iter().find(|m| m.name == name);
        let m = found.expect("a matrix");
        assert_eq!(m.split, kind, "{name}");
        assert_eq!((m.rows, m.columns), whole, "{name}");
        assert_eq!((m.rows_per_gpu, m.columns_per_gpu), part, "{name}");
        assert!(m.even);
    }

    #[test]
    fn qkv_are_split_by_columns_and_the_output_projection_by_rows() {
        let plan = presets::opening();
        split(&plan, "Q", Split::Column, (4096, 4096), (4096, 2048));
        split(&plan, "K", Split::Column, (4096, 4096), (4096, 2048));
        split(&plan, "V", Split::Column, (4096, 4096), (4096, 2048));
        split(
            &plan,
            "Output projection",
            Split::Row,
            (4096, 4096),
            (2048, 4096),
        );
        split(&plan, "Down", Split::Row, (11_008, 4096), (5504, 4096));
    }

    #[test]
    fn kv_heads_are_kept_on_several_gpus_when_there_are_fewer_than_tp() {
        let grouped = techpulse(&[(Field::Tp, 8), (Field::NumQueryGroups, 4)]);
        split(&grouped, "K", Split::Column, (4096, 512), (4096, 128));
    }

    #[test]
    fn two_all_reduce_a_layer_and_pass_of_batch_seq_hidden_2_bytes() {
        let plan = flag(&presets::opening(), Field::Sp, false);
        let tp = traffic(&plan, Dim::Tp, "AllReduce");
        // 32 layers, 32 micro-batches, forward and backward.
        assert_eq!(tp.count_per_step, 2 * 2 * 32 * 32);
        assert_eq!(tp.bytes_per_call.0, 2.0 * 4096.0 * 4096.0 * 2.0);
        assert_eq!(tp.bytes_per_gpu_per_step.0, 4096.0 * 67_108_864.0);
    }

    #[test]
    fn tp_inside_a_node_takes_nvlink_and_across_nodes_the_network() {
        let inside = traffic(&presets::opening(), Dim::Tp, "AllGather + ReduceScatter");
        assert_eq!((inside.link_name, inside.crossing.crossing), ("NVLink", 0));
        let across = traffic(
            &techpulse(&[(Field::Tp, 16)]),
            Dim::Tp,
            "AllGather + ReduceScatter",
        );
        assert_eq!((across.link_name, across.crossing.crossing), ("EFA", 1));
        assert!(across.seconds_at_link_rate > inside.seconds_at_link_rate);
        // Also where there are not enough GPUs for one group.
        let beyond = traffic(
            &techpulse(&[(Field::Tp, 32)]),
            Dim::Tp,
            "AllGather + ReduceScatter",
        );
        assert_eq!(beyond.link_name, "EFA");
    }

    #[test]
    fn tp_that_leaves_its_node_is_called_out() {
        let check = check(&techpulse(&[(Field::Tp, 16)]), "tensor_parallel_size");
        assert_eq!(check.status, Status::Fail);
        assert!(
            check.message.contains("TP 16 leaves a node of 8"),
            "{}",
            check.message
        );
    }

    /// NVLink is 600 to 900 GB/s on A100 and H100, EFA 50 to 400 GB/s.
    #[test]
    fn link_rates_are_those_of_the_guide() {
        let rates = |node: &str| {
            let cluster = Report::of(&word(&presets::opening(), Field::Node, node)).cluster;
            (cluster.intra_node_gb_per_s, cluster.inter_node_gb_per_s)
        };
        assert_eq!(rates("p4d-24xlarge"), (Some(600.0), Some(50.0)));
        assert_eq!(rates("p5-48xlarge"), (Some(900.0), Some(400.0)));
    }
}

mod pipeline_parallelism {
    use super::*;

    #[test]
    fn a_32_layer_model_with_pp_2_has_layers_0_to_15_and_16_to_31() {
        let stages = Report::of(&techpulse(&[(Field::Pp, 2)])).pipeline.stages;
        let layers: Vec<_> = stages
            .iter()
            .map(|s| (s.chunks[0].first, s.chunks[0].end))
            .collect();
        assert_eq!(layers, [(0, 16), (16, 32)]);
        let ends: Vec<_> = stages.iter().map(|s| (s.embedding, s.head)).collect();
        assert_eq!(ends, [(true, false), (false, true)]);
    }

    #[track_caller]
    fn bubble(changes: &[(Field, u64)], micro_batches: u64, guide: f64, of_step: f64) {
        let report = Report::of(&techpulse(changes));
        assert_eq!(report.sizes.num_microbatches, micro_batches);
        assert_eq!(report.pipeline.bubble_fraction, guide);
        assert_eq!(report.pipeline.bubble_fraction_of_step, of_step);
    }

    /// What the report says of the bubble, by its formulas and in its text.
    #[track_caller]
    fn bubble_is_unknown(changes: &[(Field, u64)], why: &str) {
        let config = techpulse(changes);
        let (plan, report) = (Plan::of(&config), Report::of(&config));
        assert_eq!(report.pipeline.bubble, None);
        for formula in &report.pipeline.formulas {
            let end = ["= unknown, ", why].concat();
            assert!(formula.with_values.ends_with(&end), "{formula:?}");
        }
        let text = meshplan::export::text(&plan, &report);
        assert!(text.contains("Idle: unknown.\n"), "{text}");
    }

    #[test]
    fn without_micro_batches_or_a_replica_there_is_no_bubble_of_0() {
        let few = [(Field::Pp, 2), (Field::GlobalBatch, 1)];
        bubble_is_unknown(&few, "there is no whole micro-batch");
        bubble_is_unknown(
            &[(Field::Pp, 64)],
            "one replica needs more GPUs than there are",
        );
        let one_stage = Report::of(&techpulse(&[(Field::GlobalBatch, 1)]));
        assert_eq!(one_stage.pipeline.bubble.map(|b| b.of_step), Some(0.0));
    }

    #[test]
    fn the_bubble_is_pp_minus_1_over_the_micro_batches() {
        bubble(&[], 32, 0.0, 0.0);
        bubble(&[(Field::Pp, 2)], 64, 1.0 / 64.0, 1.0 / 65.0);
        bubble(
            &[(Field::Pp, 4), (Field::GlobalBatch, 16)],
            4,
            0.75,
            3.0 / 7.0,
        );
        bubble(
            &[(Field::Pp, 8), (Field::GlobalBatch, 64)],
            32,
            7.0 / 32.0,
            7.0 / 39.0,
        );
    }

    /// The guide's picture: two stages, four micro-batches.
    #[test]
    fn an_early_stage_holds_more_micro_batches() {
        let stages = Report::of(&techpulse(&[(Field::Pp, 4), (Field::GlobalBatch, 32)]))
            .pipeline
            .stages;
        let held: Vec<u64> = stages.iter().map(|s| s.in_flight_microbatches).collect();
        assert_eq!(held, [4, 3, 2, 1]);
    }

    #[test]
    fn activations_go_forward_and_gradients_back_once_a_micro_batch_and_boundary() {
        let plan = techpulse(&[(Field::Pp, 2)]);
        let sent: Vec<_> = Report::of(&plan)
            .communication
            .into_iter()
            .filter(|t| t.dimension == Dim::Pp)
            .map(|t| (t.carries, t.operation, t.count_per_step, t.bytes_per_call.0))
            .collect();
        let bytes = 2.0 * 4096.0 * 4096.0 * 2.0;
        let expected = [
            ("activations forward", "Send/Recv", 64, bytes),
            ("gradients backward", "Send/Recv", 64, bytes),
        ];
        assert_eq!(sent, expected);
    }

    #[test]
    fn stages_on_other_nodes_are_reached_over_the_network() {
        let plan = techpulse(&[(Field::Pp, 2)]);
        assert_eq!(traffic(&plan, Dim::Pp, "Send/Recv").link_name, "EFA");
        let one_node = with(&plan, &[(Field::NumNodes, 1)]);
        assert_eq!(traffic(&one_node, Dim::Pp, "Send/Recv").link_name, "NVLink");
    }
}

mod data_parallelism {
    use super::*;

    #[track_caller]
    fn dp(config: &Config, expected: u64) {
        assert_eq!(Report::of(config).sizes.data_parallel_size, expected);
    }

    #[test]
    fn dp_is_what_tp_and_pp_leave() {
        dp(&presets::opening(), 8);
        dp(&techpulse(&[(Field::Tp, 1)]), 16);
        dp(&techpulse(&[(Field::Tp, 4), (Field::Pp, 2)]), 2);
    }

    #[test]
    fn dp_of_a_moe_model_is_what_ep_leaves_too() {
        dp(&preset("guide-8x3b-16"), 2);
        let report = Report::of(&preset("guide-8x3b-16"));
        assert_eq!(report.sizes.megatron_data_parallel_size, 16);
        assert_eq!(report.sizes.expert_data_parallel_size, 2);
        // Megatron Core takes EP from the data-parallel ranks.
        dp(
            &word(&preset("guide-8x3b-16"), Field::Accounting, "folded"),
            16,
        );
    }

    #[test]
    fn each_replica_takes_its_slice_of_the_batch() {
        let batch = Report::of(&techpulse(&[(Field::Tp, 8)])).batch;
        assert_eq!((batch.slice(0), batch.slice(1)), ((0, 256), (256, 512)));
    }

    #[test]
    fn gradients_are_reduced_once_a_step_two_bytes_a_parameter() {
        let plan = flag(&presets::opening(), Field::DistOpt, false);
        let dp = traffic(&plan, Dim::Dp, "AllReduce");
        assert_eq!((dp.count_per_step, dp.group_size), (1, 8));
        assert_eq!(dp.bytes_per_call.0, 3.5e9 * 2.0);
        assert_eq!(dp.link_name, "EFA");
    }

    #[test]
    fn the_distributed_optimizer_reduces_to_shards_and_gathers_the_weights() {
        let plan = presets::opening();
        let (reduce, gather) = (
            traffic(&plan, Dim::Dp, "ReduceScatter"),
            traffic(&plan, Dim::Dp, "AllGather"),
        );
        let all_reduce = traffic(&flag(&plan, Field::DistOpt, false), Dim::Dp, "AllReduce");
        let sent = |t: &Traffic| t.sent_bytes_per_gpu_per_step.0;
        assert_eq!(sent(&reduce) + sent(&gather), sent(&all_reduce));
    }

    #[test]
    fn one_replica_sends_no_gradients() {
        assert!(no_traffic(
            &techpulse(&[(Field::Tp, 8), (Field::NumNodes, 1)]),
            Dim::Dp
        ));
    }

    /// "For a 7B model with DP=8, this saves ~84GB to ~10.5GB per GPU."
    #[test]
    fn the_distributed_optimizer_takes_84_gb_to_10_5_gb() {
        let dp_8 = techpulse(&[(Field::Tp, 1), (Field::NumNodes, 1)]);
        let optimizer = |config: &Config| Report::of(config).memory.guide.optimizer.0;
        assert_eq!(optimizer(&flag(&dp_8, Field::DistOpt, false)), 84e9);
        assert_eq!(optimizer(&dp_8), 10.5e9);
    }
}

mod expert_parallelism {
    use super::*;

    #[track_caller]
    fn row(num_experts: u64, valid: &[u64], recommended: u64) {
        assert_eq!(valid_ep(num_experts), valid);
        assert_eq!(recommended_ep(num_experts), recommended);
        let config = with(
            &preset("guide-8x3b-16"),
            &[(Field::NumExperts, num_experts)],
        );
        let experts = Report::of(&config).experts.expect("experts");
        assert_eq!(
            (&experts.valid_ep[..], experts.recommended_ep),
            (valid, recommended)
        );
        for ep in 1..=num_experts {
            let check = check(&with(&config, &[(Field::Ep, ep)]), "experts_divide");
            assert_eq!(check.status == Status::Pass, valid.contains(&ep), "EP {ep}");
        }
    }

    #[test]
    fn valid_ep_configurations() {
        row(8, &[1, 2, 4, 8], 8);
        row(16, &[1, 2, 4, 8, 16], 8);
        row(32, &[1, 2, 4, 8, 16, 32], 8);
        row(64, &[1, 2, 4, 8, 16, 32, 64], 8);
        row(62, &[1, 2, 31, 62], 2);
    }

    /// Calls a step of the TP group of the guide's 64x3B plan on 128 GPUs, at an ETP.
    fn tp_calls(etp: u64) -> u64 {
        let report = Report::of(&with(&preset("guide-64x3b-128"), &[(Field::Etp, etp)]));
        let traffic = report.communication.iter().find(|t| t.dimension == Dim::Tp);
        traffic.expect("TP talks").count_per_step / report.pipeline.num_microbatches / 28
    }

    #[test]
    fn experts_that_tp_does_not_split_need_no_tp_message() {
        assert_eq!((tp_calls(2), tp_calls(1)), (4, 2));
    }

    #[test]
    fn powers_of_two_leave_more_choice() {
        let experts = |n| {
            with(
                &preset("guide-8x3b-16"),
                &[(Field::NumExperts, n), (Field::Ep, 2)],
            )
        };
        for n in [8, 16, 32, 64, 128] {
            is(&experts(n), "power_of_two_experts", Status::Pass);
        }
        is(&experts(62), "power_of_two_experts", Status::Warn);
        assert!(
            Report::of(&experts(62))
                .experts
                .expect("experts")
                .limited_choices
        );
    }

    #[test]
    fn of_64_experts_with_ep_8_gpu_3_has_24_to_31() {
        let experts = Report::of(&preset("guide-64x3b-64"))
            .experts
            .expect("experts");
        let on = |rank| (experts.on(rank).first, experts.on(rank).end - 1);
        let expected = [
            (0, 7),
            (8, 15),
            (16, 23),
            (24, 31),
            (32, 39),
            (40, 47),
            (48, 55),
            (56, 63),
        ];
        assert_eq!((0..8).map(on).collect::<Vec<_>>(), expected);
    }

    #[test]
    fn experts_that_do_not_divide_are_refused() {
        let config = with(&preset("guide-8x3b-16"), &[(Field::Ep, 3)]);
        // EP 2 is as near as EP 4, and with both the memory would not fit.
        fails(&config, "experts_divide", "Set EP to 8");
        let message = check(&config, "experts_divide").message;
        assert!(message.contains("Megatron would stop"), "{message}");
        assert!(message.contains("1, 2, 4, 8"), "{message}");
    }

    /// Dispatch and combine, forward and backward, in each of 28 layers.
    #[test]
    fn all_to_all_twice_a_layer_and_pass() {
        let a2a = traffic(&preset("guide-8x3b-8"), Dim::Ep, "AllToAll");
        let plan = Plan::of(&preset("guide-8x3b-8"));
        let micro_batches = plan.sizes.megatron_num_microbatches;
        // Each of the 8 GPUs computes its share of 256 sequences.
        assert_eq!(micro_batches, 32);
        assert_eq!(a2a.count_per_step, 2 * 2 * 28 * micro_batches);
        // Each token goes to two experts.
        assert_eq!(a2a.bytes_per_call.0, 4096.0 * 2.0 * 3072.0 * 2.0);
        assert_eq!(a2a.link_name, "NVLink");
    }

    #[test]
    fn a_dense_model_sends_no_tokens() {
        assert!(no_traffic(&presets::opening(), Dim::Ep));
    }
}

mod calculating {
    use super::*;

    #[test]
    fn dp_must_be_at_least_1() {
        fails(
            &techpulse(&[(Field::Tp, 8), (Field::Pp, 4)]),
            "data_parallel_size",
            "Set PP to 2",
        );
        fails(
            &techpulse(&[(Field::Tp, 32)]),
            "data_parallel_size",
            "Set TP to 8",
        );
        fails(
            &preset_on("guide-8x3b-8", 4),
            "data_parallel_size",
            "Set EP to 4",
        );
    }

    fn preset_on(id: &str, gpus: u64) -> Config {
        with(&preset(id), &[(Field::GpusPerNode, gpus)])
    }

    #[test]
    fn the_global_batch_must_divide_by_micro_batch_and_dp() {
        let config = techpulse(&[(Field::GlobalBatch, 500)]);
        fails(&config, "global_batch_divisible", "Set global batch to 496");
        let message = check(&config, "global_batch_divisible").message;
        let words = "global batch size (500) is not divisible by micro batch size (2) times data \
                     parallel size (8)";
        assert!(message.contains(words), "{message}");
        is(&presets::opening(), "global_batch_divisible", Status::Pass);
    }

    /// Bytes of weights, gradients, optimizer and activations.
    #[track_caller]
    fn memory(config: &Config, expected: [f64; 4]) {
        let m = Report::of(config).memory.guide;
        assert_eq!(
            [m.weights.0, m.gradients.0, m.optimizer.0, m.activations.0],
            expected
        );
        let total = expected.iter().sum::<f64>() + 4e9;
        assert_eq!((m.overhead.0, m.total.0), (4e9, total));
    }

    #[test]
    fn memory_per_gpu() {
        let activations = 10_737_418_240.0;
        memory(&presets::opening(), [7e9, 7e9, 5.25e9, activations]);
        memory(
            &techpulse(&[(Field::Tp, 8)]),
            [1.75e9, 1.75e9, 5.25e9, activations],
        );
        memory(
            &techpulse(&[(Field::Pp, 2)]),
            [3.5e9, 3.5e9, 5.25e9, activations / 2.0],
        );
        memory(
            &techpulse(&[(Field::MicroBatch, 4)]),
            [7e9, 7e9, 5.25e9, activations * 2.0],
        );
        memory(
            &techpulse(&[(Field::SeqLength, 8192)]),
            [7e9, 7e9, 5.25e9, activations * 2.0],
        );
    }
}

mod decision_table {
    use super::*;

    struct Row {
        id: &'static str,
        gpus: u64,
        nodes: u64,
        tp: u64,
        pp: u64,
        ep: u64,
        dp: u64,
    }

    #[track_caller]
    fn row(r: &Row) {
        let config = preset(r.id);
        let report = Report::of(&config);
        let s = &report.sizes;
        assert_eq!((s.world_size, report.cluster.num_nodes), (r.gpus, r.nodes));
        let sizes = (
            s.tensor_model_parallel_size,
            s.pipeline_model_parallel_size,
            s.expert_model_parallel_size,
            s.data_parallel_size,
        );
        assert_eq!(sizes, (r.tp, r.pp, r.ep, r.dp));
        for check in &report.checks {
            // With ETP = TP, as Megatron has it, EP 8 of TP 2 leaves a node of 8.
            let advice = check.id == "expert_parallel_inside_node" && r.tp * r.ep > 8;
            let good = matches!(check.status, Status::Pass | Status::NotApplicable) || advice;
            assert!(good, "{}: {}", check.id, check.message);
        }
        assert!(report.problems.is_empty(), "{:#?}", report.problems);
        let headline = report.verdict.headline;
        assert!(headline.starts_with("Valid"), "{headline}");
    }

    #[track_caller]
    fn dense(
        id: &'static str,
        billions: f64,
        (gpus, nodes): (u64, u64),
        [tp, pp, dp]: [u64; 3],
        batch: (u64, u64),
    ) {
        row(&Row {
            id,
            gpus,
            nodes,
            tp,
            pp,
            ep: 1,
            dp,
        });
        let report = Report::of(&preset(id));
        assert_eq!(report.model.num_parameters as f64, billions * 1e9);
        let micro = preset(id).batch.micro_batch_size;
        assert_eq!((micro, report.sizes.global_batch_size), batch);
    }

    #[track_caller]
    fn moe(
        id: &'static str,
        experts: u64,
        (gpus, nodes): (u64, u64),
        [tp, pp, ep, dp]: [u64; 4],
        experts_per_gpu: u64,
    ) {
        row(&Row {
            id,
            gpus,
            nodes,
            tp,
            pp,
            ep,
            dp,
        });
        let held = Report::of(&preset(id)).experts.expect("experts");
        assert_eq!(
            (held.num_experts, held.experts_per_gpu),
            (experts, experts_per_gpu)
        );
    }

    #[test]
    fn dense_models() {
        dense("guide-1-5b-2", 1.5, (2, 1), [1, 1, 2], (4, 64));
        dense("guide-7b-8", 7.0, (8, 1), [2, 1, 4], (2, 256));
        dense("guide-7b-16", 7.0, (16, 2), [2, 1, 8], (2, 512));
        dense("guide-13b-16", 13.0, (16, 2), [4, 1, 4], (1, 256));
        dense("guide-30b-16", 30.0, (16, 2), [8, 2, 1], (1, 128));
        dense("guide-70b-32", 70.0, (32, 4), [8, 4, 1], (1, 256));
        dense("guide-70b-64", 70.0, (64, 8), [8, 4, 2], (1, 512));
    }

    #[test]
    fn moe_models() {
        moe("guide-8x3b-8", 8, (8, 1), [1, 1, 8, 1], 1);
        moe("guide-8x3b-16", 8, (16, 2), [1, 1, 8, 2], 1);
        moe("guide-64x3b-64", 64, (64, 8), [1, 1, 8, 8], 8);
        moe("guide-64x3b-128", 64, (128, 16), [2, 1, 8, 8], 8);
    }
}

mod techpulse {
    use super::*;

    #[test]
    fn the_page_opens_with_it() {
        let report = Report::of(&presets::opening());
        let s = &report.sizes;
        assert_eq!((s.world_size, report.cluster.num_nodes), (16, 2));
        assert_eq!(report.cluster.gpu_memory_bytes, Some(40_000_000_000));
        assert_eq!(
            (s.tensor_model_parallel_size, s.pipeline_model_parallel_size),
            (2, 1)
        );
        assert_eq!((s.data_parallel_size, s.expert_model_parallel_size), (8, 1));
        assert_eq!(
            (s.global_batch_size, s.batch_divisor, s.num_microbatches),
            (512, 16, 32)
        );
    }

    #[test]
    fn its_memory_to_the_byte() {
        let m = Report::of(&presets::opening()).memory.guide;
        assert_eq!(m.weights.0, 7_000_000_000.0);
        assert_eq!(m.gradients.0, 7_000_000_000.0);
        assert_eq!(m.optimizer.0, 5_250_000_000.0);
        assert_eq!(m.activations.0, 10_737_418_240.0);
        assert_eq!(m.overhead.0, 4_000_000_000.0);
        assert_eq!(m.total.0, 33_987_418_240.0);
        assert_eq!((m.capacity.map(|b| b.0), m.fits), (Some(40e9), Some(true)));
    }

    #[test]
    fn without_the_distributed_optimizer_it_does_not_fit() {
        let m = Report::of(&flag(&presets::opening(), Field::DistOpt, false))
            .memory
            .guide;
        assert_eq!((m.optimizer.0, m.fits), (42e9, Some(false)));
        assert_eq!(m.total.0, 70_737_418_240.0);
        assert_eq!(m.total_with_other_optimizer.0, 33_987_418_240.0);
    }

    #[test]
    fn the_verdict_says_it_all() {
        let verdict = Report::of(&presets::opening()).verdict.text;
        let expected = "Valid · 33.99 of 40 GB on each GPU · DP 8 · no pipeline bubble · ";
        assert!(verdict.starts_with(expected), "{verdict}");
    }

    #[test]
    fn figures_are_said_with_their_formula_and_values() {
        let formulas = Report::of(&presets::opening()).memory.guide.formulas;
        let said: Vec<_> = formulas
            .iter()
            .map(|f| f.formula.with_values.as_str())
            .collect();
        assert_eq!(said[0], "7 B / (TP 2 · PP 1) · 2 bytes = 7 GB");
        assert_eq!(said[2], "3.5 B parameters · 12 bytes / DP 8 = 5.25 GB");
        assert_eq!(
            said[3],
            "batch 2 · seq 4,096 · hidden 4,096 · 32 layers · 10 bytes = 10.74 GB"
        );
    }
}

mod sequence_parallelism {
    use super::*;

    #[test]
    fn it_is_on_whenever_tp_is_above_1() {
        is(&presets::opening(), "sequence_parallel", Status::Pass);
        is(
            &techpulse(&[(Field::Tp, 1)]),
            "sequence_parallel",
            Status::NotApplicable,
        );
        fails(
            &flag(&presets::opening(), Field::Sp, false),
            "sequence_parallel",
            "Turn SP on",
        );
    }

    #[test]
    fn it_moves_the_same_bytes() {
        let on = traffic(&presets::opening(), Dim::Tp, "AllGather + ReduceScatter");
        let off = flag(&presets::opening(), Field::Sp, false);
        let off = traffic(&off, Dim::Tp, "AllReduce");
        assert_eq!(
            on.sent_bytes_per_gpu_per_step.0,
            off.sent_bytes_per_gpu_per_step.0
        );
    }
}

mod context_parallelism {
    use super::*;

    #[test]
    fn it_is_for_sequences_of_32k_and_more() {
        let seq = |n| techpulse(&[(Field::Cp, 2), (Field::SeqLength, n)]);
        is(
            &presets::opening(),
            "context_parallel",
            Status::NotApplicable,
        );
        is(&seq(4096), "context_parallel", Status::Warn);
        is(&seq(32_768), "context_parallel", Status::Pass);
        let fix = check(&seq(4096), "context_parallel").fix.expect("a fix");
        assert_eq!(fix.label(), "Set CP to 1");
    }

    #[test]
    fn it_splits_the_sequence() {
        let whole = techpulse(&[(Field::SeqLength, 32_768)]);
        let split = with(&whole, &[(Field::Cp, 2)]);
        let activations = |c: &Config| Report::of(c).memory.guide.activations.0;
        assert_eq!(activations(&split) * 2.0, activations(&whole));
        assert_eq!(Report::of(&split).sizes.data_parallel_size, 4);
        // Keys and values go round the ring: once forward, twice backward.
        let ring = traffic(&split, Dim::Cp, "Send/Recv ring");
        assert_eq!(
            ring.count_per_step,
            3 * 32 * Report::of(&split).sizes.num_microbatches
        );
        assert_eq!(ring.bytes_per_call.0, 2.0 * 16_384.0 * 2048.0 * 2.0 * 2.0);
    }
}

mod batch_calculator {
    use super::*;

    #[test]
    fn its_output_for_techpulse() {
        let report = Report::of(&presets::opening());
        assert_eq!(report.sizes.world_size, 16);
        assert_eq!(report.sizes.data_parallel_size, 8);
        assert_eq!(report.batch.divisor, 16);
        assert_eq!(
            report.batch.valid_global_batch_sizes,
            [16, 32, 64, 128, 256, 512]
        );
    }

    /// A node lost or added: DP, divisor, whether 512 still does, and what would.
    #[track_caller]
    fn on_nodes(nodes: u64, dp: u64, divisor: u64, valid: bool, nearest: u64) {
        let changes = Report::of(&presets::opening()).batch.node_changes;
        let change = changes
            .iter()
            .find(|c| c.num_nodes == nodes)
            .expect("nodes");
        assert_eq!((change.data_parallel_size, change.divisor), (dp, divisor));
        assert_eq!(
            (change.global_batch_is_valid, change.nearest_valid),
            (valid, nearest)
        );
        let edit = change.edit.clone().expect("an edit");
        assert!(passes(&Plan::of(&edit.apply(&presets::opening()))) || nodes == 1);
    }

    #[test]
    fn when_the_node_count_changes() {
        on_nodes(1, 4, 8, true, 512);
        on_nodes(2, 8, 16, true, 512);
        on_nodes(3, 12, 24, false, 504);
        on_nodes(4, 16, 32, true, 512);
    }

    #[test]
    fn a_moe_batch_is_moved_to_one_that_megatron_takes_too() {
        let changes = Report::of(&preset("guide-8x3b-16")).batch.node_changes;
        let three = changes.iter().find(|c| c.num_nodes == 3).expect("nodes");
        // DP 3 by the guide, 24 by Megatron.
        assert_eq!((three.divisor, three.nearest_valid), (3, 264));
    }
}

mod five_steps {
    use super::*;

    /// The answers of the five steps, and the plan they lead to.
    #[track_caller]
    fn steps(config: &Config, answers: [&str; 5], summary: &str) {
        let advice = Report::of(config).advice;
        let said: Vec<_> = advice.steps.iter().map(|s| s.answer.as_str()).collect();
        assert_eq!(said, answers);
        assert_eq!(advice.summary, summary);
        if advice.found {
            let advised = advice.edit.unwrap_or_default().apply(config);
            assert!(passes(&Plan::of(&advised)));
        }
    }

    const NO: &str = "Not needed";

    #[test]
    fn one_gpu_is_enough() {
        let plan = preset("guide-1-5b-2");
        steps(
            &plan,
            ["Yes", NO, NO, NO, "Yes"],
            "TP 1 · PP 1 · DP 2 on 2 GPUs, global batch 64",
        );
    }

    #[test]
    fn tp_within_one_node() {
        let said = ["No", "Yes, from TP 2", NO, NO, "Yes"];
        let summary = "TP 2 · PP 1 · DP 8 on 16 GPUs, global batch 512";
        steps(&presets::opening(), said, summary);
        steps(&techpulse(&[(Field::Tp, 1)]), said, summary);
        let said = ["No", "Yes, from TP 4", NO, NO, "Yes"];
        let summary = "TP 4 · PP 1 · DP 4 on 16 GPUs, global batch 256";
        steps(&preset("guide-13b-16"), said, summary);
    }

    #[test]
    fn more_than_one_node() {
        let said = ["No", "No", "TP 8, PP 4", NO, "Yes"];
        let summary = "TP 8 · PP 4 · DP 2 on 64 GPUs, global batch 512";
        steps(&preset("guide-70b-64"), said, summary);
    }

    #[test]
    fn more_nodes_than_there_are() {
        let plan = with(&preset("guide-70b-64"), &[(Field::NumNodes, 1)]);
        let said = ["No", "No", "TP 8, PP 5", NO, "Yes"];
        let summary = "TP 8 · PP 5 · DP 1 on 40 GPUs, global batch 512";
        steps(&plan, said, summary);
    }

    #[test]
    fn ep_for_moe_models() {
        let said = ["Yes", NO, NO, "EP 8", "Yes"];
        let summary = "TP 1 · PP 1 · EP 8 · DP 2 on 16 GPUs, global batch 256";
        steps(
            &with(&preset("guide-8x3b-16"), &[(Field::Ep, 1)]),
            said,
            summary,
        );
        let said = ["No", "Yes, from TP 2", NO, "EP 8", "Yes"];
        let summary = "TP 2 · PP 1 · EP 8 · DP 8 on 128 GPUs, global batch 512";
        steps(&preset("guide-64x3b-128"), said, summary);
    }

    /// The model on nodes of eight H100.
    fn on_nodes(model: &str, nodes: u64, global_batch: u64) -> Config {
        let sizes = [
            (Field::NumNodes, nodes),
            (Field::Tp, 8),
            (Field::GlobalBatch, global_batch),
        ];
        let plan = word(&Config::default(), Field::ModelPreset, model);
        with(&word(&plan, Field::Node, "dgx-h100"), &sizes)
    }

    #[test]
    fn a_larger_ep_where_the_usual_one_leads_to_more_nodes() {
        let plan = on_nodes("deepseek-v3", 64, 4096);
        let advice = Report::of(&plan).advice;
        let advised = advice.edit.expect("a change").apply(&plan);
        assert_eq!(advised.cluster.num_nodes, 64, "{}", advice.summary);
        assert!(advised.parallel.expert_model_parallel_size > 8);
        let reason = &advice.steps[3].reason;
        assert!(
            reason.ends_with("The usual 8 leads to no plan on these GPUs."),
            "{reason}"
        );
        assert_eq!(Report::of(&advised).advice.edit, None);
    }

    #[test]
    fn fewer_nodes_where_replicas_do_not_fill_them() {
        let plan = on_nodes("llama3-405b", 64, 512);
        let advice = Report::of(&plan).advice;
        let reason = &advice.steps[2].reason;
        let said = "PP 14 would fit, but takes a multiple of 14 nodes; the plan has 64.";
        assert_eq!(reason, said);
        let advised = advice.edit.expect("a change").apply(&plan);
        assert_eq!(advised.cluster.num_nodes, 56);
    }

    #[test]
    fn stages_that_do_not_fit_are_told_where_the_guides_figure_does() {
        let plan = on_nodes("llama3-405b", 56, 512);
        let advice = Report::of(&plan).advice;
        let reason = &advice.steps[4].reason;
        assert!(
            reason.ends_with(
                "memory fits by the guide’s figure, but 4 of 7 stages do not fit, the fullest \
                 needs 129.45 GB."
            ),
            "{reason}"
        );
    }

    #[test]
    fn nothing_fits() {
        let plan = techpulse(&[(Field::GpuMemory, 4_000_000_000)]);
        let summary = "The five steps lead to no valid plan here.";
        steps(&plan, ["No", "No", "No size fits", NO, "No"], summary);
        assert!(Report::of(&plan).advice.repairs.is_empty());
    }

    #[test]
    fn each_step_has_the_figures_behind_it() {
        let steps = Report::of(&presets::opening()).advice.steps;
        let figures: Vec<_> = steps[1]
            .figures
            .iter()
            .map(|f| (f.sizes.as_str(), f.text.as_str(), f.fits))
            .collect();
        let expected = [
            ("TP 2 · PP 1 · DP 8", "33.99 GB", true),
            ("TP 4 · PP 1 · DP 4", "26.99 GB", true),
            ("TP 8 · PP 1 · DP 2", "23.49 GB", true),
        ];
        assert_eq!(figures, expected);
        assert_eq!(steps[0].figures[0].text, "47.99 GB");
    }
}

mod repairs {
    use super::*;

    #[track_caller]
    fn smallest(config: &Config, label: &str) {
        let repairs = Report::of(config).advice.repairs;
        let labels: Vec<_> = repairs.iter().map(Edit::label).collect();
        assert_eq!(
            labels.first().map(String::as_str),
            Some(label),
            "{labels:?}"
        );
        assert!(passes(&Plan::of(&repairs[0].apply(config))));
    }

    #[test]
    fn the_smallest_edit_makes_the_plan_valid() {
        smallest(
            &techpulse(&[(Field::GlobalBatch, 500)]),
            "Set global batch to 496",
        );
        smallest(&techpulse(&[(Field::Tp, 1)]), "Set TP to 2");
        smallest(&techpulse(&[(Field::Tp, 16)]), "Set TP to 8");
        smallest(&techpulse(&[(Field::Ep, 2)]), "Set EP to 1");
        smallest(
            &techpulse(&[(Field::SeqLength, 4097)]),
            "Set sequence length to 4098",
        );
        smallest(
            &flag(&presets::opening(), Field::DistOpt, false),
            "Turn distributed optimizer on",
        );
        smallest(
            &with(&preset("guide-70b-32"), &[(Field::NumNodes, 1)]),
            "Set nodes to 4",
        );
    }

    #[test]
    fn a_valid_plan_needs_none() {
        assert!(Report::of(&presets::opening()).advice.repairs.is_empty());
    }
}

mod verification_checklist {
    use super::*;

    #[test]
    fn tp_is_a_power_of_two_within_one_node() {
        for tp in [1, 2, 4, 8] {
            is(
                &techpulse(&[(Field::Tp, tp)]),
                "tensor_parallel_size",
                Status::Pass,
            );
        }
        fails(
            &techpulse(&[(Field::Tp, 3)]),
            "tensor_parallel_size",
            "Set TP to 2",
        );
        fails(
            &techpulse(&[(Field::Tp, 16)]),
            "tensor_parallel_size",
            "Set TP to 8",
        );
        let small = techpulse(&[(Field::GpusPerNode, 4), (Field::Tp, 8)]);
        fails(&small, "tensor_parallel_size", "Set TP to 4");
    }

    #[test]
    fn pp_divides_the_layers() {
        for pp in [1, 2, 4, 8, 16, 32] {
            is(
                &techpulse(&[(Field::Pp, pp)]),
                "pipeline_divides_layers",
                Status::Pass,
            );
        }
        fails(
            &techpulse(&[(Field::Pp, 3)]),
            "pipeline_divides_layers",
            "Set PP to 2",
        );
        fails(
            &techpulse(&[(Field::Pp, 64)]),
            "pipeline_divides_layers",
            "Set PP to 8",
        );
    }

    #[test]
    fn dp_is_at_least_1() {
        is(&presets::opening(), "data_parallel_size", Status::Pass);
        is(
            &techpulse(&[(Field::Tp, 8), (Field::Pp, 2)]),
            "data_parallel_size",
            Status::Pass,
        );
        is(
            &techpulse(&[(Field::Tp, 8), (Field::Pp, 4)]),
            "data_parallel_size",
            Status::Fail,
        );
        fails(
            &techpulse(&[(Field::Cp, 3)]),
            "data_parallel_size",
            "Set CP to 1",
        );
    }

    #[test]
    fn the_global_batch_divides() {
        is(
            &techpulse(&[(Field::GlobalBatch, 16)]),
            "global_batch_divisible",
            Status::Pass,
        );
        let low = techpulse(&[(Field::GlobalBatch, 8)]);
        fails(&low, "global_batch_divisible", "Set global batch to 16");
    }

    #[test]
    fn experts_divide_by_ep() {
        is(&presets::opening(), "experts_divide", Status::NotApplicable);
        is(&preset("guide-8x3b-8"), "experts_divide", Status::Pass);
        fails(
            &with(&preset("guide-8x3b-8"), &[(Field::Ep, 16)]),
            "experts_divide",
            "Set EP to 8",
        );
        fails(
            &techpulse(&[(Field::Ep, 8)]),
            "experts_divide",
            "Set EP to 1",
        );
    }

    #[test]
    fn memory_fits() {
        is(&presets::opening(), "memory_fits", Status::Pass);
        fails(&techpulse(&[(Field::Tp, 1)]), "memory_fits", "Set TP to 2");
        // "Memory per GPU < GPU memory limit": exactly full does not fit.
        let full = techpulse(&[(Field::GpuMemory, 33_987_418_240)]);
        is(&full, "memory_fits", Status::Fail);
        let room = techpulse(&[(Field::GpuMemory, 33_987_418_241)]);
        is(&room, "memory_fits", Status::Pass);
    }

    #[test]
    fn whether_an_unknown_model_fits_is_unknown() {
        let plan = techpulse(&[(Field::NumParameters, 7_000_000_000)]);
        let unknown = Edit::one(Field::ModelPreset, Value::Unset).apply(&plan);
        let report = Report::of(&unknown);
        assert_eq!(
            (report.memory.guide.weights.0, report.memory.guide.fits),
            (7e9, None)
        );
        is(&unknown, "memory_fits", Status::NotApplicable);
        assert!(
            report.verdict.text.contains("memory unknown"),
            "{}",
            report.verdict.text
        );
        // What the parameters tell is told, and nothing else is a figure.
        let unit = MemoryUnit::Gb;
        let guide = &report.memory.guide;
        let parts: Vec<String> = guide.formulas.iter().map(|part| part.text(unit)).collect();
        assert_eq!(parts, ["7 GB", "7 GB", "5.25 GB", "unknown", "4 GB"]);
        assert_eq!(guide.total_text(unit), "unknown");
        let end = guide
            .formulas
            .iter()
            .map(|p| p.formula.with_values.ends_with("= unknown"));
        assert_eq!(end.collect::<Vec<_>>(), [false, false, false, true, false]);
    }

    #[test]
    fn of_a_model_that_is_not_told_no_text_has_a_figure() {
        let nothing = Edit::one(Field::ModelPreset, Value::Unset).apply(&presets::opening());
        let (plan, report) = (Plan::of(&nothing), Report::of(&nothing));
        assert_eq!(report.compute.seconds_at_peak, None);
        let text = meshplan::export::text(&plan, &report);
        let total = text.lines().find(|line| line.starts_with("  Total"));
        assert!(total.is_some_and(|line| line.contains("unknown")), "{text}");
        assert!(text.contains("not all that GPUs send is known"), "{text}");
        let markdown = meshplan::export::markdown(&plan, &report, None);
        assert!(
            markdown.contains("| Total | unknown of 40 GB |"),
            "{markdown}"
        );
    }

    #[test]
    fn sp_is_on_when_tp_is_above_1() {
        is(&presets::opening(), "sequence_parallel", Status::Pass);
        is(
            &flag(&presets::opening(), Field::Sp, false),
            "sequence_parallel",
            Status::Fail,
        );
    }

    #[test]
    fn every_box_names_its_fields_and_source() {
        let boxes = Report::of(&presets::opening()).checks;
        let listed = |c: &&Check| c.reference.contains("Verification Checklist");
        assert_eq!(boxes.iter().filter(listed).count(), 7);
        assert!(
            boxes
                .iter()
                .all(|c| !c.fields.is_empty() && !c.message.is_empty())
        );
    }
}
