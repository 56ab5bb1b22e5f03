//! What is drawn now, and what a reader asks of the page by it.

use super::sections::SECTIONS;
use meshplan::core::config::{Config, Edit};
use meshplan::core::units::MemoryUnit;
use meshplan::core::{Plan, Report};
use meshplan::dom::{Element, Place, div, el};
use meshplan::share;
use std::cell::RefCell;

/// The plan that is drawn.
pub struct Shown {
    /// What was said.
    pub config: Config,
    /// The plan, with the unit of memory.
    pub plan: Plan,
    /// The report on it.
    pub report: Report,
    /// The dimension that is explained.
    pub topic: &'static str,
    /// Whether GPipe's schedule is drawn in place of the plan's own.
    pub gpipe: bool,
}

/// The plan on the screen with the places of its sections; none before the first.
#[derive(Default)]
struct Screen {
    shown: Option<Shown>,
    places: Vec<Place>,
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
    change(|screen| {
        let before = screen.shown.as_ref();
        let (topic, gpipe) = before.map_or(("TP", false), |shown| (shown.topic, shown.gpipe));
        screen.shown = Some(Shown {
            config,
            plan,
            report,
            topic,
            gpipe,
        });
    });
    advised
}

/// Explains another dimension.
pub fn choose_topic(topic: &'static str) {
    change(|screen| {
        if let Some(shown) = &mut screen.shown {
            shown.topic = topic;
        }
    });
}

/// Draws GPipe's schedule, or the plan's own.
pub fn choose_gpipe(gpipe: bool) {
    change(|screen| {
        if let Some(shown) = &mut screen.shown {
            shown.gpipe = gpipe;
        }
    });
}

/// Asks the page for another unit of memory, which holds for all of it.
pub fn choose_unit(unit: MemoryUnit) {
    ask("meshplan:unit", unit.name());
}

/// Asks the page to apply an edit.
pub fn apply(edit: &Edit) {
    let edited = SCREEN.with_borrow(|screen| {
        let shown = screen.shown.as_ref()?;
        Some(share::carry(&edit.apply(&shown.config)))
    });
    if let Some(link) = edited {
        ask("meshplan:apply", &link);
    }
}

fn ask(event: &str, detail: &str) {
    let init = web_sys::CustomEventInit::new();
    init.set_detail(&detail.into());
    let event = web_sys::CustomEvent::new_with_event_init_dict(event, &init);
    if let (Ok(event), Some(window)) = (event, web_sys::window()) {
        let _ = window.dispatch_event(&event);
    }
}

/// Changes what is shown, and draws it.
fn change(change: impl FnOnce(&mut Screen)) {
    SCREEN.with_borrow_mut(|screen| {
        change(screen);
        if screen.places.is_empty() {
            let document = web_sys::window().and_then(|window| window.document());
            let place = |id: &str| document.as_ref()?.get_element_by_id(id).map(Place::new);
            screen.places = SECTIONS.iter().filter_map(|(id, ..)| place(id)).collect();
        }
        if let Some(shown) = &screen.shown {
            for (place, (id, title, section)) in screen.places.iter_mut().zip(SECTIONS) {
                let (beside, body) = section(shown);
                place.show(framed(id, title, beside, body));
            }
        }
    });
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
