//! The sections that show the report: checks, memory, communication, pipeline, batch, advice and
//! explanations. Each reads the report and is drawn anew when it changes.

mod advice;
mod batch;
mod checks;
mod communication;
mod dimensions;
mod explain;
mod matrices;
mod memory;
mod pipeline;
mod schedule;

use super::App;
use super::node::{Node, el, keep_drawn, leaf};
use crate::core::checks::Status;
use crate::core::config::Edit;
use leptos::prelude::*;

/// Every section, in the order of reading.
pub fn all(app: App) -> AnyView {
    view! {
        <div class="cols">{memory::memory(app)} {checks::checks(app)}</div>
        <div class="cols">{communication::communication(app)} {advice::advice(app)}</div>
        {pipeline::pipeline(app)}
        {batch::batch(app)}
        {explain::explain(app)}
    }
    .into_any()
}

/// The frame of a section. `build` gives what stands beside its title, and what it holds.
fn card(
    id: &'static str,
    title: &'static str,
    build: impl Fn() -> (Vec<Node>, Vec<Node>) + 'static,
) -> AnyView {
    let host = NodeRef::new();
    let build = move || {
        let (mut header, body) = build();
        header.insert(0, leaf("h2", "", title).with("id", id));
        vec![el("header", "", header), el("div", "in", body)]
    };
    keep_drawn(host, Box::new(build));
    view! { <section class="card" aria-labelledby=id node_ref=host></section> }.into_any()
}

/// A paragraph.
fn paragraph(class: &'static str, text: impl Into<Node>) -> Node {
    leaf("p", class, text)
}

/// A button.
fn button(class: &'static str, label: impl Into<Node>, click: impl Fn() + 'static) -> Node {
    leaf("button", class, label)
        .with("type", "button")
        .on_click(click)
}

/// A button that applies an edit.
fn edit_button(app: App, class: &'static str, label: String, edit: &Edit) -> Node {
    let edit = edit.clone();
    button(class, label, move || app.apply(&edit))
}

/// A button of several, of which one is pressed.
fn choice(class: [&'static str; 2], on: bool, label: String, click: impl Fn() + 'static) -> Node {
    let [off_class, on_class] = class;
    button(if on { on_class } else { off_class }, label, click)
        .with("aria-pressed", if on { "true" } else { "false" })
}

/// Sizes of which one is the plan's; a click on another takes it.
fn chips(app: App, sizes: Vec<(String, bool, Edit)>) -> Node {
    let chips = sizes
        .into_iter()
        .map(|(label, on, edit)| {
            let chip = choice(["chip", "chip on"], on, label, move || app.apply(&edit));
            el("li", "", vec![chip])
        })
        .collect();
    el("ul", "chips", chips)
}

/// A status as a mark, and as a word for those who hear the page.
fn mark(status: Status) -> Node {
    let (class, mark, word) = match status {
        Status::Pass => ("ok", "✓", "Passes: "),
        Status::Warn => ("warn", "!", "Warning: "),
        Status::Fail => ("bad", "✕", "Fails: "),
        Status::NotApplicable => ("sub", "–", "Does not apply: "),
    };
    let seen = leaf("span", "", mark).with("aria-hidden", "true");
    el(
        "span",
        class,
        vec![seen, leaf("span", "visually-hidden", word)],
    )
}

/// A table of figures; a column whose name begins with `#` holds numbers.
fn table(columns: &[&'static str], rows: Vec<Vec<Node>>) -> Node {
    let class = |name: &&'static str| if name.starts_with('#') { "n" } else { "" };
    let head = columns
        .iter()
        .map(|name| leaf("th", class(name), name.trim_start_matches('#')))
        .collect();
    let rows = rows
        .into_iter()
        .map(|cells| {
            let cells = columns
                .iter()
                .zip(cells)
                .map(|(name, cell)| el("td", class(name), vec![cell]))
                .collect();
            el("tr", "", cells)
        })
        .collect();
    let head = el("thead", "", vec![el("tr", "", head)]);
    let table = el("table", "figures", vec![head, el("tbody", "", rows)]);
    el("div", "scroll", vec![table])
}
