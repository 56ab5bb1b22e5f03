//! The words after the program's name.

use meshplan::diagram::{ColourBy, PICTURES};
use meshplan::export::{self, Format, UnknownWord, Wish};
use std::ffi::OsString;

/// How the program is called.
pub fn usage() -> String {
    let pictures = listed(PICTURES.iter().map(|picture| picture.name));
    let colours = listed(ColourBy::ALL.iter().map(|by| by.word()));
    USAGE
        .replace("{pictures}", &pictures)
        .replace("{colours}", &colours)
}

fn listed<'a>(names: impl Iterator<Item = &'a str>) -> String {
    names.collect::<Vec<_>>().join(", ")
}

const USAGE: &str = "\
Usage: meshplan VERB PLAN [OPTION VALUE]...

Plans how the training of a large language model is spread over GPUs with Megatron-LM.

Verbs:
  report  PLAN [--format json|text|markdown]    what is to be said of the plan; text by default
  groups  PLAN                                  every communicator group, as JSON
  flags   PLAN [--format megatron|nemo|bridge]  what to paste into a launch script
  ranks   PLAN                                  every GPU, with its coordinates and what it holds,
                                                as CSV
  link    PLAN                                  the canonical link
  diagram PLAN [--color NAME] [--picture NAME|all] [--theme light|dark]
                                                pictures of the plan, as SVG with its link inside
  compare PLAN [OTHER] [--format text|markdown] what differs between two plans, or between the two
                                                of one link; text by default

PLAN is a link to a plan, its part after '#', the path of a file, or '-' for standard input. A file
holds the JSON of a plan, a launch script or YAML with Megatron-LM's arguments, overrides for
Megatron Bridge, a model's config.json from Hugging Face, or a picture that was saved from Meshplan.
What was not understood of it is on standard error. Of a link that holds two plans, link and compare
take both, every other verb the first.

Options:
  --format FORMAT  how the answer is written
  --color NAME     {colours}; what the GPUs are coloured
                   by, tp by default
  --picture NAME   {pictures}, or all of them; grid by default
  --theme NAME     light by default
  -h, --help       print this text
  -V, --version    print the version

Exit status: 0 for a plan that passes its checks, 1 for one that fails a check, 2 for input that
cannot be read, or where there is no such answer; of two plans the worse. The reason is on standard
error.
";

/// What is to be done.
#[derive(Debug, PartialEq)]
pub enum Verb {
    /// Print a text.
    Say(String),
    /// Read a plan and answer.
    Plan(OsString, Command),
    /// Read two plans, or a link that holds two, and say what differs.
    Compare(OsString, Option<OsString>, CompareFormat),
}

/// How a comparison is written.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum CompareFormat {
    /// Aligned text.
    Text,
    /// Markdown.
    Markdown,
}

/// What is asked of a plan.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Command {
    /// The report.
    Report(ReportFormat),
    /// The groups.
    Groups,
    /// The table of ranks.
    Ranks,
    /// The flags.
    Flags(Format),
    /// The link.
    Link,
    /// Pictures.
    Diagram(Wish<'static>),
}

/// How the report is written.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum ReportFormat {
    /// Every figure, for scripts.
    Json,
    /// Aligned text.
    Text,
    /// Markdown.
    Markdown,
}

/// The options that take a value.
const OPTIONS: [&str; 4] = ["--format", "--color", "--picture", "--theme"];

/// Reads the words after the program's name.
pub fn parse(args: impl Iterator<Item = OsString>) -> Result<Verb, String> {
    let mut words: Vec<OsString> = Vec::new();
    let mut said = Said::default();
    let mut args = args;
    while let Some(arg) = args.next() {
        let text = arg.to_string_lossy().into_owned();
        match text.as_str() {
            "-h" | "--help" => return Ok(Verb::Say(usage())),
            "-V" | "--version" => {
                let version = env!("CARGO_PKG_VERSION");
                return Ok(Verb::Say(format!("meshplan {version}\n")));
            }
            _ => {}
        }
        let (name, value) = match text.split_once('=') {
            Some((name, value)) => (name, Some(value.to_owned())),
            None => (text.as_str(), None),
        };
        match OPTIONS
            .iter()
            .zip(&mut said)
            .find(|(option, _)| **option == name)
        {
            Some((_, place)) => {
                let next = || args.next().map(|next| next.to_string_lossy().into_owned());
                *place = Some(
                    value
                        .or_else(next)
                        .ok_or(format!("{name} needs a value."))?,
                );
            }
            None if text.starts_with('-') && text != "-" => {
                return Err(format!("There is no option “{text}”."));
            }
            None => words.push(arg),
        }
    }
    let mut words = words.into_iter();
    let verb = words.next().ok_or("A verb is missing.")?;
    let verb = verb.to_string_lossy();
    let needed = |word: Option<OsString>| word.ok_or(format!("“meshplan {verb}” needs a plan."));
    let asked = if verb == "compare" {
        let format = compare(&said)?;
        Verb::Compare(needed(words.next())?, words.next(), format)
    } else {
        let command = command(&verb, &said)?;
        Verb::Plan(needed(words.next())?, command)
    };
    match words.next() {
        None => Ok(asked),
        Some(word) => Err(format!(
            "“{}” is one word too many.",
            word.to_string_lossy()
        )),
    }
}

/// What was said of each option.
type Said = [Option<String>; OPTIONS.len()];

fn compare(said: &Said) -> Result<CompareFormat, String> {
    only_format("compare", said)?;
    match said[0].as_deref() {
        None | Some("text") => Ok(CompareFormat::Text),
        Some("markdown") => Ok(CompareFormat::Markdown),
        Some(format) => Err(unknown_format("compare", format)),
    }
}

/// Refuses the options of diagrams.
fn only_format(verb: &str, said: &Said) -> Result<(), String> {
    let mut of_diagram = OPTIONS.iter().zip(said).skip(1);
    match of_diagram.find(|(_, value)| value.is_some()) {
        Some((option, _)) => Err(format!("“meshplan {verb}” has no option “{option}”.")),
        None => Ok(()),
    }
}

fn unknown_format(verb: &str, format: &str) -> String {
    format!("“meshplan {verb}” does not know the format “{format}”.")
}

fn command(verb: &str, said: &Said) -> Result<Command, String> {
    let [format, color, picture, theme] = said.each_ref().map(Option::as_deref);
    match (verb, format) {
        ("diagram", None) => {
            let wish = export::wish(picture, color, theme);
            return wish.map(Command::Diagram).map_err(|unknown| {
                let UnknownWord {
                    option,
                    word,
                    there,
                } = unknown;
                format!("“--{option} {word}” is not known; there are {there}.")
            });
        }
        ("report" | "flags" | "groups" | "ranks" | "link", _) => only_format(verb, said)?,
        _ => {}
    }
    match (verb, format) {
        ("report", Some("json")) => Ok(Command::Report(ReportFormat::Json)),
        ("report", None | Some("text")) => Ok(Command::Report(ReportFormat::Text)),
        ("report", Some("markdown")) => Ok(Command::Report(ReportFormat::Markdown)),
        ("flags", None | Some("megatron")) => Ok(Command::Flags(Format::Megatron)),
        ("flags", Some("nemo")) => Ok(Command::Flags(Format::Nemo)),
        ("flags", Some("bridge")) => Ok(Command::Flags(Format::Bridge)),
        ("groups", None) => Ok(Command::Groups),
        ("ranks", None) => Ok(Command::Ranks),
        ("link", None) => Ok(Command::Link),
        ("report" | "flags" | "groups" | "ranks" | "link" | "diagram", Some(format)) => {
            Err(unknown_format(verb, format))
        }
        _ => Err(format!("There is no verb “{verb}”.")),
    }
}
