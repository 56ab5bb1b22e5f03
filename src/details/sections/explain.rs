//! What each dimension does for this very plan, one dimension at a time.

use super::super::{Shown, state};
use super::{Section, choice, dimensions};
use meshplan::dom::span;

/// The dimensions that are explained.
const TOPICS: [&str; 6] = ["TP", "PP", "DP", "EP", "CP", "SP"];

/// The explanations.
pub fn section(shown: &Shown) -> Section {
    let (report, plan, chosen) = (&shown.report, &shown.plan, shown.choices.topic);
    let buttons = TOPICS.into_iter().map(|name| {
        choice(["", ""], name == chosen, name.to_owned(), move || {
            state::choose(|choices| choices.topic = name)
        })
    });
    let header = span("seg")
        .children(buttons)
        .attr("role", "group")
        .attr("aria-label", "Dimension to explain");
    let body = match chosen {
        "TP" => dimensions::tensor(plan, report),
        "PP" => dimensions::pipeline(plan, report),
        "DP" => dimensions::data(plan, report),
        "EP" => dimensions::expert(plan, report),
        "CP" => dimensions::context(plan),
        _ => dimensions::sequence(plan),
    };
    (vec![header], body)
}
