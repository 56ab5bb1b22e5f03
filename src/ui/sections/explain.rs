//! What each dimension does for this very plan, one dimension at a time.

use super::dimensions;
use super::{card, choice};
use crate::ui::App;
use crate::ui::node::el;
use leptos::prelude::*;

/// The dimensions that are explained.
const TOPICS: [&str; 6] = ["TP", "PP", "DP", "EP", "CP", "SP"];

/// The explanations.
pub fn explain(app: App) -> AnyView {
    let topic = RwSignal::new("TP");
    card("explain", "Explain", move || {
        let (report, planned, chosen) = (app.report.get(), app.plan.get(), topic.get());
        let plan = &planned.plan;
        let buttons = TOPICS
            .into_iter()
            .map(|name| {
                let choose = move || topic.set(name);
                choice(["", ""], name == chosen, name.to_owned(), choose)
            })
            .collect();
        let header = el("span", "seg", buttons)
            .with("role", "group")
            .with("aria-label", "Dimension to explain");
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
