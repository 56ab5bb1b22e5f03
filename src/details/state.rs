//! What is drawn now, and what a reader asks of the page by it.

use super::gpus::{self, Look};
use super::sections::SECTIONS;
use super::{compare, keys, page, takeaway, tools};
use meshplan::core::compare::Side;
use meshplan::core::config::{Config, Edit};
use meshplan::core::units::MemoryUnit;
use meshplan::core::{Plan, Report};
use meshplan::diagram::colours::Theme;
use meshplan::dom::{Element, Place, div, el};
use meshplan::share::history::History;
use meshplan::share::{self, Opened};
use std::cell::RefCell;
use wasm_bindgen::prelude::*;

/// The plan that is drawn.
pub struct Shown {
    /// What stands in an address after “#”: the link, or one that is in doubt as it came.
    pub fragment: String,
    /// What was said.
    pub config: Config,
    /// The plan, with the unit of memory.
    pub plan: Plan,
    /// The report on it.
    pub report: Report,
    /// B, the plan that it is compared with.
    pub other: Option<Box<Other>>,
    /// What the reader has chosen to see.
    pub choices: Choices,
    /// What became of the last picture that was taken away.
    pub told: String,
}

/// A plan that the plan is compared with.
pub struct Other {
    /// What was said.
    pub config: Config,
    /// The plan.
    pub plan: Plan,
    /// The report on it.
    pub report: Report,
}

impl Other {
    /// It as a side of a comparison.
    pub fn side(&self) -> Side<'_> {
        Side {
            config: &self.config,
            plan: &self.plan,
            report: &self.report,
        }
    }
}

impl Shown {
    /// What was opened from a link, before the reader has chosen anything.
    pub fn of(opened: Opened, link: &str, unit: MemoryUnit) -> Shown {
        let fragment = opened.fragment(link);
        let Opened { config, other, .. } = opened;
        let filled = |config: &Config| {
            let plan = Plan {
                unit,
                ..Plan::of(config)
            };
            let report = Report::of_plan(config, &plan);
            (plan, report)
        };
        let (plan, report) = filled(&config);
        let other = other.map(|config| {
            let (plan, report) = filled(&config);
            Box::new(Other {
                config,
                plan,
                report,
            })
        });
        Shown {
            fragment,
            config,
            plan,
            report,
            other,
            choices: FIRST,
            told: String::new(),
        }
    }

    /// The plan as a side of a comparison.
    pub fn side(&self) -> Side<'_> {
        Side {
            config: &self.config,
            plan: &self.plan,
            report: &self.report,
        }
    }

    /// A name for what is of A alone, which must not pass for both plans where two are compared.
    pub fn of_a(&self, name: &str) -> String {
        let whose = if self.other.is_some() { " of A" } else { "" };
        [name, whose].concat()
    }

    /// The address of what is shown, on the page itself.
    pub fn url(&self) -> String {
        [&page::address(), "#", &self.fragment].concat()
    }

    /// What was said of B, where there is one.
    pub fn other(&self) -> Option<&Config> {
        self.other.as_ref().map(|other| &other.config)
    }
}

/// What the reader has chosen to see, which stays from plan to plan.
#[derive(Clone)]
pub struct Choices {
    /// What is taken away, by its name.
    pub form: &'static str,
    /// Which text has just been copied, by its name, and what is said of it.
    pub copied: (&'static str, &'static str),
    /// Whether a comparison leaves out what is the same in both plans.
    pub only_differences: bool,
    /// What is said of the text that was pasted as B.
    pub said_of_b: String,
    /// The element that takes the focus once it is drawn.
    pub goes_to: Option<&'static str>,
    /// The dimension that is explained.
    pub topic: &'static str,
    /// Whether GPipe's schedule is drawn in place of the plan's own.
    pub gpipe: bool,
    /// The colours of pictures that are taken away; none for those of the page.
    pub theme: Option<Theme>,
}

const FIRST: Choices = Choices {
    form: takeaway::FIRST,
    copied: ("", ""),
    only_differences: true,
    said_of_b: String::new(),
    goes_to: None,
    topic: "TP",
    gpipe: false,
    theme: None,
};

/// The plan on the screen with the places of its sections; none before the first.
#[derive(Default)]
pub struct Screen {
    shown: Option<Shown>,
    /// The plans that the reader has been through.
    history: History,
    /// Whether something was typed into a field since the plan was drawn.
    typed: bool,
    /// What the reader looks at in the picture of the GPUs.
    pub look: Look,
    /// The places of the sections, of what is told of a GPU, and of what is done with the plan; none of
    /// what an embedded page leaves out.
    places: Vec<Option<Place>>,
    beside: Vec<Option<Place>>,
    tools: Option<Place>,
    compare: Option<Place>,
}

thread_local! {
    static SCREEN: RefCell<Screen> = RefCell::default();
}

/// Draws what was opened from a link. Gives what the page says of it and
/// cannot compute: which stages do not fit, then the change that the guide's steps advise, in words
/// and as the link of the plan that it leads to. Each is empty where there is none.
pub fn draw(opened: Opened, link: &str, unit: MemoryUnit) -> [String; 3] {
    let mut drawn = Shown::of(opened, link, unit);
    let beyond = drawn.report.memory.beyond(unit).unwrap_or_default();
    let edit = drawn.report.advice.edit.as_ref();
    let (advised, link) = edit.map_or_else(Default::default, |edit| {
        let link = share::carry_both(&edit.apply(&drawn.config), drawn.other());
        (edit.label(), link)
    });
    change_all(|screen| {
        match screen.shown.take() {
            None => keys::listen(),
            Some(before) => drawn.choices = before.choices,
        }
        screen.shown = Some(drawn);
    });
    let goes_to = SCREEN.with_borrow_mut(|screen| screen.shown.as_mut()?.choices.goes_to.take());
    goes_to.into_iter().for_each(page::go_to);
    [beyond, advised, link]
}

/// Takes note of the plan that the page shows.
pub fn note(link: &str) {
    SCREEN.with_borrow_mut(|screen| {
        let typed = std::mem::take(&mut screen.typed);
        screen.history.see(link, typed);
    });
}

/// Asks the page for the plan before the last step, or after it.
pub fn step(take: fn(&mut History) -> Option<String>) {
    let link = SCREEN.with_borrow_mut(|screen| take(&mut screen.history));
    if let Some(link) = link {
        ask("meshplan:apply", &link.into());
    }
}

/// Something is typed into a field.
pub fn typed() {
    SCREEN.with_borrow_mut(|screen| screen.typed = true);
}

/// The field that was typed in is left. The focus may also move while something is drawn, because what
/// had it is gone: that is no typing.
pub fn settle() {
    SCREEN.with(|screen| {
        if let Ok(mut screen) = screen.try_borrow_mut() {
            screen.history.settle();
            screen.typed = false;
        }
    });
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
        Some(share::carry_both(&edit.apply(&shown.config), shown.other()))
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
            screen.beside = gpus::PARTS.iter().map(|(id, _)| place(id)).collect();
        }
        gpus::draw(&mut screen.beside, shown, &screen.look);
    }
}

fn draw_tools(screen: &mut Screen) {
    if let (Some(place), Some(shown)) = (&mut screen.tools, &screen.shown) {
        place.show(tools::tools(shown, &screen.history));
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
        screen.tools = place("tools");
        screen.compare = place("compare");
    }
    draw_tools(screen);
    if let Some(shown) = &screen.shown {
        if let Some(place) = &mut screen.compare {
            place.show(compare::card(shown));
        }
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
