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
mod form;
mod notice;
mod open;
mod sections;
mod show;
mod state;
mod takeaway;
mod verdict;

pub use state::App;

use crate::dom::{Element, div, el};
use crate::ui::show::{show, show_in};
use leptos::prelude::*;

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
    let opening = address::read();
    let app = App::new(opening.config, opening.notice);
    bridge::listen(app);
    open::open_dropped(app);
    show(root, frame);
    show_in("bar", move || bar::bar(app));
    show_in("notice", move || notice::notice(app));
    show_in("verdict", move || verdict::verdict(app));
    form::show_form(app);
    diagram::show_diagram(app, "gpus");
    sections::show_all(app, "sections");
    show_in("takeaway", move || takeaway::take_away(app));
    show_in(open::DIALOG, move || open::open_dialog(app));
    Effect::new(move |_| {
        let name = app.plan.with(|planned| planned.plan.title());
        document().set_title(&format!("{name} · Meshplan"));
    });
    address::keep(app);
    details::keep(app);
}

/// The places of the parts, which never change.
fn frame() -> Vec<Element> {
    let place = |tag: &'static str, id: &'static str, class: &'static str| {
        el(tag).attr("id", id).class(class)
    };
    let groups = form::GROUPS.map(|id| place("fieldset", id, "card group"));
    vec![
        place("header", "bar", "bar"),
        place("div", "notice", "").attr("role", "status"),
        place("section", "verdict", "verdict").attr("aria-label", "Verdict"),
        el("main")
            .class("page")
            .child(
                el("form")
                    .class("form")
                    .attr("aria-label", "Plan")
                    .on("submit", |event| event.prevent_default())
                    .children(groups),
            )
            .child(
                div("stack")
                    .child(
                        place("section", "gpus", "card gpus")
                            .attr("tabindex", "-1")
                            .attr("aria-labelledby", "gpus-title"),
                    )
                    .child(place("div", "sections", "stack"))
                    .child(
                        place("section", "takeaway", "card takeaway")
                            .attr("aria-labelledby", "takeaway-title"),
                    )
                    .child(el("footer").class("foot").text(
                        "Meshplan computes in this browser and sends nothing. Figures follow the \
                         guide; rules were read in Megatron-LM d98e8a64 of 2026-08-22.",
                    )),
            ),
        place("dialog", open::DIALOG, "dialog").attr("aria-labelledby", "open-title"),
    ]
}
