//! A picture itself. Cells that can be told apart are one path a shade; where they are tiny, they
//! are pixels (`raster.rs`). Listeners of the whole picture find the GPU under the pointer by its
//! place.

use super::keys::on_key;
use super::picture::Picture;
use super::{pointer, raster};
use crate::diagram::colours::{INK, MUTED, PANEL};
use crate::diagram::scene::Style;
use crate::diagram::{
    Detail, Label, Layout, Lit, MISPLACED, NODE, Paint, RACK, SHADES, Scope, cell_labels_in,
    cells_path, labels_of, node_labels_in, rack_labels_in, summary,
};
use crate::dom::{Element, el, svg, svg_path};
use crate::ui::show::show_in;
use leptos::prelude::*;
use wasm_bindgen::JsCast;

/// The layers of a picture, each drawn anew only when what it shows changes; the first lies
/// below the others.
const LAYERS: [&str; 6] = ["nodes", "names", "cells", "misplaced", "texts", "highlight"];

/// The lines of a group in focus, of the other groups, and of the GPU itself.
const GROUP: Style = Style::line(INK, 2.0);
const OTHERS: Style = Style::line(INK, 1.0);
const CELL: Style = Style::line(INK, 3.0);
/// Below the line of a GPU that is tiny, so that it is seen on any colour.
const HALO: Style = Style::line(PANEL, 6.0);

/// The place of a picture and of the words for those who do not see it.
pub fn frame(picture: Picture) -> Vec<Element> {
    let name = if picture.side == 0 {
        "Diagram of the GPUs"
    } else {
        "Diagram of the GPUs by the experts’ mesh"
    };
    let mut parts = vec![
        el("div")
            .attr("id", picture.id("frame"))
            .class("gpus-frame")
            .attr("tabindex", "0")
            .attr("role", "application")
            .attr("aria-label", name)
            .attr("aria-describedby", "gpus-keys")
            .flag("hidden", !picture.is_shown())
            .on("keydown", move |event| {
                if let Some(event) = event.dyn_ref() {
                    on_key(picture, event);
                }
            }),
    ];
    if picture.side == 0 {
        parts.push(el("p").attr("id", "gpus-keys").class("visually-hidden").text(
            "Arrow keys move from GPU to GPU, Home and End go to the first and the last, Enter pins \
             one, Escape lets go. Plus and minus zoom, 0 shows all, Shift with an arrow key moves the \
             picture. The numbers from 1 choose the colour, in the order of its buttons.",
        ));
        parts.push(
            el("p")
                .attr("id", "gpus-pin")
                .class("visually-hidden")
                .attr("aria-live", "polite"),
        );
    }
    parts
}

/// Shows a picture in its frame.
pub fn show_canvas(picture: Picture) {
    show_in(&picture.id("frame"), move || canvas(picture));
    // A layer is empty while its picture is not shown, or its cells are pixels.
    let layer = move |name, draw: fn(&Picture, &Scope) -> Vec<Element>| {
        show_in(&picture.id(name), move || {
            match picture.scope.get().filter(|_| picture.is_shown()) {
                Some(scope) => draw(&picture, &scope),
                None => Vec::new(),
            }
        });
    };
    layer("nodes", nodes);
    layer("names", names);
    layer("cells", cells);
    layer("misplaced", misplaced);
    layer("texts", cell_texts);
    layer("highlight", highlight);
    raster::show_raster(picture);
}

fn canvas(picture: Picture) -> Vec<Element> {
    let scope = picture.scope.get().filter(|_| picture.is_shown());
    let layers = LAYERS.map(|name| svg("g").attr("id", picture.id(name)).class(name));
    let mut drawing = svg("svg").attr("role", "img").children(layers);
    let mut is_tiny = false;
    if let Some(scope) = scope {
        let window = scope.window;
        let sides = [window.x, window.y, window.width, window.height];
        let lit = picture.lit().is_some_and(|lit| lit.dims_others());
        let class = [
            size_class(&scope.layout),
            if lit { " focused" } else { "" },
            if scope.steps > 0 { " pannable" } else { "" },
        ];
        let name = picture.paint.with(|paint| summary(&scope.shape, paint));
        drawing = drawing
            .attr("aria-label", name)
            .attr("viewBox", sides.map(|side| side.to_string()).join(" "))
            .class(class.concat());
        is_tiny = scope.layout.level.is_tiny();
    }
    let pixels = el("canvas")
        .attr("id", picture.id("raster"))
        .attr("aria-hidden", "true")
        .flag("hidden", !is_tiny);
    vec![pixels, pointer::listening(picture, drawing)]
}

fn size_class(layout: &Layout) -> &'static str {
    match layout.level.detail {
        Detail::Coordinates { .. } => "large",
        Detail::Rank => "medium",
        Detail::Colour => "small",
    }
}

fn nodes(_: &Picture, scope: &Scope) -> Vec<Element> {
    let layout = &scope.layout;
    if layout.level.is_tiny() {
        return Vec::new();
    }
    vec![
        svg_path(&RACK, layout.rack_path(scope.window)),
        svg_path(&NODE, layout.node_path(scope.window)),
    ]
}

fn names(_: &Picture, scope: &Scope) -> Vec<Element> {
    let mut labels = rack_labels_in(&scope.layout, scope.window);
    labels.extend(node_labels_in(&scope.layout, scope.window));
    let name = |label: &Label| text(label).attr("fill", MUTED.css);
    labels.iter().map(name).collect()
}

fn cells(picture: &Picture, scope: &Scope) -> Vec<Element> {
    if scope.layout.level.is_tiny() {
        return Vec::new();
    }
    let paths = picture
        .paint
        .with(|paint| paint.paths_in(&scope.layout, scope.window));
    shaded(paths)
}

/// A path a shade; those without cells are left out.
fn shaded(paths: [String; SHADES.len()]) -> Vec<Element> {
    let shades = SHADES.iter().zip(paths);
    shades
        .filter(|(_, data)| !data.is_empty())
        .map(|(shade, data)| svg_path(&shade.style(), data))
        .collect()
}

fn misplaced(picture: &Picture, scope: &Scope) -> Vec<Element> {
    if scope.layout.level.is_tiny() {
        return Vec::new();
    }
    let path = picture
        .paint
        .with(|paint| paint.misplaced_path_in(&scope.layout, scope.window));
    vec![svg_path(&MISPLACED, path)]
}

fn cell_texts(picture: &Picture, scope: &Scope) -> Vec<Element> {
    let labels = picture
        .paint
        .with(|paint| cell_labels_in(&scope.layout, paint, scope.window));
    texts(&labels)
}

/// The groups of the GPU in focus, in full colour over the dimmed cells.
fn highlight(picture: &Picture, scope: &Scope) -> Vec<Element> {
    let Some(lit) = picture.lit() else {
        return Vec::new();
    };
    let (layout, window) = (&scope.layout, scope.window);
    let path = |ranks: &[u64]| cells_path(layout, window, ranks.iter().copied());
    let cell = path(&[lit.rank]);
    if layout.level.is_tiny() {
        // The rest of it is in the pixels.
        return vec![
            svg_path(&HALO, cell.clone()),
            svg_path(&CELL, cell).attr("class", "focus-cell"),
        ];
    }
    let mut group = GROUP;
    if lit.crosses {
        group = group.dashed("4 2");
    }
    let (cells, labels) = picture.paint.with(|paint| lit_cells(paint, scope, &lit));
    vec![
        svg("g").class("lit").children(shaded(cells)),
        svg_path(&OTHERS, path(&lit.others)),
        svg_path(&group, path(&lit.group)).attr("class", "group"),
        svg_path(&CELL, cell).attr("class", "focus-cell"),
        svg("g").class("texts").children(texts(&labels)),
    ]
}

fn lit_cells(paint: &Paint, scope: &Scope, lit: &Lit) -> ([String; SHADES.len()], Vec<Label>) {
    let layout = &scope.layout;
    let mut paths: [String; SHADES.len()] = Default::default();
    let mut labels = Vec::new();
    let mut drawn: Vec<u64> = Vec::new();
    for rank in lit.all() {
        let seen = layout.draws(rank) && layout.cell(rank).touches(scope.window);
        if !seen || drawn.contains(&rank) {
            continue;
        }
        drawn.push(rank);
        let shade = paint.shade(rank).index();
        if let Some(path) = paths.get_mut(usize::from(shade)) {
            layout.cell(rank).push_to(path);
        }
        labels.extend(labels_of(layout, paint, rank));
    }
    (paths, labels)
}

fn texts(labels: &[Label]) -> Vec<Element> {
    let text = |label: &Label| {
        text(label)
            .class(if label.small { "coordinate" } else { "rank" })
            .attr("fill", label.shade.words().css)
    };
    labels.iter().map(text).collect()
}

fn text(label: &Label) -> Element {
    svg("text")
        .attr("x", label.x.to_string())
        .attr("y", label.y.to_string())
        .text(label.text.clone())
}
