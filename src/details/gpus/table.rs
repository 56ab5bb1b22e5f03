//! The groups of a picture as a table: its facts without colour.

use super::super::Shown;
use super::super::state::change;
use super::{Look, paint};
use meshplan::core::units::grouped;
use meshplan::diagram::{ColourBy, GroupRow, LISTED_GROUPS, figure_rows, group_rows};
use meshplan::dom::{Element, button, el, scrolling, span};

/// The tables of what the pictures are coloured by.
pub fn tables(shown: &Shown, look: &Look) -> Vec<Element> {
    let table = |by: &ColourBy| match by {
        ColourBy::Groups(_) => groups(shown, look, *by),
        ColourBy::Figure(_) => figures(shown, *by),
    };
    look.tables.iter().flat_map(table).collect()
}

fn figures(shown: &Shown, by: ColourBy) -> Vec<Element> {
    let rows = figure_rows(&paint(shown, by));
    if rows.is_empty() {
        return vec![
            el("p")
                .class("sub")
                .text("The plan does not tell enough to say."),
        ];
    }
    let heads = ["Figure", "GPUs", "Ranks"];
    vec![
        el("h3").text(by.name()),
        framed(&heads, rows.into_iter().map(row).collect()),
    ]
}

fn groups(shown: &Shown, look: &Look, by: ColourBy) -> Vec<Element> {
    let paint = paint(shown, by);
    let groups = paint.crossing().groups;
    // The plan may have fewer groups since the reader turned the page.
    let from = if look.from < groups { look.from } else { 0 };
    let rows = group_rows(&shown.plan, &paint, from);
    if rows.is_empty() {
        return vec![el("p").class("sub").text("There is no such group.")];
    }
    let heads = ["Group", "Ranks", "Node", "Link"];
    let mut all = vec![
        el("h3").text([paint.by.name(), " groups"].concat()),
        framed(&heads, rows.into_iter().map(group).collect()),
    ];
    if groups > LISTED_GROUPS {
        let to = |from: u64| move || change(|screen| screen.look.from = from);
        let end = from.saturating_add(LISTED_GROUPS).min(groups);
        let words = format!(
            "Groups {} to {} of {}. ",
            grouped(from),
            grouped(end.saturating_sub(1)),
            grouped(groups)
        );
        let before = to(from.saturating_sub(LISTED_GROUPS));
        let before = button("btn small", "Earlier", before);
        let after = button("btn small", "Later", to(end));
        all.push(
            el("p")
                .class("sub pages")
                .child(span("").attr("role", "status").text(words))
                .child(before.flag("disabled", from == 0))
                .child(after.flag("disabled", end == groups)),
        );
    }
    all
}

fn framed(heads: &[&'static str], rows: Vec<Element>) -> Element {
    let heads = heads
        .iter()
        .map(|head| el("th").attr("scope", "col").text(*head));
    let table = el("table")
        .class("figures")
        .child(el("thead").child(el("tr").children(heads)))
        .child(el("tbody").children(rows));
    scrolling().child(table)
}

fn group(group: GroupRow) -> Element {
    let link = match (group.link, group.crosses) {
        ("", _) => "none needed".to_owned(),
        (link, true) => format!("{link}, between nodes"),
        (link, false) => link.to_owned(),
    };
    row([group.group.to_string(), group.ranks, group.nodes, link])
}

fn row<const N: usize>(cells: [String; N]) -> Element {
    el("tr").children(cells.map(|text| el("td").text(text)))
}
