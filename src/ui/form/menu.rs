//! A row with a list to choose from: a named setting, or an entry of a table.

use super::issues::{issue_list, issues_id};
use super::{field_id, shown};
use crate::core::config::{Config, Field, Value};
use crate::dom::{Element, div, el};
use crate::ui::state::App;
use leptos::prelude::*;

/// A part of a list, under its label.
pub struct Part {
    /// The label; empty for none.
    pub label: &'static str,
    /// Ids and names.
    pub options: Vec<(&'static str, &'static str)>,
}

/// The row of a field with a few named values.
pub fn choice_row(app: App, field: Field, words: &'static [&'static str]) -> Element {
    let mut options: Vec<(&str, &str)> = words.iter().map(|word| (*word, *word)).collect();
    match field {
        Field::RecomputeGranularity => options.insert(0, ("", "none")),
        Field::RecomputeHow => options.insert(0, ("", "not set")),
        _ => {}
    }
    menu(
        app,
        field,
        field.info().label,
        vec![Part { label: "", options }],
        None,
    )
}

/// A row with a list. A value that is not in the list is shown as it was written.
pub fn menu(
    app: App,
    field: Field,
    label: &'static str,
    parts: Vec<Part>,
    after: Option<fn(&mut Config)>,
) -> Element {
    let chosen = match shown(app, field) {
        Value::Text(text) => text,
        _ => String::new(),
    };
    let known = parts
        .iter()
        .any(|part| part.options.iter().any(|(id, _)| *id == chosen));
    let unknown = (!known).then(|| {
        el("option")
            .attr("value", chosen.clone())
            .text(format!("{chosen} (unknown)"))
    });
    let option =
        |(id, name): &(&'static str, &'static str)| el("option").attr("value", *id).text(*name);
    let groups = parts.iter().map(|part| {
        let options = part.options.iter().map(option);
        let name = if part.label.is_empty() {
            "Other"
        } else {
            part.label
        };
        el("optgroup").attr("label", name).children(options)
    });
    let choose = move |event: web_sys::Event| {
        let text = event_target_value(&event);
        let value = if text.is_empty() {
            Value::Unset
        } else {
            Value::Text(text)
        };
        app.update(|config| {
            config.set(field, value);
            if let Some(after) = after {
                after(config);
            }
        });
    };
    let id = field_id(field);
    // A list of one unnamed part needs no group around it.
    let list = match parts.as_slice() {
        [only] => only.options.iter().map(option).collect::<Vec<_>>(),
        _ => groups.collect(),
    };
    div("row wide")
        .child(
            el("label")
                .class("row-label")
                .attr("for", id.clone())
                .text(label),
        )
        .child(
            el("select")
                .attr("id", id)
                .attr("aria-describedby", issues_id(field))
                .children(list)
                .children(unknown)
                .value(chosen)
                .on("change", choose),
        )
        .child(issue_list(app, field))
}
