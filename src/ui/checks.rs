//! What cannot be taken as written, what each rule says of the plan, and the smallest repairs.

use super::show::show_in;
use crate::core::checks::{Check, Enforced, Source, Status};
use crate::core::config::Edit;
use crate::core::overview::Overview;
use crate::core::problems::Problem;
use crate::core::units::counted;
use crate::dom::{Element, button, choice, div, el, mark, paragraph, sometimes, span};
use crate::ui::App;
use leptos::prelude::*;

/// The checks, problems first.
pub fn show(app: App) {
    show_in("checks", move || {
        let report = app.report.get();
        let only = app.chosen(|choices| choices.only_problems);
        let toggle = choice(
            ["btn quiet", "btn"],
            only,
            "Only problems".to_owned(),
            move || app.choose(|choices| choices.only_problems = !only),
        );
        let header = el("header")
            .child(el("h2").attr("id", "checks-title").text("Checks"))
            .child(span("sub").text(summary(&report)))
            .child(span("grow"))
            .child(toggle);
        vec![header, div("in").children(body(app, &report, only))]
    })
}

fn body(app: App, report: &Overview, only_problems: bool) -> Vec<Element> {
    let mut rows: Vec<Element> = report.problems.iter().map(|p| problem(app, p)).collect();
    let (mut apart, mut silent) = (Vec::new(), 0_u64);
    for status in [Status::Fail, Status::Warn] {
        let open = report.checks.iter().filter(|rule| rule.status == status);
        rows.extend(open.map(|rule| check(app, rule)));
    }
    for rule in &report.checks {
        match rule.status {
            Status::Fail | Status::Warn => {}
            Status::NotApplicable => {
                silent = silent.saturating_add(1);
                apart.push(check(app, rule));
            }
            Status::Pass if only_problems => {}
            _ => rows.push(check(app, rule)),
        }
    }
    let clean = rows
        .is_empty()
        .then(|| paragraph("sub", "Every rule that applies to this plan is kept."));
    let rules = counted(silent, "rule does", "rules do");
    let apart = (!only_problems).then(|| {
        el("details")
            .class("notes")
            .child(el("summary").text(format!("{rules} not apply to this plan")))
            .child(el("ul").class("checks").children(apart))
    });
    vec![
        sometimes(repairs(app, report)),
        el("ul").class("checks").children(rows),
        sometimes(clean),
        sometimes(apart),
    ]
}

fn summary(report: &Overview) -> String {
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

fn repairs(app: App, report: &Overview) -> Option<Element> {
    let repairs = &report.repairs;
    (report.verdict.status == Status::Fail && !repairs.is_empty()).then(|| {
        let title = el("h3").text("Smallest changes that make the plan valid");
        let buttons = repairs.iter().map(|edit| fix(app, edit));
        div("repairs")
            .child(title)
            .child(div("chips").children(buttons))
    })
}

fn fix(app: App, edit: &Edit) -> Element {
    let edit = edit.clone();
    button("btn small edit", edit.label(), move || app.apply(&edit))
}

fn problem(app: App, problem: &Problem) -> Element {
    let text = format!("{} {}", problem.message, problem.would_do);
    row(
        app,
        problem.status,
        text,
        &problem.fix,
        span("tag").text("entry"),
    )
}

fn check(app: App, check: &Check) -> Element {
    let source = match (check.source, check.enforced) {
        (Source::Guide, _) => "guide",
        (Source::Megatron, Enforced::StartUp) => "Megatron",
        (Source::Megatron, Enforced::Training) => "Megatron, first step",
        (Source::Megatron, Enforced::No) => "advice",
    };
    let tag = span("tag").text(source).attr("title", check.reference);
    row(app, check.status, check.message.clone(), &check.fix, tag)
}

fn row(app: App, status: Status, text: String, edit: &Option<Edit>, tag: Element) -> Element {
    let class = match status {
        Status::NotApplicable => "sub",
        _ => "",
    };
    let mut say = vec![span(class).text(text)];
    say.extend(edit.as_ref().map(|edit| fix(app, edit)));
    el("li")
        .child(mark(status))
        .child(div("say").children(say))
        .child(tag)
}
