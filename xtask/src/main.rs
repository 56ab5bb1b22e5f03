//! Builds, serves, tests and measures Meshplan: `cargo xtask <verb>`.
//!
//! Every verb installs what it needs and is missing; what is there is used. Versions are in [`tools`].
//! Nothing here knows how a plan is computed or drawn.

mod audit;
mod browser;
mod dist;
mod figures;
mod fuzz;
mod hash;
mod headers;
mod install;
mod page;
mod programs;
mod reproduce;
mod run;
mod say;
mod server;
mod shrink;
mod site;
mod size;
mod suite;
mod tally;
mod tools;

use std::process::ExitCode;

const HELP: &str = "\
cargo xtask <verb>

  serve [--port N]      build the page and serve it on this machine
  build                 build the page, its details and the API into dist/ and print their sizes
  test [--only LIST]    run every check; LIST is any of fmt,clippy,native,api,browser,firefox,
                        dist,size
  bench                 print how fast a plan is computed and painted
  fuzz [--minutes N]    look for texts that break the reading of links; needs a C++ compiler
  audit [--advisories]  check licences, sources and versions of all crates, and what dist/ asks for;
                        with --advisories known faults too, whose list is fetched from the network
  reproduce             build the committed state twice, in two folders, and compare every file
  help                  print this list

Missing tools are installed; MESHPLAN_TOOLS names the folder that keeps them.
";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let mut words = arguments.iter().map(String::as_str);
    let verb = words.next().unwrap_or("help");
    let rest: Vec<&str> = words.collect();
    let outcome = match verb {
        "serve" => option(&rest, "--port").and_then(server::serve_page),
        "build" => option(&rest, "").and_then(|_: Option<&str>| page::build_and_measure()),
        "test" => option(&rest, "--only").and_then(suite::test),
        "bench" => option(&rest, "").and_then(|_: Option<&str>| figures::bench()),
        "fuzz" => option(&rest, "--minutes").and_then(fuzz::fuzz),
        "audit" => match rest[..] {
            [] => audit::audit(false),
            ["--advisories"] => audit::audit(true),
            _ => Err("`audit` takes no option but `--advisories`".to_owned()),
        },
        "reproduce" => option(&rest, "").and_then(|_: Option<&str>| reproduce::reproduce()),
        "help" | "--help" | "-h" => {
            print!("{HELP}");
            Ok(())
        }
        other => Err(format!(
            "there is no verb `{other}`; `cargo xtask help` lists them"
        )),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            // An empty message: everything was said already.
            if !message.is_empty() {
                eprintln!("\nxtask: {message}");
            }
            ExitCode::FAILURE
        }
    }
}

/// The value of the one option a verb takes, as `--name value` or `--name=value`.
fn option<'a>(rest: &[&'a str], name: &str) -> Result<Option<&'a str>, String> {
    match rest {
        [] => Ok(None),
        [key, value] if !name.is_empty() && *key == name => Ok(Some(value)),
        [word] if !name.is_empty() && word.starts_with(&format!("{name}=")) => {
            Ok(word.split_once('=').map(|(_, value)| value))
        }
        _ => Err(format!(
            "cannot read `{}`; `cargo xtask help` lists the options",
            rest.join(" ")
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::option;

    #[test]
    fn an_option_is_read_in_both_spellings() {
        assert_eq!(option(&["--port", "80"], "--port"), Ok(Some("80")));
        assert_eq!(option(&["--port=80"], "--port"), Ok(Some("80")));
        assert_eq!(option(&[], "--port"), Ok(None));
        assert!(option(&["--prot", "80"], "--port").is_err());
        assert!(option(&["x"], "").is_err());
    }
}
