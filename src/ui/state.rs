//! The page's state: one plan in one signal, changed by one function; everything else follows.

use crate::core::config::{Config, Edit, Field};
use crate::core::mesh::Dim;
use crate::core::units::MemoryUnit;
use crate::core::{Plan, Report};
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
    /// Counts the changes that deserve an entry in the browser's history.
    pub entries: RwSignal<u32>,
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
    pub fn new(config: Config) -> App {
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
            entries: RwSignal::new(0),
        }
    }

    /// The one function that changes the plan.
    pub fn update(&self, change: impl FnOnce(&mut Config)) {
        self.config.update(change);
    }

    /// Takes what was typed into a field.
    pub fn type_into(&self, field: Field, text: &str) {
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
        self.update(|config| *config = plan);
    }

    /// Shows the plan that an address holds; the history has it already.
    pub fn show(&self, plan: Config) {
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
