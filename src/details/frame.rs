//! What a page that embeds this one is told of the plan, and how a plan that it sends is looked at
//! before it is shown. `public/frame.js` carries the messages.

use super::read::{plan_in, told};
use super::state::{self, ask};
use meshplan::core::json::Json;
use meshplan::core::{Plan, Report};
use meshplan::js::{Answer, misread, refuse, to_js, value};
use meshplan::share::{self, Opened};
use std::cell::RefCell;
use wasm_bindgen::prelude::*;

thread_local! {
    /// The link of the plan that the page shows, of any length; empty before the first.
    static LINK: RefCell<String> = RefCell::default();
}

/// Keeps which plan the page shows, and tells so, before anything of it is drawn: a frame out of
/// sight draws nothing, and answers all the same; and what was just changed can be undone.
#[wasm_bindgen]
pub fn planned(link: &str) {
    LINK.set(link.to_owned());
    if let Some(Opened { config, other, .. }) = shown() {
        state::note(&share::carry_both(&config, other.as_ref()));
    }
    ask("meshplan:plan", &JsValue::NULL);
}

/// The plan that the page shows; none before the first.
fn shown() -> Option<Opened> {
    LINK.with_borrow(|link| share::carried(link).ok())
}

/// The plan as an embedding page is told it: `link`, the part of an address after `#`; `config`, its
/// JSON; `title`, in a few words; `other`, the JSON of the plan that it is compared with, where there
/// is one. Nothing before the first plan.
#[wasm_bindgen(js_name = toldPlan)]
pub fn told_plan() -> JsValue {
    shown().map_or(JsValue::UNDEFINED, |opened| {
        let link = LINK.with_borrow(|link| opened.fragment(link));
        let Opened { config, other, .. } = opened;
        let title = Plan::of(&config).title();
        let mut told = vec![
            ("link".to_owned(), Json::Text(link)),
            ("config".to_owned(), config.to_json()),
            ("title".to_owned(), Json::Text(title)),
        ];
        let other = other.map(|other| other.to_json());
        told.extend(other.map(|other| ("other".to_owned(), other)));
        value(&Json::Object(told))
    })
}

/// The report on the plan that the page shows, A of two, as the API's `plan` gives it; nothing before
/// the first plan.
#[wasm_bindgen(js_name = toldReport)]
pub fn told_report() -> Answer {
    shown().map_or(Ok(JsValue::UNDEFINED), |opened| {
        to_js(&Report::of(&opened.config))
    })
}

/// Whether a text is a plan, or two, that can be taken as written. Gives what `read` gives.
#[wasm_bindgen]
pub fn accept(text: &str) -> Answer {
    let read = plan_in(text).map_err(|reason| refuse("plan", &reason))?;
    let wrong = misread(&read.config).or_else(|| misread(read.other.as_ref()?));
    wrong.map_or_else(|| Ok(told(read)), Err)
}
