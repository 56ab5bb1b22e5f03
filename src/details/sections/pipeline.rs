//! The stages of the pipeline, its bubble, and its schedule drawn.

use super::super::{Shown, origin, state};
use super::{Section, cell, choice, paragraph, table};
use meshplan::core::Report;
use meshplan::core::explain::{StageRun, stage_runs};
use meshplan::core::pipeline::{Bubble, Layers};
use meshplan::core::schedule::Kind;
use meshplan::core::units::{counted, grouped};
use meshplan::diagram::schedule_figure;
use meshplan::dom::{Element, div, el, figure, span};

/// The pipeline.
pub fn section(shown: &Shown) -> Section {
    let report = &shown.report;
    let mut header = vec![span("sub").text(summary(report, shown.choices.gpipe))];
    if report.pipeline.schedule == "none" {
        return (header, vec![one_stage(report)]);
    }
    let own = Kind::of(&shown.plan);
    header.extend([span("grow"), orders(own, shown.choices.gpipe)]);
    let halves = vec![stages(report), bubbles(report)];
    let mut body = vec![div("halves").children(halves)];
    let kind = if shown.choices.gpipe {
        Kind::Gpipe
    } else {
        own
    };
    match schedule_figure(&shown.plan, kind) {
        Ok(drawn) => body.extend(figure(drawn)),
        Err(reason) => body.push(paragraph("sub", reason)),
    }
    (header, body)
}

/// The plan's own order, and GPipe's to compare it with.
fn orders(own: Kind, gpipe: bool) -> Element {
    let plans = ["This plan’s, ", own.label()].concat();
    let buttons = [(plans, false), (Kind::Gpipe.label().to_owned(), true)];
    let buttons = buttons.into_iter().map(|(label, each)| {
        choice(["", ""], each == gpipe, label, move || {
            state::choose(|choices| choices.gpipe = each)
        })
    });
    span("seg")
        .children(buttons)
        .attr("role", "group")
        .attr("aria-label", "Schedule to draw")
}

/// What is planned, and that GPipe is only compared.
fn summary(report: &Report, gpipe: bool) -> String {
    let s = &report.sizes;
    let schedule = match report.pipeline.schedule {
        "1f1b" => " · 1F1B".to_owned(),
        "interleaved" => {
            let vpp = s.virtual_pipeline_model_parallel_size;
            format!(" · interleaved, VPP {vpp}")
        }
        _ => String::new(),
    };
    let compared = if gpipe { ", with GPipe drawn" } else { "" };
    format!(
        "PP {} · {}{schedule}{compared}",
        grouped(s.pipeline_model_parallel_size),
        counted(
            report.pipeline.num_microbatches,
            "micro-batch",
            "micro-batches"
        )
    )
}

fn one_stage(report: &Report) -> Element {
    let text = format!(
        "There is one stage: every GPU computes all {}, and none waits for another stage. The \
         bubble is {}.",
        counted(report.model.num_layers, "layer", "layers"),
        Bubble::text(report.pipeline.bubble, |bubble| bubble.of_computing)
    );
    paragraph("", text)
}

fn stages(report: &Report) -> Element {
    let in_flight = if report.pipeline.schedule == "interleaved" {
        "#In flight, chunks of micro-batches"
    } else {
        "#In flight, micro-batches"
    };
    let rows = stage_runs(&report.pipeline.stages)
        .iter()
        .map(|run| {
            vec![
                cell(stage_name(run)),
                cell(holds(run)),
                cell(range(run.in_flight_first, run.in_flight_last)),
            ]
        })
        .collect();
    table(&["Stage", "Holds", in_flight], rows)
}

fn range(first: u64, last: u64) -> String {
    if first == last {
        grouped(first)
    } else {
        format!("{} to {}", grouped(first), grouped(last))
    }
}

/// `Stage 3`, or `Stages 1 to 6`.
pub fn stage_name(run: &StageRun) -> String {
    let name = if run.first == run.last {
        "Stage"
    } else {
        "Stages"
    };
    format!("{name} {}", range(run.first, run.last))
}

/// `embedding, 8 layers: 0 to 7, head`.
fn holds(run: &StageRun) -> String {
    let mut text = String::new();
    if run.embedding {
        text.push_str("embedding, ");
    }
    text.push_str(&counted(run.num_layers, "layer", "layers"));
    text.push_str(if run.first == run.last {
        ": "
    } else {
        " each: "
    });
    text.push_str(&places(&run.chunks));
    if run.head {
        text.push_str(", head");
    }
    text
}

/// Ranges of layers or experts, each with its last one: `0 to 7, 16 to 23`.
pub fn places(ranges: &[Layers]) -> String {
    let parts: Vec<String> = ranges
        .iter()
        .map(|r| match r.end.checked_sub(1) {
            Some(last) if last >= r.first => range(r.first, last),
            _ => "none".to_owned(),
        })
        .collect();
    parts.join(", ")
}

fn bubbles(report: &Report) -> Element {
    let pipeline = &report.pipeline;
    let shares = [
        (
            "Bubble against the computing time, by the guide",
            Bubble::text(pipeline.bubble, |bubble| bubble.of_computing),
        ),
        (
            "Bubble of the whole step",
            Bubble::text(pipeline.bubble, |bubble| bubble.of_step),
        ),
    ];
    let rows = shares
        .into_iter()
        .zip(&pipeline.formulas)
        .map(|((name, share), formula)| {
            let figures = vec![el("span").text(name), el("span").text(share)];
            let row = origin::opening("amount", figures, origin::formula(formula));
            el("li").child(row)
        });
    el("ul").class("rows").children(rows)
}
