//! The weight matrices of one layer, drawn with the lines along which they are split.

use crate::core::layer::{Matrix, Split};
use crate::core::units::grouped;
use leptos::prelude::*;

/// Side of the largest matrix, in pixels.
const LARGEST: f64 = 112.0;

/// The least that a side is drawn with.
const LEAST: f64 = 6.0;

/// Splits into more parts than this are drawn whole.
const MOST_PARTS: u64 = 64;

/// The matrices of a layer, block by block.
pub fn drawings(matrices: &[Matrix]) -> AnyView {
    let longest = matrices
        .iter()
        .map(|m| m.rows.max(m.columns))
        .max()
        .unwrap_or(1);
    let scale = LARGEST / longest as f64;
    let figures: Vec<AnyView> = matrices.iter().map(|m| figure(m, scale)).collect();
    view! { <div class="matrices">{figures}</div> }.into_any()
}

fn figure(matrix: &Matrix, scale: f64) -> AnyView {
    let width = (matrix.columns as f64 * scale).max(LEAST);
    let height = (matrix.rows as f64 * scale).max(LEAST);
    let parts = if matrix.ways <= MOST_PARTS {
        matrix.ways
    } else {
        1
    };
    let pieces: Vec<AnyView> = (0..parts)
        .map(|i| piece(matrix.split, i, parts, width, height))
        .collect();
    let size = |n: f64| format!("{n:.0}");
    view! {
        <figure>
            <svg
                aria-hidden="true"
                width=size(width + 1.0)
                height=size(height + 1.0)
                viewBox=format!("-0.5 -0.5 {:.1} {:.1}", width + 1.0, height + 1.0)
            >
                {pieces}
            </svg>
            <figcaption>
                <b>{matrix.block} ": " {matrix.name}</b>
                <span>{shape(matrix.rows, matrix.columns)}</span>
                <span>{split(matrix)}</span>
                {matrix.note.clone().map(|note| view! { <span class="sub">{note}</span> })}
            </figcaption>
        </figure>
    }
    .into_any()
}

/// The part of one GPU; colours repeat after eight.
fn piece(split: Split, i: u64, parts: u64, width: f64, height: f64) -> AnyView {
    const COLOURS: [&str; 8] = ["h0", "h1", "h2", "h3", "h4", "h5", "h6", "h7"];
    let class = COLOURS
        .iter()
        .cycle()
        .nth(usize::try_from(i).unwrap_or(0))
        .copied()
        .unwrap_or("h0");
    let (across, down) = match split {
        Split::Column => (width / parts as f64, height),
        Split::Row => (width, height / parts as f64),
        Split::Whole => (width, height),
    };
    let (x, y) = match split {
        Split::Column => (i as f64 * across, 0.0),
        Split::Row => (0.0, i as f64 * down),
        Split::Whole => (0.0, 0.0),
    };
    let number = |n: f64| format!("{n:.2}");
    view! { <rect class=class x=number(x) y=number(y) width=number(across) height=number(down)></rect> }
        .into_any()
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
