//! The details of a plan: memory, communication, advice, pipeline, batch and explanations. A program
//! of their own draws them, which comes after the page and draws after the page has been painted:
//! what is typed is answered by the verdict, the form and the picture first.

use super::browser::remember;
use super::state::App;
use crate::core::units::MemoryUnit;
use crate::share;
use leptos::prelude::*;
use std::cell::Cell;
use std::rc::Rc;
use wasm_bindgen::prelude::*;

/// Under which name the browser remembers the unit of memory.
pub const UNIT: &str = "meshplan-unit";

#[wasm_bindgen]
extern "C" {
    /// Draws the plan of a link. Gives three lines, each empty where there is nothing to say: which stages
    /// do not fit, and what the guide's steps advise, as words and as a link.
    #[wasm_bindgen(js_namespace = meshplanDetails)]
    fn show(link: &str, gib: bool) -> String;
    /// Tells which plan is shown, at once.
    #[wasm_bindgen(js_namespace = meshplanDetails)]
    fn planned(link: &str);
}

/// Keeps the details in step with the plan.
pub fn keep(app: App) {
    listen("meshplan:apply", move |link| follow(app, &link));
    listen("meshplan:unit", move |name| {
        let units = [MemoryUnit::Gb, MemoryUnit::Gib];
        if let Some(unit) = units.into_iter().find(|unit| unit.name() == name) {
            remember(UNIT, unit.name());
            app.choose(|choices| choices.unit = unit);
        }
    });
    let newest = Rc::new(Cell::new(0_u32));
    Effect::new(move |before: Option<String>| {
        let ready = app.chosen(|choices| choices.api.wait().is_none());
        if !ready {
            return String::new();
        }
        let link = app.fragment(share::carry_both);
        let link = match share::carried(&link) {
            Ok(_) => link,
            Err(_) => app.link(share::carry_both),
        };
        let gib = app.plan.with(|p| p.plan.unit == MemoryUnit::Gib);
        let now = [if gib { "GiB " } else { "" }, &link].concat();
        if before.as_ref() != Some(&now) {
            let turn = newest.get().wrapping_add(1);
            newest.set(turn);
            planned(&link);
            let newest = newest.clone();
            // In a task after the frame: the page is painted by then.
            request_animation_frame(move || {
                set_timeout(
                    move || {
                        if newest.get() == turn {
                            draw(app, &link, gib);
                        }
                    },
                    std::time::Duration::ZERO,
                );
            });
        }
        now
    });
}

fn draw(app: App, link: &str, gib: bool) {
    let said = show(link, gib);
    let mut lines = said.split('\n').map(str::to_owned);
    let mut line = || lines.next().unwrap_or_default();
    let (beyond, advised) = (line(), (line(), line()));
    if app.chosen_now(|choices| (&choices.beyond, &choices.advised) != (&beyond, &advised)) {
        app.choose(|choices| (choices.beyond, choices.advised) = (beyond, advised));
    }
}

/// Puts the plan of a link of the details in place of the plan.
pub fn follow(app: App, link: &str) {
    if let Ok(opened) = share::carried(link) {
        app.replace(opened.config, opened.other);
    }
}

/// Hears what is asked for by an event of the window.
pub fn listen(event: &str, heard: impl Fn(String) + 'static) {
    let heard = Closure::<dyn Fn(web_sys::Event)>::new(move |event: web_sys::Event| {
        let detail = event.unchecked_ref::<web_sys::CustomEvent>().detail();
        heard(detail.as_string().unwrap_or_default());
    });
    let _ = window().add_event_listener_with_callback(event, heard.as_ref().unchecked_ref());
    heard.forget();
}
