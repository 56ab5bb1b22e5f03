//! What the page takes away of a plan. Unlike the API it refuses nothing that stands in
//! the plan: while someone types, half a plan is the normal case, and the texts say what is wrong.

use meshplan::core::units::MemoryUnit;
use meshplan::core::{Plan, Report};
use meshplan::js::{Answer, error, format_named, text};
use meshplan::{export, share};
use wasm_bindgen::prelude::*;

/// A text of the plan that `link` carries: `markdown`, `json`, or a form of flags by its name.
/// `gib` says memory in GiB; `address` is the page's, for the link in the text.
#[wasm_bindgen(js_name = takeAway)]
pub fn take_away(link: &str, form: &str, gib: bool, address: &str) -> Answer {
    let opened = share::carried(link).map_err(|reason| error("link", &reason.message()))?;
    let config = opened.config;
    let unit = if gib { MemoryUnit::Gib } else { MemoryUnit::Gb };
    let plan = Plan {
        unit,
        ..Plan::of(&config)
    };
    let report = || Report::of_plan(&config, &plan);
    let text = match (form, format_named(form)) {
        (_, Some(format)) => export::flags(&plan, &report(), format),
        ("markdown", None) => {
            export::markdown(&plan, &report(), Some(&share::url(address, &config)))
        }
        ("json", None) => text(&config.to_json())?,
        _ => return Err(error("form", "There is no such form.")),
    };
    Ok(text.into())
}
