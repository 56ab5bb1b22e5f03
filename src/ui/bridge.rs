//! The bridge to the details, a program of its own that `boot.js` loads after the page: it reads foreign
//! text, finds GPUs and knows their figures. A plan crosses the bridge as a link.

use super::address::Opening;
use super::state::{App, Notice, Planned};
use crate::core::config::Config;
use crate::core::units::MemoryUnit;
use crate::diagram::{Class, Measure, Scale, Shade};
use crate::share;
use leptos::prelude::*;
use std::cell::RefCell;
use wasm_bindgen::prelude::*;

/// The event by which `boot.js` tells that the details are there, or why they are not.
const EVENT: &str = "meshplan:details";

#[wasm_bindgen]
extern "C" {
    /// What `read` gives.
    type Read;
    #[wasm_bindgen(method, getter)]
    fn link(this: &Read) -> String;
    #[wasm_bindgen(method, getter)]
    fn notes(this: &Read) -> Vec<String>;
    #[wasm_bindgen(method, getter, js_name = modelOnly)]
    fn model_only(this: &Read) -> bool;

    /// What `figures` gives.
    type Figures;
    #[wasm_bindgen(method, getter)]
    fn texts(this: &Figures) -> Vec<String>;
    #[wasm_bindgen(method, getter)]
    fn shades(this: &Figures) -> Vec<u8>;
    #[wasm_bindgen(method, getter)]
    fn ranks(this: &Figures) -> Vec<u16>;

    /// What `findGpu` gives.
    type Found;
    #[wasm_bindgen(method, getter)]
    fn rank(this: &Found) -> Option<f64>;
    #[wasm_bindgen(method, getter)]
    fn words(this: &Found) -> String;

    #[wasm_bindgen(js_namespace = meshplanDetails, js_name = look)]
    fn look_at(in_focus: Option<f64>, pinned: Option<f64>);
    #[wasm_bindgen(js_namespace = meshplanDetails, js_name = list)]
    fn list_groups(words: &str);
    #[wasm_bindgen(js_namespace = meshplanDetails, js_name = findGpu)]
    fn find_gpu(text: &str, now: Option<f64>) -> Found;
    #[wasm_bindgen(js_namespace = meshplanDetails)]
    fn figures(link: &str, measure: &str, gib: bool) -> Option<Figures>;
    #[wasm_bindgen(js_namespace = meshplanDetails, catch)]
    fn read(text: &str) -> Result<Read, js_sys::Error>;
}

/// Whether the details can be called.
#[derive(Clone, PartialEq)]
pub enum Api {
    /// They are on their way.
    Loading,
    /// They are there.
    Ready,
    /// They cannot be loaded, for this reason.
    Missing(String),
}

impl Api {
    /// What to say where the details are needed and not there.
    pub fn wait(&self) -> Option<String> {
        match self {
            Api::Loading => Some("This part of Meshplan is still loading.".to_owned()),
            Api::Ready => None,
            Api::Missing(reason) => Some(format!(
                "This part of Meshplan could not be loaded. {reason} The plan is also in the link."
            )),
        }
    }
}

/// Keeps the state of the details from now on, for as long as the page stands.
pub fn listen(app: App) {
    let told = Closure::<dyn Fn(web_sys::Event)>::new(move |event: web_sys::Event| {
        let reason = event.unchecked_ref::<web_sys::CustomEvent>().detail();
        let api = reason.as_string().map_or(Api::Ready, Api::Missing);
        app.choose(|choices| choices.api = api);
    });
    let _ = window().add_event_listener_with_callback(EVENT, told.as_ref().unchecked_ref());
    told.forget();
}

thread_local! {
    /// The figures that were asked for last: what is drawn anew is mostly of the same plan.
    static FIGURES: RefCell<Option<(Planned, Measure, Option<Scale>)>> = RefCell::default();
}

/// The figure of each GPU of a plan that is drawn; none where the plan does not tell enough.
pub fn scale(planned: &Planned, measure: Measure) -> Option<Scale> {
    FIGURES.with_borrow_mut(|last| {
        if let Some((of, by, scale)) = last
            && of == planned
            && *by == measure
        {
            return scale.clone();
        }
        let scale = read_scale(planned, measure);
        *last = Some((planned.clone(), measure, scale.clone()));
        scale
    })
}

fn read_scale(planned: &Planned, measure: Measure) -> Option<Scale> {
    let gib = planned.plan.unit == MemoryUnit::Gib;
    let figures = figures(&share::carry(&planned.config), measure.word(), gib)?;
    let classes = figures.texts().into_iter().zip(figures.shades());
    let class = |(text, shade)| Class {
        text,
        shade: Shade::at(shade),
    };
    Some(Scale {
        classes: classes.map(class).collect(),
        of_rank: figures.ranks(),
    })
}

/// Tells of the GPU in focus, and of the pinned one.
pub fn look(in_focus: Option<u64>, pinned: Option<u64>) {
    look_at(in_focus.map(|r| r as f64), pinned.map(|r| r as f64));
}

/// Lists the groups of what the pictures are coloured by, `words` apart by spaces.
pub fn list(words: &str) {
    list_groups(words);
}

/// The GPU that a reader searches, where there is one, and what is to be said.
pub fn find(text: &str, now: Option<u64>) -> (Option<u64>, String) {
    let found = find_gpu(text, now.map(|rank| rank as f64));
    (found.rank().map(|rank| rank as u64), found.words())
}

/// A plan from foreign text. A text that tells a model and nothing else gives the plan of now with
/// that model.
///
/// # Errors
/// Says why the text is no plan.
pub fn open(text: &str, now: Config) -> Result<Opening, String> {
    let read = read(text).map_err(message)?;
    let opened = share::carried(&read.link()).map_err(|error| error.message())?;
    let link = opened.doubt().map(|_| read.link());
    let mut config = opened.config;
    if read.model_only() {
        config = now.with_model_of(config);
    }
    Ok(Opening {
        config,
        other: opened.other,
        notice: Notice::saying(read.notes(), text, link),
    })
}

/// What an error of the details says.
pub fn message(error: js_sys::Error) -> String {
    error.message().into()
}
