//! The figures by which the page colours its GPUs: what it takes to know them is not in the page's
//! own program.

use js_sys::{Array, Object, Reflect, Uint8Array, Uint16Array};
use meshplan::core::Plan;
use meshplan::core::units::MemoryUnit;
use meshplan::diagram::{ColourBy, Measure};
use meshplan::share;
use wasm_bindgen::prelude::*;

/// A figure of each GPU of a plan that is drawn: `texts` and `shades`, the different figures
/// and how they are filled, and `ranks`, which of them each GPU has. Nothing where the plan does not
/// tell enough.
#[wasm_bindgen]
pub fn figures(link: &str, measure: &str, gib: bool) -> Option<Object> {
    let opened = share::carried(link).ok()?;
    let measure = Measure::ALL.into_iter().find(|m| m.word() == measure)?;
    let unit = if gib { MemoryUnit::Gib } else { MemoryUnit::Gb };
    let plan = Plan {
        unit,
        ..Plan::of(&opened.config)
    };
    let scale = ColourBy::Figure(measure).figures(&plan)?;
    let texts: Array = scale
        .classes
        .iter()
        .map(|c| JsValue::from(&*c.text))
        .collect();
    let shades: Vec<u8> = scale.classes.iter().map(|c| c.shade.index()).collect();
    let figures = Object::new();
    let parts: [(&str, JsValue); 3] = [
        ("texts", texts.into()),
        ("shades", Uint8Array::from(shades.as_slice()).into()),
        ("ranks", Uint16Array::from(scale.of_rank.as_slice()).into()),
    ];
    for (name, part) in parts {
        Reflect::set(&figures, &JsValue::from(name), &part).ok()?;
    }
    Some(figures)
}
