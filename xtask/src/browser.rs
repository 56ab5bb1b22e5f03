//! Finds or installs Chromium and Firefox, and runs the scripts of `tests/browser/` in them.

use std::env;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::run::{self, answer, on_path};
use crate::tools::{AXE, PLAYWRIGHT};
use crate::{install, say};

/// A browser that the page is tested in.
pub struct Kind {
    /// Its name.
    pub name: &'static str,
    /// What `MESHPLAN_BROWSER` tells the scripts.
    id: &'static str,
    /// The variable that names its program, for this one as for the scripts.
    variable: &'static str,
    /// Its programs, the one that is taken first at the front.
    programs: &'static [&'static str],
    /// Debian's package of it.
    package: &'static str,
}

/// Every test runs in it, and it is what the figures are measured in.
pub const CHROMIUM: Kind = Kind {
    name: "Chromium",
    id: "chromium",
    variable: "CHROMIUM",
    programs: &[
        "chromium",
        "chromium-browser",
        "google-chrome",
        "google-chrome-stable",
    ],
    package: "chromium",
};

/// Runs the tests of what browsers do differently.
pub const FIREFOX: Kind = Kind {
    name: "Firefox",
    id: "firefox",
    variable: "FIREFOX",
    programs: &["firefox-esr", "firefox"],
    package: "firefox-esr",
};

/// Installed with a browser, or the page has no text.
const FONTS: [&str; 2] = ["fonts-dejavu-core", "fonts-liberation"];

/// What the scripts need.
pub struct Browser {
    kind: &'static Kind,
    program: PathBuf,
    modules: PathBuf,
}

/// Installs what is missing for tests in a browser.
pub fn prepare(kind: &'static Kind) -> Result<Browser, String> {
    let modules = install::npm(&[&PLAYWRIGHT, &AXE])?;
    Ok(Browser {
        kind,
        program: program(kind, &modules)?,
        modules,
    })
}

/// A script of `tests/browser/`, run on the page at an address.
pub fn script(browser: &Browser, name: &str, address: &str) -> Command {
    let mut command = Command::new("node");
    command
        .current_dir(run::root())
        .arg(Path::new("tests/browser").join(name))
        .arg(address)
        .env(
            "MESHPLAN_NODE_MODULES",
            browser.modules.join("node_modules"),
        )
        .env("MESHPLAN_BROWSER", browser.kind.id)
        .env(browser.kind.variable, &browser.program);
    command
}

/// The one that its variable names, else the one on `PATH`, else Debian's; of Chromium else the one
/// that Playwright brings. The Firefox that Playwright brings is no Firefox as it is published.
fn program(kind: &Kind, modules: &Path) -> Result<PathBuf, String> {
    let (name, variable) = (kind.name, kind.variable);
    if let Some(named) = env::var_os(variable).filter(|value| !value.is_empty()) {
        let path = PathBuf::from(named);
        if path.is_file() {
            return Ok(path);
        }
        return Err(format!(
            "{variable} names {}, which is not there",
            path.display()
        ));
    }
    if let Some(found) = on_path(kind.programs) {
        return Ok(found);
    }
    let debian = from_debian(kind);
    if let (Ok(()), Some(found)) = (&debian, on_path(kind.programs)) {
        return Ok(found);
    }
    let mut reasons: Vec<String> = debian.err().into_iter().collect();
    if kind.id == CHROMIUM.id {
        match from_playwright(modules) {
            Ok(found) => return Ok(found),
            Err(reason) => reasons.push(reason),
        }
    }
    reasons.push(format!(
        "Install {name}, or set {variable} to its program, and try again"
    ));
    Err(reasons.join("\n"))
}

/// Installs Debian's package of a browser, if this is a Debian and one may.
fn from_debian(kind: &Kind) -> Result<(), String> {
    if on_path(&["apt-get"]).is_none() {
        return Err("there is no apt-get here".to_owned());
    }
    let root = answer(Command::new("id").arg("-u")).is_some_and(|id| id == "0");
    if !root && answer(Command::new("sudo").args(["-n", "true"])).is_none() {
        return Err("apt-get may be used by root only, and sudo asks for a password".to_owned());
    }
    let step = say::step(&format!(
        "Installing {} and fonts from Debian, about 1 minute",
        kind.name
    ));
    let mut outcome = Ok(());
    for words in [
        vec!["update", "-qq"],
        [
            vec!["install", "-qq", "-y", "--no-install-recommends"],
            vec![kind.package],
            FONTS.to_vec(),
        ]
        .concat(),
    ] {
        let mut command = Command::new(if root { "env" } else { "sudo" });
        if !root {
            command.args(["-n", "env"]);
        }
        command
            .args(["DEBIAN_FRONTEND=noninteractive", "apt-get"])
            .args(words);
        // It lists hundreds of packages; what goes wrong is on its standard error.
        command.stdout(Stdio::null());
        outcome = outcome.and_then(|()| run::run(&mut command));
    }
    step.done();
    outcome
}

/// Lets Playwright download its own Chromium into the folder of tools.
fn from_playwright(modules: &Path) -> Result<PathBuf, String> {
    let package = modules.join("node_modules").join(PLAYWRIGHT.package);
    let browsers = install::tools_folder()?.join("playwright-browsers");
    let path = || {
        let code = "process.stdout.write(require(process.argv[1]).chromium.executablePath())";
        let text = answer(
            Command::new("node")
                .args(["-e", code])
                .arg(&package)
                .env("PLAYWRIGHT_BROWSERS_PATH", &browsers),
        );
        text.map(PathBuf::from).filter(|file| file.is_file())
    };
    if let Some(there) = path() {
        return Ok(there);
    }
    let step = say::step("Installing the Chromium that Playwright brings, about 1 minute");
    let outcome = run::run(
        Command::new("node")
            .arg(package.join("cli.js"))
            .args(["install", "chromium"])
            .env("PLAYWRIGHT_BROWSERS_PATH", &browsers),
    );
    step.done();
    outcome?;
    path().ok_or_else(|| {
        "Playwright installed its Chromium, but it is not where it should be".to_owned()
    })
}
