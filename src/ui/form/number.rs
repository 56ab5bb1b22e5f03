//! A row with a number: typed freely, or stepped through the values that are valid.

use super::issues::{fails, issue_list, issues_id};
use super::{field_id, shown};
use crate::core::config::{Field, Kind, Value};
use crate::core::steps::step;
use crate::dom::{Element, button, div, el, span};
use crate::share::Note;
use crate::ui::state::App;
use leptos::prelude::*;
use wasm_bindgen::JsCast;

/// What stands in a field while nothing is entered: what that means, or how its notation looks.
const PLACEHOLDERS: &[(Field, &str)] = &[
    (Field::NumExperts, "dense"),
    (Field::MoeSharedExpert, "none"),
    (Field::MoeLayerFreq, "e.g. ([0]*3+[1]*58)"),
    (Field::QLoraRank, "none"),
    (Field::FirstStageLayers, "even"),
    (Field::LastStageLayers, "even"),
    (Field::PipelineLayout, "e.g. Ett|ttt|ttL"),
    (Field::MicrobatchGroup, "PP"),
    (Field::RecomputeModules, "e.g. core_attn mlp"),
];

/// The row of a number field.
pub fn number_row(app: App, field: Field) -> Element {
    let info = field.info();
    let id = field_id(field);
    let failing = fails(app, field);
    let next = |up| app.plan.with(|planned| step(&planned.plan, field, up));
    let (down, up) = (next(false), next(true));
    let stepper = |to: Option<u64>, sign: &'static str, word: &str| {
        button("", sign, move || set(app, field, to))
            .attr("tabindex", "-1")
            .attr("aria-label", format!("{word} {}", info.label))
            .off(to.is_none())
    };
    let is_words = matches!(info.kind, Kind::Words { .. });
    let steps = info.kind != Kind::Pattern && !is_words;
    let unit = field.typed_unit().0;
    let class = match (steps && unit.is_empty(), failing) {
        (true, false) => "row",
        (true, true) => "row failing",
        // A decimal or a notation needs room: a number that is cut reads as another one.
        (false, false) => "row wide",
        (false, true) => "row wide failing",
    };
    let placeholder = PLACEHOLDERS
        .iter()
        .find(|(of, _)| *of == field)
        .map_or("", |(_, text)| *text);
    let input = el("input")
        .attr("id", id.clone())
        .attr("type", "text")
        .attr("inputmode", if is_words { "text" } else { "decimal" })
        .attr("maxlength", "9999")
        .attr("autocomplete", "off")
        .attr("spellcheck", "false")
        .attr("aria-invalid", if failing { "true" } else { "false" })
        .attr("aria-describedby", issues_id(field))
        .attr("placeholder", placeholder)
        .value(text(app, field))
        .on("input", move |event| {
            app.type_into(field, &event_target_value(&event))
        })
        .on("blur", move |_| app.choose(|choices| choices.draft = None))
        .on("keydown", move |event| {
            let to = match event
                .unchecked_ref::<web_sys::KeyboardEvent>()
                .key()
                .as_str()
            {
                "ArrowUp" => up,
                "ArrowDown" => down,
                _ => return,
            };
            event.prevent_default();
            set(app, field, to);
        });
    let name = info.initials().unwrap_or_default();
    let rest = info.label.strip_prefix(name).unwrap_or_default();
    div(class)
        .child(
            el("label")
                .class("row-label")
                .attr("for", id)
                .child(el("b").text(name))
                .text(rest),
        )
        .child(
            div("num")
                .children(steps.then(|| stepper(down, "−", "Lower")))
                .child(input)
                .children((!unit.is_empty()).then(|| span("unit").text(unit)))
                .children(steps.then(|| stepper(up, "+", "Raise"))),
        )
        .child(issue_list(app, field).children(note(app, field)))
}

/// What a plan does not keep of the words that are being typed or pasted, which no length cuts unseen.
fn note(app: App, field: Field) -> Option<Element> {
    let note = app.chosen(|choices| match &choices.draft {
        Some((at, text)) if *at == field => {
            app.said(|config| Note::on_words(config, field.info().path, text))
        }
        _ => None,
    });
    Some(div("issue warn").child(el("p").text(note?.message())))
}

fn set(app: App, field: Field, to: Option<u64>) {
    if let Some(n) = to {
        app.choose(|choices| choices.draft = None);
        app.update(|config| {
            config.set(field, Value::Count(n));
        });
    }
}

/// What stands in the field: what could not be read, else the value. While someone types, `7.`
/// must not turn into `7` under their fingers: text that says the same as the plan stays.
fn text(app: App, field: Field) -> String {
    let unread = app
        .plan
        .with(|planned| planned.config.unread_at(field).map(ToString::to_string));
    if let Some(unread) = unread {
        return unread;
    }
    let draft = app.chosen(|choices| match &choices.draft {
        Some((at, text)) if *at == field => Some(text.clone()),
        _ => None,
    });
    let says_the_same = |text: &String| {
        app.plan
            .with(|planned| field.read_typed(text) == Ok(planned.config.get(field)))
    };
    draft
        .filter(says_the_same)
        .unwrap_or_else(|| field.typed(&shown(app, field)))
}
