//! The legend: the first groups and their colours, all of them in a sentence, and what else the
//! picture needs said.

use super::picture::Picture;
use crate::diagram::{
    SHADES, Shade, legend as entries, not_drawn, note, sentence, unassigned, unnamed_nodes,
};
use crate::dom::{Element, Str, div, el, span};
use leptos::prelude::*;

/// Groups after which the colours repeat: all shades but the two of no group.
const HUES: u64 = SHADES.len() as u64 - 2;

/// The legend.
pub fn legend(picture: Picture) -> Vec<Element> {
    let shape = picture.shape();
    picture.paint.with(|paint| {
        let name = paint.dim.name();
        let first = entries(paint)
            .into_iter()
            .map(|(group, shade)| match group {
                0 => entry(shade, format!("{name} group 0")),
                _ => entry(shade, group.to_string()),
            });
        let repeats = paint.shared_axis().is_some() && paint.crossing().groups > HUES;
        let class = if paint.is_misplaced() {
            "sentence warn"
        } else {
            "sentence"
        };
        let left = unassigned(&shape, paint).map(|left| entry(Shade::Unassigned, left));
        let line = div("gpus-legend")
            .children(first)
            .children(repeats.then(|| span("").text("… colours repeat")))
            .child(span(class).text(sentence(paint)))
            .children(left);
        let notes = [
            picture
                .layout
                .with(|layout| layout.as_ref().and_then(unnamed_nodes)),
            not_drawn(&shape),
            picture.with_plan(|plan| note(plan, paint)),
        ];
        let notes = notes
            .into_iter()
            .flatten()
            .map(|text| el("p").class("sub").text(text));
        std::iter::once(line).chain(notes).collect()
    })
}

fn entry(shade: Shade, name: impl Into<Str>) -> Element {
    let swatch = el("i").class(shade.class()).attr("aria-hidden", "true");
    span("entry").child(swatch).text(name)
}
