//! The verdict on a plan as Markdown, for a review or a wiki.

use super::one_line;
use super::summary::{source_word, status_word, summary};
use crate::core::checks::{Check, Status};
use crate::core::compare::Side;
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
        .map(|part| [part.name.to_owned(), part.text(plan.unit)]);
    let total = [
        "Total".to_owned(),
        format!("{}{capacity}", guide.total_text(plan.unit)),
    ];
    text.push('\n');
    table(
        &mut text,
        &["Memory of each GPU, guide's estimate", ""],
        parts.chain([total]),
    );
    to_mend(&mut text, report);
    if let Some(link) = link {
        text.push_str(&["\n", &link_to("Open this plan", link), "\n"].concat());
    }
    text
}

/// What stands between the titles of two plans that are compared.
pub const COMPARED_WITH: &str = ", compared with ";

/// One link to a plan, or to two that are compared, whose text is what is planned and the verdict on it.
pub fn markdown_link(sides: &[Side<'_>], link: &str) -> String {
    let said = |side: &Side<'_>| [&side.plan.title(), ": ", &side.report.verdict.text].concat();
    let said: Vec<String> = sides.iter().map(said).collect();
    link_to(&cell(&said.join(COMPARED_WITH)), link)
}

/// A link with a text that is Markdown already.
pub(super) fn link_to(text: &str, link: &str) -> String {
    let link = one_line(link).replace(['<', '>'], "");
    ["[", text, "](<", &link, ">)"].concat()
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

/// A table whose cells are plain text.
pub(super) fn table<const N: usize>(
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

/// Text that stays inside its cell, or inside the brackets of a link, and brings no markup along,
/// nor an entity for a character that [`one_line`] takes away.
pub(super) fn cell(text: &str) -> String {
    let mut cell = String::with_capacity(text.len());
    for c in one_line(text).chars() {
        if "|\\`*_~[]<>&".contains(c) {
            cell.push('\\');
        }
        cell.push(c);
    }
    cell
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::config::Config;
    use crate::core::presets;

    /// The link to some plans.
    fn to(configs: &[&Config], link: &str) -> String {
        let plans: Vec<Plan> = configs.iter().map(|config| Plan::of(config)).collect();
        let reports: Vec<Report> = configs.iter().map(|config| Report::of(config)).collect();
        let sides: Vec<Side<'_>> = std::iter::zip(configs, std::iter::zip(&plans, &reports))
            .map(|(config, (plan, report))| Side {
                config,
                plan,
                report,
            })
            .collect();
        markdown_link(&sides, link)
    }

    #[track_caller]
    fn links(config: &Config, link: &str, expected: &str) {
        assert_eq!(to(&[config], link), expected);
    }

    #[test]
    fn a_link_to_two_plans_tells_of_both() {
        let mut b = presets::opening();
        b.parallel.use_distributed_optimizer = false;
        b.about.name = Some("[Plain] Adam".to_owned());
        let link = to(&[&presets::opening(), &b], "https://plan.example/#v1.z");
        let a = "[7B dense, 2 nodes of p4d.24xlarge: Valid · 33.99 of 40 GB on each GPU";
        assert!(link.starts_with(a), "{link}");
        let b =
            r", compared with \[Plain\] Adam: 7B dense, 2 nodes of p4d.24xlarge: Not valid · 70.74";
        assert!(link.contains(b), "{link}");
    }

    #[test]
    fn a_link_says_what_is_planned_and_the_verdict() {
        let mut config = presets::opening();
        let verdict = "Valid · 33.99 of 40 GB on each GPU · DP 8 · no pipeline bubble · 16 of 16 \
                       checks](<https://plan.example/#v1.z>)";
        let subject = "7B dense, 2 nodes of p4d.24xlarge: ";
        let link = "https://plan.example/#v1.z";
        links(&config, link, &["[", subject, verdict].concat());
        config.about.name = Some("Run 7".to_owned());
        links(&config, link, &["[Run 7: ", subject, verdict].concat());
    }

    #[test]
    fn whatever_a_plan_is_called_stays_in_its_link() {
        let mut config = presets::opening();
        config.about.name = Some("](x) <b> ![i](y) `c` _e_ ~~s~~ &#x202e; a\\".to_owned());
        let link = to(&[&config], "https://a.b/>\n<#v1.z");
        let name = r"[\](x) \<b\> !\[i\](y) \`c\` \_e\_ \~\~s\~\~ \&#x202e; a\\: 7B dense, 2";
        assert!(link.starts_with(name), "{link}");
        assert!(link.ends_with("](<https://a.b/ #v1.z>)"), "{link}");
        assert_eq!(link.lines().count(), 1);
    }
}
