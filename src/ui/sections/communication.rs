//! What each dimension sends in one step, over which link, and how long that takes.

use super::{card, paragraph};
use crate::core::Report;
use crate::core::cluster::Link;
use crate::core::communication::Traffic;
use crate::core::mesh::Dim;
use crate::core::units::{MemoryUnit, counted, grouped, seconds};
use crate::ui::{App, origin};
use leptos::prelude::*;

/// The traffic of a step.
#[component]
pub fn Communication(app: App) -> impl IntoView {
    let beside = view! { <span class="sub">"a step, each GPU"</span> };
    let body = move || {
        let report = app.report.get();
        let unit = app.unit.get();
        let rows: Vec<AnyView> = report
            .communication
            .iter()
            .map(|t| traffic(t, unit))
            .collect();
        let silent = rows.is_empty().then(|| {
            paragraph(
                "sub",
                "No GPU has to talk to another: every group is a single GPU.",
            )
        });
        view! {
            {leaving(&report)}
            <ul class="rows traffic">
                <li class="sent head" aria-hidden="true">
                    <span>"Group"</span>
                    <span>"Operation"</span>
                    <span>"Calls × size"</span>
                    <span>"Link"</span>
                    <span>"At link rate"</span>
                    <span>"Shared by a node"</span>
                </li>
                {rows}
                {compute(&report)}
            </ul>
            {silent}
            {paragraph("sub", SHARED)}
        }
    };
    card(
        "communication",
        "Communication",
        beside.into_any(),
        body.into_any(),
    )
}

/// What the last two columns mean.
const SHARED: &str = "At link rate: the bytes over the link as if this GPU had it alone. \
    Shared by a node: all GPUs of a node share its network, and of a message an AllReduce over n \
    GPUs sends 2(n − 1)/n, also as AllGather + ReduceScatter; one of these alone, or an AllToAll, \
    (n − 1)/n. Latency is in neither figure, and part of the traffic runs while the GPUs compute.";

/// TP belongs inside a node: guide, "Key Rule".
fn leaving(report: &Report) -> Option<AnyView> {
    let tp = report
        .communication
        .iter()
        .find(|t| t.dimension == Dim::Tp && t.link == Link::InterNode)?;
    let (verb, home) = if report.cluster.nvlink_domain_gpus > report.cluster.gpus_per_node {
        ("leaves", "the NVLink domain")
    } else {
        ("leaves", "the node")
    };
    let text = format!(
        "TP {verb} {home}: {} of {} span several. Their messages after every layer take {} \
         instead of {}, which is far slower.",
        grouped(tp.crossing.crossing),
        counted(tp.crossing.groups, "TP group", "TP groups"),
        tp.link_name,
        report.cluster.intra_node_link,
    );
    Some(view! { <p class="callout"><b aria-hidden="true">"! "</b>{text}</p> }.into_any())
}

fn time(duration: Option<f64>) -> String {
    duration.map_or_else(|| "unknown".to_owned(), seconds)
}

/// A figure with its name, which is seen where rows are stacked, and heard.
fn cell(name: &'static str, figure: String) -> AnyView {
    view! { <span><span class="name">{name}</span>{figure}</span> }.into_any()
}

fn traffic(traffic: &Traffic, unit: MemoryUnit) -> AnyView {
    let figures = view! {
        <b>{format!("{} {}", traffic.dimension.name(), grouped(traffic.group_size))}</b>
        <span class="what">{traffic.operation}<small>{traffic.carries}</small></span>
        <span>
            {unit.scaled(traffic.bytes_per_gpu_per_step.0)}
            <small>
                {format!(
                    "{} × {}",
                    grouped(traffic.count_per_step),
                    unit.scaled(traffic.bytes_per_call.0),
                )}
            </small>
        </span>
        {cell("over ", traffic.link_name.to_owned())}
        {cell("at link rate ", time(traffic.seconds_at_link_rate))}
        {cell("shared by a node ", time(traffic.seconds_shared))}
    };
    let mut lines = vec![
        origin::named(&format!("Calls: {}", traffic.count_formula)),
        origin::named(&format!("Size: {}", traffic.bytes_formula)),
        origin::named(&crossing(traffic)),
    ];
    lines.extend(traffic.note.as_deref().map(origin::named));
    let row = origin::opening(
        "sent",
        figures.into_any(),
        origin::lines(lines, traffic.source),
    );
    view! { <li>{row}</li> }.into_any()
}

fn crossing(traffic: &Traffic) -> String {
    let (groups, out) = (traffic.crossing.groups, traffic.crossing.crossing);
    let all = counted(groups, "group", "groups");
    if out == 0 {
        format!("Groups: {all}, inside a node")
    } else {
        format!("Groups: {all}, {} of them between nodes", grouped(out))
    }
}

fn compute(report: &Report) -> AnyView {
    let figures = view! {
        <b>"GPU"</b>
        <span class="what">"Compute at peak"<small>"forward and backward"</small></span>
        <span></span>
        <span></span>
        {cell("at peak ", time(report.compute.seconds_at_peak))}
        <span></span>
    };
    let row = origin::opening(
        "sent",
        figures.into_any(),
        origin::formula(&report.compute.formula),
    );
    view! { <li>{row}</li> }.into_any()
}
