//! The global batch: its divisor, the valid sizes, and the same plan on other numbers of nodes.

use super::{card, edit_button, paragraph};
use crate::core::batch::NodeChange;
use crate::core::config::{Edit, Field};
use crate::core::number::divides;
use crate::core::units::{counted, grouped};
use crate::core::{Plan, Report};
use crate::ui::App;
use leptos::prelude::*;

/// The batch.
#[component]
pub fn Batch(app: App) -> impl IntoView {
    let beside = move || {
        let text = format!(
            "global batch {}",
            grouped(app.report.get().batch.global_batch_size)
        );
        view! { <span class="sub">{text}</span> }
    };
    let body = move || {
        let report = app.report.get();
        let planned = app.plan.get();
        let changes = &report.batch.node_changes;
        view! {
            <div class="halves">
                <div>
                    {paragraph("", divisor(&planned.plan, &report))}
                    {both_dp(&planned.plan, &report)}
                    {sizes(app, &report)}
                    {paragraph("sub", replica(&planned.plan, &report))}
                </div>
                <div>
                    <h3>"When the number of nodes changes"</h3>
                    <div class="scroll">
                        <table class="figures">
                            <thead>
                                <tr>
                                    <th>"Nodes"</th>
                                    <th class="n">"GPUs"</th>
                                    <th class="n">"DP"</th>
                                    <th class="n">"Divisor"</th>
                                    <th>
                                        "Global batch " {grouped(report.batch.global_batch_size)}
                                    </th>
                                    <th></th>
                                </tr>
                            </thead>
                            <tbody>
                                {changes
                                    .iter()
                                    .map(|c| change(app, &report, c))
                                    .collect::<Vec<_>>()}
                            </tbody>
                        </table>
                    </div>
                </div>
            </div>
        }
    };
    card("batch", "Batch", beside.into_any(), body.into_any())
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
fn both_dp(plan: &Plan, report: &Report) -> Option<AnyView> {
    let (s, micro) = (&report.sizes, plan.config.batch.micro_batch_size);
    (s.guide_data_parallel_size != s.megatron_data_parallel_size).then(|| {
        paragraph(
            "callout",
            format!(
                "The guide divides the GPUs by EP too and counts DP {}; Megatron takes EP from the \
                 data-parallel ranks and counts DP {}, so it starts only with a multiple of \
                 {} · {} = {}.",
                grouped(s.guide_data_parallel_size),
                grouped(s.megatron_data_parallel_size),
                grouped(micro),
                grouped(s.megatron_data_parallel_size.max(1)),
                grouped(report.batch.megatron_divisor)
            ),
        )
    })
}

fn sizes(app: App, report: &Report) -> AnyView {
    let chips: Vec<AnyView> = report
        .batch
        .valid_global_batch_sizes
        .iter()
        .map(|&size| {
            let current = size == report.batch.global_batch_size;
            let refused = !divides(report.batch.megatron_divisor, size);
            let class = if current { "chip on" } else { "chip" };
            let mut label = grouped(size);
            if refused {
                label.push_str(" (guide only)");
            }
            view! {
                <li>
                    <button
                        type="button"
                        class=class
                        aria-pressed=if current { "true" } else { "false" }
                        on:click=move |_| app.apply(&Edit::count(Field::GlobalBatch, size))
                    >
                        {label}
                    </button>
                </li>
            }
            .into_any()
        })
        .collect();
    view! { <ul class="chips" aria-label="Valid global batch sizes">{chips}</ul> }.into_any()
}

fn replica(plan: &Plan, report: &Report) -> String {
    format!(
        "Each replica computes {} a step in {} of {}; a step is {} tokens.",
        counted(report.batch.sequences_per_replica, "sequence", "sequences"),
        counted(
            report.sizes.num_microbatches,
            "micro-batch",
            "micro-batches"
        ),
        grouped(plan.config.batch.micro_batch_size),
        grouped(report.batch.tokens_per_step)
    )
}

fn change(app: App, report: &Report, change: &NodeChange) -> AnyView {
    let here = change.num_nodes == report.cluster.num_nodes;
    let (dp, divisor) = if change.sizes_fit {
        (grouped(change.data_parallel_size), grouped(change.divisor))
    } else {
        ("–".to_owned(), "–".to_owned())
    };
    let (class, verdict) = match (change.sizes_fit, change.global_batch_is_valid) {
        (false, _) => ("bad", "the sizes do not divide these GPUs".to_owned()),
        (true, true) => ("ok", "valid".to_owned()),
        (true, false) => (
            "warn",
            format!("not valid; nearest {}", grouped(change.nearest_valid)),
        ),
    };
    let end = match &change.edit {
        _ if here => view! { <span class="sub">"this plan"</span> }.into_any(),
        Some(edit) => edit_button(app, "btn small", "Use".to_owned(), edit),
        None => ().into_any(),
    };
    view! {
        <tr>
            <td>{grouped(change.num_nodes)}</td>
            <td class="n">{grouped(change.world_size)}</td>
            <td class="n">{dp}</td>
            <td class="n">{divisor}</td>
            <td class=class>{verdict}</td>
            <td class="n">{end}</td>
        </tr>
    }
    .into_any()
}
