//! What each verb does, and how the program ends: 0 for a plan that passes its checks, 1 for one
//! that fails a check, 2 for what cannot be read.

mod arguments;
mod input;

use arguments::{Command, ReportFormat, Verb};
use input::Input;
use meshplan::core::checks::Status;
use meshplan::core::problems::unreadable;
use meshplan::core::{Plan, Report};
use meshplan::export::Wish;
use meshplan::{export, share};
use std::ffi::OsString;
use std::io::{self, BufWriter, ErrorKind, Write};
use std::process::ExitCode;

/// The plan fails a check.
const FAILS: u8 = 1;
/// The input cannot be read, or nothing can be said of it.
const UNREADABLE: u8 = 2;

/// Runs the program with its arguments.
pub fn run(args: impl Iterator<Item = OsString>) -> ExitCode {
    let code = match arguments::parse(args) {
        Ok(Verb::Say(text)) => print(|out| out.write_all(text.as_bytes())),
        Ok(Verb::Plan(plan, command)) => match input::read(&plan) {
            Ok(input) => answer(&input, command),
            Err(reason) => refuse(&reason),
        },
        Err(reason) => refuse(&format!("{reason}\n\n{}", arguments::usage())),
    };
    ExitCode::from(code)
}

fn answer(input: &Input, command: Command) -> u8 {
    let config = &input.config;
    let plan = Plan::of(config);
    let report = Report::of_plan(config, &plan);
    let partly_read = unreadable(config) || input.incomplete;
    explain(input, &report);
    let printed = match command {
        Command::Report(ReportFormat::Json) => print(|out| {
            serde_json::to_writer_pretty(&mut *out, &report)?;
            out.write_all(b"\n")
        }),
        Command::Report(ReportFormat::Text) => {
            print(|out| out.write_all(export::text(&plan, &report).as_bytes()))
        }
        Command::Report(ReportFormat::Markdown) => {
            let link = input.page.as_ref().map(|page| share::url(page, config));
            let text = export::markdown(&plan, &report, link.as_deref());
            print(|out| out.write_all(text.as_bytes()))
        }
        Command::Link => print(|out| writeln!(out, "{}", share::encode(config))),
        // What is pasted, computed with or shown around must not rest on half a plan.
        Command::Flags(_) | Command::Groups | Command::Diagram(_) if partly_read => {
            refuse("only the report and the link are written of a plan that is not read in full.")
        }
        Command::Diagram(wish) => {
            let link = match &input.page {
                Some(page) => share::url(page, config),
                None => share::encode(config),
            };
            let wish = Wish {
                link: &link,
                ..wish
            };
            match export::picture(&plan, &report.verdict.text, &wish) {
                Ok(drawn) => {
                    for why in drawn.left_out {
                        say(&format!("note: left out: {why}"));
                    }
                    print(|out| out.write_all(drawn.svg.as_bytes()))
                }
                Err(reason) => refuse(&reason),
            }
        }
        Command::Flags(format) => {
            print(|out| out.write_all(export::flags(&plan, &report, format).as_bytes()))
        }
        Command::Groups => match export::groups(&plan, &report) {
            Ok(groups) => print(|out| {
                serde_json::to_writer(&mut *out, &groups)?;
                out.write_all(b"\n")
            }),
            Err(reason) => refuse(&reason),
        },
    };
    match (printed, report.verdict.status) {
        (0, _) if partly_read => UNREADABLE,
        (0, Status::Fail) => FAILS,
        (code, _) => code,
    }
}

/// Says on standard error what is wrong, a line each.
fn explain(input: &Input, report: &Report) {
    for note in &input.notes {
        say(&format!("note: {note}"));
    }
    for problem in &report.problems {
        let kind = if problem.status == Status::Fail {
            "error"
        } else {
            "warning"
        };
        let (field, message, would_do) = (&problem.field, &problem.message, &problem.would_do);
        say(&format!("{kind}: {field}: {message} {would_do}"));
    }
    for check in &report.checks {
        if check.status == Status::Fail {
            say(&format!(
                "error: {}: {}.",
                check.fields.join(", "),
                check.message
            ));
        }
    }
}

fn refuse(reason: &str) -> u8 {
    let mut lines = reason.lines();
    if let Some(first) = lines.next() {
        say(&format!("meshplan: {first}"));
    }
    lines.for_each(say);
    UNREADABLE
}

/// A line on standard error. Nothing can be done when that is closed.
fn say(line: &str) {
    let _ = writeln!(io::stderr(), "{}", export::one_line(line));
}

/// Writes to standard output. A reader that has seen enough, such as `head`, is no error.
fn print(write: impl FnOnce(&mut BufWriter<io::StdoutLock<'_>>) -> io::Result<()>) -> u8 {
    let mut out = BufWriter::new(io::stdout().lock());
    match write(&mut out).and_then(|()| out.flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            refuse(&format!("cannot write: {error}"))
        }
        _ => 0,
    }
}
