//! A figure's origin, one click below it: its formula, the values put in, its source.

use super::node::{Node, el, leaf};
use crate::core::formula::Formula;

/// A row of figures that opens to where they come from. `class` lays out the figures.
pub fn opening(class: &'static str, figures: Vec<Node>, origin: Node) -> Node {
    let summary = el("summary", "", vec![el("span", class, figures)]);
    el("details", "origin", vec![summary, origin])
}

/// A formula in names, with the values put in, and its source.
pub fn formula(formula: &Formula) -> Node {
    let with_values = &formula.with_values;
    let values = match with_values.rsplit_once(" = ") {
        // The result stands out.
        Some((values, result)) => vec![
            format!("{values} = ").into(),
            leaf("b", "", result.to_owned()),
        ],
        None => vec![with_values.clone().into()],
    };
    let lines = vec![line(&formula.formula), el("span", "line", values)];
    self::lines(lines, formula.source)
}

/// Lines of an origin, above its source.
pub fn lines(mut lines: Vec<Node>, source: &'static str) -> Node {
    lines.push(leaf("span", "source", source));
    el("div", "formula", lines)
}

/// A line of an origin.
pub fn line(text: &str) -> Node {
    leaf("span", "line", text.to_owned())
}
