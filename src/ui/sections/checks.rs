//! What cannot be taken as written, what each rule says of the plan, and the smallest repairs.

use super::{card, edit_button, mark};
use crate::core::Report;
use crate::core::checks::{Check, Source, Status};
use crate::core::config::Edit;
use crate::core::problems::Problem;
use crate::core::units::counted;
use crate::ui::App;
use leptos::prelude::*;

/// The checks, problems first.
#[component]
pub fn Checks(app: App) -> impl IntoView {
    let only_problems = RwSignal::new(false);
    let beside = view! {
        <span class="sub">{move || summary(&app.report.get())}</span>
        <span class="grow"></span>
        <button
            type="button"
            class="btn quiet"
            aria-pressed=move || if only_problems.get() { "true" } else { "false" }
            on:click=move |_| only_problems.update(|only| *only = !*only)
        >
            "Only problems"
        </button>
    };
    let body = move || {
        let report = app.report.get();
        let only = only_problems.get();
        view! {
            {repairs(app, &report)}
            <ul class="checks">
                {report.problems.iter().map(|p| problem(app, p)).collect::<Vec<_>>()}
                {report
                    .checks
                    .iter()
                    .filter(|check| !only || is_problem(check.status))
                    .map(|c| check(app, c))
                    .collect::<Vec<_>>()}
            </ul>
            {(only && is_clean(&report)).then(|| {
                view! { <p class="sub">"Every rule that applies to this plan is kept."</p> }
            })}
        }
    };
    card("checks", "Checks", beside.into_any(), body.into_any())
}

fn is_problem(status: Status) -> bool {
    matches!(status, Status::Fail | Status::Warn)
}

fn is_clean(report: &Report) -> bool {
    report.verdict.failed == 0 && report.verdict.warned == 0
}

fn summary(report: &Report) -> String {
    let verdict = &report.verdict;
    let mut text = format!("{} of {} pass", verdict.passed, verdict.applicable);
    for (n, one, many) in [
        (verdict.failed, "failure", "failures"),
        (verdict.warned, "warning", "warnings"),
    ] {
        if n > 0 {
            text.push_str(", ");
            text.push_str(&counted(n as u64, one, many));
        }
    }
    text
}

fn repairs(app: App, report: &Report) -> Option<AnyView> {
    let repairs = &report.advice.repairs;
    (report.verdict.status == Status::Fail && !repairs.is_empty()).then(|| {
        view! {
            <div class="repairs">
                <h3>"Smallest changes that make the plan valid"</h3>
                <div class="chips">{repairs.iter().map(|edit| fix(app, edit)).collect::<Vec<_>>()}</div>
            </div>
        }
        .into_any()
    })
}

fn fix(app: App, edit: &Edit) -> AnyView {
    edit_button(app, "btn small", edit.label(), edit)
}

fn problem(app: App, problem: &Problem) -> AnyView {
    let text = format!("{} {}", problem.message, problem.would_do);
    row(app, problem.status, text, &problem.fix, ("entry", ""))
}

fn check(app: App, check: &Check) -> AnyView {
    let source = match check.source {
        Source::Guide => "guide",
        Source::Megatron => "Megatron",
    };
    let tag = (source, check.reference);
    row(app, check.status, check.message.clone(), &check.fix, tag)
}

fn row(
    app: App,
    status: Status,
    text: String,
    edit: &Option<Edit>,
    (tag, title): (&'static str, &'static str),
) -> AnyView {
    let class = if status == Status::NotApplicable {
        "sub"
    } else {
        ""
    };
    view! {
        <li>
            {mark(status)}
            <div class="say">
                <span class=class>{text}</span>
                {edit.as_ref().map(|edit| fix(app, edit))}
            </div>
            <span class="tag" title=title>{tag}</span>
        </li>
    }
    .into_any()
}
