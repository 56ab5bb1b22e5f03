//! Every tool and its version. This is the one place where they are pinned.

use crate::run;

/// Where a tool comes from.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Source {
    /// `cargo install`, with the tool's own lock file or with the newest dependencies.
    Cargo {
        /// Whether the tool's own lock file is used.
        locked: bool,
    },
    /// `npm install`.
    Npm,
}

/// A tool at one version.
#[derive(Clone, Copy)]
pub struct Tool {
    /// Its name in messages.
    pub name: &'static str,
    /// The package that holds it.
    pub package: &'static str,
    /// The program, when it is one.
    pub program: &'static str,
    /// The version; empty for the version of the same-named library in `Cargo.lock`.
    pub version: &'static str,
    /// Where it comes from.
    pub source: Source,
    /// How long the install takes.
    pub takes: &'static str,
}

/// Builds the page.
pub const TRUNK: Tool = Tool {
    name: "Trunk",
    package: "trunk",
    program: "trunk",
    version: "0.21.14",
    source: Source::Cargo { locked: true },
    takes: "about 2 minutes on 2 cores",
};

/// Writes the JavaScript side of the program; its version must be the library's.
pub const WASM_BINDGEN: Tool = Tool {
    name: "wasm-bindgen",
    package: "wasm-bindgen-cli",
    program: "wasm-bindgen",
    version: "",
    // Its lock file may name a version that a mirror does not have yet.
    source: Source::Cargo { locked: false },
    takes: "about 1 minute on 2 cores",
};

/// Makes the program smaller (`wasm-opt`).
pub const BINARYEN: Tool = Tool {
    name: "wasm-opt",
    package: "binaryen",
    program: "wasm-opt",
    version: "132.0.0",
    source: Source::Npm,
    takes: "a few seconds",
};

/// Checks licences, sources and versions of the crates.
pub const CARGO_DENY: Tool = Tool {
    name: "cargo-deny",
    package: "cargo-deny",
    program: "cargo-deny",
    version: "0.20.2",
    source: Source::Cargo { locked: true },
    takes: "about 5 minutes on 2 cores",
};

/// Drives the browser in the page's tests.
pub const PLAYWRIGHT: Tool = Tool {
    name: "Playwright's driver",
    package: "playwright-core",
    program: "",
    version: "1.64.1",
    source: Source::Npm,
    takes: "a few seconds",
};

/// Checks accessibility in the page's tests.
pub const AXE: Tool = Tool {
    name: "axe",
    package: "axe-core",
    program: "",
    version: "4.14.1",
    source: Source::Npm,
    takes: "a few seconds",
};

/// The target of the page's program.
pub const WASM_TARGET: &str = "wasm32-unknown-unknown";

/// The oldest Node that the tests run on.
pub const NODE_MAJOR: u32 = 20;

impl Tool {
    /// The version to install: the pinned one, or the one `Cargo.lock` asks for.
    pub fn wanted(&self) -> Result<String, String> {
        if !self.version.is_empty() {
            return Ok(self.version.to_owned());
        }
        let path = run::root().join("Cargo.lock");
        let lock = std::fs::read_to_string(&path)
            .map_err(|error| format!("cannot read Cargo.lock: {error}"))?;
        locked_version(&lock, self.program).ok_or_else(|| {
            format!(
                "Cargo.lock names no `{}`, so no version of {} is known",
                self.program, self.name
            )
        })
    }
}

/// The version of a package in the text of a `Cargo.lock`.
fn locked_version(lock: &str, package: &str) -> Option<String> {
    let name = format!("name = \"{package}\"");
    let mut lines = lock.lines().skip_while(|line| *line != name).skip(1);
    let version = lines
        .next()?
        .strip_prefix("version = \"")?
        .strip_suffix('"')?;
    Some(version.to_owned())
}

#[cfg(test)]
mod tests {
    use super::locked_version;

    #[test]
    fn the_version_is_read_from_the_lock_file() {
        let lock = "[[package]]\nname = \"wasm-bindgen-macro\"\nversion = \"1.0.0\"\n\n\
                    [[package]]\nname = \"wasm-bindgen\"\nversion = \"0.2.130\"\n";
        assert_eq!(
            locked_version(lock, "wasm-bindgen").as_deref(),
            Some("0.2.130")
        );
        assert_eq!(locked_version(lock, "serde"), None);
    }
}
