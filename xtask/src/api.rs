//! Builds the JavaScript API: the core as a module of its own, which stands in `api/` beside the
//! page. The page loads it in the background, and scripts in a browser or in Node use it.

use std::fs;
use std::path::{Path, PathBuf};

use crate::page::shorter_paths;
use crate::run;
use crate::tools::WASM_TARGET;
use crate::{hash, shrink};

/// The program in `Cargo.toml`.
const PROGRAM: &str = "meshplan-api";

/// What the module consists of; the page loads the first two, the others are for scripts.
const FILES: [&str; 4] = [
    "meshplan.js",
    "meshplan_bg.wasm",
    "meshplan.d.ts",
    "package.json",
];

/// So that Node takes the script for a module, and TypeScript finds the types.
const PACKAGE: &str = "{\n  \"name\": \"meshplan\",\n  \"type\": \"module\",\n  \
    \"exports\": \"./meshplan.js\",\n  \"types\": \"./meshplan.d.ts\"\n}\n";

/// Where the module is built.
fn folder() -> PathBuf {
    run::root().join("target").join("api")
}

/// Builds the module with tools that are there.
pub fn build(tools: &[PathBuf]) -> Result<(), String> {
    run::run(
        run::cargo()
            .args(["build", "--quiet", "--release", "--locked", "--offline"])
            .args(["--target", WASM_TARGET, "--bin", PROGRAM])
            .env("CARGO_ENCODED_RUSTFLAGS", shorter_paths()),
    )?;
    let built = run::target().join(WASM_TARGET).join("release");
    run::run(
        run::cargo_tool("wasm-bindgen", tools)?
            .args(["--target", "web", "--no-typescript", "--out-name"])
            .args(["meshplan", "--out-dir"])
            .arg(folder())
            .arg(built.join(PROGRAM).with_extension("wasm")),
    )?;
    let wasm = folder().join("meshplan_bg.wasm");
    run::run(
        run::cargo_tool("wasm-opt", tools)?
            .args(optimizations()?.split_whitespace())
            .arg(&wasm)
            .arg("-o")
            .arg(&wasm),
    )?;
    shrink::shrink(&folder().join("meshplan.js"), &wasm)?;
    let types = run::root().join("src/api/meshplan.d.ts");
    fs::copy(&types, folder().join("meshplan.d.ts"))
        .and_then(|_| fs::write(folder().join("package.json"), PACKAGE))
        .map_err(|error| format!("target/api: {error}"))
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

/// Puts the module beside the page.
pub fn publish(dist: &Path) -> Result<(), String> {
    let into = dist.join("api");
    let copy = |name: &str| fs::copy(folder().join(name), into.join(name)).map(|_| ());
    fs::create_dir_all(&into)
        .and_then(|()| FILES.iter().try_for_each(|name| copy(name)))
        .map_err(|error| format!("{}: {error}", into.display()))
}

/// Script and program as the page names them, as a list of JavaScript: each with an address that
/// changes with the file, so that no cache mixes two builds, and with the hash of the file.
pub fn names() -> Result<String, String> {
    let files = &FILES[..2];
    let hashes = hash::of(&[folder().join(FILES[0]), folder().join(FILES[1])])?;
    let named = files.iter().zip(hashes).map(|(name, hash)| {
        let (version, integrity) = (hash.version, hash.integrity);
        format!("[\"api/{name}?v={version}\", \"{integrity}\"]")
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
