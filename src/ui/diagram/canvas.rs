//! The picture itself: one path a colour however many GPUs there are, and one listener that finds
//! the GPU under the pointer by its place.

use super::keys::on_key;
use super::picture::Picture;
use crate::diagram::{
    Detail, Label, Layout, SHADES, cell_labels, labels_of, node_labels, spoken, summary,
};
use crate::dom::{Element, Str, el, span, svg};
use crate::ui::show::show_in;
use crate::ui::state::{App, Focus};
use leptos::prelude::*;
use wasm_bindgen::JsCast;

/// The element that the picture fills, which takes the keys.
const FRAME: &str = "gpus-frame";

/// The layers of the picture, each drawn anew only when what it shows changes; the first lies
/// below the others.
const LAYERS: [(&str, &str); 6] = [
    ("gpus-nodes", "nodes"),
    ("gpus-names", "names"),
    ("gpus-cells", "cells"),
    ("gpus-misplaced", "misplaced"),
    ("gpus-texts", "texts"),
    ("gpus-highlight", "highlight"),
];

/// The places of the picture and of the words for those who do not see it.
pub fn frame(picture: Picture) -> Vec<Element> {
    vec![
        el("div")
            .attr("id", FRAME)
            .class("gpus-frame")
            .attr("tabindex", "0")
            .attr("role", "application")
            .attr("aria-label", "Diagram of the GPUs")
            .attr("aria-describedby", "gpus-keys")
            .flag("hidden", !picture.is_drawn())
            .on("keydown", move |event| {
                if let Some(event) = event.dyn_ref() {
                    on_key(picture, event);
                }
            }),
        el("p")
            .attr("id", "gpus-keys")
            .class("visually-hidden")
            .text(
                "Arrow keys move from GPU to GPU, Home and End go to the first and the last, Enter \
             pins one, Escape lets go. The numbers from 1 choose the colour, in the order of its buttons.",
            ),
        el("p")
            .attr("id", "gpus-pin")
            .class("visually-hidden")
            .attr("aria-live", "polite"),
    ]
}

/// The pinned rank in words; one that is merely pointed at is not read out.
fn pinned(picture: Picture) -> Vec<Element> {
    let rank = picture.pinned();
    let words = rank.map(|rank| picture.with_plan(|plan| spoken(plan, rank)));
    words
        .map(|words| span("").text(words))
        .into_iter()
        .collect()
}

/// Shows the picture in its frame.
pub fn show_canvas(picture: Picture) {
    show_in(FRAME, move || vec![canvas(picture)]);
    let with_layout = move |draw: fn(&Picture, &Layout) -> Vec<Element>| {
        move || match picture.layout.get() {
            Some(layout) => draw(&picture, &layout),
            None => Vec::new(),
        }
    };
    show_in(
        "gpus-nodes",
        with_layout(|_, layout| vec![path("", layout.node_path())]),
    );
    show_in(
        "gpus-names",
        with_layout(|_, layout| texts(node_labels(layout))),
    );
    show_in("gpus-cells", with_layout(cells));
    show_in("gpus-misplaced", with_layout(misplaced));
    show_in("gpus-texts", with_layout(cell_texts));
    show_in("gpus-highlight", with_layout(highlight));
    show_in("gpus-pin", move || pinned(picture));
    measure(picture);
    // For as long as the page stands.
    let _ = window_event_listener(leptos::ev::resize, move |_| measure(picture));
}

fn measure(picture: Picture) {
    let frame = document().get_element_by_id(FRAME);
    // A hidden frame has no width.
    let width = frame.map_or(0, |frame| frame.client_width());
    if width > 0 && width != picture.app.chosen_now(|choices| choices.diagram_width) {
        picture.app.choose(|choices| choices.diagram_width = width);
    }
}

fn canvas(picture: Picture) -> Element {
    let app = picture.app;
    let shape = picture.shape();
    let (view_box, size) = picture.layout.with(|layout| match layout {
        Some(layout) => (
            format!("0 0 {} {}", layout.width, layout.height),
            size_class(layout),
        ),
        None => ("0 0 1 1".to_owned(), ""),
    });
    let class = size.to_owned()
        + if picture.highlight().is_some_and(|shown| shown.dims_others) {
            " focused"
        } else {
            ""
        };
    svg("svg")
        .attr("role", "img")
        .attr(
            "aria-label",
            picture.paint.with(|paint| summary(&shape, paint)),
        )
        .attr("viewBox", view_box)
        .class(class)
        .on("pointermove", move |event| {
            let pointer = event.unchecked_ref::<web_sys::PointerEvent>();
            let touch = pointer.pointer_type() == "touch";
            let rank = rank_under(picture, &event);
            // A finger that scrolls the page points at nothing.
            if !touch {
                hover(app, rank);
            }
        })
        .on("pointerleave", move |_| hover(app, None))
        .on("click", move |event| {
            if let Some(rank) = rank_under(picture, &event) {
                let focus = app.focus_now();
                let pinned = (focus.pinned != Some(rank)).then_some(rank);
                app.look_at(Focus { pinned, ..focus });
            }
        })
        .children(LAYERS.map(|(id, class)| svg("g").attr("id", id).class(class)))
}

fn hover(app: App, hovered: Option<u64>) {
    app.look_at(Focus {
        hovered,
        ..app.focus_now()
    });
}

fn size_class(layout: &Layout) -> &'static str {
    match layout.level.detail {
        Detail::Coordinates { .. } => "large",
        Detail::Rank => "medium",
        Detail::Colour if layout.level.height >= 10 => "small",
        Detail::Colour => "tiny",
    }
}

fn cells(picture: &Picture, layout: &Layout) -> Vec<Element> {
    let paths = picture.paint.with(|paint| paint.paths(layout));
    let shades = SHADES.iter().zip(paths);
    shades
        .map(|(shade, data)| path(shade.class(), data))
        .collect()
}

fn misplaced(picture: &Picture, layout: &Layout) -> Vec<Element> {
    vec![path(
        "",
        picture.paint.with(|paint| paint.misplaced_path(layout)),
    )]
}

fn cell_texts(picture: &Picture, layout: &Layout) -> Vec<Element> {
    texts(picture.paint.with(|paint| cell_labels(layout, paint)))
}

/// The group of the GPU in focus, in full colour over the dimmed cells.
fn highlight(picture: &Picture, layout: &Layout) -> Vec<Element> {
    let Some(highlight) = picture.highlight() else {
        return Vec::new();
    };
    let class =
        highlight.shade.class().to_owned() + if highlight.crosses { " crosses" } else { "" };
    let labels: Vec<Label> = picture.paint.with(|paint| {
        let members = highlight.members.iter();
        members
            .flat_map(|rank| labels_of(layout, paint, *rank))
            .collect()
    });
    vec![
        path(class, highlight.group),
        path("focus-cell", highlight.cell),
        svg("g").class("texts").children(texts(labels)),
    ]
}

fn path(class: impl Into<Str>, data: String) -> Element {
    svg("path").class(class).attr("d", data)
}

fn texts(labels: Vec<Label>) -> Vec<Element> {
    let text = |label: Label| {
        let size = if label.small { "coordinate " } else { "rank " };
        svg("text")
            .class(size.to_owned() + label.shade.class())
            .attr("x", label.x.to_string())
            .attr("y", label.y.to_string())
            .text(label.text)
    };
    labels.into_iter().map(text).collect()
}

/// The rank under the pointer, by the way back from the screen to the layout.
fn rank_under(picture: Picture, event: &web_sys::Event) -> Option<u64> {
    let layout = picture.layout.get_untracked()?;
    let svg: web_sys::Element = event.current_target()?.unchecked_into();
    let event = event.unchecked_ref::<web_sys::MouseEvent>();
    let on_screen = svg.get_bounding_client_rect();
    let scale = f64::from(layout.width) / on_screen.width();
    let x = f64::from(event.client_x()) - on_screen.left();
    let y = f64::from(event.client_y()) - on_screen.top();
    layout.rank_at(x * scale, y * scale)
}
