//! Finds tools, and installs what is missing.
//!
//! A tool of the right version on `PATH` is used; else the one in the folder of tools; else it is installed there.
//! A folder appears under its final name only when it is whole, so an install that was cut off is begun anew.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::run::{self, answer, on_path};
use crate::say;
use crate::tools::{NODE_MAJOR, Source, Tool, WASM_TARGET};

/// The target and the components of the Rust toolchain that are not there yet.
pub fn rust_parts() -> Result<(), String> {
    for (part, package) in [("fmt", "rustfmt"), ("clippy", "clippy")] {
        if answer(run::cargo().args([part, "--version"])).is_none() {
            let step = say::step(&format!(
                "Adding {package} to the Rust toolchain, a few seconds"
            ));
            rustup(&["component", "add", package])?;
            step.done();
        }
    }
    let libraries =
        answer(run::rustc().args(["--print", "target-libdir", "--target", WASM_TARGET]));
    if !libraries.is_some_and(|folder| Path::new(&folder).is_dir()) {
        let step = say::step(&format!(
            "Adding the target {WASM_TARGET} to the Rust toolchain, a few seconds"
        ));
        rustup(&["target", "add", WASM_TARGET])?;
        step.done();
    }
    Ok(())
}

fn rustup(words: &[&str]) -> Result<(), String> {
    run::run(Command::new("rustup").current_dir(run::root()).args(words)).map_err(|error| {
        format!(
            "{error}\nMeshplan is built with the Rust that rustup installs; `rustup {}` must work",
            words.join(" ")
        )
    })
}

/// The folder that holds a tool's program, installed if need be; nothing when it is on `PATH` already.
pub fn program(tool: &Tool) -> Result<Option<PathBuf>, String> {
    let version = tool.wanted()?;
    if let Some(found) = on_path(&[tool.program])
        && answer(Command::new(found).arg("--version"))
            .is_some_and(|text| names_version(&text, &version))
    {
        return Ok(None);
    }
    match tool.source {
        Source::Npm => Ok(Some(npm(&[tool])?.join("node_modules").join(".bin"))),
        Source::Cargo { locked } => {
            let title = format!(
                "Installing {} {version} from source into the folder of tools, {}",
                tool.name, tool.takes
            );
            let folder = installed(&format!("{}-{version}", tool.package), &title, |into| {
                cargo_install(tool.package, &version, locked, into)
            })?;
            Ok(Some(folder.join("bin")))
        }
    }
}

/// A folder whose `node_modules` holds the packages, installed if need be.
pub fn npm(tools: &[&Tool]) -> Result<PathBuf, String> {
    node()?;
    let mut names = Vec::new();
    let mut packages = Vec::new();
    for tool in tools {
        let version = tool.wanted()?;
        names.push(format!("{}-{version}", tool.package));
        packages.push(format!("{}@{version}", tool.package));
    }
    let what: Vec<String> = tools
        .iter()
        .map(|tool| format!("{} {}", tool.name, tool.version))
        .collect();
    let takes = tools.first().map_or("", |tool| tool.takes);
    let title = format!(
        "Installing {} with npm into the folder of tools, {takes}",
        what.join(" and ")
    );
    installed(&names.join("_"), &title, |into| {
        // Its own package file, or npm would look for one in the folders above.
        fs::write(into.join("package.json"), "{\"private\": true}\n")
            .map_err(|error| format!("cannot write into {}: {error}", into.display()))?;
        let options = [
            "install",
            "--no-audit",
            "--no-fund",
            "--no-package-lock",
            "--ignore-scripts",
        ];
        run::run(
            Command::new("npm")
                .current_dir(into)
                .args(options)
                .args(["--save-exact", "--loglevel=error", "--prefix", "."])
                .args(packages),
        )
    })
}

/// Makes sure that Node is there and new enough.
fn node() -> Result<(), String> {
    let version = answer(Command::new("node").arg("--version")).unwrap_or_default();
    let major = version
        .trim_start_matches('v')
        .split('.')
        .next()
        .and_then(|text| text.parse::<u32>().ok());
    match major {
        Some(major) if major >= NODE_MAJOR => Ok(()),
        Some(_) => Err(format!(
            "Node {NODE_MAJOR} or newer is needed, and this is {version}: install it and try again"
        )),
        None => Err(format!(
            "Node {NODE_MAJOR} or newer is needed: install it, with npm, and try again"
        )),
    }
}

/// The folder of tools: `$MESHPLAN_TOOLS`, else `meshplan-tools` in the user's cache folder.
pub fn tools_folder() -> Result<PathBuf, String> {
    let set = |name: &str| {
        env::var_os(name)
            .filter(|value| !value.is_empty())
            .map(PathBuf::from)
    };
    let folder = set("MESHPLAN_TOOLS")
        .or_else(|| set("XDG_CACHE_HOME").map(|cache| cache.join("meshplan-tools")))
        .or_else(|| env::home_dir().map(|home| home.join(".cache").join("meshplan-tools")))
        .ok_or("no home folder is known: set MESHPLAN_TOOLS to a folder that may hold the tools")?;
    std::path::absolute(&folder)
        .map_err(|error| format!("cannot use {}: {error}", folder.display()))
}

/// The folder `name` in the folder of tools; if it is not there, `fill` makes it.
fn installed(
    name: &str,
    title: &str,
    fill: impl FnOnce(&Path) -> Result<(), String>,
) -> Result<PathBuf, String> {
    let folder = tools_folder()?.join(name);
    if folder.is_dir() {
        return Ok(folder);
    }
    let step = say::step(title);
    let cannot = |error: std::io::Error| format!("cannot write {}: {error}", folder.display());
    let partial = folder.with_file_name(format!("{name}.{}.partial", std::process::id()));
    fs::create_dir_all(&partial).map_err(cannot)?;
    let outcome = fill(&partial).and_then(|()| match fs::rename(&partial, &folder) {
        // Another run that installed the same thing was first.
        Err(_) if folder.is_dir() => Ok(()),
        renamed => renamed.map_err(cannot),
    });
    if partial.exists() {
        // Left over only after a failure; the next run does not look at it.
        let _ = fs::remove_dir_all(&partial);
    }
    step.done();
    outcome.map(|()| folder)
}

/// Built fast rather than to run fast: the tools work for seconds.
fn cargo_install(package: &str, version: &str, locked: bool, into: &Path) -> Result<(), String> {
    let target = into.join("target");
    let mut command = run::cargo();
    command
        .args([
            "install",
            package,
            "--version",
            version,
            "--quiet",
            "--no-track",
            "--root",
        ])
        .arg(into)
        // Away from the repository, whose cargo settings are not the tool's.
        .current_dir(into)
        .env("CARGO_TARGET_DIR", &target)
        .env("CARGO_PROFILE_RELEASE_OPT_LEVEL", "0")
        .env("CARGO_PROFILE_RELEASE_LTO", "off")
        .env("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "16")
        .env("CARGO_PROFILE_RELEASE_DEBUG", "0")
        .env_remove("RUSTFLAGS")
        .env_remove("CARGO_ENCODED_RUSTFLAGS")
        .env_remove("CARGO_BUILD_TARGET");
    if locked {
        command.arg("--locked");
    }
    run::run(&mut command)?;
    fs::remove_dir_all(&target)
        .map_err(|error| format!("cannot remove {}: {error}", target.display()))
}

/// Whether the answer to `--version` names the version; `132` stands for `132.0.0`.
fn names_version(text: &str, version: &str) -> bool {
    let short = version.strip_suffix(".0.0").unwrap_or(version);
    text.split_whitespace()
        .any(|word| word == version || word == short)
}

#[cfg(test)]
mod tests {
    use super::names_version;

    #[test]
    fn a_version_is_found_in_what_a_program_says() {
        assert!(names_version("trunk 0.21.14", "0.21.14"));
        assert!(names_version(
            "wasm-opt version 132 (version_132)",
            "132.0.0"
        ));
        assert!(!names_version("wasm-opt version 108", "132.0.0"));
        assert!(!names_version("trunk 0.21.1", "0.21.14"));
    }
}
