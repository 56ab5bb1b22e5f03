//! What must hold of the built files whatever they do: they name no folder of the machine that built
//! them, take nothing from another place, and the page names the hash of each file that it loads.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};

use crate::run::{self, answer};
use crate::tally::Tally;
use crate::{hash, install};

/// The names of all files of a folder, in order, with `/` between the folders.
pub fn files(folder: &Path) -> Result<Vec<String>, String> {
    let cannot = |error: std::io::Error| format!("cannot read {}: {error}", folder.display());
    let mut names = Vec::new();
    for entry in fs::read_dir(folder).map_err(cannot)? {
        let path = entry.map_err(cannot)?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        if path.is_dir() {
            let inner = files(&path)?;
            names.extend(inner.iter().map(|inner| format!("{name}/{inner}")));
        } else {
            names.push(name.into_owned());
        }
    }
    names.sort();
    Ok(names)
}

/// A file of the page.
struct File {
    name: String,
    bytes: Vec<u8>,
}

impl File {
    /// Its text; empty for a program.
    fn text(&self) -> &str {
        std::str::from_utf8(&self.bytes).unwrap_or_default()
    }

    fn is(&self, ending: &str) -> bool {
        self.name.ends_with(ending)
    }
}

/// Looks through all files, in their folder, and gives a line for each thing that must not be.
type Find = fn(&[File], &Path) -> Result<Vec<String>, String>;

/// Checks the built files, and counts one check for each thing that must hold.
pub fn check(dist: &Path, tally: &mut Tally) {
    let read = |name: String| {
        let bytes = fs::read(dist.join(&name)).map_err(|error| format!("{name}: {error}"))?;
        Ok(File { name, bytes })
    };
    let all: Result<Vec<File>, String> =
        files(dist).and_then(|names| names.into_iter().map(read).collect());
    let checks: [(&str, Find); 3] = [
        ("no folder of this machine in dist", machine),
        ("nothing from another place in dist", elsewhere),
        ("hashes of what the page loads", hashes),
    ];
    for (name, find) in checks {
        let found = match &all {
            Ok(all) => find(all, dist),
            Err(message) => Err(message.clone()),
        };
        let outcome = match found {
            Ok(found) if found.is_empty() => Ok(()),
            Ok(found) => Err(found.join("\n   ")),
            Err(message) => Err(message),
        };
        tally.one(name, outcome);
    }
}

/// Files that name a folder of this machine.
fn machine(all: &[File], _: &Path) -> Result<Vec<String>, String> {
    let folders = [
        Some(run::root()),
        Some(run::target()),
        env::home_dir(),
        env::var_os("CARGO_HOME").map(PathBuf::from),
        answer(run::rustc().args(["--print", "sysroot"])).map(PathBuf::from),
        install::tools_folder().ok(),
    ];
    let folders: Vec<String> = folders
        .into_iter()
        .flatten()
        .filter_map(|folder| as_named(&folder))
        .collect();
    let mut found = Vec::new();
    for file in all {
        for folder in folders
            .iter()
            .filter(|folder| contains(&file.bytes, folder.as_bytes()))
        {
            found.push(format!("{} names {folder}", file.name));
        }
    }
    Ok(found)
}

/// A folder as the beginning of a path; none for the root of all, which begins every path.
fn as_named(folder: &Path) -> Option<String> {
    let text = folder.to_string_lossy();
    let text = text.trim_end_matches(['/', '\\']);
    (!text.is_empty()).then(|| format!("{text}{}", std::path::MAIN_SEPARATOR))
}

fn contains(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|window| window == part)
}

/// What scripts, styles and packages of the page take from elsewhere.
fn elsewhere(all: &[File], _: &Path) -> Result<Vec<String>, String> {
    let mut found = Vec::new();
    for file in all {
        let text = file.text();
        let named: Vec<&str> = match () {
            () if file.is(".js") => after(text, &["from", "import", "require"]),
            () if file.is(".css") => after(text, &["@import", "url"]),
            () if file.is("package.json") => ["ependencies\""]
                .into_iter()
                .filter(|word| text.contains(word))
                .collect(),
            () => Vec::new(),
        };
        // `url(#a)` is a part of the same page.
        let own = |name: &&&str| ["./", "#", "data:"].iter().any(|own| name.starts_with(own));
        let foreign = named.iter().filter(|name| !own(name));
        found.extend(foreign.map(|name| format!("{} asks for `{name}`", file.name)));
    }
    Ok(found)
}

/// The quoted texts of a script or a style sheet that follow one of the words, as in `from "./a.js"`
/// or `import("./a.js")`; of `url(a.png)` the text without quotes.
fn after<'a>(text: &'a str, words: &[&str]) -> Vec<&'a str> {
    let mut found = Vec::new();
    for word in words {
        for (at, _) in text.match_indices(word) {
            let before = text.get(..at).and_then(|before| before.chars().next_back());
            if before.is_some_and(|c| c.is_alphanumeric() || matches!(c, '_' | '.' | '-')) {
                continue;
            }
            let rest = text.get(at + word.len()..).unwrap_or_default().trim_start();
            let called = rest.strip_prefix('(').map(str::trim_start);
            let rest = called.unwrap_or(rest);
            let quoted = ['"', '\'', '`']
                .into_iter()
                .find_map(|quote| rest.strip_prefix(quote)?.split(quote).next());
            let bare = || called.filter(|_| *word == "url")?.split(')').next();
            found.extend(quoted.or_else(bare));
        }
    }
    found
}

/// Files that the page loads without a hash, or with another than theirs. The script that starts
/// the page has none, so that it always runs and can say what is wrong with the rest; it names the
/// hashes of the details.
fn hashes(all: &[File], dist: &Path) -> Result<Vec<String>, String> {
    let text_of = |is: fn(&str) -> bool| all.iter().find(|file| is(&file.name)).map(File::text);
    let page = text_of(|name| name == "index.html").ok_or("there is no index.html")?;
    let boot = text_of(is_boot).ok_or("there is no boot script")?;
    let (mut found, mut named) = (Vec::new(), loaded(page));
    let details = details(boot);
    if details.len() != 4 {
        found.push(format!(
            "the boot script names {} files of the details",
            details.len()
        ));
    }
    named.extend(details);
    for (name, integrity) in named {
        let file = dist.join(&name);
        match integrity {
            _ if is_boot(&name) => {}
            _ if !file.is_file() => found.push(format!("{name} is named and is not there")),
            None => found.push(format!("{name} is loaded without a hash")),
            Some(integrity) => {
                let own = hash::of(&[file])?;
                if own.iter().any(|own| own.integrity != integrity) {
                    found.push(format!("{name} has another hash than {integrity}"));
                }
            }
        }
    }
    Ok(found)
}

fn is_boot(name: &str) -> bool {
    name.starts_with("boot-") && name.ends_with(".js")
}

/// What a page loads: the names of the files, with their hashes.
fn loaded(page: &str) -> Vec<(String, Option<String>)> {
    let tags = page
        .split('<')
        .filter(|tag| tag.starts_with("link ") || tag.starts_with("script "));
    tags.filter_map(|tag| {
        let address = attribute(tag, "href").or(attribute(tag, "src"))?;
        let integrity = attribute(tag, "integrity").or(attribute(tag, "data-hash"));
        (!address.starts_with("data:")).then(|| {
            (
                address.trim_start_matches("./").to_owned(),
                integrity.map(str::to_owned),
            )
        })
    })
    .collect()
}

/// The value of an attribute, quoted or not.
fn attribute<'a>(tag: &'a str, name: &str) -> Option<&'a str> {
    let (_, rest) = tag.split_once(&format!(" {name}="))?;
    match rest.strip_prefix('"') {
        Some(quoted) => quoted.split('"').next(),
        None => rest.split(|c: char| c.is_whitespace() || c == '>').next(),
    }
}

/// The files of the details as the boot script names them, with their hashes.
fn details(boot: &str) -> Vec<(String, Option<String>)> {
    let line = boot
        .lines()
        .find_map(|line| line.strip_prefix("var DETAILS = "));
    let quoted: Vec<&str> = line
        .unwrap_or_default()
        .split('"')
        .skip(1)
        .step_by(2)
        .collect();
    let pairs = quoted.chunks(2).map(|pair| {
        let address = pair.first().copied().unwrap_or_default();
        let name = address.split('?').next().unwrap_or_default();
        (name.to_owned(), pair.get(1).map(|&hash| hash.to_owned()))
    });
    pairs.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(name: &str, text: &str) -> File {
        File {
            name: name.to_owned(),
            bytes: text.as_bytes().to_vec(),
        }
    }

    #[track_caller]
    fn asks(name: &str, text: &str, expected: &[&str]) {
        let found = elsewhere(&[file(name, text)], Path::new("")).expect("readable");
        let told: Vec<String> = expected
            .iter()
            .map(|e| format!("{name} asks for `{e}`"))
            .collect();
        assert_eq!(found, told, "{text}");
    }

    #[test]
    fn what_a_file_takes_from_elsewhere_is_found() {
        asks(
            "a.js",
            "import x from \"./b.js\"; import.meta.url; Array.from('c')",
            &[],
        );
        asks("a.js", "import x from 'react'", &["react"]);
        asks(
            "a.js",
            "import 'https://a.example/b.js'",
            &["https://a.example/b.js"],
        );
        asks(
            "a.js",
            "await import( \"//a.example/b.js\")",
            &["//a.example/b.js"],
        );
        asks("a.js", "import(script.href)", &[]);
        asks("a.css", "a { background: url(data:x); fill: url(#b) }", &[]);
        asks(
            "a.css",
            "@import \"b.css\"; a { src: url(//c) }",
            &["b.css", "//c"],
        );
        asks("api/package.json", "{\"type\": \"module\"}", &[]);
        asks(
            "api/package.json",
            "{\"devDependencies\": {}}",
            &["ependencies\""],
        );
    }

    #[test]
    fn a_folder_of_this_machine_is_found_in_any_file() {
        let root = run::root();
        let named = format!("\u{0}at {}/src/lib.rs:1", root.display());
        let found = machine(
            &[file("a.wasm", &named), file("b.wasm", "src/lib.rs")],
            &root,
        );
        let found = found.expect("readable");
        assert!(
            !found.is_empty() && found.iter().all(|line| line.starts_with("a.wasm names ")),
            "{found:?}"
        );
        assert_eq!(as_named(Path::new("/")), None);
    }

    #[test]
    fn what_a_page_loads_is_read_with_its_hashes() {
        let page = "<link href=\"data:image/svg+xml,%3Csvg xmlns='a'/%3E\" rel=icon>\
                    <link crossorigin href=./a.css integrity=sha384-A rel=stylesheet>\
                    <link as=fetch href=./a.wasm data-hash=sha384-C rel=preload>\
                    <script data-integrity=none defer src=\"./boot-1.js\"></script>";
        let expected = [
            ("a.css".to_owned(), Some("sha384-A".to_owned())),
            ("a.wasm".to_owned(), Some("sha384-C".to_owned())),
            ("boot-1.js".to_owned(), None),
        ];
        assert_eq!(loaded(page), expected);
        let boot = "x\nvar DETAILS = [[\"details/a.js?v=1\", \"sha384-B\"]];";
        assert_eq!(
            details(boot),
            [("details/a.js".to_owned(), Some("sha384-B".to_owned()))]
        );
    }
}
