//! The memory of each GPU by the guide: a bar against the capacity, and each part with its
//! origin.

use super::{card, choice, paragraph};
use crate::core::Report;
use crate::core::memory::{GuideMemory, Part};
use crate::core::memory_bar::MemoryBar;
use crate::core::units::{MemoryUnit, percent};
use crate::ui::node::{Node, el, leaf};
use crate::ui::{App, origin};
use leptos::prelude::*;

/// The guide's estimate.
pub fn memory(app: App) -> AnyView {
    card("memory", "Memory", move || {
        let (report, unit) = (app.report.get(), app.unit.get());
        let units = [MemoryUnit::Gb, MemoryUnit::Gib]
            .into_iter()
            .map(|each| {
                let name = each.name().to_owned();
                choice(["", ""], each == unit, name, move || app.unit.set(each))
            })
            .collect();
        let header = vec![
            leaf("span", "sub", "each GPU, by the guide"),
            el("span", "grow", vec![]),
            el("span", "seg", units)
                .with("role", "group")
                .with("aria-label", "Unit of memory"),
        ];
        let distributed = app
            .plan
            .with(|planned| planned.plan.config.parallel.use_distributed_optimizer);
        (header, body(&report, unit, distributed))
    })
}

fn body(report: &Report, unit: MemoryUnit, distributed: bool) -> Vec<Node> {
    let memory = &report.memory.guide;
    let mut rows: Vec<Node> = memory.formulas.iter().map(|p| part(p, unit)).collect();
    rows.push(el(
        "li",
        "total amount",
        vec![
            leaf("span", "", "Total"),
            leaf("span", "", unit.text(memory.total.0)),
        ],
    ));
    let other = format!(
        "{} the distributed optimizer: {}.",
        if distributed { "Without" } else { "With" },
        unit.text(memory.total_with_other_optimizer.0)
    );
    let notes = memory
        .notes
        .iter()
        .map(|note| leaf("li", "", note.clone()))
        .collect();
    vec![
        bar(report, unit),
        el("ul", "rows", rows),
        free(memory, unit),
        paragraph("sub", other),
        el(
            "details",
            "notes",
            vec![
                leaf("summary", "", "What this estimate leaves out"),
                el("ul", "", notes),
            ],
        ),
    ]
}

fn bar(report: &Report, unit: MemoryUnit) -> Node {
    let memory = &report.memory.guide;
    let bar = MemoryBar::of(memory);
    let percent = |share: f64| format!("{:.3}%", share * 100.0);
    let block = |class, at: f64, length: f64| {
        el("rect", class, vec![])
            .with("x", percent(at))
            .with("width", percent(length))
            .with("y", "5")
            .with("height", "30")
    };
    let mut drawn = vec![hatch(), block("whole", 0.0, 1.0)];
    let mut at = 0.0;
    for part in &bar.parts {
        drawn.push(block(colour(part.key), at, part.length));
        at += part.length;
    }
    if let (Some(end), Some(capacity)) = (bar.capacity, memory.capacity) {
        let line = el("line", "", vec![]).with("y1", "0").with("y2", "40");
        let name = format!("{}, {}", report.cluster.gpu_name, unit.text(capacity.0));
        // The name stands on the side of the line that has more room.
        let anchor = if end > 0.5 { "end" } else { "start" };
        drawn.extend([
            block("beyond", end, bar.beyond),
            line.with("x1", percent(end)).with("x2", percent(end)),
            leaf("text", "", name)
                .with("x", percent(end))
                .with("y", "53")
                .with("text-anchor", anchor),
        ]);
    }
    // The table below says the same.
    el("svg", "memory-bar", drawn).with("aria-hidden", "true")
}

/// The pattern of what lies beyond the capacity.
fn hatch() -> Node {
    let stripe = el("path", "", vec![]).with("d", "M-2 2l4 -4M0 8l8 -8M6 10l4 -4");
    let pattern = el("pattern", "", vec![stripe])
        .with("id", "beyond")
        .with("width", "8")
        .with("height", "8")
        .with("patternUnits", "userSpaceOnUse");
    el("defs", "", vec![pattern])
}

/// The class that colours a part.
fn colour(key: &str) -> &'static str {
    match key {
        "weights" => "swatch m-weights",
        "gradients" => "swatch m-gradients",
        "optimizer" => "swatch m-optimizer",
        "activations" => "swatch m-activations",
        _ => "swatch m-overhead",
    }
}

fn part(part: &Part, unit: MemoryUnit) -> Node {
    let name = vec![el("i", colour(part.key), vec![]), part.name.into()];
    let figures = vec![
        el("span", "", name),
        leaf("span", "", unit.text(part.bytes.0)),
    ];
    let row = origin::opening("amount", figures, origin::formula(&part.formula));
    el("li", "", vec![row])
}

fn free(memory: &GuideMemory, unit: MemoryUnit) -> Node {
    let (Some(free), Some(capacity)) = (memory.free(), memory.capacity) else {
        let text = "The GPU’s memory is not known, so nobody can say whether this fits.";
        return paragraph("warn", text);
    };
    if memory.fits == Some(true) {
        let text = format!(
            "{} free, {} of the GPU’s {}.",
            unit.text(free),
            percent(free / capacity.0),
            unit.text(capacity.0)
        );
        paragraph("ok", text)
    } else {
        let text = format!(
            "{} lacking: the GPU has {}, and the estimate must stay below it.",
            unit.text(free.abs()),
            unit.text(capacity.0)
        );
        paragraph("bad", text)
    }
}
