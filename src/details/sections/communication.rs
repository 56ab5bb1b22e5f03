//! What each dimension sends in one step, over which link, and how long that takes.

use super::super::{Shown, origin};
use super::{Section, paragraph, sometimes};
use meshplan::core::Report;
use meshplan::core::cluster::Link;
use meshplan::core::communication::Traffic;
use meshplan::core::mesh::Dim;
use meshplan::core::units::{MemoryUnit, counted, grouped, seconds};
use meshplan::dom::{Element, Str, el, span};

/// What the last two columns mean.
const SHARED: &str = "At link rate: the bytes over the link as if this GPU had it alone. \
    Shared by a node: all GPUs of a node share its network, and of a message an AllReduce over n \
    GPUs sends 2(n − 1)/n, also as AllGather + ReduceScatter; one of these alone, or an AllToAll, \
    (n − 1)/n. Rates are as their makers quote them: a link inside a node for both directions \
    together, a network for one. Latency is in neither figure, and part of the traffic runs while the GPUs compute.";

/// The traffic of a step.
pub fn section(shown: &Shown) -> Section {
    let header = vec![span("sub").text("a step, each GPU")];
    let missing = match shown.plan.model.is_complete() {
        true if !shown.report.communication.is_empty() => None,
        true => Some("No GPU has to talk to another: every group is a single GPU."),
        false => Some("The model is not told in full: not all that GPUs send is known."),
    };
    (header, body(&shown.report, shown.plan.unit, missing))
}

fn body(report: &Report, unit: MemoryUnit, missing: Option<&'static str>) -> Vec<Element> {
    let mut rows = vec![head()];
    rows.extend(report.communication.iter().map(|t| traffic(t, unit)));
    rows.push(compute(report));
    vec![
        sometimes(leaving(report)),
        el("ul").class("rows traffic").children(rows),
        sometimes(missing.map(|text| paragraph("", text))),
        paragraph("sub", SHARED),
    ]
}

fn head() -> Element {
    let names = [
        "Group",
        "Operation",
        "Bytes",
        "Link",
        "At link rate",
        "Shared by a node",
    ];
    let names = names.map(|name| el("span").text(name));
    // Each row says what its figures are to those who hear the page.
    el("li")
        .class("sent head")
        .children(names)
        .attr("aria-hidden", "true")
}

/// TP belongs inside a node: guide, "Key Rule".
fn leaving(report: &Report) -> Option<Element> {
    let tp = report
        .communication
        .iter()
        .find(|t| t.dimension == Dim::Tp && t.link == Link::InterNode)?;
    let home = if report.cluster.nvlink_domain_gpus > report.cluster.gpus_per_node {
        "NVLink domain"
    } else {
        "node"
    };
    let text = format!(
        "! TP leaves the {home} in {} of {}. The messages of every layer go over {} instead of {}. \
         Keep TP inside the {home}.",
        grouped(tp.crossing.crossing),
        counted(tp.crossing.groups, "group", "groups"),
        tp.link_name,
        report.cluster.intra_node_link,
    );
    Some(paragraph("callout", text))
}

/// A figure with its name, which is seen where rows are stacked, and heard everywhere.
fn cell(name: &'static str, figure: String) -> Element {
    el("span").child(span("name").text(name)).text(figure)
}

fn time(duration: Option<f64>) -> String {
    duration.map_or_else(|| "unknown".to_owned(), seconds)
}

/// What is done, and in small letters what with.
fn what(class: &'static str, what: impl Into<Str>, with: impl Into<Str>) -> Element {
    span(class)
        .child(el("b").text(what))
        .child(el("small").text(with))
}

fn traffic(traffic: &Traffic, unit: MemoryUnit) -> Element {
    let calls = format!(
        "{} × {}",
        grouped(traffic.count_per_step),
        unit.scaled(traffic.bytes_per_call.0)
    );
    let group = format!(
        "{} {}",
        traffic.dimension.name(),
        grouped(traffic.group_size)
    );
    // Sizes that need more GPUs than there are have no group, and so no link.
    let (link, at_link_rate, shared) = match traffic.crossing.groups {
        0 => ("no group", None, None),
        _ => (
            traffic.link_name,
            traffic.seconds_at_link_rate,
            traffic.seconds_shared,
        ),
    };
    let figures = vec![
        el("b").text(group),
        what("what", traffic.operation, traffic.carries),
        what("", unit.scaled(traffic.bytes_per_gpu_per_step.0), calls),
        cell("over ", link.to_owned()),
        cell("at link rate ", time(at_link_rate)),
        cell("shared by a node ", time(shared)),
    ];
    let mut lines = vec![
        origin::line(&format!("Calls: {}", traffic.count_formula)),
        origin::line(&format!("Bytes a call: {}", traffic.bytes_formula)),
        origin::line(&crossing(traffic)),
    ];
    lines.extend(traffic.note.as_deref().map(origin::line));
    let row = origin::opening("sent", figures, origin::lines(lines, traffic.source));
    el("li").child(row)
}

fn crossing(traffic: &Traffic) -> String {
    let (groups, out) = (traffic.crossing.groups, traffic.crossing.crossing);
    let all = counted(groups, "group", "groups");
    match (groups, groups.saturating_sub(out)) {
        (0, _) => "No group: the sizes need more GPUs than there are.".to_owned(),
        (_, inside) if out == 0 || inside == 0 => format!("{all}, all over {}", traffic.link_name),
        _ => format!("{all}, {} of them over {}", grouped(out), traffic.link_name),
    }
}

fn compute(report: &Report) -> Element {
    let figures = vec![
        el("b").text("GPU"),
        what("what", "Compute at peak", "forward and backward"),
        el("span"),
        el("span"),
        cell("at peak ", time(report.compute.seconds_at_peak)),
        el("span"),
    ];
    let formula = origin::formula(&report.compute.formula);
    el("li").child(origin::opening("sent", figures, formula))
}
