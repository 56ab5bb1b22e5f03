//! The page: reads a `Report`, writes the `Config` through one function (`App::update`).
//!
//! It knows Leptos and the browser. It must never compute a figure of a plan: each is read from
//! the report, or from a function of `core`, `share`, `diagram` or `export`.

mod address;
mod bar;
mod bridge;
mod browser;
mod checks;
mod copy;
mod crash;
mod details;
mod diagram;
mod embed;
mod form;
mod notice;
mod open;
mod sections;
mod show;
mod state;
mod theme;
mod verdict;
mod view;

pub use state::App;

use crate::dom::{Element, div, el};
use crate::ui::show::{show, show_in};
use leptos::prelude::*;
use view::View;

/// Mounts the page in `#app`, with the plan of the address.
pub fn mount() {
    crash::report_panics();
    let root = document().get_element_by_id("app");
    // An empty view: Leptos starts its executor and owns the signals; the parts show themselves.
    leptos::mount::mount_to_body(move || {
        if let Some(root) = root {
            page(root);
        }
    });
}

/// The page, in the reviewer's reading order: verdict, picture, reasons, details.
fn page(root: web_sys::Element) {
    let (view, unknown) = View::now();
    let app = App::new(address::read(view).with(unknown), view);
    bridge::listen(app);
    open::open_foreign(app);
    theme::follow(app);
    theme::show(app.chosen_now(|choices| choices.theme));
    show(root, move || match view.is_embedded() {
        true => embed::frame(view),
        false => frame(view),
    });
    show_in("bar", move || bar::bar(app));
    show_in("embed", move || embed::head(app, view));
    show_in("notice", move || notice::notice(app));
    show_in("verdict", move || verdict::verdict(app));
    form::show_form(app);
    diagram::show_diagram(app, "gpus");
    sections::show_all(app, view);
    show_in(open::DIALOG, move || open::open_dialog(app));
    Effect::new(move |_| {
        let name = app.plan.with(|planned| planned.plan.title());
        document().set_title(&format!("{name} · Meshplan"));
    });
    address::keep(app, view);
    details::keep(app);
}

/// An element in which a part of the page shows itself.
fn place(tag: &'static str, id: &'static str, class: &'static str) -> Element {
    el(tag).attr("id", id).class(class)
}

/// The places of the parts, which never change.
fn frame(view: View) -> Vec<Element> {
    vec![
        place("header", "bar", "bar"),
        notice_place(),
        verdict_place(),
        el("main").class("page").child(form::frame()).child(
            div("stack")
                .children(parts(view))
                .child(el("footer").class("foot").text(
                    "Meshplan computes in this browser and sends nothing. Figures follow the \
                         guide; rules were read in Megatron-LM d98e8a64 of 2026-08-22.",
                )),
        ),
        place("dialog", open::DIALOG, "dialog").attr("aria-labelledby", "open-title"),
    ]
}

fn notice_place() -> Element {
    place("div", "notice", "").attr("role", "status")
}

fn verdict_place() -> Element {
    place("section", "verdict", "verdict").attr("aria-label", "Verdict")
}

/// The picture, and what stands below it.
fn parts(view: View) -> Vec<Element> {
    let gpus = place("section", "gpus", "card gpus")
        .attr("tabindex", "-1")
        .attr("aria-labelledby", "gpus-title");
    let compare = place("div", "compare", "");
    let mut parts: Vec<Element> = Vec::new();
    parts.extend(view.shows("compare").then_some(compare));
    parts.extend(view.shows("gpus").then_some(gpus));
    parts.push(place("div", "sections", "stack"));
    parts
}
