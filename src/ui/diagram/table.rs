//! The groups of a picture as a table: its facts without colour. Filled only while it is open.

use super::picture::Picture;
use crate::core::units::grouped;
use crate::diagram::{ColourBy, GroupRow, LISTED_GROUPS, figure_rows, group_rows};
use crate::dom::{Element, button, div, el, span};
use crate::ui::show::show_in;
use leptos::prelude::*;
use wasm_bindgen::JsCast;

/// The place of the table, which tells whether it is open.
pub fn frame(picture: Picture) -> Element {
    let toggle = move |event: web_sys::Event| {
        let details = event.current_target();
        let details = details.map(|d| d.unchecked_into::<web_sys::HtmlDetailsElement>());
        let open = details.is_some_and(|details| details.open());
        picture.app.choose(|choices| choices.table_is_open = open);
    };
    el("details")
        .class("group-table")
        .on("toggle", toggle)
        .child(el("summary").attr("id", "gpus-groups"))
        .child(el("div").attr("id", "gpus-table"))
}

/// Shows the table in its place.
pub fn show_table(picture: Picture, beside: Picture) {
    show_in("gpus-groups", move || {
        let words = picture.paint.with(|paint| match paint.by {
            ColourBy::Groups(dim) => format!("All {} groups as a table", dim.name()),
            ColourBy::Figure(measure) => format!("{} as a table", measure.name()),
        });
        vec![el("span").text(words)]
    });
    show_in("gpus-table", move || {
        if !picture.app.chosen(|choices| choices.table_is_open) {
            return Vec::new();
        }
        let mut tables = table(picture);
        if picture.are_both_shown() {
            tables.extend(table(beside));
        }
        tables
    });
}

fn table(picture: Picture) -> Vec<Element> {
    let by = picture.paint.with(|paint| paint.by);
    match by {
        ColourBy::Groups(_) => groups(picture),
        ColourBy::Figure(measure) => {
            let rows = picture.paint.with(figure_rows);
            let heads = ["Figure", "GPUs", "Ranks"];
            vec![
                el("h3").text(measure.name()),
                framed(&heads, rows.into_iter().map(row).collect()),
            ]
        }
    }
}

fn groups(picture: Picture) -> Vec<Element> {
    let from = picture.app.chosen(|choices| choices.table_from);
    let (rows, groups, name) = picture.with_plan(|plan| {
        picture.paint.with(|paint| {
            let rows = group_rows(plan, paint, from);
            (rows, paint.crossing().groups, paint.by.name())
        })
    });
    if rows.is_empty() {
        return vec![el("p").class("sub").text("There is no such group.")];
    }
    let heads = ["Group", "Ranks", "Node", "Link"];
    let mut all = vec![
        el("h3").text([name, " groups"].concat()),
        framed(&heads, rows.into_iter().map(group).collect()),
    ];
    if groups > LISTED_GROUPS {
        let app = picture.app;
        let to = move |from: u64| move || app.choose(|choices| choices.table_from = from);
        let end = from.saturating_add(LISTED_GROUPS).min(groups);
        let words = format!(
            "Groups {} to {} of {}. ",
            grouped(from),
            grouped(end.saturating_sub(1)),
            grouped(groups)
        );
        let before = button(
            "btn small",
            "Earlier",
            to(from.saturating_sub(LISTED_GROUPS)),
        );
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
    div("scroll").child(table)
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
