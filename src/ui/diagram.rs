//! The diagram: every GPU in its node, coloured by its group or by a figure, and what one of them
//! does.

mod beside;
mod canvas;
mod keys;
mod legend;
mod picture;
mod pointer;
mod raster;
mod tools;

use super::state::App;
use crate::core::mesh::Dim;
use crate::diagram::{ColourBy, Measure, mesh_words};
use crate::dom::{Element, button, div, el, span};
use crate::ui::show::show_in;
use leptos::prelude::*;
use picture::Picture;
use wasm_bindgen::prelude::*;

/// Shows the diagram in the element of an id.
pub fn show_diagram(app: App, id: &str) {
    let pictures = Picture::both(app);
    let [picture, beside] = pictures;
    show_in(id, move || frame(picture, beside));
    show_in("gpus-colours", move || colour_buttons(pictures));
    show_in("gpus-tools", move || tools::tools(picture));
    for picture in pictures {
        show_in(&picture.id("mesh"), move || mesh(picture));
        canvas::show_canvas(picture);
        show_in(&picture.id("legend"), move || legend::legend(picture));
    }
    beside::show_beside(pictures);
    follow_width(picture);
    raster::follow_system_colours(app);
}

/// The places of the diagram's parts.
fn frame(picture: Picture, beside: Picture) -> Vec<Element> {
    let place = |tag: &'static str, id: &'static str| el(tag).attr("id", id);
    let pane = |picture: Picture| {
        div("gpus-pane")
            .flag("hidden", picture.side == 1 && !picture.is_shown())
            .child(el("p").attr("id", picture.id("mesh")).class("sub mesh"))
            .children(canvas::frame(picture))
            .child(el("div").attr("id", picture.id("legend")))
    };
    let panes = if picture.are_both_shown() {
        "gpus-panes both"
    } else {
        "gpus-panes"
    };
    vec![
        el("header")
            .child(place("h2", "gpus-title").text("GPUs"))
            .child(place("span", "gpus-colour").class("sub").text("colour by"))
            .child(
                place("span", "gpus-colours")
                    .class("seg")
                    .attr("role", "group")
                    .attr("aria-labelledby", "gpus-colour"),
            ),
        div("gpus-body")
            .child(
                div("gpus-picture")
                    .child(place("div", "gpus-tools"))
                    .child(div(panes).child(pane(picture)).child(pane(beside))),
            )
            .child(
                place("aside", "gpus-focus")
                    .class("focus")
                    .attr("tabindex", "0")
                    .attr("aria-label", "The GPU in focus"),
            ),
        beside::table_frame(picture),
    ]
}

/// The mesh that is coloured, with its sizes.
fn mesh(picture: Picture) -> Vec<Element> {
    let words = picture.paint.with(|paint| {
        let words = mesh_words(paint)?;
        Some(match picture.are_both_shown() {
            true => [&words, ", coloured by ", paint.by.name()].concat(),
            false => words,
        })
    });
    words
        .map(|words| span("").text(words))
        .into_iter()
        .collect()
}

fn colour_buttons([picture, beside]: [Picture; 2]) -> Vec<Element> {
    let both = picture.are_both_shown();
    let pressed = picture.paint.with(|paint| paint.by);
    let pressed_too = both.then(|| beside.paint.with(|paint| paint.by));
    let one = |by: ColourBy| {
        let on = by == pressed || Some(by) == pressed_too;
        button("", by.name(), move || picture.app.colour(by))
            .attr("title", long_name(by))
            .attr("aria-pressed", if on { "true" } else { "false" })
    };
    picture.colours().map(one).collect()
}

fn long_name(by: ColourBy) -> &'static str {
    match by {
        ColourBy::Groups(Dim::Tp) => "Tensor parallel",
        ColourBy::Groups(Dim::Cp) => "Context parallel",
        ColourBy::Groups(Dim::Dp) => "Data parallel",
        ColourBy::Groups(Dim::Pp) => "Pipeline parallel",
        ColourBy::Groups(Dim::Etp) => "Expert tensor parallel",
        ColourBy::Groups(Dim::Ep) => "Expert parallel",
        ColourBy::Groups(Dim::Edp) => "Expert data parallel",
        ColourBy::Figure(Measure::Stage) => "Pipeline stage",
        ColourBy::Figure(Measure::Memory) => "Memory in use",
        ColourBy::Figure(Measure::Parameters) => "Parameters held",
        ColourBy::Figure(Measure::Network) => "Bytes sent between nodes in one step",
    }
}

/// Keeps the width of the pictures' box, for as long as the page stands.
fn follow_width(picture: Picture) {
    let Some(frame) = document().get_element_by_id(&picture.id("frame")) else {
        return;
    };
    let measured = frame.clone();
    let measure = Closure::<dyn Fn()>::new(move || {
        // A hidden frame has no width.
        let width = measured.client_width();
        if width > 0 && width != picture.app.chosen_now(|choices| choices.diagram_width) {
            picture.app.choose(|choices| choices.diagram_width = width);
        }
    });
    let now: &js_sys::Function = measure.as_ref().unchecked_ref();
    let _ = now.call0(&JsValue::NULL);
    if let Ok(observer) = web_sys::ResizeObserver::new(now) {
        observer.observe(&frame);
    }
    measure.forget();
}
