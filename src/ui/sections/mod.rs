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
use super::dom::{self, Element, Node, Str, div, el, show_in, span};
use crate::core::checks::Status;
use crate::core::config::Edit;

/// Shows every section in the element of an id, in the order of reading.
pub fn show_all(app: App, id: &str) {
    show_in(id, frame);
    memory::show(app);
    checks::show(app);
    communication::show(app);
    advice::show(app);
    pipeline::show(app);
    batch::show(app);
    explain::show(app);
}

/// The places of the sections, which never change.
fn frame() -> Vec<Element> {
    let card = |id: &'static str| {
        el("section")
            .attr("id", id)
            .attr("aria-labelledby", format!("{id}-title"))
            .class("card")
    };
    vec![
        div("cols").child(card("memory")).child(card("checks")),
        div("cols")
            .child(card("communication"))
            .child(card("advice")),
        card("pipeline"),
        card("batch"),
        card("explain"),
    ]
}

/// Shows a section in its place. `build` gives what stands beside its title, and what it holds.
fn show_section(
    id: &'static str,
    title: &'static str,
    build: impl Fn() -> (Vec<Element>, Vec<Element>) + 'static,
) {
    show_in(id, move || {
        let (beside, body) = build();
        let title = el("h2").attr("id", format!("{id}-title")).text(title);
        vec![
            el("header").child(title).children(beside),
            div("in").children(body),
        ]
    });
}

/// A place for what is there only sometimes, so that what follows keeps its own place, and with it
/// what the reader has opened there.
fn sometimes(element: Option<Element>) -> Element {
    el("div").children(element)
}

/// A cell of a table that holds a text.
fn cell(text: impl Into<Str>) -> Node {
    Node::Text(text.into())
}

/// A paragraph.
fn paragraph(class: &'static str, text: impl Into<Str>) -> Element {
    el("p").class(class).text(text)
}

/// A button that applies an edit.
fn edit_button(app: App, class: &'static str, label: String, edit: &Edit) -> Element {
    let edit = edit.clone();
    dom::button(class, label, move || app.apply(&edit))
}

/// A button of several, of which one is pressed.
fn choice(
    class: [&'static str; 2],
    on: bool,
    label: String,
    click: impl Fn() + 'static,
) -> Element {
    let [off_class, on_class] = class;
    dom::button(if on { on_class } else { off_class }, label, click)
        .attr("aria-pressed", if on { "true" } else { "false" })
}

/// Sizes of which one is the plan's; a click on another takes it.
fn chips(app: App, sizes: Vec<(String, bool, Edit)>) -> Element {
    let chips = sizes.into_iter().map(|(label, on, edit)| {
        let chip = choice(["chip", "chip on"], on, label, move || app.apply(&edit));
        el("li").child(chip)
    });
    el("ul").class("chips").children(chips)
}

/// A status as a mark, and as a word for those who hear the page.
fn mark(status: Status) -> Element {
    let (class, mark, word) = match status {
        Status::Pass => ("ok", "✓", "Passes: "),
        Status::Warn => ("warn", "!", "Warning: "),
        Status::Fail => ("bad", "✕", "Fails: "),
        Status::NotApplicable => ("sub", "–", "Does not apply: "),
    };
    span(class)
        .child(el("span").attr("aria-hidden", "true").text(mark))
        .child(span("visually-hidden").text(word))
}

/// A table of figures; a column whose name begins with `#` holds numbers.
fn table(columns: &[&'static str], rows: Vec<Vec<Node>>) -> Element {
    let class = |name: &&'static str| if name.starts_with('#') { "n" } else { "" };
    let head = columns.iter().map(|name| {
        el("th")
            .class(class(name))
            .text(name.trim_start_matches('#'))
    });
    let rows = rows.into_iter().map(|cells| {
        let cells = columns
            .iter()
            .zip(cells)
            .map(|(name, cell)| el("td").class(class(name)).child(cell));
        el("tr").children(cells)
    });
    let head = el("thead").child(el("tr").children(head));
    let table = el("table")
        .class("figures")
        .child(head)
        .child(el("tbody").children(rows));
    div("scroll").child(table)
}
