//! The verdict: what a reviewer must see in seconds.

use super::dom::{Element, Str, div, el, span};
use super::state::App;
use crate::core::Report;
use crate::core::checks::Status;
use crate::core::units::{MemoryUnit, grouped, percent};
use leptos::prelude::*;

/// The class and the sign of a status; the words beside it say the same.
pub fn sign(status: Status) -> (&'static str, &'static str) {
    match status {
        Status::Pass => ("ok", "✓"),
        Status::Warn => ("warn", "!"),
        Status::Fail => ("bad", "✕"),
        Status::NotApplicable => ("sub", "–"),
    }
}

/// The verdict's row of figures.
pub fn verdict(app: App) -> Vec<Element> {
    let unit = app.chosen(|choices| choices.unit);
    app.report.with(|report| {
        let (class, mark) = sign(report.verdict.status);
        let badge = span("badge")
            .class(format!("badge {class}"))
            .child(el("span").attr("aria-hidden", "true").text(mark))
            .text(report.verdict.headline);
        vec![
            el("h1").class("visually-hidden").text("Meshplan"),
            div("verdict-badge").child(badge),
            memory(report, unit),
            figure(gpus(report), sizes(report), ""),
            bubble(report),
            microbatches(report),
            checks(report),
            // Polite, so that a screen reader says it once typing has paused.
            el("p")
                .class("visually-hidden")
                .attr("role", "status")
                .text(report.verdict.text.clone()),
        ]
    })
}

fn figure(name: impl Into<Str>, value: String, rest: impl Into<Str>) -> Element {
    let value = format!("{value} ");
    div("figure")
        .child(div("k").text(name))
        .child(div("v").text(value).child(el("small").text(rest)))
}

/// What each replica really computes; by the guide's DP it may be counted otherwise.
fn microbatches(report: &Report) -> Element {
    let (real, guide) = (
        report.pipeline.num_microbatches,
        report.sizes.num_microbatches,
    );
    let rest = if real == guide {
        "a step".to_owned()
    } else {
        format!("a step, {} by the guide's DP", grouped(guide))
    };
    figure("Micro-batches", grouped(real), rest)
}

fn memory(report: &Report, unit: MemoryUnit) -> Element {
    let guide = &report.memory.guide;
    let room = match guide.capacity {
        None => format!("{}, GPU memory not told", unit.name()),
        Some(capacity) => {
            let free = capacity.0 - guide.total.0;
            let word = if free > 0.0 { "free" } else { "too much" };
            format!(
                "of {}, {} {word}",
                unit.text(capacity.0),
                unit.text(free.abs())
            )
        }
    };
    // The bar ends at the capacity, or at the total where that is larger.
    let whole = guide
        .capacity
        .map_or(guide.total.0, |c| c.0.max(guide.total.0));
    let part = |part: &crate::core::memory::Part| {
        let tenths = if whole > 0.0 {
            part.bytes.0 / whole * 1000.0
        } else {
            0.0
        };
        el("i")
            .class(format!("m-{}", part.key))
            .attr("--part", permille(tenths))
    };
    let class = if guide.fits == Some(false) {
        "v bad"
    } else {
        "v"
    };
    div("figure")
        .child(div("k").text("Memory on each GPU, by the guide"))
        .child(
            div(class)
                .text(format!("{} ", unit.number(guide.total.0)))
                .child(el("small").text(room)),
        )
        .child(
            div("mini")
                .attr("aria-hidden", "true")
                .children(guide.formulas.iter().map(part)),
        )
}

/// A share in thousandths as a length of CSS.
pub fn permille(tenths: f64) -> String {
    let whole = crate::core::number::rounded(tenths);
    format!("{}.{}%", whole / 10, whole % 10)
}

/// The GPUs, and Megatron's DP where the guide counts another.
fn gpus(report: &Report) -> String {
    let s = &report.sizes;
    let gpus = format!("{} GPUs", grouped(s.world_size));
    if s.data_parallel_size == s.megatron_data_parallel_size {
        return gpus;
    }
    format!(
        "{gpus}, DP {} by Megatron",
        grouped(s.megatron_data_parallel_size)
    )
}

fn sizes(report: &Report) -> String {
    let s = &report.sizes;
    let mut parts = vec![
        ("TP", s.tensor_model_parallel_size),
        ("PP", s.pipeline_model_parallel_size),
    ];
    if s.context_parallel_size > 1 {
        parts.push(("CP", s.context_parallel_size));
    }
    if report.experts.is_some() || s.expert_model_parallel_size > 1 {
        parts.push(("EP", s.expert_model_parallel_size));
    }
    parts.push(("DP", s.data_parallel_size));
    let words: Vec<String> = parts
        .into_iter()
        .map(|(name, n)| format!("{name} {}", grouped(n)))
        .collect();
    words.join(" · ")
}

fn bubble(report: &Report) -> Element {
    let rest = match report.sizes.pipeline_model_parallel_size {
        1 => "one stage".to_owned(),
        pp => format!("of the step, {} stages", grouped(pp)),
    };
    figure(
        "Pipeline bubble",
        percent(report.pipeline.bubble_fraction_of_step),
        rest,
    )
}

fn checks(report: &Report) -> Element {
    let verdict = &report.verdict;
    let rest = match (verdict.failed, verdict.warned) {
        (0, 0) => "pass".to_owned(),
        (0, n) => format!("pass, {n} to look at"),
        (n, _) => format!("pass, {n} to mend"),
    };
    figure(
        "Checks",
        format!("{} of {}", verdict.passed, verdict.applicable),
        rest,
    )
}
