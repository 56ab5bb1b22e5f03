//! The page's state: one plan in one signal, changed by one function; everything else follows.

use super::bar::THEME;
use super::browser::remembered;
use super::takeaway;
use crate::core::config::{Config, Edit, Field};
use crate::core::mesh::Dim;
use crate::core::units::MemoryUnit;
use crate::core::{Plan, Report};
use crate::export::Format;
use crate::share;
use leptos::prelude::*;
use std::sync::Arc;

/// What the cells of the diagram are coloured by.
pub type Colour = Dim;

/// The state of the page, handed to every component.
#[derive(Clone, Copy)]
pub struct App {
    config: RwSignal<Config>,
    /// The plan with everything filled in.
    pub plan: Memo<Arc<Planned>>,
    /// The report on it.
    pub report: Memo<Arc<Report>>,
    /// Unit of memory on the whole page: a choice of the reader's, not of the plan.
    pub unit: RwSignal<MemoryUnit>,
    /// Dimension by which the GPUs are coloured.
    pub colour: RwSignal<Colour>,
    /// The GPU that is pinned by a click or the keys.
    pub pinned: RwSignal<Option<u64>>,
    /// The GPU under the pointer.
    pub hovered: RwSignal<Option<u64>>,
    /// The plan as it was opened, which changes are marked against.
    pub opened: RwSignal<Config>,
    /// What could not be read of a link or a file.
    pub notice: RwSignal<Option<Notice>>,
    /// What is being typed, and where; text that says the same as the plan is left as it is.
    pub draft: RwSignal<Option<(Field, String)>>,
    /// What the reader chose to take away.
    pub takeaway: RwSignal<takeaway::Form>,
    /// Which button has just copied, and what it says.
    pub copied: RwSignal<(&'static str, &'static str)>,
    /// Why the pasted text is no plan.
    pub open_error: RwSignal<String>,
    /// `light`, `dark`, or empty for the system's colours.
    pub theme: RwSignal<&'static str>,
    /// Counts the changes that deserve an entry in the browser's history.
    pub entries: RwSignal<u32>,
}

/// What is to be said of a link or a file that could not be read in full.
#[derive(Clone, PartialEq)]
pub struct Notice {
    /// Sentences for the reader.
    pub sentences: Vec<String>,
    /// The text as it came, to be copied.
    pub text: String,
}

impl Notice {
    /// The notes on what was opened, where there are any.
    pub fn of(notes: &[share::Note], text: &str) -> Option<Notice> {
        let sentences: Vec<String> = notes.iter().map(share::Note::message).collect();
        (!sentences.is_empty()).then(|| Notice {
            sentences,
            text: text.to_owned(),
        })
    }
}

/// A filled-in plan together with what was said; equal when what was said is.
pub struct Planned {
    /// What was said.
    pub config: Config,
    /// The plan.
    pub plan: Plan,
}

impl PartialEq for Planned {
    fn eq(&self, other: &Planned) -> bool {
        self.config == other.config && self.plan.unit == other.plan.unit
    }
}

impl App {
    /// The state of a page that opens with `config`.
    pub fn new(config: Config, notice: Option<Notice>) -> App {
        let opened = RwSignal::new(config.clone());
        let config = RwSignal::new(config);
        let unit = RwSignal::new(MemoryUnit::default());
        let plan = Memo::new(move |_| {
            config.with(|config| {
                let plan = Plan {
                    unit: unit.get(),
                    ..Plan::of(config)
                };
                Arc::new(Planned {
                    config: config.clone(),
                    plan,
                })
            })
        });
        let report = Memo::new(move |_| {
            plan.with(|planned| Arc::new(Report::of_plan(&planned.config, &planned.plan)))
        });
        App {
            config,
            plan,
            report,
            unit,
            colour: RwSignal::new(Dim::Tp),
            pinned: RwSignal::new(None),
            hovered: RwSignal::new(None),
            opened,
            notice: RwSignal::new(notice),
            draft: RwSignal::new(None),
            takeaway: RwSignal::new(takeaway::Form::Flags(Format::Megatron)),
            copied: RwSignal::new(("", "")),
            open_error: RwSignal::new(String::new()),
            theme: RwSignal::new(match remembered(THEME).as_deref() {
                Some("light") => "light",
                Some("dark") => "dark",
                _ => "",
            }),
            entries: RwSignal::new(0),
        }
    }

    /// The one function that changes the plan.
    pub fn update(&self, change: impl FnOnce(&mut Config)) {
        self.config.update(change);
    }

    /// Takes what was typed into a field.
    pub fn type_into(&self, field: Field, text: &str) {
        self.draft.set(Some((field, text.to_owned())));
        self.update(|config| config.type_into(field, text));
    }

    /// Applies a fix, a preset's edit or a step of the advice, as an entry of its own in the
    /// browser's history.
    pub fn apply(&self, edit: &Edit) {
        self.entries.update(|n| *n = n.wrapping_add(1));
        self.update(|config| *config = edit.apply(config));
    }

    /// Opens another plan, as an entry of its own in the browser's history.
    pub fn open(&self, plan: Config) {
        self.entries.update(|n| *n = n.wrapping_add(1));
        self.show(plan);
    }

    /// Shows the plan that an address holds; the history has it already.
    pub fn show(&self, plan: Config) {
        self.opened.set(plan.clone());
        self.pinned.set(None);
        self.update(|config| *config = plan);
    }

    /// Reads a part of the plan as it was said.
    pub fn said<T>(&self, read: impl FnOnce(&Config) -> T) -> T {
        self.config.with(read)
    }

    /// The GPU in focus: the one under the pointer, else the pinned one.
    pub fn focus(&self) -> Option<u64> {
        self.hovered.get().or_else(|| self.pinned.get())
    }
}
