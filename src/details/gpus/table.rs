//! The groups of a picture as a table: its facts without colour.

use super::super::Shown;
use super::super::state::change;
use super::{Look, paint};
use meshplan::core::units::grouped;
use meshplan::diagram::{ColourBy, GroupRow, LISTED_GROUPS, figure_rows, group_rows};
use meshplan::dom::{Element, button, el, scrolling, span};

/// The tables of what the pictures are coloured by.
pub fn tables(shown: &Shown, look: &Look) -> Vec<Element> {
    let table = |by: &ColourBy| table(shown, look, *by);
    look.tables.iter().flat_map(table).collect()
}

fn table(shown: &Shown, look: &Look, by: ColourBy) -> Vec<Element> {
    let paint = paint(shown, by);
    let is_figure = matches!(by, ColourBy::Figure(_));
    let all = match &paint.scale {
        Some(scale) => scale.classes.len() as u64,
        None => paint.crossing().groups,
    };
    // The plan may have fewer since the reader turned the page.
    let from = if look.from < all { look.from } else { 0 };
    let (title, heads, rows): (String, &[&'static str], Vec<Element>) = if is_figure {
        let rows = figure_rows(&paint, from).into_iter().map(row).collect();
        (by.name().to_owned(), &["Figure", "GPUs", "Ranks"], rows)
    } else {
        let rows = group_rows(&shown.plan, &paint, from);
        let rows = rows.into_iter().map(group).collect();
        let title = [paint.by.name(), " groups"].concat();
        (title, &["Group", "Ranks", "Node", "Link"], rows)
    };
    if rows.is_empty() {
        let none = match is_figure {
            true => "The plan does not tell enough to say.",
            false => "There is no such group.",
        };
        return vec![el("p").class("sub").text(none)];
    }
    let mut parts = vec![el("h3").text(title), framed(heads, rows)];
    if all > LISTED_GROUPS {
        parts.push(pages(from, all));
    }
    parts
}

/// Which rows are shown, and the way to the others.
fn pages(from: u64, all: u64) -> Element {
    let to = |from: u64| {
        move || {
            change(|screen| {
                screen.look.from = from;
                true
            })
        }
    };
    let end = from.saturating_add(LISTED_GROUPS).min(all);
    let words = format!(
        "{} to {} of {}. ",
        grouped(from),
        grouped(end.saturating_sub(1)),
        grouped(all)
    );
    let before = to(from.saturating_sub(LISTED_GROUPS));
    let before = button("btn small", "Earlier", before);
    let after = button("btn small", "Later", to(end));
    el("p")
        .class("sub pages")
        .child(span("").attr("role", "status").text(words))
        .child(before.off(from == 0))
        .child(after.off(end == all))
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
