//! What differs between two plans, and the exit status of the worse.

use super::arguments::CompareFormat;
use super::input::Both;
use super::judged::Judged;
use super::{note, print};
use meshplan::core::compare::{Side, compare};
use meshplan::{export, share};
use std::io::Write;

/// Says what differs between two plans.
pub fn answer(both: &Both, format: CompareFormat) -> u8 {
    both.notes.iter().for_each(|text| note(text));
    let a = Judged::of(&both.a, both.incomplete[0]);
    let b = Judged::of(&both.b, both.incomplete[1]);
    a.explain("A: ");
    b.explain("B: ");
    let sides = [side(&a), side(&b)];
    let topics = compare(side(&a), side(&b));
    let text = match format {
        CompareFormat::Text => export::comparison_text(&topics, sides),
        CompareFormat::Markdown => {
            let url = |page: &String| share::url_both(page, &both.a, Some(&both.b));
            export::comparison(&topics, sides, both.page.as_ref().map(url).as_deref())
        }
    };
    let printed = print(|out| out.write_all(text.as_bytes()));
    printed.max(a.code()).max(b.code())
}

fn side<'a>(judged: &'a Judged<'_>) -> Side<'a> {
    Side {
        config: judged.config,
        plan: &judged.plan,
        report: &judged.report,
    }
}
