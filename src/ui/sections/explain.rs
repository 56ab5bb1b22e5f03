//! What each dimension does for this very plan, one dimension at a time.

use super::{choice, dimensions, show_section};
use crate::ui::App;
use crate::ui::dom::span;
use leptos::prelude::*;

/// The dimensions that are explained.
const TOPICS: [&str; 6] = ["TP", "PP", "DP", "EP", "CP", "SP"];

/// The explanations.
pub fn show(app: App) {
    show_section("explain", "Explain", move || {
        let (report, planned, chosen) = (
            app.report.get(),
            app.plan.get(),
            app.chosen(|choices| choices.topic),
        );
        let plan = &planned.plan;
        let buttons = TOPICS.into_iter().map(|name| {
            let choose = move || app.choose(|choices| choices.topic = name);
            choice(["", ""], name == chosen, name.to_owned(), choose)
        });
        let header = span("seg")
            .children(buttons)
            .attr("role", "group")
            .attr("aria-label", "Dimension to explain");
        let body = match chosen {
            "TP" => dimensions::tensor(plan, &report),
            "PP" => dimensions::pipeline(&report),
            "DP" => dimensions::data(&report),
            "EP" => dimensions::expert(app, &report),
            "CP" => dimensions::context(plan),
            _ => dimensions::sequence(plan),
        };
        (vec![header], body)
    })
}
