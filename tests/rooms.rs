//! What the rooms of the code promise each other (ARCHITECTURE.md), read from the
//! source tree.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Rooms that must run anywhere, tested natively.
const PURE: &[&str] = &["core", "share", "diagram", "export", "import"];

/// Longest file that still reads in one sitting.
const LONGEST: usize = 500;

/// Data tables may be longer.
const TABLES: &[&str] = &["hardware.rs", "model_library.rs", "presets.rs"];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Every Rust file below a folder; none where the folder is missing.
fn files(folder: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![root().join(folder)];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|e| e == "rs") {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

fn text(path: &Path) -> String {
    fs::read_to_string(path).expect("a readable file")
}

/// Lines of code with their numbers: comments and what follows `#[cfg(test)]` are left out.
fn code(text: &str) -> impl Iterator<Item = (usize, &str)> {
    text.lines()
        .enumerate()
        .take_while(|(_, line)| line.trim() != "#[cfg(test)]")
        .filter(|(_, line)| !line.trim_start().starts_with("//"))
        .map(|(i, line)| (i + 1, line))
}

/// Whether a line names a word, not as a part of a longer one.
fn names(line: &str, word: &str) -> bool {
    let part = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || c == '_');
    line.match_indices(word).any(|(at, _)| {
        let after = &line[at + word.len()..];
        !part(line[..at].chars().next_back()) && !part(after.chars().next())
    })
}

/// No line of code in a room names any of the words.
#[track_caller]
fn never(room: &str, words: &[&str]) {
    let mut found = Vec::new();
    for path in files(&format!("src/{room}")) {
        let text = text(&path);
        for (number, line) in code(&text) {
            if words.iter().any(|word| names(line, word)) {
                let path = path.strip_prefix(root()).unwrap_or(&path);
                found.push(format!("{}:{number}: {}", path.display(), line.trim()));
            }
        }
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn the_pure_rooms_know_nothing_of_the_web() {
    for room in PURE {
        never(
            room,
            &[
                "leptos",
                "web_sys",
                "js_sys",
                "wasm_bindgen",
                "serde_wasm_bindgen",
            ],
        );
    }
}

#[test]
fn the_pure_rooms_have_no_clock_no_chance_no_file_and_no_process() {
    for room in PURE {
        never(
            room,
            &[
                "Instant",
                "SystemTime",
                "rand",
                "std::fs",
                "std::env",
                "std::process",
            ],
        );
    }
}

#[test]
fn the_core_knows_no_other_room() {
    let others = [
        "share", "diagram", "export", "import", "js", "details", "api", "ui",
    ];
    let named: Vec<String> = others
        .iter()
        .flat_map(|room| [format!("crate::{room}"), format!("meshplan::{room}")])
        .collect();
    never(
        "core",
        &named.iter().map(String::as_str).collect::<Vec<_>>(),
    );
}

#[test]
fn arrows_between_rooms_point_one_way() {
    for room in ["share", "diagram", "export", "import"] {
        never(room, &["crate::ui", "crate::js"]);
    }
    never(
        "share",
        &["crate::diagram", "crate::export", "crate::import"],
    );
    never(
        "diagram",
        &["crate::share", "crate::export", "crate::import"],
    );
    never("export", &["crate::import"]);
    never("import", &["crate::diagram"]);
    never("ui", &["crate::js"]);
    for room in ["js", "details", "api"] {
        never(room, &["crate::ui", "meshplan::ui", "leptos"]);
    }
}

#[test]
fn the_core_never_panics_by_its_own_words() {
    let words = [
        "unwrap()",
        "expect(",
        "panic!",
        "todo!",
        "unimplemented!",
        "unreachable!",
    ];
    let mut found = Vec::new();
    for path in PURE.iter().flat_map(|room| files(&format!("src/{room}"))) {
        let text = text(&path);
        for (number, line) in code(&text) {
            if words.iter().any(|word| line.contains(word)) {
                found.push(format!("{}:{number}: {}", path.display(), line.trim()));
            }
        }
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn every_room_has_a_door_that_says_what_it_knows() {
    let rooms = fs::read_dir(root().join("src")).expect("src");
    for room in rooms
        .flatten()
        .filter(|r| r.path().is_dir() && r.file_name() != "bin")
    {
        let door = room.path().join("mod.rs");
        assert!(door.is_file(), "{} has no mod.rs", room.path().display());
        assert!(
            text(&door).starts_with("//! "),
            "{} says nothing",
            door.display()
        );
    }
}

#[test]
fn every_file_says_what_it_is() {
    for path in files("src") {
        let text = text(&path);
        assert!(
            text.starts_with("//!"),
            "{} begins without //!",
            path.display()
        );
    }
}

#[test]
fn a_file_reads_in_one_sitting() {
    let mut long = Vec::new();
    for path in files("src").into_iter().chain(files("xtask/src")) {
        let name = path
            .file_name()
            .and_then(|n| n.to_str())
            .unwrap_or_default();
        let lines = text(&path).lines().count();
        if lines > LONGEST && !TABLES.contains(&name) {
            long.push(format!("{}: {lines} lines", path.display()));
        }
    }
    assert!(long.is_empty(), "{}", long.join("\n"));
}

/// The page's policy refuses style attributes: `style-src 'self'`.
#[test]
fn no_view_writes_a_style_attribute() {
    let mut found = Vec::new();
    let rooms = ["src/ui", "src/details", "src/dom"].into_iter();
    for path in rooms.flat_map(files) {
        for (number, line) in text(&path).lines().enumerate() {
            if line.contains("style=\"") || line.contains("\"style\",") {
                found.push(format!(
                    "{}:{}: {}",
                    path.display(),
                    number + 1,
                    line.trim()
                ));
            }
        }
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}

/// No text of a link, a file or a message becomes markup or code.
#[test]
fn nothing_makes_markup_or_code_of_a_text() {
    let words = [
        "innerhtml",
        "inner_html",
        "outerhtml",
        "outer_html",
        "insertadjacenthtml",
        "adjacent_html",
        "document.write",
        "srcdoc",
        "domparser",
        "contextual",
        "eval(",
        "function(\"",
    ];
    let scripts = fs::read_dir(root().join("public")).expect("public");
    let scripts = scripts.flatten().map(|entry| entry.path());
    let scripts: Vec<PathBuf> = scripts
        .filter(|path| {
            path.extension()
                .is_some_and(|end| end == "js" || end == "html")
        })
        .collect();
    assert!(scripts.len() > 3, "the scripts are there");
    let mut found = Vec::new();
    for path in files("src").into_iter().chain(scripts) {
        for (number, line) in text(&path).lines().enumerate() {
            let line = line.to_lowercase();
            if words.iter().any(|word| line.contains(word)) {
                found.push(format!("{}:{}: {line}", path.display(), number + 1));
            }
        }
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}

/// Files that are handed on name no folder of the machine they were written on and no private
/// package index. Without git there is nothing to list.
#[test]
fn tracked_files_name_no_machine() {
    let listed = Command::new("git")
        .arg("ls-files")
        .current_dir(root())
        .output();
    let Ok(listed) = listed else { return };
    let slash = "/";
    let folders = ["root", "work", "home", "Users"].map(|name| format!("{slash}{name}{slash}"));
    let mut found = Vec::new();
    for name in String::from_utf8_lossy(&listed.stdout).lines() {
        // What is no text is no text to judge.
        let Ok(text) = fs::read_to_string(root().join(name)) else {
            continue;
        };
        for (number, line) in text.lines().enumerate() {
            let folder = folders.iter().any(|folder| {
                let at = line.find(folder.as_str());
                // A path begins here: a part of an address does not.
                at.is_some_and(|at| {
                    !line[..at].ends_with(|c: char| c.is_alphanumeric() || "._-~".contains(c))
                })
            });
            let index = line.contains(concat!("registry", "+"))
                && !line.contains("github.com/rust-lang/crates.io-index");
            if folder || index || line.contains(concat!("sparse+", "http")) {
                found.push(format!("{name}:{}: {}", number + 1, line.trim()));
            }
        }
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn words_are_found_in_code_and_not_in_comments_or_longer_words() {
    assert!(names("use web_sys::Window;", "web_sys"));
    assert!(!names("let operand = brand;", "rand"));
    let lines: Vec<_> = code("// leptos\nlet a = 1;\n#[cfg(test)]\nleptos").collect();
    assert_eq!(lines, [(2, "let a = 1;")]);
}
