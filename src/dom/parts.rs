//! Pieces that several parts of the page are made of.

use super::{Element, Node, Str, button, div, el, span};
use crate::core::checks::Status;

/// A place for what is there only sometimes, so that what follows keeps its own place, and with it
/// what the reader has opened there.
pub fn sometimes(element: Option<Element>) -> Element {
    el("div").children(element)
}

/// A cell of a table that holds a text.
pub fn cell(text: impl Into<Str>) -> Node {
    Node::Text(text.into())
}

/// A paragraph.
pub fn paragraph(class: &'static str, text: impl Into<Str>) -> Element {
    el("p").class(class).text(text)
}

/// A button of several, of which one is pressed.
pub fn choice(
    class: [&'static str; 2],
    on: bool,
    label: String,
    click: impl Fn() + 'static,
) -> Element {
    let [off_class, on_class] = class;
    button(if on { on_class } else { off_class }, label, click)
        .attr("aria-pressed", if on { "true" } else { "false" })
}

/// A status as a mark, and as a word for those who hear the page.
pub fn mark(status: Status) -> Element {
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
pub fn table(columns: &[&'static str], rows: Vec<Vec<Node>>) -> Element {
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
    scrolling().child(table)
}

/// A box that scrolls sideways where what it holds is wider: with the keys too.
pub fn scrolling() -> Element {
    div("scroll").attr("tabindex", "0")
}
