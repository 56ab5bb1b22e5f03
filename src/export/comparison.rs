//! What differs between two plans, as Markdown and as aligned plain text.

use super::markdown::{cell, link_to, table};
use super::text::Page;
use crate::core::compare::{Change, Line, Side, Topic};

/// What is said where there is nothing to list.
const NOTHING: &str = "A and B do not differ.";
/// The columns after what is compared.
const COLUMNS: [&str; 3] = ["A", "B", "A → B"];

/// Two plans side by side as Markdown: what each is and the verdict on it, a table of each topic that
/// differs with the lines that differ, and the link to both.
pub fn comparison(topics: &[Topic], sides: [Side<'_>; 2], link: Option<&str>) -> String {
    let mut text = String::new();
    for (name, side) in COLUMNS.iter().zip(sides) {
        let about = about(side).into_iter();
        let about: Vec<String> = about.map(|said| cell(said.trim_end_matches('.'))).collect();
        text.push_str(&["- **", name, "**: ", &about.join(". "), ".\n"].concat());
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
pub fn comparison_text(topics: &[Topic], sides: [Side<'_>; 2]) -> String {
    let mut page = Page::default();
    for (name, side) in COLUMNS.iter().zip(sides) {
        for (i, line) in about(side).iter().enumerate() {
            let name = if i == 0 { [name, ": "] } else { ["", "   "] };
            page.line(&[&name.concat(), line.as_str()].concat());
        }
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

/// What a plan is, and the verdict on it. What both plans have in common is in no table, and may be
/// that neither is valid.
fn about(side: Side<'_>) -> [String; 2] {
    [side.plan.title(), side.report.verdict.text.clone()]
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
    use crate::core::compare::compare;
    use crate::core::config::Config;
    use crate::core::{Plan, Report, presets};

    /// The opening plan and what it becomes by a change, in the topics that begin with `about`, as
    /// Markdown and for a terminal.
    fn compared(about: &[&str], change: impl FnOnce(&mut Config)) -> [String; 2] {
        let mut other = presets::opening();
        change(&mut other);
        both(about, [presets::opening(), other])
    }

    fn both(about: &[&str], configs: [Config; 2]) -> [String; 2] {
        let sides = configs.map(|config| {
            let plan = Plan::of(&config);
            let report = Report::of_plan(&config, &plan);
            (config, plan, report)
        });
        let sides = sides.each_ref().map(|(config, plan, report)| Side {
            config,
            plan,
            report,
        });
        let mut topics = compare(sides[0], sides[1]);
        topics.retain(|topic| about.iter().any(|words| topic.title.starts_with(words)));
        let link = Some("https://plan.example/#v1.z");
        [
            comparison(&topics, sides, link),
            comparison_text(&topics, sides),
        ]
    }

    const OPENING: &str = "7B dense, 2 nodes of p4d.24xlarge. Valid · 33.99 of 40 GB on each GPU · \
        DP 8 · no pipeline bubble · 16 of 16 checks.";
    const PLAIN_ADAM: &str = "7B dense, 2 nodes of p4d.24xlarge. Not valid · 70.74 of 40 GB on each \
        GPU · DP 8 · no pipeline bubble · 15 of 16 checks.";

    #[test]
    fn only_what_differs_is_listed() {
        let [text, _] = compared(&["What was", "Memory", "Checks"], |b| {
            b.parallel.use_distributed_optimizer = false;
        });
        let tables = "\
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
             much |  |\n";
        let heads = ["- **A**: ", OPENING, "\n- **B**: ", PLAIN_ADAM, "\n\n"];
        let link = "\n[Open both plans](<https://plan.example/#v1.z>)\n";
        assert_eq!(text, [&heads.concat(), tables, link].concat());
    }

    #[test]
    fn a_terminal_has_the_same_lines_in_columns() {
        let [_, text] = compared(&["Memory"], |b| {
            b.about.name = Some("Plain Adam".to_owned());
            b.parallel.use_distributed_optimizer = false;
        });
        assert_eq!(
            text,
            "A: 7B dense, 2 nodes of p4d.24xlarge\n\
             \x20  Valid · 33.99 of 40 GB on each GPU · DP 8 · no pipeline bubble · 16 of 16 checks\n\
             B: Plain Adam: 7B dense, 2 nodes of p4d.24xlarge\n\
             \x20  Not valid · 70.74 of 40 GB on each GPU · DP 8 · no pipeline bubble · 15 of 16 checks\n\n\
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
        let [text, plain] = compared(&[""], |_| ());
        let nothing = "\nA and B do not differ.\n";
        assert!(text.contains(nothing), "{text}");
        assert!(plain.ends_with(nothing), "{plain}");
    }

    #[test]
    fn what_is_wrong_with_both_plans_alike_is_told_of_each() {
        let mut too_large = presets::opening();
        too_large.parallel.use_distributed_optimizer = false;
        for text in both(&[""], [too_large.clone(), too_large]) {
            assert_eq!(
                text.matches("Not valid · 70.74 of 40 GB").count(),
                2,
                "{text}"
            );
        }
    }

    #[test]
    fn a_stage_that_does_not_fit_is_told_of_each_plan_whose_average_does() {
        let mut full = presets::opening();
        full.batch.micro_batch_size = 4;
        full.parallel.pipeline_model_parallel_size = 2;
        full.parallel.num_layers_in_first_pipeline_stage = Some(24);
        for text in both(&[""], [full.clone(), full]) {
            let said = " · but 1 of 2 stages does not fit, the fullest needs 54.35 GB";
            assert_eq!(text.matches(said).count(), 2, "{text}");
        }
    }

    #[test]
    fn whatever_a_plan_is_called_stays_in_its_cell() {
        let hostile = "a | b # c [d](e) <f> `g`";
        let name = |b: &mut Config| b.about.name = Some("a | b\n# c [d](e) <f> `g`".to_owned());
        let safe = r"a \| b # c \[d\](e) \<f\> \`g\`";
        let [text, plain] = compared(&[""], name);
        let head = ["\n- **B**: ", safe, ": 7B dense"].concat();
        assert!(text.contains(&head), "{text}");
        let row = ["\n| Name | not said | ", safe, " |  |\n"].concat();
        assert!(text.contains(&row), "{text}");
        assert!(
            plain.contains(&["\nB: ", hostile, ": 7B"].concat()),
            "{plain}"
        );
        assert!(!plain.lines().any(|line| line.starts_with('#')), "{plain}");
    }
}
