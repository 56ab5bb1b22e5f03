//! The diagram: every GPU in its node, coloured by its group, and what one of them does.

mod canvas;
mod focus;
mod keys;
mod legend;
mod picture;
mod table;

use super::state::App;
use crate::core::mesh::Dim;
use crate::diagram::mesh_words;
use crate::dom::{Element, button, div, el, span};
use crate::ui::show::show_in;
use leptos::prelude::*;
use picture::Picture;

/// Shows the diagram in the element of an id.
pub fn show_diagram(app: App, id: &str) {
    let picture = Picture::new(app);
    show_in(id, move || frame(picture));
    show_in("gpus-colours", move || colour_buttons(picture));
    show_in("gpus-mesh", move || {
        let words = picture.paint.with(mesh_words);
        words
            .map(|words| span("sub").text(words))
            .into_iter()
            .collect()
    });
    canvas::show_canvas(picture);
    show_in("gpus-legend", move || legend::legend(picture));
    focus::show_focus(picture);
    table::show_table(picture);
}

/// The places of the diagram's parts, which never change.
fn frame(picture: Picture) -> Vec<Element> {
    let place = |tag: &'static str, id: &'static str| el(tag).attr("id", id);
    vec![
        el("header")
            .child(place("h2", "gpus-title").text("GPUs"))
            .child(place("span", "gpus-colour").class("sub").text("colour by"))
            .child(
                place("span", "gpus-colours")
                    .class("seg")
                    .attr("role", "group")
                    .attr("aria-labelledby", "gpus-colour"),
            )
            .child(span("grow"))
            .child(place("span", "gpus-mesh")),
        div("gpus-body")
            .child(
                div("gpus-picture")
                    .children(canvas::frame(picture))
                    .child(place("div", "gpus-legend")),
            )
            .child(
                place("aside", "gpus-focus")
                    .class("focus")
                    .attr("aria-label", "The GPU in focus"),
            ),
        table::frame(picture),
    ]
}

fn colour_buttons(picture: Picture) -> Vec<Element> {
    let pressed = picture.paint.with(|paint| paint.dim);
    let one = |dim: &Dim| {
        let dim = *dim;
        button("", dim.name(), move || {
            picture.app.choose(|choices| choices.colour = dim)
        })
        .attr("title", long_name(dim))
        .attr(
            "aria-pressed",
            if dim == pressed { "true" } else { "false" },
        )
    };
    picture.dims().iter().map(one).collect()
}

fn long_name(dim: Dim) -> &'static str {
    match dim {
        Dim::Tp => "Tensor parallel",
        Dim::Cp => "Context parallel",
        Dim::Dp => "Data parallel",
        Dim::Pp => "Pipeline parallel",
        Dim::Etp => "Expert tensor parallel",
        Dim::Ep => "Expert parallel",
        Dim::Edp => "Expert data parallel",
    }
}
