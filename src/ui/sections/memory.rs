//! The memory of each GPU by the guide: a bar against the capacity, and each part with its
//! origin.

use super::{card, choices, paragraph};
use crate::core::Report;
use crate::core::memory::Part;
use crate::core::memory_bar::MemoryBar;
use crate::core::units::{MemoryUnit, percent};
use crate::ui::{App, origin};
use leptos::prelude::*;

/// The guide's estimate.
#[component]
pub fn Memory(app: App) -> impl IntoView {
    let beside = view! {
        <span class="sub">"each GPU, by the guide"</span>
        <span class="grow"></span>
        {choices(
            "Unit of memory",
            app.unit,
            &[(MemoryUnit::Gb, "GB"), (MemoryUnit::Gib, "GiB")],
        )}
    };
    let body = move || {
        let report = app.report.get();
        let (memory, unit) = (&report.memory.guide, app.unit.get());
        view! {
            {bar(&report, unit)}
            <ul class="rows">
                {memory.formulas.iter().map(|p| part(p, unit)).collect::<Vec<_>>()}
                <li class="total amount">
                    <span>"Total"</span>
                    <span>{unit.text(memory.total.0)}</span>
                </li>
            </ul>
            {free(&report, unit)}
            {paragraph("sub", other_optimizer(app, &report, unit))}
            <details class="notes">
                <summary>"What this estimate leaves out"</summary>
                <ul>
                    {memory
                        .notes
                        .iter()
                        .map(|note| view! { <li>{note.clone()}</li> }.into_any())
                        .collect::<Vec<_>>()}
                </ul>
            </details>
        }
    };
    card("memory", "Memory", beside.into_any(), body.into_any())
}

/// Positions along the bar, which is drawn by widths in per cent.
fn width(share: f64) -> String {
    format!("{:.3}%", share * 100.0)
}

fn bar(report: &Report, unit: MemoryUnit) -> AnyView {
    let memory = &report.memory.guide;
    let bar = MemoryBar::of(memory);
    let parts: Vec<AnyView> = bar
        .parts
        .iter()
        .map(|part| {
            view! { <i class=colour(part.key) style:width=width(part.length)></i> }.into_any()
        })
        .collect();
    let capacity = bar.capacity.zip(memory.capacity).map(|(at, capacity)| {
        let label = format!("{}, {}", report.cluster.gpu_name, unit.text(capacity.0));
        view! {
            <i class="beyond" style:left=width(at) style:width=width(bar.beyond)></i>
            <span class="capacity" style:left=width(at)></span>
            <span class="capacity-name" style:width=width(at)>{label}</span>
        }
        .into_any()
    });
    view! { <div class="memory-bar" aria-hidden="true">{parts}{capacity}</div> }.into_any()
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

fn part(part: &Part, unit: MemoryUnit) -> AnyView {
    let figures = view! {
        <span><i class=colour(part.key)></i>{part.name}</span>
        <span>{unit.text(part.bytes.0)}</span>
    };
    let row = origin::opening("amount", figures.into_any(), origin::formula(&part.formula));
    view! { <li>{row}</li> }.into_any()
}

fn free(report: &Report, unit: MemoryUnit) -> AnyView {
    let memory = &report.memory.guide;
    let (class, text) = match (memory.free(), memory.capacity) {
        (Some(free), Some(capacity)) if memory.fits == Some(true) => (
            "ok",
            format!(
                "{} free, {} of the GPU’s {}.",
                unit.text(free),
                percent(free / capacity.0),
                unit.text(capacity.0)
            ),
        ),
        (Some(free), Some(capacity)) => (
            "bad",
            format!(
                "{} lacking: the GPU has {}, and the estimate must stay below it.",
                unit.text(free.abs()),
                unit.text(capacity.0)
            ),
        ),
        _ => (
            "warn",
            "The GPU’s memory is not known, so nobody can say whether this fits.".to_owned(),
        ),
    };
    paragraph(class, text)
}

fn other_optimizer(app: App, report: &Report, unit: MemoryUnit) -> String {
    let distributed = app
        .plan
        .with(|planned| planned.plan.config.parallel.use_distributed_optimizer);
    format!(
        "{} the distributed optimizer: {}.",
        if distributed { "Without" } else { "With" },
        unit.text(report.memory.guide.total_with_other_optimizer.0)
    )
}
