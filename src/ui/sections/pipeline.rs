//! The stages of the pipeline, its bubble, and its schedule drawn.

use super::{card, paragraph, schedule};
use crate::core::Report;
use crate::core::explain::{StageRun, stage_runs};
use crate::core::pipeline::Layers;
use crate::core::units::{counted, grouped, percent};
use crate::ui::{App, origin};
use leptos::prelude::*;

/// The pipeline.
#[component]
pub fn Pipeline(app: App) -> impl IntoView {
    let beside = move || {
        let text = summary(&app.report.get());
        view! { <span class="sub">{text}</span> }
    };
    let body = move || {
        let report = app.report.get();
        if report.pipeline.schedule == "none" {
            return paragraph(
                "",
                format!(
                    "There is one stage: every GPU computes all {}, nothing is handed on, and no \
                     GPU waits for another stage. The bubble is 0 %.",
                    counted(report.model.num_layers, "layer", "layers")
                ),
            );
        }
        view! { <div class="halves">{stages(&report)} {bubbles(&report)}</div> }.into_any()
    };
    let body = view! { {body} {schedule::drawing(app)} };
    card("pipeline", "Pipeline", beside.into_any(), body.into_any())
}

fn summary(report: &Report) -> String {
    let s = &report.sizes;
    let schedule = match report.pipeline.schedule {
        "1f1b" => "1F1B".to_owned(),
        "interleaved" => format!(
            "interleaved, VPP {}",
            s.virtual_pipeline_model_parallel_size
        ),
        _ => "no schedule needed".to_owned(),
    };
    format!(
        "PP {} · {} · {schedule}",
        grouped(s.pipeline_model_parallel_size),
        counted(s.num_microbatches, "micro-batch", "micro-batches")
    )
}

fn stages(report: &Report) -> AnyView {
    let rows: Vec<AnyView> = stage_runs(&report.pipeline.stages)
        .iter()
        .map(|run| {
            view! {
                <tr>
                    <td>{stage_name(run)}</td>
                    <td>{holds(run)}</td>
                    <td class="n">{in_flight(run)}</td>
                </tr>
            }
            .into_any()
        })
        .collect();
    let unit = if report.pipeline.schedule == "interleaved" {
        "Micro-batches in flight, a chunk each"
    } else {
        "Micro-batches in flight"
    };
    view! {
        <div class="scroll">
            <table class="figures">
                <thead>
                    <tr>
                        <th>"Stage"</th>
                        <th>"Holds"</th>
                        <th class="n">{unit}</th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
    }
    .into_any()
}

/// `Stage 3`, or `Stages 1 to 6`.
pub fn stage_name(run: &StageRun) -> String {
    if run.first == run.last {
        format!("Stage {}", run.first)
    } else {
        format!("Stages {} to {}", grouped(run.first), grouped(run.last))
    }
}

/// `Embedding, 8 layers: 0 to 7, head`.
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
    text.push_str(&layers(&run.chunks));
    if run.head {
        text.push_str(", head");
    }
    text
}

/// Ranges of layers with their last one: `0 to 7, 16 to 23`.
pub fn layers(chunks: &[Layers]) -> String {
    let parts: Vec<String> = chunks
        .iter()
        .map(|range| match range.end.saturating_sub(range.first) {
            0 => "none".to_owned(),
            1 => grouped(range.first),
            _ => format!(
                "{} to {}",
                grouped(range.first),
                grouped(range.end.saturating_sub(1))
            ),
        })
        .collect();
    parts.join(", ")
}

fn in_flight(run: &StageRun) -> String {
    if run.in_flight_first == run.in_flight_last {
        grouped(run.in_flight_first)
    } else {
        format!(
            "{} to {}",
            grouped(run.in_flight_first),
            grouped(run.in_flight_last)
        )
    }
}

fn bubbles(report: &Report) -> AnyView {
    let pipeline = &report.pipeline;
    let shares = [
        (
            "Bubble, against the computing time (guide)",
            pipeline.bubble_fraction,
        ),
        (
            "Bubble, of the whole step",
            pipeline.bubble_fraction_of_step,
        ),
    ];
    let rows: Vec<AnyView> = shares
        .iter()
        .zip(&pipeline.formulas)
        .map(|(&(name, share), formula)| {
            let figures = view! { <span>{name}</span> <span>{percent(share)}</span> };
            let row = origin::opening("amount", figures.into_any(), origin::formula(formula));
            view! { <li>{row}</li> }.into_any()
        })
        .collect();
    view! { <ul class="rows">{rows}</ul> }.into_any()
}
