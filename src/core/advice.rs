//! The guide's five steps ("Summary: How to Choose"), each with its answer, and the smallest
//! repairs of a plan that fails.

use super::checks::{self, guide_valid_tp};
use super::config::{Config, Edit, ExpertAccounting, Field, Value};
use super::experts::{recommended_ep, valid_ep};
use super::memory::{Estimate, Memory};
use super::number::{divides, divisors, lcm, nearest_multiple, quotient};
use super::plan::Plan;
use super::trial::{Trial, sizes};
use super::units::grouped;
use serde::Serialize;

pub use super::trial::Figure;

/// What the guide advises.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Advice {
    /// The five steps, in order.
    pub steps: Vec<Step>,
    /// The change from this plan to the advised one; none when they are the same, or when the
    /// steps lead to no plan.
    pub edit: Option<Edit>,
    /// Whether the steps lead to a plan at all.
    pub found: bool,
    /// The advised sizes in a line.
    pub summary: String,
    /// Up to three smallest edits that make a failing plan valid.
    pub repairs: Vec<Edit>,
}

/// One step of the procedure.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Step {
    /// Its number.
    pub step: u8,
    /// The question.
    pub question: &'static str,
    /// The answer, in a word or two.
    pub answer: String,
    /// Why, in a sentence.
    pub reason: String,
    /// The figures behind the answer.
    pub figures: Vec<Figure>,
    /// The sizes that the step leads to, as a change of this plan; none where it leads on to the
    /// next step.
    pub edit: Option<Edit>,
}

impl Advice {
    /// The advice for a plan, whose repairs are known.
    pub fn of(plan: &Plan, repairs: Vec<Edit>) -> Advice {
        if !plan.model.is_complete() || plan.cluster.gpu_memory_bytes.is_none() {
            return Advice {
                steps: Vec::new(),
                edit: None,
                found: false,
                summary: "The steps need the model's figures and the GPU's memory.".to_owned(),
                repairs,
            };
        }
        // The usual EP first; another where that leads to no plan on these nodes.
        let here = |advice: &Advice| {
            let nodes = |edit: &Edit| edit.set.iter().any(|(f, _)| *f == Field::NumNodes);
            advice.found && !advice.edit.as_ref().is_some_and(nodes)
        };
        let mut sizes = advised_ep(plan).into_iter();
        let usual = Procedure::new(plan, sizes.next().unwrap_or(1)).run();
        let advice = if here(&usual) {
            usual
        } else {
            sizes
                .map(|ep| Procedure::new(plan, ep).run())
                .find(here)
                .unwrap_or(usual)
        };
        Advice { repairs, ..advice }
    }
}

/// What the guide's procedure does not know. What is set apart for one depth suits no other.
const UNKNOWN: &[Field] = &[
    Field::Etp,
    Field::Vpp,
    Field::MicrobatchGroup,
    Field::FirstStageLayers,
    Field::LastStageLayers,
    Field::AccountEmbedding,
    Field::AccountLoss,
    Field::PipelineLayout,
    Field::RankOrder,
];

/// The five steps on one plan.
struct Procedure<'a> {
    plan: &'a Plan,
    /// The plan with the sizes of step 4 and without what the procedure does not know.
    base: Plan,
    capacity: String,
}

impl Procedure<'_> {
    fn new(plan: &Plan, ep: u64) -> Procedure<'_> {
        let unset = |field: Field| (field, Config::default().get(field));
        let mut set: Vec<_> = UNKNOWN.iter().copied().map(unset).collect();
        if checks::rules()
            .any(|r| r.id == "context_parallel" && (r.judge)(plan) == checks::Status::Warn)
        {
            set.push(unset(Field::Cp));
        }
        set.push((Field::Ep, Value::Count(ep)));
        set.push((Field::Sp, Value::Flag(true)));
        let capacity = plan.cluster.gpu_memory_bytes.map_or(0.0, |b| b as f64);
        Procedure {
            plan,
            base: plan.resized(&Edit { set }),
            capacity: plan.unit.text(capacity),
        }
    }

    fn run(&self) -> Advice {
        let mut steps = Vec::new();
        let mut chosen = self.one_gpu(&mut steps);
        chosen = self.inside_a_node(&mut steps, chosen);
        let (chosen, needs_nodes) = self.more_nodes(&mut steps, chosen);
        self.experts(&mut steps, chosen.as_ref());
        let advised = self.constraints(&mut steps, chosen.as_ref(), needs_nodes);
        let edit = advised
            .as_ref()
            .map(|advised| Edit::between(&self.plan.config, &advised.config));
        Advice {
            steps,
            found: advised.is_some(),
            summary: advised.as_ref().map_or_else(
                || "The five steps lead to no valid plan here.".to_owned(),
                |advised| {
                    format!(
                        "{} on {} GPUs, global batch {}",
                        sizes(advised),
                        grouped(advised.sizes.world_size),
                        grouped(advised.sizes.global_batch_size)
                    )
                },
            ),
            edit: edit.filter(|edit| !edit.set.is_empty()),
            repairs: Vec::new(),
        }
    }

    fn step_edit(&self, trial: &Trial) -> Option<Edit> {
        Some(Edit::between(&self.plan.config, &trial.plan.config)).filter(|e| !e.set.is_empty())
    }

    fn one_gpu(&self, steps: &mut Vec<Step>) -> Option<Trial> {
        let trial = Trial::of(&self.base, 1, 1);
        let fits = trial.fits && trial.divides();
        let figure = trial.figure();
        let spread = if self.plan.model.moe.is_some() {
            format!(
                ", with the experts spread over EP {}",
                self.base.sizes.expert_model_parallel_size
            )
        } else {
            String::new()
        };
        steps.push(Step {
            step: 1,
            question: "Can the model fit on one GPU?",
            answer: if fits { "Yes" } else { "No" }.to_owned(),
            reason: if fits {
                format!(
                    "TP 1 and PP 1 need {} of {}{spread}. DP takes every GPU.",
                    figure.text, self.capacity
                )
            } else if trial.fits {
                "It would fit, but the experts' sizes do not divide the GPUs.".to_owned()
            } else {
                format!(
                    "TP 1 and PP 1 need {} against {}{spread}.",
                    figure.text, self.capacity
                )
            },
            figures: vec![figure],
            edit: if fits { self.step_edit(&trial) } else { None },
        });
        fits.then_some(trial)
    }

    fn inside_a_node(&self, steps: &mut Vec<Step>, chosen: Option<Trial>) -> Option<Trial> {
        const QUESTION: &str = "Can the model fit with TP within one node?";
        if chosen.is_some() {
            steps.push(not_needed(2, QUESTION, "One GPU is enough."));
            return chosen;
        }
        let trials: Vec<Trial> = self
            .node_tp()
            .into_iter()
            .filter(|tp| *tp > 1)
            .map(|tp| Trial::of(&self.base, tp, 1))
            .collect();
        let figures: Vec<Figure> = trials.iter().map(Trial::figure).collect();
        let first = trials.into_iter().find(|t| t.fits && t.divides());
        steps.push(Step {
            step: 2,
            question: QUESTION,
            answer: first.as_ref().map_or_else(
                || "No".to_owned(),
                |t| format!("Yes, from TP {}", t.plan.sizes.tensor_model_parallel_size),
            ),
            reason: match &first {
                Some(t) => format!(
                    "TP {} needs {} of {}. PP stays 1.",
                    t.plan.sizes.tensor_model_parallel_size,
                    t.figure().text,
                    self.capacity
                ),
                None if figures.is_empty() => "A node has a single GPU.".to_owned(),
                None => format!("No TP inside a node stays below {}.", self.capacity),
            },
            edit: first.as_ref().and_then(|t| self.step_edit(t)),
            figures,
        });
        first
    }

    /// TP sizes inside one node, also where NVLink reaches further: "full NVLink within node".
    fn node_tp(&self) -> Vec<u64> {
        let model = &self.base.model;
        let (heads, groups) = (model.num_attention_heads, model.num_query_groups);
        let most = self.plan.cluster.gpus_per_node.max(8);
        let mut sizes = guide_valid_tp(&self.base);
        // A head that nobody told of divides by anything.
        sizes.retain(|tp| {
            *tp <= most && divides(*tp, heads) && (divides(*tp, groups) || divides(groups, *tp))
        });
        sizes
    }

    fn more_nodes(
        &self,
        steps: &mut Vec<Step>,
        chosen: Option<Trial>,
    ) -> (Option<Trial>, Option<u64>) {
        const QUESTION: &str = "How many nodes does the model need?";
        if chosen.is_some() {
            steps.push(not_needed(3, QUESTION, "The model fits within one node."));
            return (chosen, None);
        }
        let tp = self.node_tp().last().copied().unwrap_or(1);
        let depths: Vec<u64> = divisors(self.base.model.num_layers)
            .into_iter()
            .filter(|pp| *pp > 1)
            .collect();
        let trials: Vec<Trial> = depths
            .iter()
            .map(|pp| Trial::of(&self.base, tp, *pp))
            .collect();
        let here = trials.iter().position(|t| t.fits && t.divides());
        // Elsewhere: the size that fits on the fewest nodes.
        let anywhere = trials
            .iter()
            .enumerate()
            .filter(|(_, t)| {
                let nodes = Edit::count(Field::NumNodes, self.nodes_for(t));
                let alone = t.plan.resized(&nodes);
                nodes.is_in_range() && Estimate::of(&alone).fits(&alone) == Some(true)
            })
            .min_by_key(|(_, t)| self.nodes_for(t))
            .map(|(i, _)| i);
        let shown = here
            .or(anywhere)
            .map_or(trials.len(), |i| i.saturating_add(1));
        let figures: Vec<Figure> = trials.iter().take(shown).map(Trial::figure).collect();
        let needs = match (here, anywhere.and_then(|i| trials.get(i))) {
            (None, Some(trial)) => Some(self.nearest_nodes(trial)),
            _ => None,
        };
        let at = here.or(anywhere);
        let chosen = trials
            .into_iter()
            .enumerate()
            .find(|(i, _)| Some(*i) == at)
            .map(|(_, trial)| match needs {
                Some(nodes) => Trial {
                    plan: trial.plan.resized(&Edit::count(Field::NumNodes, nodes)),
                    fits: true,
                },
                None => trial,
            });
        steps.push(Step {
            step: 3,
            question: QUESTION,
            answer: chosen.as_ref().map_or_else(
                || "No size fits".to_owned(),
                |t| format!("TP {tp}, PP {}", t.plan.sizes.pipeline_model_parallel_size),
            ),
            reason: match (&chosen, needs) {
                (Some(t), None) => format!(
                    "TP {tp} is the most inside a node; PP {} is the first that fits: {} of {}.",
                    t.plan.sizes.pipeline_model_parallel_size,
                    t.figure().text,
                    self.capacity
                ),
                (Some(t), Some(nodes)) => {
                    let needs = match nodes <= self.plan.cluster.num_nodes {
                        true => format!("takes a multiple of {}", grouped(self.nodes_for(t))),
                        false => format!("needs {}", grouped(nodes)),
                    };
                    format!(
                        "PP {} would fit, but {needs} nodes; the plan has {}.",
                        t.plan.sizes.pipeline_model_parallel_size,
                        grouped(self.plan.cluster.num_nodes)
                    )
                }
                (None, _) => format!("Even one layer a stage needs more than {}.", self.capacity),
            },
            edit: chosen.as_ref().and_then(|t| self.step_edit(t)),
            figures,
        });
        (chosen, needs)
    }

    /// The fewest nodes that whole replicas of a trial fill, those of the expert mesh too.
    fn nodes_for(&self, trial: &Trial) -> u64 {
        let s = &trial.plan.sizes;
        let replica = s.model_parallel_product(ExpertAccounting::Multiplied);
        let per_node = self.plan.cluster.gpus_per_node;
        quotient(lcm(lcm(replica, s.expert_product()), per_node), per_node)
    }

    /// The most of the plan's nodes that whole replicas fill; where it has too few, the fewest.
    fn nearest_nodes(&self, trial: &Trial) -> u64 {
        let least = self.nodes_for(trial);
        let here = quotient(self.plan.cluster.num_nodes, least).saturating_mul(least);
        here.max(least)
    }

    fn experts(&self, steps: &mut Vec<Step>, chosen: Option<&Trial>) {
        const QUESTION: &str = "Which EP for a model with experts?";
        let Some(moe) = &self.plan.model.moe else {
            steps.push(not_needed(4, QUESTION, "The model is dense, EP stays 1."));
            return;
        };
        let ep = self.base.sizes.expert_model_parallel_size;
        let recommended = recommended_ep(moe.num_experts);
        let instead = if ep != recommended {
            let why = if divides(recommended, self.plan.sizes.world_size) {
                "leads to no plan on these GPUs"
            } else {
                "does not divide the GPUs"
            };
            format!(" The usual {recommended} {why}.")
        } else {
            String::new()
        };
        steps.push(Step {
            step: 4,
            question: QUESTION,
            answer: format!("EP {ep}"),
            reason: format!(
                "{} experts divide by EP {ep}: {} on each GPU. EP is typically 8, one group a \
                 node.{instead}",
                moe.num_experts,
                quotient(moe.num_experts, ep)
            ),
            figures: Vec::new(),
            edit: chosen.and_then(|t| self.step_edit(t)),
        });
    }

    fn constraints(
        &self,
        steps: &mut Vec<Step>,
        chosen: Option<&Trial>,
        needs_nodes: Option<u64>,
    ) -> Option<Plan> {
        const QUESTION: &str = "Do the constraints hold?";
        let Some(trial) = chosen else {
            steps.push(Step {
                step: 5,
                question: QUESTION,
                answer: "No".to_owned(),
                reason: "No sizes fit in the GPU's memory. Larger GPUs, a shorter sequence or a \
                         smaller micro batch would help."
                    .to_owned(),
                figures: Vec::new(),
                edit: None,
            });
            return None;
        };
        let global = nearest_multiple(
            trial.plan.sizes.global_batch_size,
            trial.plan.proposed_divisor(),
        );
        let mut set = Vec::new();
        if global != trial.plan.sizes.global_batch_size {
            set.push((Field::GlobalBatch, Value::Count(global)));
        }
        // SP does nothing with TP 1, so what was said of it stays.
        if trial.plan.sizes.tensor_model_parallel_size == 1 {
            set.push((
                Field::Sp,
                Value::Flag(self.plan.config.parallel.sequence_parallel),
            ));
        }
        let advised = trial.plan.resized(&Edit { set });
        let broken: Vec<String> = checks::rules()
            .filter(|rule| (rule.judge)(&advised) == checks::Status::Fail)
            .map(|rule| (rule.say)(&advised, checks::Status::Fail))
            .collect();
        let s = &advised.sizes;
        let figures = vec![
            Trial {
                fits: trial.fits,
                plan: advised.clone(),
            }
            .figure(),
        ];
        let change = Edit::between(&self.plan.config, &advised.config);
        let holds = broken.is_empty() && change.is_in_range();
        let nodes = needs_nodes.map_or_else(String::new, |n| format!(" on {} nodes", grouped(n)));
        let batch = if global == self.plan.sizes.global_batch_size {
            format!("global batch {} divides", grouped(global))
        } else {
            format!("global batch becomes {}", grouped(global))
        };
        steps.push(Step {
            step: 5,
            question: QUESTION,
            answer: if holds { "Yes" } else { "Not all" }.to_owned(),
            reason: if holds {
                let end = if change.set.is_empty() {
                    " This is your plan."
                } else {
                    ""
                };
                // The steps go by the guide's figure for all stages.
                let beyond = Memory::of(&advised).beyond(self.plan.unit);
                let beyond = beyond.map_or_else(String::new, |said| {
                    format!(" by the guide’s figure, but {said}")
                });
                format!(
                    "DP {} is at least 1, {batch}, memory fits{nodes}{beyond}.{end}",
                    s.data_parallel_size
                )
            } else if broken.is_empty() {
                "The sizes of the steps leave the range of their fields.".to_owned()
            } else {
                format!("With the sizes of the steps: {}.", broken.join(". "))
            },
            figures,
            edit: Some(change).filter(|e| holds && !e.set.is_empty()),
        });
        holds.then_some(advised)
    }
}

fn not_needed(step: u8, question: &'static str, reason: &str) -> Step {
    Step {
        step,
        question,
        answer: "Not needed".to_owned(),
        reason: reason.to_owned(),
        figures: Vec::new(),
        edit: None,
    }
}

/// EP sizes of step 4 in the order in which they are tried: the recommended one, then smaller ones, then
/// larger ones, as far as they divide experts and GPUs.
fn advised_ep(plan: &Plan) -> Vec<u64> {
    let Some(moe) = &plan.model.moe else {
        return vec![1];
    };
    let recommended = recommended_ep(moe.num_experts);
    let mut sizes = valid_ep(moe.num_experts);
    sizes.retain(|ep| divides(*ep, plan.sizes.world_size));
    let larger = sizes.partition_point(|ep| *ep <= recommended);
    let larger = sizes.split_off(larger);
    sizes.reverse();
    sizes.extend(larger);
    sizes
}
