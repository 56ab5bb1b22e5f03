//! The global batch: its divisor, the valid sizes, and the same plan on other numbers of nodes.

use super::super::Shown;
use super::{Section, cell, chips, edit_button, paragraph, sometimes, table};
use meshplan::core::batch::NodeChange;
use meshplan::core::config::{Edit, Field};
use meshplan::core::explain::megatron_takes_batch;
use meshplan::core::number::divides;
use meshplan::core::units::{counted, grouped};
use meshplan::core::{Plan, Report};
use meshplan::dom::{Element, Node, div, el, span};

/// Said where DP is no whole number.
const NO_DP: &str = "The parallel sizes do not divide the GPUs, so there is no DP that the global \
    batch could be a multiple of. The checks say which sizes would do.";

/// The batch.
pub fn section(shown: &Shown) -> Section {
    let (report, plan) = (&shown.report, &shown.plan);
    let global = format!("global batch {}", grouped(report.batch.global_batch_size));
    let here = report.batch.node_changes.iter();
    let mut here = here.filter(|c| c.num_nodes == report.cluster.num_nodes);
    let sizes = if here.any(|c| c.sizes_fit) {
        vec![
            paragraph("", divisor(plan, report)),
            sometimes(both_dp(plan, report)),
            sizes(report),
            paragraph("sub", replica(plan, report)),
        ]
    } else {
        vec![paragraph("callout", NO_DP)]
    };
    let nodes = vec![
        el("h3").text("When the number of nodes changes"),
        node_changes(plan, report),
    ];
    let halves = vec![el("div").children(sizes), el("div").children(nodes)];
    let header = vec![span("sub").text(global)];
    (header, vec![div("halves").children(halves)])
}

fn divisor(plan: &Plan, report: &Report) -> String {
    format!(
        "The global batch must be a multiple of micro batch {} · DP {} = {}.",
        grouped(plan.config.batch.micro_batch_size),
        grouped(report.sizes.data_parallel_size.max(1)),
        grouped(report.batch.divisor)
    )
}

/// Guide and Megatron count the replicas of a model with experts differently.
fn both_dp(plan: &Plan, report: &Report) -> Option<Element> {
    let s = &report.sizes;
    (s.guide_data_parallel_size != s.megatron_data_parallel_size).then(|| {
        let text = format!(
            "The guide divides the GPUs by EP too and counts DP {}; Megatron takes EP from the \
             data-parallel ranks and counts DP {}, so it starts only with a multiple of \
             {} · {} = {}.",
            grouped(s.guide_data_parallel_size),
            grouped(s.megatron_data_parallel_size),
            grouped(plan.config.batch.micro_batch_size),
            grouped(s.megatron_data_parallel_size.max(1)),
            grouped(report.batch.megatron_divisor)
        );
        paragraph("callout", text)
    })
}

fn sizes(report: &Report) -> Element {
    let batch = &report.batch;
    let sizes = batch
        .valid_global_batch_sizes
        .iter()
        .map(|&size| {
            let mut label = grouped(size);
            if !divides(batch.megatron_divisor, size) {
                label.push_str(" (guide only)");
            }
            let edit = Edit::count(Field::GlobalBatch, size);
            (label, size == batch.global_batch_size, edit)
        })
        .collect();
    chips(sizes).attr("aria-label", "Valid global batch sizes")
}

fn replica(plan: &Plan, report: &Report) -> String {
    let s = &report.sizes;
    let shared = if s.num_microbatches == s.megatron_num_microbatches {
        ""
    } else {
        ", shared by its EP ranks"
    };
    format!(
        "Each replica computes {} a step{shared}: {} of {} on each GPU. A step is {} tokens.",
        counted(report.batch.sequences_per_replica, "sequence", "sequences"),
        counted(s.megatron_num_microbatches, "micro-batch", "micro-batches"),
        grouped(plan.config.batch.micro_batch_size),
        grouped(report.batch.tokens_per_step)
    )
}

fn node_changes(plan: &Plan, report: &Report) -> Element {
    let columns = ["Nodes", "#GPUs", "#DP", "#Divisor", "Global batch"];
    let changes = report.batch.node_changes.iter();
    table(&columns, changes.map(|c| change(plan, report, c)).collect())
}

fn change(plan: &Plan, report: &Report, change: &NodeChange) -> Vec<Node> {
    let global = grouped(report.batch.global_batch_size);
    let fitting = |n: u64| {
        if change.sizes_fit {
            grouped(n)
        } else {
            "–".to_owned()
        }
    };
    let (class, verdict) = match (change.sizes_fit, change.global_batch_is_valid) {
        (false, _) => ("bad", "the sizes do not divide the GPUs".to_owned()),
        (true, true) if !megatron_takes_batch(plan, change.world_size) => {
            let text = format!("{global} is valid by the guide, but Megatron refuses it");
            ("warn", text)
        }
        (true, true) => ("ok", format!("{global} is valid")),
        (true, false) => {
            let near = grouped(change.nearest_valid);
            ("warn", format!("{global} is not, {near} is the nearest"))
        }
    };
    let end = match &change.edit {
        _ if change.num_nodes == report.cluster.num_nodes => span("sub").text("this plan"),
        Some(edit) => edit_button("btn small", "Use".to_owned(), edit).attr("title", edit.label()),
        None => el("span"),
    };
    vec![
        cell(grouped(change.num_nodes)),
        cell(grouped(change.world_size)),
        cell(fitting(change.data_parallel_size)),
        cell(fitting(change.divisor)),
        div("say")
            .child(span(class).text(verdict))
            .child(end)
            .into(),
    ]
}
