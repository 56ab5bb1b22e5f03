//! Finds or installs Chromium, and runs the scripts of `tests/browser/` in it.

use std::env;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::run::{self, answer, on_path};
use crate::tools::{AXE, PLAYWRIGHT};
use crate::{install, say};

const PROGRAMS: [&str; 4] = [
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
];

/// With fonts, or the page has no text.
const DEBIAN_PACKAGES: [&str; 3] = ["chromium", "fonts-dejavu-core", "fonts-liberation"];

/// What the scripts need.
pub struct Browser {
    chromium: PathBuf,
    modules: PathBuf,
}

/// Installs what is missing for tests in the browser.
pub fn prepare() -> Result<Browser, String> {
    let modules = install::npm(&[&PLAYWRIGHT, &AXE])?;
    Ok(Browser {
        chromium: chromium(&modules)?,
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
        .env("CHROMIUM", &browser.chromium);
    command
}

/// `$CHROMIUM`, else the one on `PATH`, else Debian's, else the one that Playwright brings.
fn chromium(modules: &Path) -> Result<PathBuf, String> {
    if let Some(named) = env::var_os("CHROMIUM").filter(|value| !value.is_empty()) {
        let path = PathBuf::from(named);
        if path.is_file() {
            return Ok(path);
        }
        return Err(format!(
            "CHROMIUM names {}, which is not there",
            path.display()
        ));
    }
    if let Some(found) = on_path(&PROGRAMS) {
        return Ok(found);
    }
    let debian = from_debian();
    if let (Ok(()), Some(found)) = (&debian, on_path(&PROGRAMS)) {
        return Ok(found);
    }
    from_playwright(modules).map_err(|error| {
        let first = debian.err().map_or(String::new(), |error| format!("{error}\n"));
        format!("{first}{error}\nInstall Chromium or Chrome, or set CHROMIUM to its program, and try again")
    })
}

/// Installs Debian's Chromium, if this is a Debian and one may.
fn from_debian() -> Result<(), String> {
    if on_path(&["apt-get"]).is_none() {
        return Err("there is no apt-get here".to_owned());
    }
    let root = answer(Command::new("id").arg("-u")).is_some_and(|id| id == "0");
    if !root && answer(Command::new("sudo").args(["-n", "true"])).is_none() {
        return Err("apt-get may be used by root only, and sudo asks for a password".to_owned());
    }
    let step = say::step("Installing Chromium and fonts from Debian, about 1 minute");
    let mut outcome = Ok(());
    for words in [
        vec!["update", "-qq"],
        [
            vec!["install", "-qq", "-y", "--no-install-recommends"],
            DEBIAN_PACKAGES.to_vec(),
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
