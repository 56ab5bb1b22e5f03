//! The report as aligned plain text, for a terminal.

use super::one_line;
use super::summary::{source_word, status_word, summary};
use crate::core::checks::{Check, Status};
use crate::core::number::Bytes;
use crate::core::units::{counted, grouped, percent, seconds};
use crate::core::{Plan, Report};

/// The report on a plan as plain text.
pub fn text(plan: &Plan, report: &Report) -> String {
    let mut page = Page::default();
    page.line(&report.verdict.text);
    about(plan, &mut page);
    if let Some(other) = &report.accounting {
        page.line(&other.message);
    }
    problems(report, &mut page);
    checks(report, &mut page);
    memory(plan, report, &mut page);
    communication(plan, report, &mut page);
    pipeline(report, &mut page);
    batch(report, &mut page);
    advice(report, &mut page);
    page.text
}

/// Plain text in the making.
#[derive(Default)]
pub(super) struct Page {
    /// What is written.
    pub text: String,
}

impl Page {
    /// One line, whatever stands in it.
    pub fn line(&mut self, line: &str) {
        self.text.push_str(one_line(line).trim_end());
        self.text.push('\n');
    }

    /// A line after an empty one.
    pub fn heading(&mut self, title: &str) {
        self.text.push('\n');
        self.line(title);
    }

    /// Rows under each other, every column as wide as its widest cell.
    pub fn table(&mut self, rows: &[Vec<String>]) {
        let width = |cell: &String| cell.chars().count();
        let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
        let widths: Vec<usize> = (0..columns)
            .map(|i| {
                rows.iter()
                    .filter_map(|row| row.get(i))
                    .map(width)
                    .max()
                    .unwrap_or(0)
            })
            .collect();
        for row in rows {
            let mut line = String::new();
            for (cell, widest) in row.iter().zip(&widths) {
                line.push_str("  ");
                line.push_str(cell);
                line.push_str(&" ".repeat(widest.saturating_sub(width(cell))));
            }
            self.line(&line);
        }
    }
}

fn about(plan: &Plan, page: &mut Page) {
    page.heading("Plan");
    let rows: Vec<_> = summary(plan)
        .into_iter()
        .map(|(name, value)| vec![name.to_owned(), value])
        .collect();
    page.table(&rows);
}

fn problems(report: &Report, page: &mut Page) {
    if report.problems.is_empty() {
        return;
    }
    page.heading("Entries to mend");
    for problem in &report.problems {
        page.line(&format!(
            "  {}  {}",
            status_word(problem.status),
            problem.field
        ));
        page.line(&format!("        {} {}", problem.message, problem.would_do));
        if let Some(fix) = &problem.fix {
            page.line(&format!("        Fix: {}.", fix.label()));
        }
    }
}

fn checks(report: &Report, page: &mut Page) {
    page.heading("Checks");
    let applies = |check: &&Check| check.status != Status::NotApplicable;
    let mut rows = Vec::new();
    for check in report.checks.iter().filter(applies) {
        let cells = [
            status_word(check.status),
            source_word(check.source),
            &check.message,
        ];
        rows.push(cells.map(str::to_owned).to_vec());
        if let Some(fix) = &check.fix {
            rows.push(vec![
                String::new(),
                String::new(),
                format!("Fix: {}.", fix.label()),
            ]);
        }
    }
    page.table(&rows);
}

fn memory(plan: &Plan, report: &Report, page: &mut Page) {
    let guide = &report.memory.guide;
    page.heading("Memory of each GPU, by the guide's formulas");
    let mut rows: Vec<_> = guide
        .formulas
        .iter()
        .map(|part| {
            let (name, size) = (part.name.to_owned(), part.text(plan.unit));
            vec![name, size, part.formula.with_values.clone()]
        })
        .collect();
    let capacity = guide.capacity.map_or_else(
        || "the GPU's memory is not told".to_owned(),
        |bytes| format!("of {}", plan.unit.text(bytes.0)),
    );
    rows.push(vec![
        "Total".to_owned(),
        guide.total_text(plan.unit),
        capacity,
    ]);
    page.table(&rows);
    for note in &guide.notes {
        page.line(&format!("  {note}"));
    }
    megatron_memory(plan, report, page);
}

fn megatron_memory(plan: &Plan, report: &Report, page: &mut Page) {
    let megatron = &report.memory.megatron;
    let size = |bytes: Option<Bytes>| {
        bytes.map_or_else(|| "unknown".to_owned(), |bytes| plan.unit.text(bytes.0))
    };
    page.line(&format!(
        "  Megatron-LM's own report: weights, gradients and optimizer {}, activations {}, total {}.",
        size(megatron.weight_and_optimizer),
        size(megatron.activation),
        size(megatron.total)
    ));
    page.line(&format!(
        "  What it assumes and leaves out: {}",
        megatron.notes.join(" ")
    ));
}

fn communication(plan: &Plan, report: &Report, page: &mut Page) {
    page.heading("Communication of each GPU in one step");
    let rows: Vec<_> = report
        .communication
        .iter()
        .map(|traffic| {
            vec![
                traffic.dimension.name().to_owned(),
                traffic.operation.to_owned(),
                traffic.carries.to_owned(),
                format!(
                    "{} × {} = {}",
                    grouped(traffic.count_per_step),
                    plan.unit.text(traffic.bytes_per_call.0),
                    plan.unit.text(traffic.bytes_per_gpu_per_step.0)
                ),
                traffic.link_name.to_owned(),
                traffic.seconds_at_link_rate.map_or_else(
                    || "rate not told".to_owned(),
                    |time| format!("{} at its full rate", seconds(time)),
                ),
            ]
        })
        .collect();
    if !plan.model.is_complete() {
        page.line("  The model is not told in full: not all that GPUs send is known.");
    } else if rows.is_empty() {
        page.line("  None: every group is a single GPU.");
    }
    page.table(&rows);
}

fn pipeline(report: &Report, page: &mut Page) {
    let p = &report.pipeline;
    page.heading("Pipeline");
    let idle = p.bubble.map_or_else(
        || "unknown".to_owned(),
        |bubble| {
            format!(
                "{} of the computing time (the guide's bubble), {} of the whole step",
                percent(bubble.of_computing),
                percent(bubble.of_step)
            )
        },
    );
    page.line(&format!("  Schedule {}. Idle: {idle}.", p.schedule));
    // Long pipelines repeat themselves: the first and the last stages tell them.
    const ENDS: usize = 8;
    let long = p.stages.len() > ENDS.saturating_mul(2);
    let left_out = p.stages.len().saturating_sub(ENDS.saturating_mul(2));
    let (one, many) = match p.schedule {
        "interleaved" => ("micro-batch of a chunk", "micro-batches of a chunk"),
        _ => ("micro-batch", "micro-batches"),
    };
    let mut rows = Vec::new();
    for (i, stage) in p.stages.iter().enumerate() {
        let from_end = p.stages.len().saturating_sub(i);
        if long && i >= ENDS && from_end > ENDS {
            if i == ENDS {
                rows.push(vec![format!("… {left_out} more …")]);
            }
            continue;
        }
        let layers: Vec<String> = stage
            .chunks
            .iter()
            .filter(|layers| layers.end > layers.first)
            .map(|layers| format!("{}–{}", layers.first, layers.end.saturating_sub(1)))
            .collect();
        let mut besides = Vec::new();
        if stage.embedding {
            besides.push("embedding".to_owned());
        }
        if stage.mtp_num_layers > 0 {
            besides.push(counted(stage.mtp_num_layers, "MTP layer", "MTP layers"));
        }
        if stage.head {
            besides.push("head".to_owned());
        }
        rows.push(vec![
            format!("stage {}", stage.stage),
            match layers.as_slice() {
                [] => "no layers".to_owned(),
                _ => format!("layers {}", layers.join(", ")),
            },
            format!(
                "{} in flight",
                counted(stage.in_flight_microbatches, one, many)
            ),
            besides.join(", "),
        ]);
    }
    page.table(&rows);
}

fn batch(report: &Report, page: &mut Page) {
    let b = &report.batch;
    page.heading("Batch");
    let valid: Vec<String> = b
        .valid_global_batch_sizes
        .iter()
        .map(|n| grouped(*n))
        .collect();
    page.line(&format!(
        "  Global batch {}: {} of each replica, {} tokens a step.",
        grouped(b.global_batch_size),
        counted(
            report.pipeline.num_microbatches,
            "micro-batch",
            "micro-batches"
        ),
        grouped(b.tokens_per_step)
    ));
    page.line(&format!(
        "  It must be a multiple of {}. Valid: {}, …",
        grouped(b.divisor),
        valid.join(", ")
    ));
    if b.megatron_divisor != b.divisor {
        page.line(&format!(
            "  That is by the guide's DP. Megatron counts the EP ranks into DP: for it the global \
             batch must be a multiple of {}.",
            grouped(b.megatron_divisor)
        ));
    }
}

fn advice(report: &Report, page: &mut Page) {
    page.heading("Advice");
    for step in &report.advice.steps {
        page.line(&format!(
            "  {}. {} {}.",
            step.step, step.question, step.answer
        ));
        page.line(&format!("     {}", step.reason));
    }
    page.line(&format!("  {}", report.advice.summary));
    for repair in &report.advice.repairs {
        page.line(&format!(
            "  A change that makes the plan valid: {}.",
            repair.label()
        ));
    }
}
