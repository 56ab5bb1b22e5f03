//! The page's state: one plan in one signal, changed by one function; everything else follows.
//!
//! Beside the plan there are the reader's choices and the GPU in focus. Each kind of signal is
//! code of its own to download, so there are three: the plan, the choices, the focus.

use super::address::Opening;
use super::bridge::Api;
use super::browser::remembered;
use super::details::UNIT;
use super::theme::THEME;
use super::view::{View, theme_named};
use crate::core::Plan;
use crate::core::config::{Config, Edit, Field};
use crate::core::mesh::Dim;
use crate::core::overview::Overview;
use crate::core::units::MemoryUnit;
use crate::diagram::{ColourBy, Zoom};
use leptos::prelude::*;
use std::sync::Arc;

/// The state of the page, handed to every part.
#[derive(Clone, Copy)]
pub struct App {
    config: RwSignal<Config>,
    choices: RwSignal<Choices>,
    focus: RwSignal<Focus>,
    /// The plan with everything filled in.
    pub plan: Memo<Arc<Planned>>,
    /// What is seen first of it.
    pub report: Memo<Arc<Overview>>,
}

/// What the reader has chosen to see, which is no part of the plan.
#[derive(Clone)]
pub struct Choices {
    /// Unit of memory on the whole page.
    pub unit: MemoryUnit,
    /// What the colours tell: of the picture of the dense mesh, and of that of the experts'.
    pub colours: [ColourBy; 2],
    /// Which of the two is shown, where it is one.
    pub shown_mesh: usize,
    /// Whether both are shown beside each other, for a model that has both.
    pub both_meshes: bool,
    /// Whether the checks that pass are left out.
    pub only_problems: bool,
    /// Titles of the rows of the form that are open.
    pub opened_rows: Vec<&'static str>,
    /// Whether the table of groups is open.
    pub table_is_open: bool,
    /// What the search for a GPU has to say.
    pub search_said: String,
    /// Counts the changes of the system's colours.
    pub system_colours: u32,
    /// Width of the diagram's box, CSS pixels.
    pub diagram_width: i32,
    /// B, the plan that the plan is compared with.
    pub other: Option<Config>,
    /// Whether the plan can be changed here.
    pub edits: bool,
    /// Whether the API, which writes and reads texts, can be called.
    pub api: Api,
    /// Which stages do not fit where the guide's figure for all of them does; empty for none.
    pub beyond: String,
    /// The change that the guide's steps advise, in words, and the link of the plan that it leads to;
    /// empty for none.
    pub advised: (String, String),
    /// Which button has just copied, and what it says.
    pub copied: (&'static str, &'static str),
    /// `light`, `dark`, or empty for the system's colours.
    pub theme: &'static str,
    /// What is being typed, and where; text that says the same as the plan is left as it is.
    pub draft: Option<(Field, String)>,
    /// The plan as it was opened, which changes are marked against.
    pub opened: Config,
    /// B as it was opened.
    pub opened_other: Option<Config>,
    /// The plan before the one that was opened, to which undo may lead back.
    pub left: Option<Config>,
    /// What could not be read of a link.
    pub notice: Option<Notice>,
    /// Why the pasted text is no plan.
    pub open_error: String,
    /// Counts the changes that deserve an entry in the browser's history.
    pub entries: u32,
}

/// Which GPU is looked at.
#[derive(Clone, Copy, Default, PartialEq)]
pub struct Focus {
    /// The GPU that is pinned by a click or the keys.
    pub pinned: Option<u64>,
    /// The GPU under the pointer.
    pub hovered: Option<u64>,
    /// Which part of the picture is seen, and how large.
    pub zoom: Zoom,
}

/// What is to be said of a link that could not be read in full.
#[derive(Clone, PartialEq)]
pub struct Notice {
    /// Sentences for the reader.
    pub sentences: Vec<String>,
    /// The text as it came, to be copied.
    pub text: String,
    /// What stands for the plan in an address for as long as nothing is changed: a link in doubt as it came,
    /// which says so again.
    pub link: Option<String>,
    /// Whether its plan is taken back: it is not said until the plan is back.
    pub is_aside: bool,
}

impl Notice {
    /// The sentences on what was opened, where there are any.
    pub fn saying(sentences: Vec<String>, text: &str, link: Option<String>) -> Option<Notice> {
        (!sentences.is_empty()).then(|| Notice {
            sentences,
            text: text.to_owned(),
            link,
            is_aside: false,
        })
    }
}

/// A filled-in plan together with what was said; equal when what was said is.
#[derive(Clone)]
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
    /// The state of a page that opens with a plan, in a view.
    pub fn new(opening: Opening, view: View) -> App {
        let Opening {
            config,
            other,
            notice,
        } = opening;
        let choices = RwSignal::new(Choices {
            unit: match remembered(UNIT).as_deref() {
                Some("GiB") => MemoryUnit::Gib,
                _ => MemoryUnit::Gb,
            },
            colours: [ColourBy::Groups(Dim::Tp), ColourBy::Groups(Dim::Ep)],
            shown_mesh: 0,
            both_meshes: false,
            only_problems: false,
            opened_rows: Vec::new(),
            table_is_open: false,
            search_said: String::new(),
            system_colours: 0,
            diagram_width: 0,
            opened_other: other.clone(),
            other,
            edits: view.edits,
            api: Api::Loading,
            beyond: String::new(),
            advised: (String::new(), String::new()),
            copied: ("", ""),
            theme: match view.theme {
                Some(asked) => asked,
                None => theme_named(&remembered(THEME).unwrap_or_default()),
            },
            draft: None,
            opened: config.clone(),
            left: None,
            notice,
            open_error: String::new(),
            entries: 0,
        });
        let config = RwSignal::new(config);
        let plan = Memo::new(move |_| {
            let unit = choices.with(|choices| choices.unit);
            config.with(|config| {
                let plan = Plan {
                    unit,
                    ..Plan::of(config)
                };
                Arc::new(Planned {
                    config: config.clone(),
                    plan,
                })
            })
        });
        // What was said is the same, so the report is: it is not compared again.
        let report = Memo::new_with_compare(
            move |_| plan.with(|planned| Arc::new(Overview::of(&planned.config, &planned.plan))),
            |_, _| true,
        );
        let app = App {
            config,
            choices,
            focus: RwSignal::new(Focus::default()),
            plan,
            report,
        };
        view.colour.into_iter().for_each(|by| app.colour(by));
        app
    }

    /// The one function that changes the plan.
    pub fn update(&self, change: impl FnOnce(&mut Config)) {
        // What was found was found in the plan before.
        if self.chosen_now(|choices| !choices.search_said.is_empty()) {
            self.choose(|choices| choices.search_said.clear());
        }
        self.config.update(change);
    }

    /// Takes what was typed into a field.
    pub fn type_into(&self, field: Field, text: &str) {
        self.choose(|choices| choices.draft = Some((field, text.to_owned())));
        self.update(|config| config.type_into(field, text));
    }

    /// Applies a fix, a preset's edit or a step of the advice.
    pub fn apply(&self, edit: &Edit) {
        let (changed, other) = (self.said(|config| edit.apply(config)), self.other());
        self.replace(changed, other);
    }

    /// Puts another plan in its place, and what it is compared with.
    pub fn replace(&self, plan: Config, other: Option<Config>) {
        if self.chosen_now(|choices| choices.edits) {
            self.choose(|choices| {
                choices.other = other;
                choices.draft = None;
                // What was said of a plan that is taken back, and of one that is back, goes with it.
                if let Some(notice) = &mut choices.notice {
                    if choices.left.as_ref() == Some(&plan) {
                        notice.is_aside = true;
                    } else if choices.opened == plan {
                        notice.is_aside = false;
                    }
                }
            });
            self.update(|config| *config = plan);
        }
    }

    /// Opens another plan in the place of A, as an entry of its own in the browser's history.
    pub fn open(&self, mut opening: Opening) {
        // A plan that is opened beside another one is compared with it too.
        let of_one = opening.other.is_none();
        opening.other = opening.other.or_else(|| self.other());
        if let Some(notice) = &mut opening.notice
            && of_one
            && opening.other.is_some()
        {
            // A link of one plan stands for no comparison.
            notice.link = None;
        }
        self.choose(|choices| choices.entries = choices.entries.wrapping_add(1));
        self.show(opening);
    }

    /// Shows the plan that an address holds; the history has it already.
    pub fn show(&self, opening: Opening) {
        let left = self.said(Config::clone);
        self.choose(|choices| {
            if left != opening.config {
                choices.left = Some(left);
            }
            choices.opened = opening.config.clone();
            choices.opened_other = opening.other.clone();
            choices.other = opening.other;
            choices.notice = opening.notice;
            choices.draft = None;
        });
        self.look_at(Focus::default());
        self.update(|config| *config = opening.config);
    }

    fn other(&self) -> Option<Config> {
        self.chosen_now(|choices| choices.other.clone())
    }

    /// The plan, and the one that it is compared with, as a link; follows their changes.
    pub fn link(&self, write: fn(&Config, Option<&Config>) -> String) -> String {
        self.plan
            .with(|planned| self.chosen(|choices| write(&planned.config, choices.other.as_ref())))
    }

    /// The link, or until a plan is changed the link in doubt that it was opened from, as it came.
    pub fn fragment(&self, write: fn(&Config, Option<&Config>) -> String) -> String {
        let link = self.link(write);
        self.chosen(|choices| {
            let is_changed = choices.other != choices.opened_other
                || self.said(|config| *config != choices.opened);
            let notice = choices.notice.as_ref().filter(|_| !is_changed);
            notice
                .and_then(|notice| notice.link.clone())
                .unwrap_or(link)
        })
    }

    /// Reads a part of the plan as it was said.
    pub fn said<T>(&self, read: impl FnOnce(&Config) -> T) -> T {
        self.config.with_untracked(read)
    }

    /// Changes what the reader has chosen to see.
    pub fn choose(&self, change: impl FnOnce(&mut Choices)) {
        self.choices.update(change);
    }

    /// Reads what the reader has chosen to see.
    pub fn chosen<T>(&self, read: impl FnOnce(&Choices) -> T) -> T {
        self.choices.with(read)
    }

    /// Reads it without following its changes.
    pub fn chosen_now<T>(&self, read: impl FnOnce(&Choices) -> T) -> T {
        self.choices.with_untracked(read)
    }

    /// Colours the GPUs by something else.
    pub fn colour(&self, by: ColourBy) {
        self.choose(|choices| {
            let mesh = usize::from(by.is_expert());
            if let Some(colour) = choices.colours.get_mut(mesh) {
                *colour = by;
            }
            choices.shown_mesh = mesh;
        });
    }

    /// Looks at a GPU.
    pub fn look_at(&self, focus: Focus) {
        if self.focus.get_untracked() != focus {
            self.focus.set(focus);
        }
    }

    /// Which GPU is looked at, without following its changes.
    pub fn focus_now(&self) -> Focus {
        self.focus.get_untracked()
    }

    /// Which GPU is looked at.
    pub fn focus(&self) -> Focus {
        self.focus.get()
    }
}

impl Focus {
    /// The GPU in focus: the pinned one, else the one under the pointer.
    pub fn rank(self) -> Option<u64> {
        self.pinned.or(self.hovered)
    }
}
