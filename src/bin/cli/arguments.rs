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
  link    PLAN                                  the canonical link
  diagram PLAN [--color NAME] [--picture NAME|all] [--theme light|dark]
                                                pictures of the plan, as SVG with its link inside

PLAN is a link to a plan, its part after '#', the path of a file, or '-' for standard input. A file
holds the JSON of a plan, a launch script or YAML with Megatron-LM's arguments, overrides for
Megatron Bridge, a model's config.json from Hugging Face, or a picture that was saved from Meshplan.
What was not understood of it is on standard error.

Options:
  --format FORMAT  how the answer is written
  --color NAME     {colours}; what the GPUs are coloured
                   by, tp by default
  --picture NAME   {pictures}, or all of them; grid by default
  --theme NAME     light by default
  -h, --help       print this text
  -V, --version    print the version

Exit status: 0 for a plan that passes its checks, 1 for one that fails a check, 2 for input that
cannot be read, or where there is no such answer. The reason is on standard error.
";

/// What is to be done.
#[derive(Debug, PartialEq)]
pub enum Verb {
    /// Print a text.
    Say(String),
    /// Read a plan and answer.
    Plan(OsString, Command),
}

/// What is asked of a plan.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Command {
    /// The report.
    Report(ReportFormat),
    /// The groups.
    Groups,
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
    let mut said: [Option<String>; OPTIONS.len()] = Default::default();
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
    let command = command(&verb, &said)?;
    let plan = words
        .next()
        .ok_or(format!("“meshplan {verb}” needs a plan."))?;
    match words.next() {
        None => Ok(Verb::Plan(plan, command)),
        Some(word) => Err(format!(
            "“{}” is one word too many.",
            word.to_string_lossy()
        )),
    }
}

fn command(verb: &str, said: &[Option<String>; OPTIONS.len()]) -> Result<Command, String> {
    let [format, color, picture, theme] = said.each_ref().map(Option::as_deref);
    let of_diagram = OPTIONS.iter().zip(said).skip(1);
    let mut of_diagram = of_diagram.filter(|(_, value)| value.is_some());
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
        ("report" | "flags" | "groups" | "link", _) => {
            if let Some((option, _)) = of_diagram.next() {
                return Err(format!("“meshplan {verb}” has no option “{option}”."));
            }
        }
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
        ("link", None) => Ok(Command::Link),
        ("report" | "flags" | "groups" | "link" | "diagram", Some(format)) => Err(format!(
            "“meshplan {verb}” does not know the format “{format}”."
        )),
        _ => Err(format!("There is no verb “{verb}”.")),
    }
}
