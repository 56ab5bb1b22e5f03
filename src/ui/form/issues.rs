//! What is wrong with one field, beside it, with the fix as a button.

use crate::core::checks::Status;
use crate::core::config::{Edit, Field};
use crate::dom::{Element, button, div, el};
use crate::ui::state::App;
use leptos::prelude::*;

/// The id of the element that tells what is wrong with a field.
pub fn issues_id(field: Field) -> String {
    format!("issues-{}", field.info().short)
}

/// Whether anything fails for a field.
pub fn fails(app: App, field: Field) -> bool {
    let path = field.info().path;
    app.report.with(|report| {
        let problem = report
            .problems
            .iter()
            .any(|p| p.field == path && p.status == Status::Fail);
        let check = |c: &crate::core::checks::Check| {
            c.status == Status::Fail && c.fields.first() == Some(&path)
        };
        problem || report.checks.iter().any(check)
    })
}

/// What the report says against a field: problems of what was written, and rules whose first
/// field it is.
pub fn issue_list(app: App, field: Field) -> Element {
    let path = field.info().path;
    let mut issues: Vec<(Status, String, Option<Edit>)> = app.report.with(|report| {
        let problems = report.problems.iter().filter(|p| p.field == path);
        let problems = problems.map(|p| {
            let message = format!("{} {}", p.message, p.would_do);
            (p.status, message, p.fix.clone())
        });
        let checks = report
            .checks
            .iter()
            .filter(|c| matches!(c.status, Status::Fail | Status::Warn))
            .filter(|c| c.fields.first() == Some(&path))
            .map(|c| (c.status, format!("{}.", c.message), c.fix.clone()));
        problems.chain(checks).collect()
    });
    // One button for all that it mends, below the first of them.
    let mut fix = None;
    for (_, _, own) in &mut issues {
        if *own == fix {
            *own = None;
        } else if own.is_some() {
            fix.clone_from(own);
        }
    }
    let issues = issues.into_iter().map(|parts| issue(app, parts));
    div("issues").attr("id", issues_id(field)).children(issues)
}

fn issue(app: App, (status, message, fix): (Status, String, Option<Edit>)) -> Element {
    let class = if status == Status::Fail {
        "issue bad"
    } else {
        "issue warn"
    };
    let button = fix.map(|edit| {
        let label = edit.label();
        button("btn small", label, move || app.apply(&edit))
    });
    div(class).child(el("p").text(message)).children(button)
}
