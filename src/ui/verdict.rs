//! The verdict: what a reviewer must see in seconds.

use super::bridge::Api;
use super::state::App;
use crate::core::checks::Status;
use crate::core::overview::Overview;
use crate::core::pipeline::Bubble;
use crate::core::units::{MemoryUnit, grouped};
use crate::dom::{Element, Str, div, el, span};
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
    let (unit, capacity, is_told, has_experts) = app.plan.with(|planned| {
        let plan = &planned.plan;
        (
            plan.unit,
            plan.cluster.gpu_memory_bytes,
            plan.model.is_complete(),
            plan.model.moe.is_some(),
        )
    });
    app.report.with(|report| {
        let beyond = beyond(app, report);
        let mut said = report.verdict.text.clone();
        let (mut status, mut headline) = (report.verdict.status, report.verdict.headline);
        if !beyond.is_empty() {
            said.push_str(&[" · but ", &beyond].concat());
            if status == Status::Pass {
                (status, headline) = (Status::Warn, "Valid by the guide");
            }
        }
        let (class, mark) = sign(status);
        let badge = span("badge")
            .class(format!("badge {class}"))
            .child(el("span").attr("aria-hidden", "true").text(mark))
            .text(headline);
        vec![
            el("h1").class("visually-hidden").text("Meshplan"),
            div("verdict-badge").child(badge),
            memory(report, is_told, capacity, unit, &beyond),
            figure(gpus(report), sizes(report, has_experts), ""),
            bubble(report),
            microbatches(report),
            checks(report),
            // Polite, so that a screen reader says it once typing has paused.
            el("p")
                .class("visually-hidden")
                .attr("role", "status")
                .text(said),
        ]
    })
}

/// Which stages do not fit where the guide's figure for all of them does. The details compute it, a moment
/// after the plan has changed.
fn beyond(app: App, report: &Overview) -> String {
    let fits = report.fits == Some(true) && report.sizes.pipeline_model_parallel_size > 1;
    app.chosen(|choices| match &choices.api {
        _ if !fits => String::new(),
        Api::Missing(_) => "nobody can say here whether each stage fits".to_owned(),
        _ => choices.beyond.clone(),
    })
}

fn figure(name: impl Into<Str>, value: String, rest: impl Into<Str>) -> Element {
    let value = format!("{value} ");
    div("figure")
        .child(div("k").text(name))
        .child(div("v").text(value).child(el("small").text(rest)))
}

/// What each replica really computes; by the guide's DP it may be counted otherwise.
fn microbatches(report: &Overview) -> Element {
    let (real, guide) = (
        report.sizes.megatron_num_microbatches,
        report.sizes.num_microbatches,
    );
    let rest = if real == guide {
        "a step".to_owned()
    } else {
        format!("a step, {} by the guide's DP", grouped(guide))
    };
    figure("Micro-batches", grouped(real), rest)
}

/// The memory by the guide, and that stages need more than there is where they do.
fn memory(
    report: &Overview,
    is_told: bool,
    capacity: Option<u64>,
    unit: MemoryUnit,
    beyond: &str,
) -> Element {
    let estimate = report.memory;
    let total = estimate.total();
    let room = match capacity {
        _ if !is_told => "the model is not told in full".to_owned(),
        None => format!("{}, GPU memory not told", unit.name()),
        Some(capacity) => {
            let free = capacity as f64 - total;
            let word = if free > 0.0 { "free" } else { "too much" };
            format!(
                "of {}, {} {word}",
                unit.text(capacity as f64),
                unit.text(free.abs())
            )
        }
    };
    // The bar ends at the capacity, or at the total where that is larger.
    let whole = capacity.map_or(total, |capacity| total.max(capacity as f64));
    let part = |(key, bytes): (&str, f64)| {
        let tenths = if whole > 0.0 {
            bytes / whole * 1000.0
        } else {
            0.0
        };
        el("i")
            .class(format!("m-{key}"))
            .attr("--part", permille(tenths))
    };
    let class = if report.fits == Some(false) {
        "v bad"
    } else {
        "v"
    };
    div("figure")
        .child(div("k").text("Memory on each GPU, by the guide"))
        .child(
            div(class)
                .text(match is_told {
                    true => unit.number(total) + " ",
                    false => "unknown ".to_owned(),
                })
                .child(el("small").text(room)),
        )
        .child(
            div("mini")
                .attr("aria-hidden", "true")
                .children(estimate.parts().into_iter().filter(|_| is_told).map(part)),
        )
        .children((!beyond.is_empty()).then(|| {
            let said = ["But ", beyond, "."].concat();
            el("small").class("warn").text(said)
        }))
}

/// A share in thousandths as a length of CSS.
pub fn permille(tenths: f64) -> String {
    let whole = crate::core::number::rounded(tenths);
    format!("{}.{}%", whole / 10, whole % 10)
}

/// The GPUs, and Megatron's DP where the guide counts another.
fn gpus(report: &Overview) -> String {
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

fn sizes(report: &Overview, has_experts: bool) -> String {
    let s = &report.sizes;
    let mut parts = vec![
        ("TP", s.tensor_model_parallel_size),
        ("PP", s.pipeline_model_parallel_size),
    ];
    if s.context_parallel_size > 1 {
        parts.push(("CP", s.context_parallel_size));
    }
    if has_experts || s.expert_model_parallel_size > 1 {
        parts.push(("EP", s.expert_model_parallel_size));
    }
    parts.push(("DP", s.data_parallel_size));
    let words: Vec<String> = parts
        .into_iter()
        // A size stays in the line of its name.
        .map(|(name, n)| format!("{name}\u{a0}{}", grouped(n)))
        .collect();
    words.join(" · ")
}

fn bubble(report: &Overview) -> Element {
    let rest = match report.sizes.pipeline_model_parallel_size {
        1 => "one stage".to_owned(),
        pp => format!("of the step, {} stages", grouped(pp)),
    };
    let share = Bubble::text(report.bubble, |bubble| bubble.of_step);
    figure("Pipeline bubble", share, rest)
}

fn checks(report: &Overview) -> Element {
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
