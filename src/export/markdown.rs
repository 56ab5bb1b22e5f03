//! The verdict on a plan as Markdown, for a review or a wiki.

use super::one_line;
use super::summary::{source_word, status_word, summary};
use crate::core::checks::{Check, Status};
use crate::core::{Plan, Report};

/// The report on a plan as Markdown: verdict, sizes, memory, the checks that do not pass, and the
/// link to the plan.
pub fn markdown(plan: &Plan, report: &Report, link: Option<&str>) -> String {
    let mut text = format!("**{}**\n\n", cell(&report.verdict.text));
    table(
        &mut text,
        &["Plan", ""],
        summary(plan)
            .into_iter()
            .map(|(name, value)| [name.to_owned(), value]),
    );
    let guide = &report.memory.guide;
    let capacity = guide.capacity.map_or_else(String::new, |bytes| {
        format!(" of {}", plan.unit.text(bytes.0))
    });
    let parts = guide
        .formulas
        .iter()
        .map(|part| [part.name.to_owned(), plan.unit.text(part.bytes.0)]);
    let total = [
        "Total".to_owned(),
        format!("{}{capacity}", plan.unit.text(guide.total.0)),
    ];
    text.push('\n');
    table(
        &mut text,
        &["Memory of each GPU, guide's estimate", ""],
        parts.chain([total]),
    );
    to_mend(&mut text, report);
    if let Some(link) = link {
        text.push_str(&format!(
            "\n[Open this plan](<{}>)\n",
            one_line(link).replace(['<', '>'], "")
        ));
    }
    text
}

fn to_mend(text: &mut String, report: &Report) {
    let open = |check: &&Check| matches!(check.status, Status::Fail | Status::Warn);
    let checks: Vec<&Check> = report.checks.iter().filter(open).collect();
    if report.problems.is_empty() && checks.is_empty() {
        return;
    }
    text.push('\n');
    for problem in &report.problems {
        let message = cell(&format!("{} {}", problem.message, problem.would_do));
        text.push_str(&format!(
            "- **{}** {message}\n",
            status_word(problem.status)
        ));
    }
    for check in checks {
        let (status, source) = (status_word(check.status), source_word(check.source));
        text.push_str(&format!(
            "- **{status}** ({source}) {}",
            cell(&check.message)
        ));
        if let Some(fix) = &check.fix {
            text.push_str(&format!(". Fix: {}", cell(&fix.label())));
        }
        text.push('\n');
    }
}

fn table<const N: usize>(
    text: &mut String,
    head: &[&str; N],
    rows: impl Iterator<Item = [String; N]>,
) {
    text.push_str(&format!(
        "| {} |\n|{}\n",
        head.join(" | "),
        "---|".repeat(N)
    ));
    for row in rows {
        text.push_str(&format!("| {} |\n", row.map(|c| cell(&c)).join(" | ")));
    }
}

/// Text that stays inside its cell and brings no markup along.
fn cell(text: &str) -> String {
    let mut cell = String::with_capacity(text.len());
    for c in one_line(text).chars() {
        if matches!(c, '|' | '\\' | '`' | '*' | '[' | ']' | '<' | '>') {
            cell.push('\\');
        }
        cell.push(c);
    }
    cell
}
