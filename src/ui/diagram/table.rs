//! The groups as a table: the picture's facts without colour. Filled only while it is open.

use super::picture::Picture;
use crate::core::units::grouped;
use crate::diagram::{GroupRow, LISTED_GROUPS, group_rows};
use crate::dom::{Element, div, el};
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
pub fn show_table(picture: Picture) {
    show_in("gpus-groups", move || {
        vec![el("span").text(format!(
            "All {} groups as a table",
            picture.paint.with(|paint| paint.dim.name())
        ))]
    });
    show_in("gpus-table", move || {
        if picture.app.chosen(|choices| choices.table_is_open) {
            table(picture)
        } else {
            Vec::new()
        }
    });
}

fn table(picture: Picture) -> Vec<Element> {
    let (rows, groups) = picture.with_plan(|plan| {
        picture
            .paint
            .with(|paint| (group_rows(plan, paint), paint.crossing().groups))
    });
    if rows.is_empty() {
        return vec![el("p").class("sub").text("There is no such group.")];
    }
    let heads = ["Group", "Ranks", "Node", "Link"];
    let heads = heads.map(|head| el("th").attr("scope", "col").text(head));
    let table = el("table")
        .class("figures")
        .child(el("thead").child(el("tr").children(heads)))
        .child(el("tbody").children(rows.into_iter().map(row)));
    let mut all = vec![div("scroll").child(table)];
    let more = groups.saturating_sub(LISTED_GROUPS);
    if more > 0 {
        let text = format!("{} more groups are not listed.", grouped(more));
        all.push(el("p").class("sub").text(text));
    }
    all
}

fn row(row: GroupRow) -> Element {
    let link = match (row.link, row.crosses) {
        ("", _) => "none needed".to_owned(),
        (link, true) => format!("{link}, between nodes"),
        (link, false) => link.to_owned(),
    };
    let cells = [row.group.to_string(), row.ranks, row.nodes, link];
    el("tr").children(cells.map(|text| el("td").text(text)))
}
