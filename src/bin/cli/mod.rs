//! What each verb does, and how the program ends: 0 for a plan that passes its checks, 1 for one
//! that fails a check, 2 for what cannot be read.

mod arguments;
mod compare;
mod input;
mod judged;

use arguments::{Command, ReportFormat, Verb};
use input::Input;
use judged::Judged;
use meshplan::export::Wish;
use meshplan::{export, share};
use std::ffi::OsString;
use std::io::{self, BufWriter, ErrorKind, Write};
use std::process::ExitCode;

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
        Ok(Verb::Compare(plan, other, format)) => match input::read_two(&plan, other.as_deref()) {
            Ok(both) => compare::answer(&both, format),
            Err(reason) => refuse(&reason),
        },
        Err(reason) => refuse(&format!("{reason}\n\n{}", arguments::usage())),
    };
    ExitCode::from(code)
}

fn answer(input: &Input, command: Command) -> u8 {
    let other = input.other.as_ref();
    input.notes.iter().for_each(|text| note(text));
    if command == Command::Link && other.is_some() {
        return link_of_two(input);
    }
    if other.is_some() {
        note(input::FIRST_OF_TWO);
    }
    let judged = Judged::of(&input.config, input.incomplete);
    judged.explain("");
    let Judged {
        config,
        plan,
        report,
        partly_read,
    } = &judged;
    let printed = match command {
        Command::Report(ReportFormat::Json) => print(|out| {
            serde_json::to_writer_pretty(&mut *out, report)?;
            out.write_all(b"\n")
        }),
        Command::Report(ReportFormat::Text) => {
            print(|out| out.write_all(export::text(plan, report).as_bytes()))
        }
        Command::Report(ReportFormat::Markdown) => {
            let link = input.page.as_ref().map(|page| share::url(page, config));
            let text = export::markdown(plan, report, link.as_deref());
            print(|out| out.write_all(text.as_bytes()))
        }
        Command::Link => link(&share::encode(config)),
        // What is pasted, computed with or shown around must not rest on half a plan.
        Command::Flags(_) | Command::Groups | Command::Ranks | Command::Diagram(_)
            if *partly_read =>
        {
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
            match export::picture(plan, &report.verdict.text, &wish) {
                Ok(drawn) => {
                    for why in drawn.left_out {
                        note(&format!("left out: {why}"));
                    }
                    print(|out| out.write_all(drawn.svg.as_bytes()))
                }
                Err(reason) => refuse(&reason),
            }
        }
        Command::Flags(format) => {
            print(|out| out.write_all(export::flags(plan, report, format).as_bytes()))
        }
        Command::Ranks => match export::ranks_csv(plan, report) {
            Ok(table) => print(|out| out.write_all(table.as_bytes())),
            Err(reason) => refuse(&reason),
        },
        Command::Groups => match export::groups(plan, report) {
            Ok(groups) => print(|out| {
                serde_json::to_writer(&mut *out, &groups)?;
                out.write_all(b"\n")
            }),
            Err(reason) => refuse(&reason),
        },
    };
    match printed {
        0 => judged.code(),
        code => code,
    }
}

/// Prints a link, and says what it has no room for.
fn link(link: &str) -> u8 {
    if let Some(lost) = share::left_out(link) {
        note(&lost);
    }
    print(|out| writeln!(out, "{link}"))
}

/// Prints the link of two plans, which speaks for both.
fn link_of_two(input: &Input) -> u8 {
    let both = [Some(&input.config), input.other.as_ref()];
    let mut worst = 0;
    for (name, config) in ["A: ", "B: "].into_iter().zip(both.into_iter().flatten()) {
        let judged = Judged::of(config, input.incomplete);
        judged.explain(name);
        worst = judged.code().max(worst);
    }
    link(&share::encode_both(&input.config, input.other.as_ref())).max(worst)
}

fn refuse(reason: &str) -> u8 {
    let mut lines = reason.lines();
    if let Some(first) = lines.next() {
        say(&format!("meshplan: {first}"));
    }
    lines.for_each(say);
    UNREADABLE
}

/// What the reader should know of the input.
fn note(text: &str) {
    say(&["note: ", text].concat());
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
