//! The legend of a picture: its colours, all of its groups in a sentence, and what else needs said.

use super::picture::Picture;
use crate::diagram::scene::Style;
use crate::diagram::{
    MISPLACED, Paint, Shade, Shape, legend as entries, misplaced, not_drawn, note, sentence,
    unassigned, unnamed_nodes,
};
use crate::dom::{Element, Str, div, el, sample, span};
use crate::ui::state::App;
use leptos::prelude::*;

/// The legend.
pub fn legend(picture: Picture) -> Vec<Element> {
    if picture.side == 1 && !picture.are_both_shown() {
        return Vec::new();
    }
    let shape = picture.with_plan(Shape::of);
    if let Some(why) = not_drawn(&shape) {
        return vec![el("p").class("sub").text(why)];
    }
    picture.paint.with(|paint| {
        let colours = entries(paint)
            .into_iter()
            .map(|(shade, text)| entry(&shade.style(), text));
        let line = div("gpus-legend")
            .children(colours)
            .child(span("sentence").text(words(picture.app, paint)))
            .children(misplaced(paint).map(|text| {
                let sample = sample(&MISPLACED, false);
                span("entry warn").child(sample).text(text)
            }))
            .children(unassigned(&shape, paint).map(|text| {
                let missing = shape.missing > 0;
                let shade = if missing {
                    Shade::Missing
                } else {
                    Shade::Unassigned
                };
                entry(&shade.style(), text)
            }));
        let notes = [
            picture.scope.with(|scope| {
                scope
                    .as_ref()
                    .and_then(|scope| unnamed_nodes(&scope.layout, true))
            }),
            picture.with_plan(|plan| note(plan, paint)),
        ];
        let notes = notes
            .into_iter()
            .flatten()
            .map(|text| el("p").class("sub").text(text));
        std::iter::once(line).chain(notes).collect()
    })
}

/// The groups or figures in a sentence, or why their figures are not there.
fn words(app: App, paint: &Paint) -> String {
    let figures = !matches!(paint.by, crate::diagram::ColourBy::Groups(_));
    let wait = app.chosen(|choices| choices.api.wait());
    wait.filter(|_| figures).unwrap_or_else(|| sentence(paint))
}

fn entry(style: &Style, name: impl Into<Str>) -> Element {
    span("entry").child(sample(style, false)).text(name)
}
