//! The groups as a table: the picture's facts without colour. Filled only while it is open.

use super::picture::Picture;
use crate::core::units::grouped;
use crate::diagram::{GroupRow, LISTED_GROUPS, group_rows};
use leptos::ev::Event;
use leptos::prelude::*;
use wasm_bindgen::JsCast;

/// The table.
pub fn group_table(picture: Picture) -> AnyView {
    let is_open = RwSignal::new(false);
    let toggle = move |event: Event| {
        let details = event.current_target();
        let details = details.and_then(|d| d.dyn_into::<web_sys::HtmlDetailsElement>().ok());
        is_open.set(details.is_some_and(|details| details.open()));
    };
    let title = move || format!("All {} groups as a table", picture.dim.get().name());
    view! {
        <details class="group-table" on:toggle=toggle>
            <summary>{title}</summary>
            {move || is_open.get().then(|| table(picture))}
        </details>
    }
    .into_any()
}

fn table(picture: Picture) -> AnyView {
    let (rows, groups) = picture.with_plan(|plan| {
        picture.paint.with(|paint| (group_rows(plan, paint), paint.crossing().groups))
    });
    if rows.is_empty() {
        return view! { <p class="sub">"There is no such group."</p> }.into_any();
    }
    let more = groups.saturating_sub(LISTED_GROUPS);
    let more = (more > 0).then(|| format!("{} more groups are not listed.", grouped(more)));
    view! {
        <div class="scroll">
            <table class="figures">
                <thead>
                    <tr>
                        <th scope="col">"Group"</th>
                        <th scope="col">"Ranks"</th>
                        <th scope="col">"Node"</th>
                        <th scope="col">"Link"</th>
                    </tr>
                </thead>
                <tbody>{rows.into_iter().map(row).collect::<Vec<AnyView>>()}</tbody>
            </table>
        </div>
        {more.map(|more| view! { <p class="sub">{more}</p> })}
    }
    .into_any()
}

fn row(row: GroupRow) -> AnyView {
    let link = if row.link.is_empty() { "none needed" } else { row.link };
    view! {
        <tr>
            <td>{row.group.to_string()}</td>
            <td>{row.ranks}</td>
            <td>{row.nodes}</td>
            <td>{link}{row.crosses.then_some(", between nodes")}</td>
        </tr>
    }
    .into_any()
}
