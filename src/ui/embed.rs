//! The page inside another page: the plan's name, the parts that are asked for, and the way to the
//! whole page. It has no form unless one is asked for, and never touches its own address.

use super::state::App;
use super::view::View;
use super::{address, form, notice_place, parts, place, verdict_place};
use crate::dom::{Element, div, el, span};
use leptos::prelude::*;

/// The places of the parts.
pub fn frame(view: View) -> Vec<Element> {
    let verdict = view.shows("verdict").then(verdict_place);
    let form = view.edits.then(form::frame);
    [place("header", "embed", "bar"), notice_place()]
        .into_iter()
        .chain(verdict)
        .chain([el("main")
            .class(if view.edits { "page" } else { "page alone" })
            .attr("data-hide", view.hidden)
            .children(form)
            .child(div("stack").children(parts(view)))])
        .collect()
}

/// What is planned, and the link that opens it in a page of its own. That it is one of two plans is said
/// also where the title is left out.
pub fn head(app: App, view: View) -> Vec<Element> {
    let of_two = app.chosen(|choices| choices.other.is_some());
    if view.hides("title") && !of_two {
        return Vec::new();
    }
    let (title, note) = app.plan.with(|planned| {
        let note = planned.config.about.note.clone();
        (planned.plan.title(), note.unwrap_or_default())
    });
    let title = [if of_two { "A of two plans: " } else { "" }, &title].concat();
    let link = address::url(app);
    vec![
        el("h1").text(title),
        span("name").text(note),
        span("grow"),
        el("a")
            .attr("href", link)
            .attr("target", "_blank")
            .attr("rel", "noopener")
            .text("Open in Meshplan"),
    ]
}
