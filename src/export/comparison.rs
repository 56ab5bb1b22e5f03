//! What differs between two plans, as Markdown and as aligned plain text.

use super::markdown::{cell, link_to, table};
use super::text::Page;
use crate::core::compare::{Change, Line, Topic};

/// What is said where there is nothing to list.
const NOTHING: &str = "A and B do not differ.";
/// The columns after what is compared.
const COLUMNS: [&str; 3] = ["A", "B", "A → B"];

/// Two plans side by side as Markdown: their titles, a table of each topic that differs with the
/// lines that differ, and the link to both.
pub fn comparison(topics: &[Topic], titles: [&str; 2], link: Option<&str>) -> String {
    let mut text = String::new();
    for (name, title) in COLUMNS.iter().zip(titles) {
        text.push_str(&["- **", name, "**: ", &cell(title), "\n"].concat());
    }
    for (title, lines) in differing(topics) {
        let [a, b, by] = COLUMNS;
        let row = |line: &Line| [&line.name, &line.a, &line.b, &line.by].map(String::clone);
        text.push('\n');
        table(&mut text, &[title, a, b, by], lines.into_iter().map(row));
    }
    if differing(topics).next().is_none() {
        text.push_str(&["\n", NOTHING, "\n"].concat());
    }
    if let Some(link) = link {
        text.push_str(&["\n", &link_to("Open both plans", link), "\n"].concat());
    }
    text
}

/// The same as plain text for a terminal, without the link.
pub fn comparison_text(topics: &[Topic], titles: [&str; 2]) -> String {
    let mut page = Page::default();
    for (name, title) in COLUMNS.iter().zip(titles) {
        page.line(&[name, ": ", title].concat());
    }
    for (title, lines) in differing(topics) {
        page.heading(title);
        let row = |line: &Line| {
            let cells = [&line.name, &line.a, &line.b, &line.by];
            cells.map(String::clone).to_vec()
        };
        let head = ["", "A", "B", "A → B"].map(str::to_owned).to_vec();
        let rows: Vec<_> = [head]
            .into_iter()
            .chain(lines.into_iter().map(row))
            .collect();
        page.table(&rows);
    }
    if differing(topics).next().is_none() {
        page.heading(NOTHING);
    }
    page.text
}

/// The topics with a difference, each with the lines that differ.
fn differing(topics: &[Topic]) -> impl Iterator<Item = (&'static str, Vec<&Line>)> {
    topics.iter().filter_map(|topic| {
        let differs = |line: &&Line| line.change != Change::None;
        let lines: Vec<&Line> = topic.lines.iter().filter(differs).collect();
        (!lines.is_empty()).then_some((topic.title, lines))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::compare::{Side, compare};
    use crate::core::config::Config;
    use crate::core::{Plan, Report, presets};

    /// The opening plan and what it becomes by a change, compared.
    fn topics(change: impl FnOnce(&mut Config)) -> Vec<Topic> {
        let mut other = presets::opening();
        change(&mut other);
        let sides = [presets::opening(), other].map(|config| {
            let plan = Plan::of(&config);
            let report = Report::of_plan(&config, &plan);
            (config, plan, report)
        });
        let [a, b] = sides.each_ref().map(|(config, plan, report)| Side {
            config,
            plan,
            report,
        });
        compare(a, b)
    }

    #[test]
    fn only_what_differs_is_listed() {
        let mut topics = topics(|b| b.parallel.use_distributed_optimizer = false);
        topics.retain(|topic| !topic.title.starts_with("Bytes that"));
        let link = Some("https://plan.example/#v1.z");
        assert_eq!(
            comparison(&topics, ["Now", "Plain Adam"], link),
            "- **A**: Now\n\
             - **B**: Plain Adam\n\n\
             | What was said | A | B | A → B |\n|---|---|---|---|\n\
             | Distributed optimizer | on | off |  |\n\n\
             | Memory of each GPU, by the guide | A | B | A → B |\n|---|---|---|---|\n\
             | Optimizer | 5.25 GB | 42 GB | +36.75 GB (+700 %) |\n\
             | Total | 33.99 GB | 70.74 GB | +36.75 GB (+108.1 %) |\n\
             | Every stage fits | yes | no, 1 stage too large |  |\n\
             | The fullest pipeline stage | 33.99 GB | 70.74 GB | +36.75 GB (+108.1 %) |\n\
             | Megatron-LM’s own report | 50.45 GB | 85.83 GB | +35.38 GB (+70.1 %) |\n\n\
             | Checks | A | B | A → B |\n|---|---|---|---|\n\
             | Verdict | Valid | Not valid |  |\n\
             | Checks and entries that fail | 0 | 1 | +1 |\n\
             | memory fits (guide) | passes | fails: 70.74 GB does not fit in 40 GB: 30.74 GB too \
             much |  |\n\
             \n[Open both plans](<https://plan.example/#v1.z>)\n"
        );
    }

    #[test]
    fn a_terminal_has_the_same_lines_in_columns() {
        let mut topics = topics(|b| b.parallel.use_distributed_optimizer = false);
        topics.retain(|topic| topic.title.starts_with("Memory"));
        assert_eq!(
            comparison_text(&topics, ["Now", "Plain Adam"]),
            "A: Now\n\
             B: Plain Adam\n\n\
             Memory of each GPU, by the guide\n\
             \x20                             A         B                      A → B\n\
             \x20 Optimizer                   5.25 GB   42 GB                  +36.75 GB (+700 %)\n\
             \x20 Total                       33.99 GB  70.74 GB               +36.75 GB (+108.1 %)\n\
             \x20 Every stage fits            yes       no, 1 stage too large\n\
             \x20 The fullest pipeline stage  33.99 GB  70.74 GB               +36.75 GB (+108.1 %)\n\
             \x20 Megatron-LM’s own report    50.45 GB  85.83 GB               +35.38 GB (+70.1 %)\n"
        );
    }

    #[test]
    fn plans_without_a_difference_say_so() {
        let topics = topics(|_| ());
        let titles = "- **A**: x\n- **B**: y\n";
        assert_eq!(
            comparison(&topics, ["x", "y"], None),
            [titles, "\nA and B do not differ.\n"].concat()
        );
        assert_eq!(
            comparison_text(&topics, ["x", "y"]),
            "A: x\nB: y\n\nA and B do not differ.\n"
        );
    }

    #[test]
    fn whatever_a_plan_is_called_stays_in_its_cell() {
        let hostile = "a | b\n# c [d](e) <f> `g`";
        let topics = topics(|b| b.about.name = Some(hostile.to_owned()));
        let safe = r"a \| b # c \[d\](e) \<f\> \`g\`";
        let text = comparison(&topics, [hostile, "x"], None);
        assert!(
            text.starts_with(&["- **A**: ", safe, "\n"].concat()),
            "{text}"
        );
        let row = ["\n| Name | not said | ", safe, " |  |\n"].concat();
        assert!(text.contains(&row), "{text}");
        let plain = comparison_text(&topics, [hostile, "x"]);
        assert!(!plain.lines().any(|line| line.starts_with('#')), "{plain}");
    }
}
