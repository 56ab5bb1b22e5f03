//! Builds the programs beside the page: the details, which the page loads after itself, and the
//! JavaScript API, which scripts in a browser or in Node use.

use std::fs;
use std::path::{Path, PathBuf};

use crate::page::{shorter_paths, trimmed};
use crate::run;
use crate::tools::WASM_TARGET;
use crate::{hash, shrink};

/// A program of `Cargo.toml` and where it stands beside the page.
struct Program {
    /// Its name in `Cargo.toml`.
    bin: &'static str,
    /// Its folder in `dist/`.
    folder: &'static str,
    /// The name of its script; `_bg.wasm` follows it in the program's.
    name: &'static str,
    /// A script of `public/` that goes after its own.
    after: Option<&'static str>,
    /// Further files: the name, the text or where in the repository it stands.
    further: &'static [(&'static str, Text)],
}

/// Where the text of a file comes from.
enum Text {
    /// It is this.
    Is(&'static str),
    /// It is that of a file in the repository.
    Of(&'static str),
}

/// The frame's side of an embed: a script of its own, which only an embed loads.
const FRAME: &str = "frame.js";

/// What the page loads after itself.
const DETAILS: Program = Program {
    bin: "meshplan-details",
    folder: "details",
    name: "details",
    after: Some("files.js"),
    further: &[
        ("details.css", Text::Of(SHEET)),
        (FRAME, Text::Of("target/details/frame.js")),
    ],
};

/// The style sheet of the details, as it is joined.
const SHEET: &str = "target/details.css";

/// The API for scripts. `package.json` is there so that Node takes the script for a module, and
/// TypeScript finds the types.
const API: Program = Program {
    bin: "meshplan-api",
    folder: "api",
    name: "meshplan",
    after: None,
    further: &[
        ("meshplan.d.ts", Text::Of("src/api/meshplan.d.ts")),
        (
            "package.json",
            Text::Is(
                "{\n  \"name\": \"meshplan\",\n  \"type\": \"module\",\n  \
                 \"exports\": \"./meshplan.js\",\n  \"types\": \"./meshplan.d.ts\"\n}\n",
            ),
        ),
    ],
};

const PROGRAMS: [Program; 2] = [DETAILS, API];

impl Program {
    /// Where it is built.
    fn built(&self) -> PathBuf {
        run::root().join("target").join(self.folder)
    }

    /// Script and program, by their names.
    fn files(&self) -> [String; 2] {
        [
            format!("{}.js", self.name),
            format!("{}_bg.wasm", self.name),
        ]
    }

    /// Makes a module of what cargo has built.
    fn make(&self, tools: &[PathBuf]) -> Result<(), String> {
        let built = run::target().join(WASM_TARGET).join("release");
        let [script, wasm] = self.files().map(|name| self.built().join(name));
        run::run(
            run::cargo_tool("wasm-bindgen", tools)?
                .args(["--target", "web", "--no-typescript", "--out-name"])
                .args([self.name, "--out-dir"])
                .arg(self.built())
                .arg(built.join(self.bin).with_extension("wasm")),
        )?;
        run::run(
            run::cargo_tool("wasm-opt", tools)?
                .args(optimizations()?.split_whitespace())
                .arg(&wasm)
                .arg("-o")
                .arg(&wasm),
        )?;
        shrink::shrink(&script, &wasm)?;
        let Some(after) = self.after else {
            return Ok(());
        };
        let after = trimmed(&run::root().join("public").join(after))?;
        let own = fs::read_to_string(&script);
        let joined = own.and_then(|own| fs::write(&script, [&own, "\n", &after].concat()));
        joined.map_err(|error| format!("{}: {error}", script.display()))
    }

    /// Puts it beside the page.
    fn publish(&self, dist: &Path) -> std::io::Result<()> {
        let into = dist.join(self.folder);
        fs::create_dir_all(&into)?;
        for name in self.files() {
            fs::copy(self.built().join(&name), into.join(&name))?;
        }
        for (name, text) in self.further {
            match text {
                Text::Is(text) => fs::write(into.join(name), text)?,
                Text::Of(file) => fs::copy(run::root().join(file), into.join(name)).map(|_| ())?,
            }
        }
        Ok(())
    }
}

/// Builds the programs with tools that are there.
pub fn build(tools: &[PathBuf]) -> Result<(), String> {
    let bins = PROGRAMS.iter().flat_map(|program| ["--bin", program.bin]);
    run::run(
        run::cargo()
            .args(["build", "--quiet", "--release", "--locked", "--offline"])
            .args(["--target", WASM_TARGET])
            .args(bins)
            .env("CARGO_ENCODED_RUSTFLAGS", shorter_paths()),
    )?;
    PROGRAMS
        .iter()
        .try_for_each(|program| program.make(tools))?;
    let script = trimmed(&run::root().join("public").join(FRAME))?;
    let built = DETAILS.built().join(FRAME);
    fs::write(&built, script).map_err(|error| format!("{}: {error}", built.display()))
}

/// What wasm-opt does to the page's program, as index.html says it, so that it is said once.
fn optimizations() -> Result<String, String> {
    let page = run::root().join("index.html");
    let page = fs::read_to_string(&page).map_err(|error| format!("index.html: {error}"))?;
    between(&page, "data-wasm-opt-params=\"", "\"")
        .ok_or_else(|| "index.html does not say how wasm-opt is called".to_owned())
}

/// The text between two others.
fn between(text: &str, start: &str, end: &str) -> Option<String> {
    let (_, rest) = text.split_once(start)?;
    Some(rest.split_once(end)?.0.to_owned())
}

/// Puts the programs beside the page.
pub fn publish(dist: &Path) -> Result<(), String> {
    let mut programs = PROGRAMS.iter();
    programs
        .try_for_each(|program| program.publish(dist))
        .map_err(|error| format!("{}: {error}", dist.display()))
}

/// Script, program and style sheet of the details, and the script of an embed, as the page names them, as a
/// list of JavaScript: each with an address that changes with the file, so that no cache mixes two
/// builds, and with the hash of the file.
pub fn names_of_details() -> Result<String, String> {
    let built = |name: String| (DETAILS.built().join(&name), name);
    let sheet = (run::root().join(SHEET), "details.css".to_owned());
    let frame = built(FRAME.to_owned());
    let files = DETAILS.files().map(built).into_iter().chain([sheet, frame]);
    let (paths, names): (Vec<PathBuf>, Vec<String>) = files.unzip();
    let named = names.iter().zip(hash::of(&paths)?).map(|(name, hash)| {
        let (version, integrity) = (hash.version, hash.integrity);
        format!(
            "[\"{}/{name}?v={version}\", \"{integrity}\"]",
            DETAILS.folder
        )
    });
    Ok(format!("[{}]", named.collect::<Vec<_>>().join(", ")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_says_how_programs_are_optimized() {
        let said = optimizations().expect("index.html");
        assert!(said.contains("-Oz") && !said.contains('"'), "{said}");
        assert_eq!(between("a=\"b\" c", "a=\"", "\"").as_deref(), Some("b"));
        assert_eq!(between("a", "b", "c"), None);
    }
}
