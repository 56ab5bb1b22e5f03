//! The words after the program's name.

use meshplan::export::Format;
use std::ffi::OsString;

/// How the program is called.
pub const USAGE: &str = "\
Usage: meshplan VERB PLAN [--format FORMAT]

Plans how the training of a large language model is spread over GPUs with Megatron-LM.

Verbs:
  report PLAN [--format json|text|markdown]    what is to be said of the plan; text by default
  groups PLAN                                  every communicator group, as JSON
  flags  PLAN [--format megatron|nemo|bridge]  what to paste into a launch script
  link   PLAN                                  the canonical link

PLAN is a link to a plan, its part after '#', the path of a file, or '-' for standard input. A file
holds the JSON of a plan, a launch script or YAML with Megatron-LM's arguments, overrides for
Megatron Bridge, or a model's config.json from Hugging Face. What was not understood of it is on
standard error.

Options:
  --format FORMAT  how the answer is written
  -h, --help       print this text
  -V, --version    print the version

Exit status: 0 for a plan that passes its checks, 1 for one that fails a check, 2 for input that
cannot be read. The reason is on standard error.
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

/// Reads the words after the program's name.
pub fn parse(args: impl Iterator<Item = OsString>) -> Result<Verb, String> {
    let mut words: Vec<OsString> = Vec::new();
    let mut format = None;
    let mut args = args;
    while let Some(arg) = args.next() {
        let text = arg.to_string_lossy().into_owned();
        match text.as_str() {
            "-h" | "--help" => return Ok(Verb::Say(USAGE.to_owned())),
            "-V" | "--version" => {
                let version = env!("CARGO_PKG_VERSION");
                return Ok(Verb::Say(format!("meshplan {version}\n")));
            }
            "--format" => {
                let value = args.next().ok_or("--format needs a value.")?;
                format = Some(value.to_string_lossy().into_owned());
            }
            _ => match text.strip_prefix("--format=") {
                Some(value) => format = Some(value.to_owned()),
                None if text.starts_with('-') && text != "-" => {
                    return Err(format!("There is no option “{text}”."));
                }
                None => words.push(arg),
            },
        }
    }
    let mut words = words.into_iter();
    let verb = words.next().ok_or("A verb is missing.")?;
    let verb = verb.to_string_lossy();
    let command = command(&verb, format.as_deref())?;
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

fn command(verb: &str, format: Option<&str>) -> Result<Command, String> {
    match (verb, format) {
        ("report", Some("json")) => Ok(Command::Report(ReportFormat::Json)),
        ("report", None | Some("text")) => Ok(Command::Report(ReportFormat::Text)),
        ("report", Some("markdown")) => Ok(Command::Report(ReportFormat::Markdown)),
        ("flags", None | Some("megatron")) => Ok(Command::Flags(Format::Megatron)),
        ("flags", Some("nemo")) => Ok(Command::Flags(Format::Nemo)),
        ("flags", Some("bridge")) => Ok(Command::Flags(Format::Bridge)),
        ("groups", None) => Ok(Command::Groups),
        ("link", None) => Ok(Command::Link),
        ("report" | "flags" | "groups" | "link", Some(format)) => Err(format!(
            "“meshplan {verb}” does not know the format “{format}”."
        )),
        _ => Err(format!("There is no verb “{verb}”.")),
    }
}
