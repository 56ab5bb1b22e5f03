//! The weight matrices of one layer, drawn with the lines along which they are split.

use meshplan::core::decimal::fixed;
use meshplan::core::layer::{Matrix, Split};
use meshplan::core::units::grouped;
use meshplan::dom::{Element, div, el, span, svg};

/// Side of the largest matrix, in pixels.
const LARGEST: f64 = 112.0;

/// The least that a side is drawn with.
const LEAST: f64 = 6.0;

/// Splits into more parts than this are drawn whole.
const MOST_PARTS: u64 = 64;

/// Colours of the parts, which repeat.
const COLOURS: [&str; 8] = ["h0", "h1", "h2", "h3", "h4", "h5", "h6", "h7"];

/// The matrices of a layer.
pub fn drawings(matrices: &[Matrix]) -> Element {
    let sides = matrices.iter().map(|m| m.rows.max(m.columns));
    let scale = LARGEST / sides.max().unwrap_or(1) as f64;
    let figures = matrices.iter().map(|m| figure(m, scale));
    div("matrices").children(figures)
}

fn figure(matrix: &Matrix, scale: f64) -> Element {
    let width = (matrix.columns as f64 * scale).max(LEAST);
    let height = (matrix.rows as f64 * scale).max(LEAST);
    let parts = match matrix.split {
        Split::Column | Split::Row if matrix.ways <= MOST_PARTS => matrix.ways,
        _ => 1,
    };
    let pieces = (0..parts)
        .zip(COLOURS.iter().cycle())
        .map(|(i, class)| piece(matrix.split, class, i as f64 / parts as f64, parts));
    let drawing = svg("svg")
        .children(pieces)
        .attr("aria-hidden", "true")
        .attr("width", fixed(width, 0))
        .attr("height", fixed(height, 0));
    let mut words = vec![
        el("b").text(format!("{}: {}", matrix.block, matrix.name)),
        el("span").text(shape(matrix.rows, matrix.columns)),
        el("span").text(split(matrix)),
    ];
    words.extend(matrix.note.clone().map(|note| span("sub").text(note)));
    el("figure")
        .child(drawing)
        .child(el("figcaption").children(words))
}

/// The part of one GPU, which begins at a share of the whole.
fn piece(split: Split, class: &'static str, at: f64, parts: u64) -> Element {
    let percent = |share: f64| format!("{}%", fixed(share * 100.0, 2));
    let (at, length) = (percent(at), percent(1.0 / parts as f64));
    let (start, across, along) = match split {
        Split::Row => ("y", "width", "height"),
        Split::Column | Split::Whole => ("x", "height", "width"),
    };
    svg("rect")
        .class(class)
        .attr(start, at)
        .attr(across, "100%")
        .attr(along, length)
}

fn shape(rows: u64, columns: u64) -> String {
    format!("{} × {}", grouped(rows), grouped(columns))
}

fn split(matrix: &Matrix) -> String {
    let what = match matrix.split {
        Split::Whole => return "whole on every GPU".to_owned(),
        _ if matrix.ways < 2 => return "whole on each GPU".to_owned(),
        Split::Column => "columns",
        Split::Row => "rows",
    };
    let uneven = if matrix.even {
        ""
    } else {
        ", which does not divide evenly"
    };
    format!(
        "{what} over {}: {} on each{uneven}",
        grouped(matrix.ways),
        shape(matrix.rows_per_gpu, matrix.columns_per_gpu)
    )
}
