//! Megatron-LM's start-up rules one by one (reference/megatron_rules.md; the number of each rule is
//! its row there), and a property: a plan whose checks pass keeps every rule in its plainest form.

use meshplan::core::checks::{Check, Enforced, Status};
use meshplan::core::config::{Config, Edit, Field, Value};
use meshplan::core::layout::Layout;
use meshplan::core::{Plan, Report, presets};
use proptest::prelude::*;

/// A plan on 16 GPUs with some entries, as `path=value` of a link's short names.
fn plan(entries: &str) -> Config {
    let mut config = presets::opening();
    for entry in entries.split_whitespace() {
        let (short, text) = entry.split_once('=').expect("an entry");
        let field = Field::ALL.iter().find(|f| f.info().short == short);
        config.type_into(*field.expect("a field"), text);
    }
    assert!(config.unread.is_empty(), "{:?}", config.unread);
    config
}

#[track_caller]
fn check(entries: &str, id: &str) -> Check {
    let found = Report::of(&plan(entries))
        .checks
        .into_iter()
        .find(|c| c.id == id);
    found.expect("a check")
}

#[track_caller]
fn passes(id: &str, entries: &str) {
    let check = check(entries, id);
    assert_eq!(check.status, Status::Pass, "{}", check.message);
}

#[track_caller]
fn silent(id: &str, entries: &str) {
    let check = check(entries, id);
    assert_eq!(check.status, Status::NotApplicable, "{}", check.message);
}

/// A refusal in Megatron's words, and the fix that is offered.
#[track_caller]
fn refuses(id: &str, entries: &str, words: &str, fix: &str) {
    let check = check(entries, id);
    assert_eq!(check.status, Status::Fail, "{}", check.message);
    assert!(check.message.contains(words), "{}", check.message);
    assert_eq!(check.fix.map(|fix| fix.label()).unwrap_or_default(), fix);
}

const MIXTURE: &str = "m=mixtral-8x7b gbs=64 ep=4 etp=1";

#[track_caller]
fn mixture(more: &str) -> String {
    format!("{MIXTURE} {more}")
}

#[test]
fn rules_4_and_5_experts_that_nobody_split_are_not_split() {
    let id = "megatron_expert_world_divisible";
    let words = "ETP is not set, so Megatron takes TP for it";
    let plan = "m=mixtral-8x7b node=dgx-h100 acc=folded gbs=64 tp=4 ep=8";
    refuses(id, plan, words, "Set ETP to 1");
    let words = "expert_tensor_model_pipeline_parallel size (32)";
    refuses(id, &format!("{plan} etp=4"), words, "Set ETP to 2");
}

#[test]
fn rule_10_instances_divide_both_meshes() {
    let id = "megatron_optimizer_instances";
    silent(id, "");
    passes(id, "inst=4");
    refuses(
        id,
        "inst=3",
        "Data parallel size should be divisible by partial DistOpt shard factor",
        "Set optimizer instances to 1",
    );
    let words = "Expert data parallel size should be divisible by partial DistOpt shard factor";
    refuses(
        id,
        &mixture("inst=8"),
        words,
        "Set optimizer instances to 4",
    );
    let words = "Partial DistOpt cannot be used without DistOpt";
    refuses(
        id,
        "inst=4 do=false",
        words,
        "Turn distributed optimizer on",
    );
}

#[test]
fn rule_20_layers_divide_by_pp() {
    let id = "megatron_layers_divisible";
    passes(id, "pp=4");
    refuses(
        id,
        "pp=3",
        "Number of layers should be divisible by the pipeline-model-parallel size",
        "Set PP to 2",
    );
    silent(id, "pp=2 first=10");
}

/// What is offered for layers that no depth near the one asked for divides.
#[track_caller]
fn set_apart(entries: &str, fix: &str) {
    let plan = "gpu=h100-sxm-80gb nodes=128 gpn=8 tp=8 seq=8192 gbs=1024";
    for id in ["pipeline_divides_layers", "megatron_layers_divisible"] {
        let check = check(&format!("{entries} {plan}"), id);
        assert_eq!(check.status, Status::Fail, "{}", check.message);
        assert_eq!(check.fix.map(|fix| fix.label()).unwrap_or_default(), fix);
    }
}

#[test]
fn layers_that_no_near_depth_divides_are_set_apart() {
    // As Llama 3 405B was trained: a layer less on the first and the last of 16 stages.
    set_apart(
        "m=llama3-405b pp=16",
        "Turn embedding counts as a layer on and turn loss counts as a layer on",
    );
    // 15 stages of 4 layers and a last one with 1, the head and multi-token prediction.
    set_apart(
        "m=deepseek-v3 etp=1 ep=8 pp=16",
        "Set last stage layers to 1",
    );
    set_apart("m=llama3-405b pp=4", "Set PP to 2");
}

#[test]
fn rules_21_and_26_stages_are_set_in_one_way() {
    let id = "megatron_stage_options";
    silent(id, "pp=2");
    passes(id, "pp=2 first=10");
    let words = "cannot be set at the same time with account_for_embedding_in_pipeline_split";
    assert_eq!(check("pp=2 first=10 aemb=true", id).status, Status::Fail);
    assert!(check("pp=2 first=10 aemb=true", id).message.contains(words));
    let words = "pipeline_model_parallel_layout cannot be set with other";
    assert!(
        check("pp=2 last=10 layout=Et*16|t*16L", id)
            .message
            .contains(words)
    );
}

#[test]
fn rules_23_and_24_interleaving_needs_stages() {
    let id = "megatron_interleaved_schedule";
    passes(id, "pp=2 vpp=4");
    refuses(
        id,
        "vpp=2",
        "pipeline-model-parallel size should be greater than 1",
        "Unset VPP",
    );
}

#[test]
fn rule_25_uneven_stages() {
    let id = "megatron_uneven_stages";
    silent(id, "pp=4");
    passes(id, "pp=4 first=7 last=7");
    passes(id, "pp=2 first=15");
    let said = |entries: &str| check(entries, id).message;
    assert_eq!(
        said("pp=2 first=15"),
        "15 layers on the first stage, 17 on the other"
    );
    assert_eq!(
        said("pp=3 last=10"),
        "11 layers on each of 2 stages, 10 on the last"
    );
    let fails = |entries: &str, words: &str| {
        let check = check(entries, id);
        assert_eq!(check.status, Status::Fail, "{}", check.message);
        assert!(check.message.contains(words), "{}", check.message);
        assert!(check.fix.is_some());
    };
    fails(
        "pp=4 first=7 last=8",
        "number of layers at middle stage: 17 must be divisible by the middle pipeline model parallel size 2",
    );
    let fix = |entries: &str| {
        check(entries, id)
            .fix
            .map(|fix| fix.label())
            .unwrap_or_default()
    };
    assert_eq!(fix("pp=4 first=7"), "Unset first stage layers");
    assert_eq!(fix("pp=4 last=7"), "Unset last stage layers");
    fails(
        "pp=2 first=16 last=10",
        "Mismatch: 6 middle layers remaining but 0 middle PP stages available.",
    );
    fails(
        "pp=4 first=16 last=16",
        "Mismatch: 0 middle layers remaining but 2 middle PP stages available.",
    );
    fails(
        "pp=4 vpp=2 first=7 last=9",
        "number of layers at first stage: 7 must be divisible by virtual pipeline parallel degree 2",
    );
    fails(
        "pp=4 vpp=2 first=6 last=7",
        "number of layers at last stage: 7 must be divisible by virtual pipeline parallel degree 2",
    );
    fails(
        "pp=4 vpp=2 first=4 last=2",
        "number of layers on each middle pipeline rank: 13 must be divisible by virtual pipeline parallel degree 2",
    );
}

#[test]
fn rule_27_embedding_and_loss_count_as_layers() {
    let id = "megatron_layers_divisible";
    passes(id, "pp=2 aemb=true aloss=true");
    passes(id, "layers=30 pp=4 aemb=true aloss=true");
    let words =
        "number of middle layers: 33 must be divisible by middle pipeline_model_parallel_size 2";
    assert!(check("pp=2 aemb=true", id).message.contains(words));
    let stages = Report::of(&plan("layers=30 pp=4 aemb=true aloss=true"))
        .pipeline
        .stages;
    assert_eq!(
        stages.iter().map(|s| s.num_layers).collect::<Vec<_>>(),
        [7, 8, 8, 7]
    );
}

#[test]
fn rule_28_layouts() {
    let id = "megatron_pipeline_layout";
    silent(id, "");
    passes(id, "pp=2 layout=Et*16|t*16L");
    passes(id, "pp=2 layout=Et*8|(t*8|)*2t*8L");
    let fails = |entries: &str, words: &str| {
        let check = check(entries, id);
        assert_eq!(check.status, Status::Fail, "{}", check.message);
        assert!(check.message.contains(words), "{}", check.message);
    };
    fails(
        "pp=2 layout=Et*16|t*8|t*8L",
        "must be divisible by pipeline_model_parallel_size (len(layout)=3",
    );
    fails(
        "pp=2 layout=Et*16|t*15L",
        "Number of decoder layers 31 must match num_layers 32",
    );
    fails(
        "pp=2 layout=t*16|Et*16L",
        "The first layer must be embedding",
    );
    fails("pp=2 layout=Et*16|Lt*16", "The last layer must be loss");
    fails(
        "pp=2 layout=EEt*16|t*16L",
        "Embedding must be specified exactly once",
    );
    fails(
        "pp=2 layout=Et*16|t*16mL",
        "Number of mtp layers in layout must match mtp_num_layers",
    );
    fails("pp=2 layout=Ex|t*32L", "Invalid layer character: x");
    fails(
        "pp=2 vpp=4 layout=Et*16|t*16L",
        "virtual_pipeline_model_parallel_size conflicts with pipeline_model_parallel_layout",
    );
    fails(
        "pp=2 mtp=1 pos=rope layout=Et*16m|t*16L",
        "decoder layers must be placed before MTP layers",
    );
    passes(id, "pp=2 mtp=1 layout=Et*16|t*16mL");
}

#[test]
fn a_layout_tells_the_layers_of_each_stage() {
    let stages = Report::of(&plan("pp=2 layout=Et*7|t*9|t*9|t*7L"))
        .pipeline
        .stages;
    let chunks = |i: usize| {
        stages[i]
            .chunks
            .iter()
            .map(|c| (c.first, c.end))
            .collect::<Vec<_>>()
    };
    assert_eq!(
        (chunks(0), chunks(1)),
        (vec![(0, 7), (16, 25)], vec![(7, 16), (25, 32)])
    );
    assert_eq!((stages[0].embedding, stages[1].head), (true, true));
}

#[test]
fn rules_29_and_30_micro_batches_in_a_row() {
    let id = "megatron_microbatch_group";
    silent(id, "pp=2");
    passes(id, "pp=2 vpp=2");
    passes(id, "pp=2 vpp=2 mbgroup=5");
    assert_eq!(check("pp=2 vpp=2", id).enforced, Enforced::Training);
    let words = "virtual pipeline stage should range in [PP=2, M=64]";
    refuses(
        id,
        "pp=2 vpp=2 mbgroup=100",
        words,
        "Unset micro-batches in a row",
    );
    refuses(
        id,
        "pp=2 vpp=2 mbgroup=9",
        "“should be 0, or larger than or equal to the pipeline-parallel size 2”",
        "Unset micro-batches in a row",
    );
    // 63 micro-batches are a multiple of no size that is near.
    refuses(
        id,
        "pp=2 vpp=2 gbs=504",
        "the remainder of 1 “should be 0",
        "Set global batch to 512",
    );
    refuses(
        id,
        "pp=16 tp=1 vpp=2 mbs=1 gbs=104",
        "the remainder of 8 “should be 0",
        "Set global batch to 112",
    );
}

#[test]
fn rule_37_widths_divide() {
    let id = "megatron_shared_expert_divisible";
    silent(id, MIXTURE);
    passes(id, &mixture("shared=2048"));
    refuses(
        id,
        &mixture("shared=2047 tp=2"),
        "2047 is not divisible by 2",
        "Set shared expert width to 2048",
    );
    let id = "megatron_mlp_divisible";
    passes(id, &mixture("tp=2 effn=1408 freq=2"));
    passes(id, &mixture("tp=2 ffn=2047 effn=1408"));
    refuses(
        id,
        &mixture("tp=2 ffn=2047 effn=1408 freq=2"),
        "2047 is not divisible by 2”, the MLP's width by TP",
        "Set MLP width to 2048",
    );
    refuses(
        id,
        &mixture("tp=2 etp=2 effn=1407 freq=2"),
        "1407 is not divisible by 2”, the MLP's width by ETP",
        "Set expert width to 1408",
    );
}

#[test]
fn rule_41_positions_are_enough() {
    let id = "megatron_max_positions";
    silent(id, "");
    passes(id, "maxpos=8192");
    let words =
        "max_position_embeddings (2048) must be greater than or equal to seq_length (4096).";
    refuses(id, "maxpos=2048", words, "Set most positions to 4096");
}

#[test]
fn rule_46_mla_has_no_query_groups() {
    let id = "megatron_mla_groups";
    silent(id, "groups=8");
    passes(id, "mla=true");
    let words = "Group query attention is mutually exclusive with multi latent attention.";
    refuses(id, "mla=true groups=8", words, "Unset query groups");
    passes(id, "m=deepseek-v3");
    refuses(id, "m=deepseek-v3 groups=8", words, "Unset query groups");
}

#[test]
fn rule_48_experts_divide_by_ep() {
    let id = "megatron_experts_divisible";
    passes(id, MIXTURE);
    let words = "Number of experts should be a multiple of expert model parallel_size.";
    assert!(check(&mixture("ep=3"), id).message.contains(words));
    let words = "num_experts must be non None to use expert model parallelism";
    refuses(id, "ep=2", words, "Set EP to 1");
}

#[test]
fn rule_49_experts_with_tp_need_sp() {
    let id = "megatron_moe_sequence_parallel";
    passes(id, &mixture("tp=2"));
    silent(id, "tp=2 sp=false");
    refuses(
        id,
        &mixture("tp=2 sp=false"),
        "without also enabling sequence parallelism.",
        "Turn SP on",
    );
    assert_eq!(check(&mixture("tp=2"), id).enforced, Enforced::Training);
}

#[test]
fn rule_50_experts_with_biases_are_not_split() {
    let id = "megatron_moe_bias";
    silent(id, MIXTURE);
    passes(id, &mixture("bias=true"));
    refuses(
        id,
        &mixture("bias=true tp=2 etp=2"),
        "Bias in Moe is only supported when ETP==1",
        "Set ETP to 1",
    );
    let told = check("m=mixtral-8x7b gbs=64 ep=4 tp=2 bias=true", id).message;
    assert!(
        told.contains("ETP is not set, so Megatron takes TP 2 for it"),
        "{told}"
    );
}

#[test]
fn rule_51_one_expert_a_token_is_picked_before_the_softmax() {
    let id = "megatron_topk_pre_softmax";
    silent(id, MIXTURE);
    passes(id, &mixture("topk=1 presoftmax=true"));
    refuses(
        id,
        &mixture("topk=1"),
        "Please use --moe-router-pre-softmax when topk is 1.",
        "Turn router before softmax on",
    );
}

#[test]
fn rule_56_a_dense_model_has_no_expert_width() {
    let words = "moe_ffn_hidden_size is set but num_moe_experts is None.";
    refuses(
        "megatron_expert_width",
        "effn=1024",
        words,
        "Unset expert width",
    );
    passes("megatron_expert_width", &mixture("effn=1024"));
}

#[test]
fn rule_65_selective_recomputation_names_no_layers() {
    let id = "megatron_recompute";
    silent(id, "");
    passes(id, "rc=full");
    passes(id, "rc=full rcm=block rcn=4");
    assert_eq!(check("rc=selective rcm=uniform", id).status, Status::Fail);
    let words = "When using recompute_granularity: selective recompute_num_layers must be None.";
    refuses(
        id,
        "rc=selective rcn=2",
        words,
        "Unset recompute method and unset recompute layers",
    );
}

#[test]
fn rule_66_modules_to_compute_again() {
    let id = "megatron_recompute_modules";
    silent(id, "rc=full rcmod=mlp");
    assert_eq!(check("rc=selective rcmod=mlp", id).status, Status::Pass);
    let words = "Invalid choices for recompute_modules: nothing";
    refuses(
        id,
        "rc=selective rcmod=nothing",
        words,
        "Unset recompute modules",
    );
    passes(id, "m=deepseek-v2-lite rc=selective rcmod=mla_up_proj");
    let words = "mla_up_proj in recompute_modules is only supported with multi_latent_attention.";
    assert!(
        check("rc=selective rcmod=mla_up_proj", id)
            .message
            .contains(words)
    );
}

#[test]
fn rule_69_mtp_has_no_learned_positions() {
    let id = "megatron_mtp_positions";
    silent(id, "pos=learned_absolute");
    assert_eq!(check("mtp=1 pos=rope", id).status, Status::Pass);
    assert_eq!(check("mtp=1 pos=learned_absolute", id).status, Status::Fail);
}

#[test]
fn what_megatron_does_not_enforce_is_marked_as_advice() {
    for id in [
        "tensor_parallel_size",
        "memory_fits",
        "expert_parallel_inside_node",
    ] {
        assert_eq!(check("", id).enforced, Enforced::No, "{id}");
    }
    let warned = check(
        "m=mixtral-8x7b gbs=64 ep=8 tp=2",
        "expert_parallel_inside_node",
    );
    assert_eq!(warned.status, Status::Warn);
    assert!(
        warned
            .message
            .contains("EP 8 with ETP 2 leaves the NVLink domain of 8 GPUs")
    );
}

/// Stages that are set apart for one depth suit no other: the procedure sets them anew.
#[test]
fn the_five_steps_do_not_keep_what_is_set_for_another_depth() {
    for apart in [
        "first=15",
        "last=15",
        "layout=Et*16|t*16L",
        "vpp=2 mbgroup=4",
    ] {
        let advice = Report::of(&plan(&format!("pp=2 {apart}"))).advice;
        assert!(advice.found, "{apart}: {}", advice.summary);
    }
}

#[test]
fn every_rule_speaks_in_whole_sentences() {
    for entries in [
        "",
        MIXTURE,
        "pp=3 vpp=5 tp=3 cp=3 seq=100",
        "layers=30 pp=4 aemb=true",
    ] {
        for check in Report::of(&plan(entries)).checks {
            assert!(!check.message.is_empty(), "{}", check.id);
            assert!(
                !check.message.contains(['{', '}']),
                "{}: {}",
                check.id,
                check.message
            );
            assert!(
                !check.message.contains("  "),
                "{}: {}",
                check.id,
                check.message
            );
        }
    }
}

/// Sizes of which many plans are valid and many are not.
fn any_plan() -> impl Strategy<Value = Config> {
    let size = || prop::sample::select(vec![1_u64, 1, 1, 2, 2, 3, 4, 8]);
    let maybe = |values: Vec<u64>| {
        let some = prop::sample::select(values).prop_map(Value::Count);
        prop_oneof![3 => Just(Value::Unset), 1 => some]
    };
    let sizes = (
        size(),
        size(),
        size(),
        size(),
        maybe(vec![1, 2, 4]),
        maybe(vec![2, 3, 4]),
    );
    let more = (
        prop::sample::select(vec!["llama3-8b", "mixtral-8x7b", "guide-7b", "guide-8x3b"]),
        prop::sample::select(vec![1_u64, 2, 4, 6, 16]),
        prop::sample::select(vec![16_u64, 24, 48, 64, 96, 512]),
        prop::sample::select(vec![2048_u64, 4096, 4098, 65_536]),
        maybe(vec![4, 5, 6, 8]),
        maybe(vec![4, 7, 8]),
        maybe(vec![1, 2, 3]),
        any::<bool>(),
        any::<bool>(),
    );
    let model = (
        maybe(vec![1, 2]),
        prop_oneof![2 => Just(Value::Unset), 1 => any::<bool>().prop_map(Value::Flag)],
        maybe(vec![2048, 2049]),
        maybe(vec![2, 3, 4]),
    );
    let rarely = || prop_oneof![6 => Just(false), 1 => Just(true)].prop_map(Value::Flag);
    let rarely_text = |texts: Vec<&'static str>| {
        let some = prop::sample::select(texts).prop_map(|text| Value::Text(text.to_owned()));
        prop_oneof![4 => Just(Value::Unset), 1 => some]
    };
    let other = (
        rarely(),
        rarely(),
        rarely(),
        rarely_text(vec![
            "Et*16|t*16L",
            "Et*8|(t*8|)*2t*8L",
            "Et*32L",
            "t*16|Et*16L",
            "Et*16|t*15L",
        ]),
        maybe(vec![2048, 65_536]),
        rarely_text(vec!["selective", "full"]),
        rarely_text(vec!["uniform", "block"]),
        rarely_text(vec!["core_attn mlp", "mla_up_proj", "nothing"]),
    );
    (sizes, more, model, other).prop_map(
        |(
            (tp, pp, cp, ep, etp, vpp),
            (model, nodes, gbs, seq, first, last, inst, order, folded),
            (topk, pre_softmax, shared, in_a_row),
            (embedding, loss, bias, layout, positions, recompute, method, modules),
        )| {
            let word = |on: bool, a: &str, b: &str| Value::Text(if on { a } else { b }.to_owned());
            Edit::one(Field::ModelPreset, Value::Text(model.to_owned()))
                .and(Field::Node, Value::Text("dgx-h100".to_owned()))
                .and(Field::NumNodes, Value::Count(nodes))
                .and(Field::Tp, Value::Count(tp))
                .and(Field::Pp, Value::Count(pp))
                .and(Field::Cp, Value::Count(cp))
                .and(Field::Ep, Value::Count(ep))
                .and(Field::Etp, etp)
                .and(Field::Vpp, vpp)
                .and(Field::GlobalBatch, Value::Count(gbs))
                .and(Field::SeqLength, Value::Count(seq))
                .and(Field::FirstStageLayers, first)
                .and(Field::LastStageLayers, last)
                .and(
                    Field::DistOptInstances,
                    if inst == Value::Unset {
                        Value::Count(1)
                    } else {
                        inst
                    },
                )
                .and(
                    Field::RankOrder,
                    word(order, "tp-cp-ep-dp-pp", "tp-cp-ep-pp-dp"),
                )
                .and(Field::MoeRouterTopk, topk)
                .and(Field::MoeRouterPreSoftmax, pre_softmax)
                .and(Field::MoeSharedExpert, shared)
                .and(Field::MicrobatchGroup, in_a_row)
                .and(Field::AccountEmbedding, embedding)
                .and(Field::AccountLoss, loss)
                .and(Field::AddBiasLinear, bias)
                .and(Field::PipelineLayout, layout)
                .and(Field::MaxPositionEmbeddings, positions)
                .and(Field::RecomputeGranularity, recompute)
                .and(Field::RecomputeHow, method)
                .and(Field::RecomputeModules, modules)
                .and(Field::Accounting, word(folded, "folded", "multiplied"))
                .apply(&Config::default())
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, max_global_rejects: 200_000, ..ProptestConfig::default() })]

    /// The rules of reference/megatron_rules.md in their plainest form.
    #[test]
    fn a_plan_whose_checks_pass_keeps_every_rule(config in any_plan()) {
        let report = Report::of(&config);
        prop_assume!(report.checks.iter().all(|c| c.status != Status::Fail));
        let warned = |id: &str| report.checks.iter().any(|c| c.id == id && c.status == Status::Warn);
        let (s, m) = (&report.sizes, &report.model);
        let (world, tp, pp, cp) = (s.world_size, s.tensor_model_parallel_size, s.pipeline_model_parallel_size, s.context_parallel_size);
        let (ep, vpp) = (s.expert_model_parallel_size, s.virtual_pipeline_model_parallel_size);
        let etp = config.parallel.expert_tensor_parallel_size.unwrap_or(tp);
        prop_assert_eq!(world % (tp * pp * cp), 0);
        let dp = world / (tp * pp * cp);
        if let Some(moe) = &m.moe {
            prop_assert_eq!(world % (etp * ep * pp), 0);
            prop_assert_eq!(moe.num_experts % ep, 0);
            prop_assert_eq!(moe.moe_ffn_hidden_size % etp, 0);
            prop_assert!(tp == 1 || config.parallel.sequence_parallel);
            prop_assert!(!m.add_bias_linear || etp == 1);
            prop_assert!(moe.moe_router_topk <= moe.num_experts);
            prop_assert!(moe.moe_router_topk > 1 || moe.moe_router_pre_softmax);
            prop_assert_eq!(moe.moe_shared_expert_intermediate_size % tp, 0);
        } else {
            prop_assert_eq!(ep, 1);
            prop_assert_eq!(m.ffn_hidden_size % tp, 0);
        }
        let edp = world / (etp * ep * pp);
        if m.moe.is_some() && config.parallel.order.word().ends_with("dp") {
            prop_assert!(pp == 1 || dp == edp);
        }
        let n = config.parallel.num_distributed_optimizer_instances;
        prop_assert_eq!((dp * cp) % n, 0);
        prop_assert_eq!(edp % n, 0);
        let micro = config.batch.micro_batch_size;
        if !warned("megatron_global_batch_divisible") {
            prop_assert_eq!(s.global_batch_size % (micro * dp), 0);
        }
        let (layers, p, t) = (m.num_layers, &config.parallel, &config.training);
        let (first, last) = (p.num_layers_in_first_pipeline_stage, p.num_layers_in_last_pipeline_stage);
        let (embedding, loss) = (p.account_for_embedding_in_pipeline_split, p.account_for_loss_in_pipeline_split);
        let uneven = first.is_some() || last.is_some();
        if let Some(layout) = &p.pipeline_model_parallel_layout {
            prop_assert!(!uneven && !embedding && !loss);
            let stages = Layout::read(layout).expect("a layout").stages;
            let all = stages.concat();
            let count = |letter: char| all.chars().filter(|c| *c == letter).count() as u64;
            prop_assert!(all.starts_with('E') && all.ends_with('L'));
            prop_assert_eq!((count('E'), count('L'), count('t'), count('m')), (1, 1, layers, 0));
            prop_assert_eq!(stages.len() as u64, pp * vpp);
        } else if uneven {
            prop_assert!(!embedding && !loss);
            let set = u64::from(first.is_some()) + u64::from(last.is_some());
            let middle = layers - first.unwrap_or(0) - last.unwrap_or(0);
            prop_assert_eq!(first.unwrap_or(0) % vpp, 0);
            prop_assert_eq!(last.unwrap_or(0) % vpp, 0);
            prop_assert_eq!(middle == 0, pp == set);
            prop_assert!(pp == set || middle % (pp - set) == 0 && middle / (pp - set) % vpp == 0);
        } else {
            let counted = layers + u64::from(embedding) + u64::from(loss);
            prop_assert_eq!(counted % (pp * vpp), 0);
        }
        prop_assert!(config.model.max_position_embeddings.is_none_or(|most| most >= config.batch.seq_length));
        if t.recompute_granularity.is_some_and(|r| r.word() == "selective") {
            prop_assert!(t.recompute_method.is_none() && t.recompute_num_layers.is_none());
            // Neither of the other modules is one of a model without latent attention.
            prop_assert!(t.recompute_modules.as_deref().is_none_or(|words| words == "core_attn mlp"));
        }
        if vpp > 1 {
            let microbatches = s.global_batch_size / (micro * dp);
            let in_a_row = config.parallel.microbatch_group_size_per_virtual_pipeline_stage.unwrap_or(pp);
            let rest = microbatches % in_a_row;
            prop_assert!(pp > 1 && (pp..=microbatches).contains(&in_a_row) && (rest == 0 || rest >= pp));
        }
        prop_assert_eq!(m.num_attention_heads % tp, 0);
        prop_assert!(m.num_query_groups % tp == 0 || tp % m.num_query_groups == 0);
        prop_assert_eq!(m.num_attention_heads % m.num_query_groups, 0);
        let seq = config.batch.seq_length;
        prop_assert!(cp == 1 || seq % (2 * cp) == 0);
        prop_assert!(tp == 1 || !config.parallel.sequence_parallel || seq / cp % tp == 0);
        prop_assert_eq!(Plan::of(&config).sizes, report.sizes);
    }
}
