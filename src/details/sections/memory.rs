//! The memory of each GPU by the guide: a bar against the capacity, and each part with its
//! origin. Below it each stage of a pipeline, and what Megatron-LM's own report says.

use super::super::{Shown, origin, state};
use super::{Section, cell, choice, paragraph, sometimes, table};
use meshplan::core::Report;
use meshplan::core::decimal::fixed;
use meshplan::core::explain::folded;
use meshplan::core::megatron_memory::MegatronMemory;
use meshplan::core::memory::{GuideMemory, Part};
use meshplan::core::memory_bar::MemoryBar;
use meshplan::core::units::{MemoryUnit, grouped, percent};
use meshplan::diagram::memory_figure;
use meshplan::dom::{Element, el, figure, span, svg};

/// The guide's estimate, and Megatron's.
pub fn section(shown: &Shown) -> Section {
    let unit = shown.plan.unit;
    let units = [MemoryUnit::Gb, MemoryUnit::Gib].into_iter().map(|each| {
        let name = each.name().to_owned();
        choice(["", ""], each == unit, name, move || {
            state::choose_unit(each)
        })
    });
    let header = vec![
        span("sub").text("each GPU, by the guide"),
        span("grow"),
        span("seg")
            .children(units)
            .attr("role", "group")
            .attr("aria-label", "Unit of memory"),
    ];
    let distributed = shown.plan.config.parallel.use_distributed_optimizer;
    let mut all = body(&shown.report, unit, distributed);
    all.extend(stages(shown, unit));
    all.extend(megatron(&shown.report.memory.megatron, unit));
    (header, all)
}

/// That stages do not fit where the guide's figure for all of them does.
fn beyond(report: &Report, unit: MemoryUnit) -> Option<Element> {
    let beyond = report.memory.beyond(unit)?;
    let why = " with the layers and the micro-batches in flight that it holds. See “By pipeline stage”; \
               the verdict is that of the guide.";
    Some(paragraph("warn", ["But ", &beyond, why].concat()))
}

/// Each stage of a pipeline by what it holds: as a picture, and as a table.
fn stages(shown: &Shown, unit: MemoryUnit) -> Vec<Element> {
    let stages = &shown.report.memory.stages;
    if stages.len() < 2 || !shown.report.memory.guide.is_told() {
        return Vec::new();
    }
    let places = folded(stages.len() as u64).into_iter();
    let rows = places
        .map(|place| {
            let at = place.and_then(|stage| usize::try_from(stage).ok());
            let Some(stage) = at.and_then(|at| stages.get(at)) else {
                return vec![cell("…")];
            };
            let mut cells = vec![cell(grouped(stage.stage))];
            cells.extend(stage.parts().map(|(_, bytes)| cell(unit.number(bytes))));
            cells.push(cell(unit.text(stage.total.0)));
            cells
        })
        .collect();
    let columns = [
        "Stage",
        "#Weights",
        "#Gradients",
        "#Optimizer",
        "#Activations",
        "#Overhead",
        "#Total",
    ];
    let note = "The guide counts an even share of the parameters, and one micro-batch in the layers of \
                the largest stage, the same on every GPU. These bars take the same bytes for what each \
                stage holds: its own layers, the embedding or the head, and the micro-batches in flight.";
    let mut all = vec![el("h3").text("By pipeline stage")];
    all.extend(figure(memory_figure(&shown.plan)));
    all.push(paragraph("sub", note));
    all.push(
        el("details")
            .class("notes")
            .child(el("summary").text("The stages in figures"))
            .child(table(&columns, rows)),
    );
    all
}

fn body(report: &Report, unit: MemoryUnit, distributed: bool) -> Vec<Element> {
    let memory = &report.memory.guide;
    let swatch = |p: &Part| el("i").class(format!("swatch {}", colour(p.key)));
    let parts = memory.formulas.iter();
    let mut rows: Vec<Element> = parts.map(|p| part(p, Some(swatch(p)), unit)).collect();
    rows.push(total(memory.total_text(unit)));
    let other = format!(
        "{} the distributed optimizer: {}.",
        if distributed { "Without" } else { "With" },
        unit.text(memory.total_with_other_optimizer.0)
    );
    let (verb, class) = match memory.fits_with_fp32_gradients {
        Some(false) => (", which does not fit", "warn"),
        Some(true) => (", which fits too", "sub"),
        None => ("", "sub"),
    };
    let in_fp32 = format!(
        "With FP32 gradients, Megatron's default: {}{verb}. --grad-reduce-in-bf16 keeps them in \
         BF16, as the guide counts them.",
        unit.text(memory.total_with_fp32_gradients.0)
    );
    let is_told = memory.is_told();
    vec![
        bar(report, unit),
        el("ul").class("rows").children(rows),
        free(memory, unit),
        sometimes(beyond(report, unit)),
        sometimes(is_told.then(|| paragraph("sub", other))),
        sometimes(is_told.then(|| paragraph(class, in_fp32))),
        left_out("What this estimate leaves out", &memory.notes),
    ]
}

/// Megatron-LM's own report; what the plan does not tell enough for is left out.
fn megatron(memory: &MegatronMemory, unit: MemoryUnit) -> [Element; 3] {
    let mut rows: Vec<Element> = memory
        .formulas
        .iter()
        .map(|p| part(p, None, unit))
        .collect();
    let all = memory.total.map(|bytes| unit.text(bytes.0));
    rows.push(total(all.unwrap_or_else(|| "unknown".to_owned())));
    [
        el("h3").text("Megatron-LM’s own report"),
        el("ul").class("rows").children(rows),
        left_out("What this report assumes and leaves out", &memory.notes),
    ]
}

fn total(size: String) -> Element {
    el("li")
        .class("total amount")
        .child(el("span").text("Total"))
        .child(el("span").text(size))
}

fn left_out(title: &'static str, notes: &[String]) -> Element {
    let notes = notes.iter().map(|note| el("li").text(note.clone()));
    el("details")
        .class("notes")
        .child(el("summary").text(title))
        .child(el("ul").children(notes))
}

fn bar(report: &Report, unit: MemoryUnit) -> Element {
    let memory = &report.memory.guide;
    let bar = MemoryBar::of(memory);
    let percent = |share: f64| format!("{}%", fixed(share * 100.0, 3));
    let block = |class, at: f64, length: f64| {
        svg("rect")
            .class(class)
            .attr("x", percent(at))
            .attr("width", percent(length))
            .attr("y", "5")
            .attr("height", "30")
    };
    let mut drawn = vec![hatch(), block("whole", 0.0, 1.0)];
    let mut at = 0.0;
    for part in &bar.parts {
        drawn.push(block(colour(part.key), at, part.length));
        at += part.length;
    }
    if let (Some(end), Some(capacity)) = (bar.capacity, memory.capacity) {
        let line = svg("line").attr("y1", "0").attr("y2", "40");
        let name = format!("{}, {}", report.cluster.gpu_name, unit.text(capacity.0));
        // The name stands on the side of the line that has more room.
        let anchor = if end > 0.5 { "end" } else { "start" };
        drawn.extend([
            block("beyond", end, bar.beyond),
            line.attr("x1", percent(end)).attr("x2", percent(end)),
            svg("text")
                .text(name)
                .attr("x", percent(end))
                .attr("y", "42")
                .attr("text-anchor", anchor),
        ]);
    }
    // The table below says the same.
    svg("svg")
        .class("memory-bar")
        .children(drawn)
        .attr("aria-hidden", "true")
}

/// The pattern of what lies beyond the capacity.
fn hatch() -> Element {
    let stripe = svg("path").attr("d", "M-2 2l4 -4M0 8l8 -8M6 10l4 -4");
    let pattern = svg("pattern")
        .child(stripe)
        .attr("id", "beyond")
        .attr("width", "8")
        .attr("height", "8")
        .attr("patternUnits", "userSpaceOnUse");
    svg("defs").child(pattern)
}

/// The class that colours a part.
fn colour(key: &str) -> &'static str {
    match key {
        "weights" => "m-weights",
        "gradients" => "m-gradients",
        "optimizer" => "m-optimizer",
        "activations" => "m-activations",
        _ => "m-overhead",
    }
}

/// A part with its origin; `swatch` is its colour in the drawing.
fn part(part: &Part, swatch: Option<Element>, unit: MemoryUnit) -> Element {
    let figures = vec![
        el("span").children(swatch).text(part.name),
        el("span").text(part.text(unit)),
    ];
    let row = origin::opening("amount", figures, origin::formula(&part.formula));
    el("li").child(row)
}

fn free(memory: &GuideMemory, unit: MemoryUnit) -> Element {
    let (Some(free), Some(capacity), true) = (memory.free(), memory.capacity, memory.is_told())
    else {
        let text =
            "The model or the GPU’s memory is not told, so nobody can say whether this fits.";
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
