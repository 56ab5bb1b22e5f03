//! A figure's origin, one click below it: its formula, the values put in, its source.

use meshplan::core::formula::Formula;
use meshplan::dom::{Element, div, el, span};

/// A row of figures that opens to where they come from. `class` lays out the figures.
pub fn opening(class: &'static str, figures: Vec<Element>, origin: Element) -> Element {
    let summary = el("summary").child(span(class).children(figures));
    el("details").class("origin").child(summary).child(origin)
}

/// A formula in names, with the values put in, and its source.
pub fn formula(formula: &Formula) -> Element {
    let with_values = &formula.with_values;
    let values = match with_values.rsplit_once('=') {
        // The result stands out.
        Some((values, result)) => span("line")
            .text(format!("{values}= "))
            .child(el("b").text(result.trim_start().to_owned())),
        None => line(with_values),
    };
    lines(vec![line(&formula.formula), values], formula.source)
}

/// Lines of an origin, above its source.
pub fn lines(lines: Vec<Element>, source: &'static str) -> Element {
    div("formula")
        .children(lines)
        .child(span("source").text(source))
}

/// A line of an origin.
pub fn line(text: &str) -> Element {
    span("line").text(text.to_owned())
}
