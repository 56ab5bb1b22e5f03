//! The command line: every verb, format and exit status, and the groups of every configuration
//! that Megatron-LM itself was asked for.
#![cfg(not(target_arch = "wasm32"))]

use serde_json::{Value, json};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

const TECHPULSE: &str = "v1.m-guide-7b.node-p4d-24xlarge.nodes-2.tp-2.mbs-2.gbs-512.z";
const FOUR_NODES: &str = "v1.m-guide-7b.node-p4d-24xlarge.nodes-4.tp-2.mbs-2.gbs-512.z";
/// The first, and the same on four nodes.
const TWO_PLANS: &str = "v1.m-guide-7b.node-p4d-24xlarge.nodes-2.tp-2.mbs-2.gbs-512.vs.nodes-4.z";
/// The first, with a name and a note that would break out of what they stand in.
const HOSTILE: &str = "v1.m-guide-7b.node-p4d-24xlarge.nodes-2.tp-2.mbs-2.gbs-512.\
    name-coding_3A_20utf-7_20a_7C_3Cimg_3E_5Bx_5D_28y_29_60_26_23x202e_3B.\
    note-_2BAAo-import_20os_0Arm_20-rf_20_7E_1B_5B2J_20_5C.z";
const TOO_MUCH_FOR_A_GPU: &str = "v1.m-guide-70b.node-p4d-24xlarge.nodes-2.tp-2.z";
const WRONG_TYPE: &str = r#"{"model": {"preset": "guide-7b"}, "cluster": {"node": "p4d-24xlarge"},
    "parallel": {"tensor_model_parallel_size": [2]}}"#;

/// What the program said and how it ended.
struct Said {
    code: i32,
    out: String,
    err: String,
}

fn run(args: &[&str]) -> Said {
    run_on("", args)
}

fn run_on(input: &str, args: &[&str]) -> Said {
    let mut child = Command::new(env!("CARGO_BIN_EXE_meshplan"))
        .args(args)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program");
    // A program that does not read its input closes it.
    let _ = child
        .stdin
        .take()
        .expect("a pipe")
        .write_all(input.as_bytes());
    let Output {
        status,
        stdout,
        stderr,
    } = child.wait_with_output().expect("an end");
    let text = |bytes| String::from_utf8(bytes).expect("UTF-8");
    let said = Said {
        code: status.code().expect("a code"),
        out: text(stdout),
        err: text(stderr),
    };
    assert!(!said.err.contains("panicked"), "{}", said.err);
    said
}

#[track_caller]
fn ends(said: &Said, code: i32, out: &str, err: &str) {
    assert_eq!(said.code, code, "{}\n{}", said.out, said.err);
    assert!(said.out.contains(out), "{}", said.out);
    assert!(said.err.contains(err), "{}", said.err);
}

/// Refused: status 2, nothing on standard output, and the reason on standard error.
#[track_caller]
fn refused(said: &Said, reason: &str) {
    ends(said, 2, "", reason);
    assert_eq!(said.out, "");
}

fn file(name: &str, text: &str) -> PathBuf {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    std::fs::write(&path, text).expect("a file");
    path
}

#[test]
fn every_verb_and_format_answers() {
    for (args, out) in [
        (
            &["report", TECHPULSE][..],
            "Valid · 33.99 of 40 GB on each GPU · DP 8",
        ),
        (
            &["report", TECHPULSE, "--format", "text"],
            "Memory of each GPU",
        ),
        (
            &["report", TECHPULSE, "--format=markdown"],
            "| Tensor parallel (TP) | 2 |",
        ),
        (&["report", "--format", "json", TECHPULSE], "\"verdict\": {"),
        (&["groups", TECHPULSE], "{\"tp\":[[0,1],[2,3],"),
        (&["flags", TECHPULSE], "--tensor-model-parallel-size 2"),
        (
            &["flags", TECHPULSE, "--format", "megatron"],
            "--sequence-parallel",
        ),
        (
            &["flags", TECHPULSE, "--format", "nemo"],
            "tensor_model_parallel_size=2,",
        ),
        (
            &["flags", TECHPULSE, "--format", "bridge"],
            "model.tensor_model_parallel_size=2 ",
        ),
        (
            &["ranks", TECHPULSE],
            "\n9,1,1,1,0,4,0,0..31,true,true,3500000000,",
        ),
        (&["link", TECHPULSE], TECHPULSE),
        (
            &["compare", TECHPULSE, FOUR_NODES],
            "  GPUs                        16  32  +16 (+100 %)",
        ),
        (
            &["compare", "--format=text", TECHPULSE, FOUR_NODES],
            "16 of 16 checks\nB: 7B dense, 4 nodes of p4d.24xlarge\n   Valid · 31.36 of 40 GB",
        ),
        (
            &["compare", "--format", "markdown", TECHPULSE, FOUR_NODES],
            "| GPUs | 16 | 32 | +16 (+100 %) |",
        ),
        (&["--help"], "Usage: meshplan VERB PLAN"),
        (&["report", "-h"], "Exit status: 0"),
        (
            &["--version"],
            concat!("meshplan ", env!("CARGO_PKG_VERSION"), "\n"),
        ),
    ] {
        let said = run(args);
        ends(&said, 0, out, "");
        assert_eq!(said.err, "", "{args:?}");
    }
}

#[test]
fn a_plan_comes_from_a_link_a_file_or_standard_input() {
    let json = r#"{"model": {"preset": "guide-7b"},
        "cluster": {"node": "p4d-24xlarge", "num_nodes": 2},
        "parallel": {"tensor_model_parallel_size": 2},
        "batch": {"micro_batch_size": 2, "global_batch_size": 512}}"#;
    let link = format!("{TECHPULSE}\n");
    let path = file("plan.json", json);
    assert_eq!(run(&["link", path.to_str().expect("UTF-8")]).out, link);
    assert_eq!(run_on(json, &["link", "-"]).out, link);
    assert_eq!(run_on(TECHPULSE, &["link", "-"]).out, link);
    assert_eq!(run(&["link", &format!("#{TECHPULSE}")]).out, link);
    assert_eq!(
        run(&["link", &format!("<https://a.b/?embed=1#{TECHPULSE}>.")]).out,
        link
    );
}

#[test]
fn the_markdown_of_an_address_leads_back_to_it() {
    let address = format!("https://plan.example/#{TECHPULSE}");
    let said = run(&["report", "--format", "markdown", &address]);
    ends(&said, 0, &format!("(<{address}>)"), "");
}

#[test]
fn a_plan_that_fails_a_check_ends_with_one() {
    for verb in ["report", "flags", "groups", "ranks", "link"] {
        let said = run(&[verb, TOO_MUCH_FOR_A_GPU]);
        assert_eq!(said.code, 1, "{verb}: {}", said.err);
        assert!(!said.out.is_empty());
        assert!(said.err.contains("error: "), "{verb}: {}", said.err);
        assert!(
            said.err.contains("cluster.gpu_memory_bytes"),
            "{}",
            said.err
        );
    }
    let flags = run(&["flags", TOO_MUCH_FOR_A_GPU]).out;
    assert!(
        flags.starts_with("# WARNING: this plan is not valid."),
        "{flags}"
    );
}

#[test]
fn entries_of_a_wrong_type_are_reported_and_end_with_two() {
    let said = run_on(WRONG_TYPE, &["report", "-"]);
    ends(
        &said,
        2,
        "Not valid",
        "error: parallel.tensor_model_parallel_size: TP tensor “[2]” is a list",
    );
    let json = run_on(WRONG_TYPE, &["report", "-", "--format", "json"]);
    let report: Value = serde_json::from_str(&json.out).expect("JSON");
    assert_eq!(
        report["problems"][0]["field"],
        "parallel.tensor_model_parallel_size"
    );
    ends(
        &run_on(WRONG_TYPE, &["link", "-"]),
        2,
        "u-tp-_5B2_5D",
        "is a list",
    );
    refused(&run_on(WRONG_TYPE, &["flags", "-"]), "is a list");
    refused(&run_on(WRONG_TYPE, &["groups", "-"]), "is a list");
    refused(&run_on(WRONG_TYPE, &["ranks", "-"]), "is a list");
}

#[test]
fn an_unknown_field_is_a_warning() {
    let json = r#"{"model": {"preset": "guide-7b"}, "parallel": {"zero_stage": 1},
        "cluster": {"node": "p5-48xlarge"}}"#;
    ends(
        &run_on(json, &["report", "-"]),
        0,
        "",
        "warning: parallel.zero_stage: ",
    );
}

#[test]
fn what_cannot_be_read_is_refused() {
    refused(
        &run(&["report", "v1.tp-2.pp-4"]),
        "The link is cut off after “tp-2”",
    );
    refused(&run(&["groups", "v1.tp"]), "The link is cut off");
    refused(&run(&["report", "v2.tp-2.z"]), "newer version");
    refused(
        &run(&["report", "no-such-file.json"]),
        "“no-such-file.json” is neither a file nor",
    );
    refused(&run_on("{", &["report", "-"]), "standard input is not JSON");
    refused(&run_on("", &["report", "-"]), "standard input is not JSON");
    refused(&run_on("7", &["report", "-"]), "no object");
    refused(&run_on("[]", &["report", "-"]), "no object");
    let path = file("broken.json", "{\"model\": }");
    refused(
        &run(&["link", path.to_str().expect("UTF-8")]),
        "broken.json” is not JSON",
    );
    let text = r#"{"cluster": "big"}"#;
    ends(
        &run_on(text, &["report", "-"]),
        2,
        "Not valid",
        "“cluster” is text, where a group",
    );
}

/// The path of a script or a model's configuration among the tests.
fn import(name: &str) -> String {
    format!("{}/tests/import/{name}", env!("CARGO_MANIFEST_DIR"))
}

#[test]
fn a_launch_script_is_a_plan() {
    let said = run(&["report", &import("gpt3-175b.sh")]);
    ends(
        &said,
        1,
        "DP 8",
        "note: Arguments that are no part of a plan: 25",
    );
    let link = run(&["link", &import("deepseek-v3.sh")]);
    ends(
        &link,
        0,
        ".mla-1.qlora-1536.",
        "note: Line 38: $@ is not set in the text",
    );
    let yaml = std::fs::read_to_string(import("functional-test.yaml")).expect("YAML");
    ends(
        &run_on(&yaml, &["flags", "-"]),
        0,
        "--pipeline-model-parallel-layout 'Et|t*4|t*6|tL'",
        "note: The text does not say how many GPUs",
    );
    let overrides = run(&["flags", &import("bridge.sh"), "--format", "megatron"]);
    ends(
        &overrides,
        0,
        "--tensor-model-parallel-size 4",
        "Overrides change a recipe.",
    );
}

#[test]
fn a_stage_tells_its_mtp_layer_and_a_total_what_it_leaves_out() {
    let link = "v1.m-deepseek-v3.node-dgx-h100.nodes-2.pp-2.first-31.ep-8.z";
    let stage = "layers 31–60  1 micro-batch in flight  1 MTP layer, head";
    ends(&run(&["report", link]), 1, stage, "");
    let text = "torchrun --nproc-per-node 8 t.py --num-layers 4 --hidden-size 512 \
                --num-attention-heads 8";
    ends(
        &run_on(text, &["report", "-"]),
        0,
        "The vocabulary is not told: embedding and head are not counted. The total is too low",
        "",
    );
}

#[test]
fn a_models_configuration_is_a_plan() {
    ends(
        &run(&["link", &import("qwen3-8b.json")]),
        0,
        "v1.layers-36.hidden-4096.",
        "warning: cluster.gpu_memory_bytes",
    );
}

#[test]
fn a_script_with_a_figure_that_it_does_not_tell_is_not_read_in_full() {
    let text = "torchrun --nproc-per-node 8 t.py --tensor-model-parallel-size $TP";
    ends(
        &run_on(text, &["report", "-"]),
        2,
        "Not valid",
        "note: Line 1: --tensor-model-parallel-size is $TP, which the text does not set.",
    );
    refused(&run_on(text, &["groups", "-"]), "not read in full");
}

/// World 16, TP 2, PP 2, EP 4, ETP 1, as Megatron was run on it.
#[test]
fn groups_refuses_what_megatron_refuses() {
    let errors = include_str!("reference/rank_groups/errors.json");
    let errors: serde_json::Value = serde_json::from_str(errors).expect("JSON");
    for case in errors["errors"].as_array().expect("a list") {
        // A model with experts, whose memory is no matter here.
        let plan = serde_json::json!({
            "model": {"preset": "mixtral-8x7b", "num_experts": 24},
            "cluster": {"gpus_per_node": case["world"]},
            "parallel": case["args"],
        });
        let said = run_on(&plan.to_string(), &["groups", "-"]);
        let refused = (2, true);
        let taken = (said.code, said.out.is_empty());
        assert_eq!(
            taken == refused,
            !case["error"].is_null(),
            "{case}: {}",
            said.err
        );
    }
}

#[test]
fn flags_and_groups_of_the_worked_example_agree() {
    let plan = r#"{"model": {"preset": "mixtral-8x7b"},
        "cluster": {"gpu": "h100-sxm-80gb", "num_nodes": 2},
        "parallel": {"tensor_model_parallel_size": 2, "pipeline_model_parallel_size": 2,
            "expert_model_parallel_size": 4, "expert_tensor_parallel_size": 1,
            "expert_accounting": "folded"}, "batch": {"global_batch_size": 64}}"#;
    let flags = run_on(plan, &["flags", "-"]).out;
    let groups = run_on(&flags, &["groups", "-"]).out;
    assert_eq!(groups, run_on(plan, &["groups", "-"]).out);
    assert!(groups.contains("\"ep\":[[0,1,2,3],[4,5,6,7],"), "{groups}");
}

#[test]
fn the_notes_on_a_link_are_said() {
    let said = run(&[
        "report",
        &format!("{}.tp-2.z", TECHPULSE.trim_end_matches(".z")),
    ]);
    ends(&said, 0, "Valid", "note: The link says “tp” more than once");
}

#[test]
fn a_wrong_call_prints_the_usage() {
    refused(&run(&[]), "A verb is missing.");
    refused(&run(&["report"]), "“meshplan report” needs a plan.");
    refused(
        &run(&["diagnose", TECHPULSE]),
        "There is no verb “diagnose”.",
    );
    refused(
        &run(&["report", TECHPULSE, "more"]),
        "“more” is one word too many.",
    );
    refused(
        &run(&["report", TECHPULSE, "--format", "xml"]),
        "does not know the format “xml”",
    );
    refused(
        &run(&["groups", TECHPULSE, "--format", "json"]),
        "does not know the format",
    );
    refused(
        &run(&["report", TECHPULSE, "--colour"]),
        "There is no option “--colour”.",
    );
    refused(
        &run(&["report", TECHPULSE, "--format"]),
        "--format needs a value.",
    );
    assert!(run(&[]).err.contains("Usage: meshplan VERB PLAN"));
}

#[test]
fn a_line_stays_a_line_whatever_a_link_brings_along() {
    let said = run(&[
        "flags",
        "v1.m-a_0Arm_20-rf_20_7E_1B_5B2J.node-p4d-24xlarge.z",
    ]);
    let hostile = |line: &&str| line.starts_with("rm") || line.contains('\u{1b}');
    assert!(!said.out.lines().any(|line| hostile(&line)), "{}", said.out);
    assert!(!said.err.lines().any(|line| hostile(&line)), "{}", said.err);
}

/// Whether a line of a shell, of Python, of a terminal or of a table begins or turns where a name
/// or a note says so.
#[track_caller]
fn keeps_its_lines(said: &Said) {
    for line in said.out.lines().chain(said.err.lines()) {
        let begins = |word| line.trim_start().starts_with(word);
        assert!(!begins("rm") && !begins("import os"), "{line}");
        assert!(!line.contains(['\u{1b}', '\u{202e}']), "{line}");
    }
}

#[test]
fn a_name_and_a_note_stay_in_their_lines() {
    for format in ["megatron", "nemo", "bridge"] {
        let said = run(&["flags", HOSTILE, "--format", format]);
        ends(
            &said,
            0,
            "# coding: utf-7 a|<img>[x](y)`&#x202e;: 7B dense",
            "",
        );
        let note = "\n# +AAo-import os rm -rf ~ [2J \\\n# Add what is no part of the plan";
        ends(&said, 0, note, "");
        keeps_its_lines(&said);
    }
    let flags = run(&["flags", HOSTILE]).out;
    let again = run_on(&flags, &["link", "-"]);
    assert_eq!(
        again.out,
        run_on(&run(&["flags", TECHPULSE]).out, &["link", "-"]).out
    );
    for args in [&["report", HOSTILE][..], &["compare", TECHPULSE, HOSTILE]] {
        let said = run(args);
        ends(&said, 0, "+AAo-import os rm -rf ~ [2J \\", "");
        keeps_its_lines(&said);
    }
}

/// Python takes the encoding of a file from a comment of its first two lines, and text in UTF-7 may
/// turn into a line of code.
#[test]
fn no_name_tells_python_the_encoding_of_a_snippet() {
    for plan in [TECHPULSE, HOSTILE, "v1.m-coding_3A_20utf-7.z"] {
        let text = run(&["flags", plan, "--format", "nemo"]).out;
        assert!(text.starts_with("# -*- coding: utf-8 -*-\n"), "{text}");
    }
}

#[test]
fn a_name_and_a_note_stay_in_their_cells() {
    let name = r"coding: utf-7 a\|\<img\>\[x\](y)\`\&#x202e;";
    let note = r"+AAo-import os rm -rf \~ \[2J \\";
    let report = run(&["report", "--format", "markdown", HOSTILE]);
    ends(
        &report,
        0,
        &format!("| Name | {name} |\n| Note | {note} |\n"),
        "",
    );
    keeps_its_lines(&report);
    let both = run(&["compare", "--format", "markdown", TECHPULSE, HOSTILE]);
    ends(&both, 0, &format!("- **B**: {name}: 7B dense"), "");
    let rows = format!("| Name | not said | {name} |  |\n| Note | not said | {note} |  |\n");
    ends(&both, 0, &rows, "");
    keeps_its_lines(&both);
}

#[test]
fn a_link_that_has_no_room_for_an_entry_says_so() {
    let long = [
        "{\"model\": {\"num_layers\": 2}, \"x\": \"",
        &"y".repeat(3000),
        "\"}",
    ]
    .concat();
    let said = run_on(&long, &["link", "-"]);
    assert!(said.out.contains(".lost-1.z"), "{}", said.out);
    assert!(
        said.err.contains("Entries that it leaves out: 1."),
        "{}",
        said.err
    );
}

#[test]
fn a_table_of_ranks_has_no_word_of_a_name() {
    let said = run(&["ranks", HOSTILE]);
    assert_eq!(said.out, run(&["ranks", TECHPULSE]).out);
}

#[test]
fn a_comparison_ends_with_the_status_of_the_worse_plan() {
    let fails = run(&["compare", TECHPULSE, TOO_MUCH_FOR_A_GPU]);
    ends(&fails, 1, "Not valid", "error: B: parallel");
    let other_way = run(&["compare", TOO_MUCH_FOR_A_GPU, TECHPULSE]);
    ends(&other_way, 1, "Not valid", "error: A: parallel");
    let half_read = run_on(WRONG_TYPE, &["compare", TOO_MUCH_FOR_A_GPU, "-"]);
    ends(
        &half_read,
        2,
        "Not read: parallel.tensor_model_parallel_size",
        "error: B: ",
    );
    refused(&run(&["compare", TECHPULSE, "v2.z"]), "newer version");
    refused(
        &run(&["compare", "v1.tp-2.pp-4", TECHPULSE]),
        "The link is cut off",
    );
}

#[test]
fn a_comparison_takes_two_plans_or_one_link_of_both() {
    let two = run(&["compare", TECHPULSE, FOUR_NODES]);
    let one = run(&["compare", TWO_PLANS]);
    assert_eq!((one.code, &one.out, &*one.err), (0, &two.out, ""));
    let same = run_on(TECHPULSE, &["compare", "-", TECHPULSE]);
    ends(&same, 0, "\nA and B do not differ.\n", "");
    let taken = run(&["compare", TECHPULSE, TWO_PLANS]);
    let note = "note: B: the link holds two plans; the first of them is taken.";
    ends(&taken, 0, "A and B do not differ.", note);
    let address = format!("https://plan.example/tool/?embed#{TWO_PLANS}");
    let link = format!("[Open both plans](<https://plan.example/tool/#{TWO_PLANS}>)\n");
    ends(
        &run(&["compare", &address, "--format", "markdown"]),
        0,
        &link,
        "",
    );
    refused(
        &run(&["compare", TECHPULSE]),
        "needs two plans, or a link that holds two",
    );
    refused(&run(&["compare", "-", "-"]), "only one of two plans");
    refused(&run(&["compare"]), "“meshplan compare” needs a plan.");
    refused(
        &run(&["compare", "a", "b", "c"]),
        "“c” is one word too many.",
    );
    refused(
        &run(&["compare", TWO_PLANS, "--format", "json"]),
        "“meshplan compare” does not know the format “json”",
    );
    refused(
        &run(&["compare", TWO_PLANS, "--theme", "dark"]),
        "“meshplan compare” has no option “--theme”",
    );
}

#[test]
fn of_a_link_of_two_plans_the_first_is_taken_and_that_is_said() {
    let note = "note: the link holds two plans; this is the first, A.\n";
    for verb in ["report", "groups", "flags", "ranks", "diagram"] {
        let said = run(&[verb, TWO_PLANS]);
        assert_eq!((said.code, &*said.err), (0, note), "{verb}");
        assert_eq!(said.out, run(&[verb, TECHPULSE]).out, "{verb}");
    }
    let link = run(&["link", TWO_PLANS]);
    assert_eq!((&*link.out, &*link.err), (&*format!("{TWO_PLANS}\n"), ""));
    let fails = "v1.m-guide-7b.node-p4d-24xlarge.nodes-2.tp-2.mbs-2.gbs-512.vs.tp-16.z";
    ends(&run(&["link", fails]), 1, fails, "error: B: parallel");
}

#[test]
fn ranks_are_refused_where_groups_are() {
    for plan in [
        "v1.m-guide-7b.node-p4d-24xlarge.tp-3.z",
        "v1.m-guide-7b.node-p4d-24xlarge.nodes-1000000.z",
        "v1.m-guide-7b.node-p9.z",
    ] {
        let reason = run(&["groups", plan]).err;
        refused(&run(&["ranks", plan]), &reason);
        assert!(reason.contains("meshplan: "), "{reason}");
    }
    refused(
        &run(&["ranks", TECHPULSE, "--format", "csv"]),
        "“meshplan ranks” does not know the format “csv”",
    );
}

#[test]
fn a_cell_of_markdown_stays_a_cell() {
    let link = "v1.m-a_7C_3Cimg_3E_5Bx_5D_28y_29_60.node-p4d-24xlarge.z";
    let said = run(&["report", "--format", "markdown", link]);
    assert!(
        said.out
            .contains(r"“a\|\<img\>\[x\](y)\`” is not in the table"),
        "{}",
        said.out
    );
}

#[test]
fn a_reader_that_has_seen_enough_is_no_error() {
    let large = "v1.m-guide-7b.node-p4d-24xlarge.nodes-8192.gbs-65536.z";
    let mut child = Command::new(env!("CARGO_BIN_EXE_meshplan"))
        .args(["groups", large])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program");
    drop(child.stdout.take());
    let said = child.wait_with_output().expect("an end");
    let err = String::from_utf8_lossy(&said.stderr);
    assert!(
        !err.contains("panicked") && !err.contains("cannot write"),
        "{err}"
    );
}

#[test]
fn the_report_has_the_paths_that_scripts_rely_on() {
    let said = run(&["report", TECHPULSE, "--format", "json"]);
    let report: Value = serde_json::from_str(&said.out).expect("JSON");
    for (path, value) in [
        ("/sizes/world_size", json!(16)),
        ("/sizes/tensor_model_parallel_size", json!(2)),
        ("/sizes/data_parallel_size", json!(8)),
        ("/sizes/expert_data_parallel_size", json!(8)),
        ("/sizes/num_microbatches", json!(32)),
        ("/sizes/batch_divisor", json!(16)),
        ("/checks/0/id", json!("tensor_parallel_size")),
        ("/checks/0/status", json!("pass")),
        ("/checks/0/source", json!("guide")),
        ("/checks/0/fix", Value::Null),
        ("/memory/guide/weights", json!(7_000_000_000_u64)),
        ("/memory/guide/optimizer", json!(5_250_000_000_u64)),
        ("/memory/guide/activations", json!(10_737_418_240_u64)),
        ("/memory/guide/capacity", json!(40_000_000_000_u64)),
        ("/memory/guide/fits", json!(true)),
        ("/memory/stages/0/optimizer", json!(5_250_000_000_u64)),
        ("/communication/0/dimension", json!("tp")),
        ("/communication/0/link", json!("intra_node")),
        ("/pipeline/bubble_fraction", json!(0.0)),
        ("/batch/valid_global_batch_sizes/0", json!(16)),
        ("/advice/steps/4/step", json!(5)),
    ] {
        assert_eq!(report.pointer(path), Some(&value), "{path}");
    }
}

/// The plan of a configuration that Megatron-LM was run with.
fn plan_of(world_size: u64, args: &Value) -> Value {
    let order = args
        .get("order")
        .cloned()
        .unwrap_or(json!("tp-cp-ep-dp-pp"));
    let mut parallel = args.clone();
    let entries = parallel.as_object_mut().expect("arguments");
    entries.insert("order".to_owned(), order);
    // It shards the optimizer over a part of the ranks and leaves the nine groups as they are.
    entries.remove("num_distributed_optimizer_instances");
    let nodes = world_size / 8;
    json!({ "cluster": { "num_nodes": nodes, "gpus_per_node": 8 }, "parallel": parallel })
}

#[test]
fn groups_are_those_that_megatron_forms() {
    const NAMES: [(&str, &str); 9] = [
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
    let mut seen = 0;
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/reference/rank_groups");
    for entry in std::fs::read_dir(folder).expect("the folder") {
        let path = entry.expect("an entry").path();
        let text = std::fs::read_to_string(&path).expect("a file");
        let reference: Value = serde_json::from_str(&text).expect("JSON");
        let Some(expected) = reference.get("groups") else {
            continue;
        };
        let world = reference["world_size"].as_u64().expect("a size");
        let said = run_on(
            &plan_of(world, &reference["args"]).to_string(),
            &["groups", "-"],
        );
        let groups: Value = serde_json::from_str(&said.out).expect(&said.err);
        assert_eq!(groups.as_object().expect("an object").len(), NAMES.len());
        for (ours, theirs) in NAMES {
            assert_eq!(
                groups[ours],
                expected[theirs],
                "{ours} of {}",
                path.display()
            );
        }
        seen += 1;
    }
    assert_eq!(seen, 13);
}

#[test]
fn groups_that_megatron_refuses_are_refused() {
    let text = include_str!("reference/rank_groups/errors.json");
    let errors: Value = serde_json::from_str(text).expect("JSON");
    let mut seen = 0;
    for case in errors["errors"].as_array().expect("cases") {
        let world = case["world"].as_u64().expect("a size");
        let known = ["tp-cp-ep-dp-pp", "tp-cp-ep-pp-dp"].map(Value::from);
        let order = case["args"].get("order");
        let is_field = |name: &String| {
            !name.starts_with("gtp") && !name.contains("instances") && !name.starts_with("hier")
        };
        let args = case["args"].as_object().expect("arguments");
        // A plan has no other order, no weight shards and no hierarchy.
        if !args.keys().all(is_field) || order.is_some_and(|order| !known.contains(order)) {
            continue;
        }
        let mut plan = plan_of(world, &case["args"]);
        if world % 8 != 0 {
            plan["cluster"] = json!({ "num_nodes": 1, "gpus_per_node": world });
        }
        let said = run_on(&plan.to_string(), &["groups", "-"]);
        match case["error"].as_str() {
            Some(_) => refused(&said, "meshplan: parallel"),
            None => assert!(said.out.starts_with("{\"tp\":[["), "{}", said.err),
        }
        seen += 1;
    }
    assert_eq!(seen, 6);
}

#[test]
fn groups_do_not_rest_on_a_guess() {
    refused(
        &run(&["groups", "v1.m-guide-7b.node-p4d-24xlarge.tp-0.z"]),
        "TP tensor 0 must be",
    );
    refused(
        &run(&["groups", "v1.m-guide-7b.node-p9.z"]),
        "meshplan: cluster.node: Node type “p9”",
    );
    assert!(
        run(&["groups", "v1.gpn-4.node-p9.z"])
            .out
            .starts_with("{\"tp\"")
    );
}

#[test]
fn more_gpus_than_can_be_listed_are_refused() {
    let many = run(&["groups", "v1.m-guide-7b.node-p4d-24xlarge.nodes-1000000.z"]);
    refused(
        &many,
        "cluster.num_nodes: 8000000 GPUs are more than the 1048576",
    );
}

/// What the program draws, an SVG.
fn svg_of(args: &[&str]) -> String {
    let said = run(args);
    assert_eq!(said.code, 0, "{args:?}: {}", said.err);
    let file = roxmltree::Document::parse(&said.out).expect("an SVG");
    assert_eq!(file.root_element().tag_name().name(), "svg");
    said.out
}

#[test]
fn a_diagram_is_an_svg_in_the_colour_and_theme_that_are_asked_for() {
    let plain = svg_of(&["diagram", TECHPULSE]);
    assert!(plain.contains("coloured by TP: 8 groups of 2, all inside a node."));
    assert!(plain.contains("fill=\"#fff\""), "a light ground");
    assert_eq!(
        plain,
        svg_of(&[
            "diagram",
            "--picture",
            "grid",
            "--color=tp",
            "--theme",
            "light",
            TECHPULSE
        ])
    );
    for (color, words) in [
        ("pp", "PP is 1"),
        ("dp", "2 groups of 8, all cross nodes"),
        ("ep", "the model has no experts"),
        ("cp", "CP is 1"),
        ("etp", "the model has no experts"),
        ("edp", "the model has no experts"),
        ("stage", "1 stage"),
        ("memory", "33.99 GB on each GPU"),
        ("parameters", "3.5 B on each GPU"),
        ("network", "GB on each GPU"),
    ] {
        let svg = svg_of(&["diagram", TECHPULSE, "--color", color]);
        assert!(svg.contains(words), "{color}: {svg}");
    }
    assert!(svg_of(&["diagram", TECHPULSE, "--theme=dark"]).contains("fill=\"#1b1b19\""));
    assert!(svg_of(&["diagram", TECHPULSE, "--picture", "all"]).contains("GPUs by TP"));
}

#[test]
fn a_diagram_says_what_it_does_not_know() {
    let with = |option: &str, value: &str| run(&["diagram", TECHPULSE, option, value]);
    refused(
        &with("--color", "rank"),
        "“--color rank” is not known; there are tp, pp, dp",
    );
    refused(
        &with("--picture", "map"),
        "“--picture map” is not known; there are grid",
    );
    refused(&with("--theme", "blue"), "there are light, dark");
    refused(&with("--format", "png"), "does not know the format “png”");
    refused(
        &run(&["diagram", TECHPULSE, "--color"]),
        "--color needs a value",
    );
    refused(&run(&["diagram"]), "needs a plan");
    refused(
        &run(&["report", TECHPULSE, "--theme", "dark"]),
        "“meshplan report” has no option “--theme”",
    );
}

#[test]
fn a_diagram_of_a_plan_that_fails_is_written_all_the_same() {
    let said = run(&["diagram", TOO_MUCH_FOR_A_GPU]);
    ends(&said, 1, "Not valid", "error: ");
    roxmltree::Document::parse(&said.out).expect("an SVG");
}

#[test]
fn no_diagram_is_given_of_what_is_not_drawn_or_not_read() {
    let all = "v1.m-guide-7b.node-p4d-24xlarge.nodes-1048576.tp-2.z";
    refused(&run(&["diagram", all]), "are not drawn");
    refused(&run_on(WRONG_TYPE, &["diagram", "-"]), "not read in full");
}

#[test]
fn a_picture_that_was_saved_opens_its_plan() {
    let address = format!("https://plan.example/tool/?embed=1#{TECHPULSE}");
    for (name, plan, page) in [
        ("fragment.svg", TECHPULSE, ""),
        ("address.svg", &address, "https://plan.example/tool/#"),
    ] {
        let path = file(name, &run(&["diagram", plan]).out);
        let path = path.to_str().expect("UTF-8");
        ends(&run(&["link", path]), 0, TECHPULSE, "");
        let again = run(&["report", "--format", "markdown", path]);
        assert_eq!(
            again.out.contains(&format!("(<{page}{TECHPULSE}>)")),
            !page.is_empty()
        );
    }
    let svg = run(&["diagram", TECHPULSE]).out;
    ends(&run_on(&svg, &["report", "-"]), 0, "33.99 of 40 GB", "");
}

#[test]
fn a_png_with_a_link_opens_its_plan() {
    let header = [b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR".as_slice(), &[0; 17]].concat();
    let write = |name: &str, bytes: &[u8]| {
        let path = file(name, "");
        std::fs::write(&path, bytes).expect("a file");
        path.to_str().expect("UTF-8").to_owned()
    };
    let png = meshplan::export::png::with_link(&header, "A plan", TECHPULSE).expect("a PNG");
    ends(&run(&["link", &write("plan.png", &png)]), 0, TECHPULSE, "");
    let none = "This picture holds no plan: only pictures saved from Meshplan do.";
    refused(&run(&["link", &write("other.png", &header)]), none);
    refused(
        &run(&["link", &write("photo.jpg", b"\xff\xd8\xff\xe0")]),
        none,
    );
    refused(
        &run(&["link", &write("noise.bin", b"\xfe\xfe\xfe")]),
        "cannot be read",
    );
    refused(
        &run_on(
            "<svg xmlns='http://www.w3.org/2000/svg'/>",
            &["report", "-"],
        ),
        none,
    );
}
