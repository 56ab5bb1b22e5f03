//! The JavaScript API: a thin door to `core`, `share` and `export`, for scripts in a browser or in
//! Node. The page does not load it.
//!
//! It knows JavaScript's values: what comes in is read as far as it can be, and refused with an
//! `Error` that names the field; what goes out is plain objects with the paths of DESIGN's JSON. It
//! must never know the page or Leptos, compute a figure, or hold a state between two calls.
#![deny(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

mod argument;

use argument::{address_of, format_of, plan_of, whole_plan_of, wish_of};
use meshplan::core::checks::{Check, Status};
use meshplan::core::json::Json;
use meshplan::core::problems::Problem;
use meshplan::core::{Config, Plan, Report};
use meshplan::export::Wish;
use meshplan::js::{Answer, refuse, to_js, value};
use meshplan::{export, share};
use serde::Serialize;
use wasm_bindgen::prelude::*;

/// A plan that is filled in, with its report.
struct Planned {
    plan: Plan,
    report: Report,
}

impl Planned {
    fn of(config: &Config) -> Planned {
        let plan = Plan::of(config);
        Planned {
            report: Report::of_plan(config, &plan),
            plan,
        }
    }
}

/// The report on a plan.
#[wasm_bindgen]
pub fn plan(config: &JsValue) -> Answer {
    to_js(&Planned::of(&whole_plan_of(config)?).report)
}

/// How a plan stands: its status, what cannot be taken as it was written, and the checks.
#[derive(Serialize)]
struct Validity<'a> {
    status: Status,
    problems: &'a [Problem],
    checks: &'a [Check],
}

/// What is wrong with a plan, also where `plan` would refuse it.
#[wasm_bindgen]
pub fn validate(config: &JsValue) -> Answer {
    let Planned { report, .. } = Planned::of(&plan_of("config", config)?);
    to_js(&Validity {
        status: report.verdict.status,
        problems: &report.problems,
        checks: &report.checks,
    })
}

/// The part of a link after `#`, of one plan or of two that are compared. A link keeps what was written,
/// also what cannot be read; what it has no room for is refused.
#[wasm_bindgen(js_name = encodeLink)]
pub fn encode_link(config: &JsValue, other: &JsValue) -> Answer {
    let config = plan_of("config", config)?;
    let other = match other.is_undefined() || other.is_null() {
        true => None,
        false => Some(plan_of("other", other)?),
    };
    let link = share::encode_both(&config, other.as_ref());
    match share::left_out(&link) {
        Some(said) => Err(refuse("config", &said)),
        None => Ok(link.into()),
    }
}

/// The plan of a link, as chats, mails and wikis leave it.
#[wasm_bindgen(js_name = decodeLink)]
pub fn decode_link(text: &JsValue) -> Answer {
    let opened = share::decode(&argument::text("text", text)?);
    let opened = opened.map_err(|error| refuse("text", &error.message()))?;
    let notes = opened.notes.iter().map(|note| Json::Text(note.message()));
    // Not by serde, for which the name `__proto__` of a plan would not be a name like any other.
    let mut told = vec![
        ("config".to_owned(), opened.config.to_json()),
        ("notes".to_owned(), Json::List(notes.collect())),
    ];
    let other = opened.other.map(|other| other.to_json());
    told.extend(other.map(|other| ("other".to_owned(), other)));
    Ok(value(&Json::Object(told)))
}

/// Every communicator group, as lists of ranks.
#[wasm_bindgen]
pub fn groups(config: &JsValue) -> Answer {
    let Planned { plan, report } = Planned::of(&whole_plan_of(config)?);
    match export::groups(&plan, &report) {
        Ok(groups) => to_js(&groups),
        Err(reason) => Err(match reason.split_once(':') {
            Some((field, reason)) => refuse(field, reason.trim_start()),
            None => refuse("config", &reason),
        }),
    }
}

/// What to paste into a launch script: `megatron` (the default), `nemo` or `bridge`.
#[wasm_bindgen]
pub fn flags(config: &JsValue, format: &JsValue) -> Answer {
    let format = format_of(format)?;
    let Planned { plan, report } = Planned::of(&whole_plan_of(config)?);
    Ok(export::flags(&plan, &report, format).into())
}

/// The verdict as Markdown, with a link to the plan on the page at an address, where one is given.
#[wasm_bindgen]
pub fn markdown(config: &JsValue, page: &JsValue) -> Answer {
    let plan = whole_plan_of(config)?;
    let link = address_of("page", page, config, &plan)?;
    let Planned { plan, report } = Planned::of(&plan);
    Ok(export::markdown(&plan, &report, link.as_deref()).into())
}

/// Pictures of a plan as the text of an SVG file, with its link inside.
#[wasm_bindgen(js_name = diagramSvg)]
pub fn diagram_svg(config: &JsValue, options: &JsValue) -> Answer {
    let (wish, page) = wish_of(options)?;
    let plan = whole_plan_of(config)?;
    let link = address_of("options.page", &page, config, &plan)?;
    let link = link.unwrap_or_else(|| share::encode(&plan));
    let wish = Wish {
        link: &link,
        ..wish
    };
    let Planned { plan, report } = Planned::of(&plan);
    let drawn = export::picture(&plan, &report.verdict.text, &wish);
    let drawn = drawn.map_err(|reason| refuse("config", &reason))?;
    Ok(drawn.svg.into())
}

/// The version of Meshplan.
#[wasm_bindgen]
pub fn version() -> String {
    env!("CARGO_PKG_VERSION").to_owned()
}
