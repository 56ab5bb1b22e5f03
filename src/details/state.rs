//! What is drawn now, and what a reader asks of the page by it.

use super::gpus::{self, Look};
use super::sections::SECTIONS;
use meshplan::core::config::{Config, Edit};
use meshplan::core::units::MemoryUnit;
use meshplan::core::{Plan, Report};
use meshplan::diagram::colours::Theme;
use meshplan::dom::{Element, Place, div, el};
use meshplan::share;
use std::cell::RefCell;
use wasm_bindgen::prelude::*;

/// The plan that is drawn.
pub struct Shown {
    /// What was said.
    pub config: Config,
    /// The plan, with the unit of memory.
    pub plan: Plan,
    /// The report on it.
    pub report: Report,
    /// What the reader has chosen to see.
    pub choices: Choices,
    /// What became of the last picture that was taken away.
    pub told: String,
}

/// What the reader has chosen to see, which stays from plan to plan.
#[derive(Clone, Copy)]
pub struct Choices {
    /// The dimension that is explained.
    pub topic: &'static str,
    /// Whether GPipe's schedule is drawn in place of the plan's own.
    pub gpipe: bool,
    /// The colours of pictures that are taken away; none for those of the page.
    pub theme: Option<Theme>,
}

const FIRST: Choices = Choices {
    topic: "TP",
    gpipe: false,
    theme: None,
};

/// The plan on the screen with the places of its sections; none before the first.
#[derive(Default)]
pub struct Screen {
    shown: Option<Shown>,
    /// In the order of the sections; none for one that the page does not show.
    places: Vec<Option<Place>>,
    /// What the reader looks at in the picture of the GPUs.
    pub look: Look,
    /// The places of what is told of it.
    beside: Vec<Place>,
}

thread_local! {
    static SCREEN: RefCell<Screen> = RefCell::default();
}

/// Draws a plan. Gives the change that the guide's steps advise: in words, and as the link of the
/// plan that it leads to.
pub fn draw(config: Config, unit: MemoryUnit) -> Option<(String, String)> {
    let plan = Plan {
        unit,
        ..Plan::of(&config)
    };
    let report = Report::of_plan(&config, &plan);
    let edit = report.advice.edit.as_ref();
    let advised = edit.map(|edit| (edit.label(), share::carry(&edit.apply(&config))));
    change_all(|screen| {
        let choices = screen.shown.as_ref().map_or(FIRST, |shown| shown.choices);
        screen.shown = Some(Shown {
            config,
            plan,
            report,
            choices,
            told: String::new(),
        });
    });
    advised
}

/// Changes what the reader has chosen to see.
pub fn choose(choice: impl FnOnce(&mut Choices)) {
    change_all(|screen| {
        if let Some(shown) = &mut screen.shown {
            choice(&mut shown.choices);
        }
    });
}

/// Says what became of a picture.
#[wasm_bindgen]
pub fn tell(told: String) {
    change_all(|screen| {
        if let Some(shown) = &mut screen.shown {
            shown.told = told;
        }
    });
}

/// Reads what is drawn; nothing before the first plan.
pub fn read<T>(read: impl FnOnce(&Shown) -> T) -> Option<T> {
    SCREEN.with_borrow(|screen| screen.shown.as_ref().map(read))
}

/// Asks the page for another unit of memory, which holds for all of it.
pub fn choose_unit(unit: MemoryUnit) {
    ask("meshplan:unit", &unit.name().into());
}

/// Asks the page to apply an edit.
pub fn apply(edit: &Edit) {
    let edited = SCREEN.with_borrow(|screen| {
        let shown = screen.shown.as_ref()?;
        Some(share::carry(&edit.apply(&shown.config)))
    });
    if let Some(link) = edited {
        ask("meshplan:apply", &link.into());
    }
}

/// Asks the page for something.
pub fn ask(event: &str, detail: &JsValue) {
    let init = web_sys::CustomEventInit::new();
    init.set_detail(detail);
    let event = web_sys::CustomEvent::new_with_event_init_dict(event, &init);
    if let (Ok(event), Some(window)) = (event, web_sys::window()) {
        let _ = window.dispatch_event(&event);
    }
}

/// Changes what is told beside the picture, and draws that alone, if `change` says that it has changed.
pub fn change(change: impl FnOnce(&mut Screen) -> bool) {
    SCREEN.with_borrow_mut(|screen| {
        if change(screen) {
            draw_beside(screen);
        }
    });
}

fn draw_beside(screen: &mut Screen) {
    if let Some(shown) = &screen.shown {
        if screen.beside.is_empty() {
            screen.beside = gpus::PARTS.iter().filter_map(|(id, _)| place(id)).collect();
        }
        gpus::draw(&mut screen.beside, shown, &screen.look);
    }
}

fn place(id: &str) -> Option<Place> {
    let document = web_sys::window()?.document()?;
    document.get_element_by_id(id).map(Place::new)
}

/// Changes what the sections show, and draws everything.
fn change_all(change: impl FnOnce(&mut Screen)) {
    SCREEN.with_borrow_mut(|screen| {
        change(screen);
        redraw(screen);
    });
}

/// Draws what is shown. One function, however many kinds of changes there are.
#[inline(never)]
fn redraw(screen: &mut Screen) {
    draw_beside(screen);
    if screen.places.is_empty() {
        screen.places = SECTIONS.iter().map(|(id, ..)| place(id)).collect();
    }
    if let Some(shown) = &screen.shown {
        for (place, (id, title, section)) in screen.places.iter_mut().zip(SECTIONS) {
            if let Some(place) = place {
                let (beside, body) = section(shown);
                place.show(framed(id, title, beside, body));
            }
        }
    }
}

/// A section with its title.
fn framed(
    id: &'static str,
    title: &'static str,
    beside: Vec<Element>,
    body: Vec<Element>,
) -> Vec<Element> {
    let title = el("h2").attr("id", format!("{id}-title")).text(title);
    vec![
        el("header").child(title).children(beside),
        div("in").children(body),
    ]
}
