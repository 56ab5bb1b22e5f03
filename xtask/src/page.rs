//! Builds the page into `dist/`.

use std::path::{Path, PathBuf};

use crate::run::{self, answer};
use crate::tools::{BINARYEN, TRUNK, WASM_BINDGEN};
use crate::{hash, install, programs, say, shrink, size};

/// Where the built page is.
pub fn dist() -> PathBuf {
    run::root().join("dist")
}

/// Installs what the page is built with, and gives the folders that go onto `PATH`.
pub fn tools() -> Result<Vec<PathBuf>, String> {
    install::rust_parts()?;
    let mut folders = Vec::new();
    for tool in [&BINARYEN, &WASM_BINDGEN, &TRUNK] {
        folders.extend(install::program(tool)?);
    }
    Ok(folders)
}

/// Builds the release page with tools that are there.
pub fn build(tools: &[PathBuf]) -> Result<(), String> {
    let step = say::step(
        "Building the page, its details and the API, about 3 minutes on 2 cores when nothing is built yet",
    );
    fetch()?;
    join_sheets()?;
    programs::build(tools)?;
    trim_boot()?;
    run::run(
        run::cargo_tool("trunk", tools)?
            .args(["build", "--release"])
            // Trunk reads only `true` and `false` here, and stops at the usual `1`.
            .env_remove("NO_COLOR")
            .env("TRUNK_SKIP_VERSION_CHECK", "true")
            .env("CARGO_ENCODED_RUSTFLAGS", shorter_paths()),
    )?;
    shrink_program()?;
    programs::publish(&dist())?;
    step.done();
    Ok(())
}

/// The style sheets of the page, in the order in which they build on each other.
const SHEETS: [&str; 8] = [
    "tokens", "page", "frame", "form", "diagram", "sections", "boot", "embed",
];

/// Those that come with the details. What is printed is drawn by them, too.
const SHEETS_OF_DETAILS: [&str; 2] = ["details", "print"];

/// Those of the page that shows every way to embed a plan.
const SHEETS_OF_EMBEDDING: [&str; 3] = ["tokens", "page", "embedding"];

/// Joins the style sheets into `target/page.css` and `target/embed.css`, which index.html names, and
/// `target/details.css`.
fn join_sheets() -> Result<(), String> {
    join(&SHEETS, "page.css")?;
    join(&SHEETS_OF_DETAILS, "details.css")?;
    join(&SHEETS_OF_EMBEDDING, "embed.css")
}

fn join(sheets: &[&str], name: &str) -> Result<(), String> {
    let mut joined = String::new();
    for sheet in sheets {
        let path = run::root().join("style").join(sheet).with_extension("css");
        let text = std::fs::read_to_string(&path);
        let text = text.map_err(|error| format!("{}: {error}", path.display()))?;
        // Trunk does the rest for the page's own sheet.
        for line in text.lines().map(str::trim_start) {
            if !(line.starts_with("/*") && line.ends_with("*/")) {
                joined += line;
                joined += "\n";
            }
        }
    }
    let target = run::root().join("target");
    std::fs::create_dir_all(&target)
        .and_then(|()| std::fs::write(target.join(name), joined))
        .map_err(|error| format!("target/{name}: {error}"))
}

/// The line of `public/boot.js` that the names of the details' files take the place of.
const DETAILS: &str = "var DETAILS = null;";

/// A script without comments and indentation. No text or comment of it spans lines, so each line stands for itself.
pub fn trimmed(script: &Path) -> Result<String, String> {
    let text = std::fs::read_to_string(script);
    let text = text.map_err(|error| format!("{}: {error}", script.display()))?;
    let lines = text.lines().map(str::trim_start);
    let kept: Vec<&str> = lines
        .filter(|line| !line.is_empty() && !line.starts_with("//") && !is_comment(line))
        .collect();
    Ok(kept.join("\n"))
}

/// Whether a line is one comment that ends where it does.
fn is_comment(line: &str) -> bool {
    line.starts_with("/*") && line.find("*/") == Some(line.len() - 2)
}

/// Writes `public/boot.js` to `target/boot.js`, which index.html names: with the names of the details'
/// files.
fn trim_boot() -> Result<(), String> {
    let script = trimmed(&run::root().join("public").join("boot.js"))?;
    let named = format!("var DETAILS = {};", programs::names_of_details()?);
    let script = script.replace(DETAILS, &named);
    std::fs::write(run::root().join("target").join("boot.js"), script)
        .map_err(|error| format!("target/boot.js: {error}"))
}

/// Shrinks the page's script and program, and names them anew in index.html: a name and a hash
/// belong to the very bytes.
fn shrink_program() -> Result<(), String> {
    let cannot = |error: std::io::Error| format!("dist: {error}");
    let of_program = |ending: &str| {
        let is = |name: &String| name.starts_with("meshplan-page-") && name.ends_with(ending);
        let mut names = std::fs::read_dir(dist()).into_iter().flatten().flatten();
        names.find_map(|entry| entry.file_name().into_string().ok().filter(is))
    };
    let names = [of_program(".js"), of_program("_bg.wasm")];
    let [Some(script), Some(program)] = names else {
        return Err("Trunk has built no script and program".to_owned());
    };
    let built = [dist().join(&script), dist().join(&program)];
    let before = hash::of(&built)?;
    shrink::shrink(&built[0], &built[1])?;
    let after = hash::of(&built)?;
    let index = dist().join("index.html");
    let mut page = std::fs::read_to_string(&index).map_err(cannot)?;
    for (((name, ending), from), (old, new)) in [(script, ".js"), (program, "_bg.wasm")]
        .into_iter()
        .zip(&built)
        .zip(before.iter().zip(&after))
    {
        let named = format!("meshplan-page-{}{ending}", new.version);
        page = page.replace(&name, &named);
        page = page.replace(&old.integrity, &new.integrity);
        if ending.ends_with(".wasm") {
            // No browser checks what is preloaded for `fetch`, and one warns of each that says so: the boot
            // script reads the hash and fetches by it.
            let [said, hash] =
                ["integrity", "data-hash"].map(|name| format!("{name}=\"{}\"", new.integrity));
            page = page.replace(&said, &hash);
        }
        std::fs::rename(from, dist().join(named)).map_err(cannot)?;
    }
    std::fs::write(index, page).map_err(cannot)
}

/// Compiler flags that cut where this machine keeps sources off the paths that panics name: they
/// are no reader's business, differ from machine to machine, and cost a kilobyte.
pub fn shorter_paths() -> String {
    let home = std::env::var_os("CARGO_HOME").map(PathBuf::from);
    let home = home.or_else(|| std::env::home_dir().map(|home| home.join(".cargo")));
    let registries = home.map(|home| home.join("registry").join("src"));
    let sources = registries.and_then(|folder| folder.read_dir().ok());
    let folders = sources
        .into_iter()
        .flatten()
        .flatten()
        .map(|entry| entry.path());
    let flags: Vec<String> = folders
        .chain([run::root()])
        .map(|folder| format!("--remap-path-prefix={}/=", folder.display()))
        .chain(path_of_the_library())
        .collect();
    // The unit separator is what Cargo splits encoded flags by.
    flags.join("\u{1f}")
}

/// Where the sources of the standard library are installed, the compiler names that folder; elsewhere
/// it names where they were when it was built. The flag makes the first the second.
fn path_of_the_library() -> Option<String> {
    let sysroot = answer(run::rustc().args(["--print", "sysroot"]))?;
    let commit = run::compiler("commit-hash")?;
    Some(format!(
        "--remap-path-prefix={sysroot}/lib/rustlib/src/rust/=/rustc/{commit}/"
    ))
}

/// Downloads every crate: Trunk works offline, and first asks Cargo of crates for any machine.
fn fetch() -> Result<(), String> {
    run::run(run::cargo().args(["fetch", "--quiet", "--locked"]))
}

/// Builds the page and prints its size.
pub fn build_and_measure() -> Result<(), String> {
    build(&tools()?)?;
    let step = say::step("Size of the page");
    let tables = size::measure(&dist())?;
    tables.iter().for_each(|table| println!("{table}\n"));
    step.done();
    size::verdict(&tables)?;
    println!("\nThe page is in {}", dist().display());
    Ok(())
}
