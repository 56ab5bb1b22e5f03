//! What each dimension does for this very plan, one dimension at a time.

use super::dimensions;
use super::{card, choices};
use crate::ui::App;
use leptos::prelude::*;

/// A dimension that is explained.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Topic {
    Tp,
    Pp,
    Dp,
    Ep,
    Cp,
    Sp,
}

/// The explanations.
#[component]
pub fn Explain(app: App) -> impl IntoView {
    let topic = RwSignal::new(Topic::Tp);
    let beside = choices(
        "Dimension",
        topic,
        &[
            (Topic::Tp, "TP"),
            (Topic::Pp, "PP"),
            (Topic::Dp, "DP"),
            (Topic::Ep, "EP"),
            (Topic::Cp, "CP"),
            (Topic::Sp, "SP"),
        ],
    );
    let body = move || {
        let report = app.report.get();
        let planned = app.plan.get();
        let plan = &planned.plan;
        match topic.get() {
            Topic::Tp => dimensions::tensor(plan, &report),
            Topic::Pp => dimensions::pipeline(&report),
            Topic::Dp => dimensions::data(&report),
            Topic::Ep => dimensions::expert(app, &report),
            Topic::Cp => dimensions::context(plan),
            Topic::Sp => dimensions::sequence(plan),
        }
    };
    card("explain", "Explain", beside, body.into_any())
}
