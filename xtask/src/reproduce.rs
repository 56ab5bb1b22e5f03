//! `cargo xtask reproduce`: builds the committed state twice, each time from nothing and in a folder
//! of another name, and compares every file of the two pages.
//!
//! Whoever has the sources can so tell that a published page was built of them.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::run::{self, answer};
use crate::{dist, say};

/// Folders of different length and depth below the folder of what is built.
const FOLDERS: [&str; 2] = ["a", "another-place/with-a-longer-name"];

/// Builds twice and compares.
pub fn reproduce() -> Result<(), String> {
    let below = run::target().join("reproduce");
    let archive = below.join("committed.tar");
    let cannot = |error: std::io::Error| format!("{}: {error}", below.display());
    if below.exists() {
        fs::remove_dir_all(&below).map_err(cannot)?;
    }
    fs::create_dir_all(&below).map_err(cannot)?;
    if !answer(git(&["status", "--porcelain"]).current_dir(run::root()))
        .is_some_and(|changed| changed.is_empty())
    {
        println!("   What is not committed is left out of both builds.");
    }
    run::run(git(&["archive", "--output"]).arg(&archive).arg("HEAD"))?;
    let built = FOLDERS.map(|folder| below.join(folder));
    for folder in &built {
        build(folder, &archive)?;
    }
    let [first, second] = &built;
    let differences = differences(&first.join("dist"), &second.join("dist"))?;
    if differences.is_empty() {
        println!("\nBoth builds have the same bytes in every file.");
        fs::remove_dir_all(&below).map_err(cannot)
    } else {
        Err(format!(
            "the two builds differ:\n{}\nThey are in {} and {}",
            differences.join("\n"),
            first.display(),
            second.display()
        ))
    }
}

fn git(words: &[&str]) -> Command {
    let mut command = Command::new("git");
    command.current_dir(run::root()).args(words);
    command
}

/// Builds the archive in a folder, as someone who has just cloned the repository would. What was
/// compiled on the way is removed, since it takes more than a gigabyte.
fn build(folder: &Path, archive: &Path) -> Result<(), String> {
    let step = say::step(&format!(
        "Building all of it in {}, about 5 minutes on 2 cores",
        folder.display()
    ));
    let cannot = |error: std::io::Error| format!("{}: {error}", folder.display());
    fs::create_dir_all(folder).map_err(cannot)?;
    run::run(
        Command::new("tar")
            .arg("-xf")
            .arg(archive)
            .arg("-C")
            .arg(folder),
    )?;
    run::run(
        run::cargo()
            .current_dir(folder)
            .args(["run", "--quiet", "--package", "xtask", "--", "build"])
            .env_remove("CARGO_TARGET_DIR")
            .env_remove("CARGO_BUILD_TARGET_DIR"),
    )?;
    fs::remove_dir_all(folder.join("target")).map_err(cannot)?;
    step.done();
    Ok(())
}

/// What differs between the files of two folders, a line each.
fn differences(first: &Path, second: &Path) -> Result<Vec<String>, String> {
    let [names, others] = [dist::files(first)?, dist::files(second)?];
    let alone = |all: &[String], others: &[String], which: &str| -> Vec<String> {
        let alone = all.iter().filter(|name| !others.contains(name));
        alone
            .map(|name| format!("   {name} is only in the {which} build"))
            .collect()
    };
    let mut found = alone(&names, &others, "first");
    found.extend(alone(&others, &names, "second"));
    for name in names.iter().filter(|name| others.contains(name)) {
        let [one, other] = [read(first.join(name))?, read(second.join(name))?];
        if let Some(at) = first_difference(&one, &other) {
            found.push(format!("   {name} differs from byte {at} on"));
        }
    }
    Ok(found)
}

fn read(path: PathBuf) -> Result<Vec<u8>, String> {
    fs::read(&path).map_err(|error| format!("{}: {error}", path.display()))
}

/// Where two texts begin to differ.
fn first_difference(one: &[u8], other: &[u8]) -> Option<usize> {
    let common = one.iter().zip(other).take_while(|(a, b)| a == b).count();
    (one.len() != common || other.len() != common).then_some(common)
}

#[cfg(test)]
mod tests {
    use super::first_difference;

    #[test]
    fn the_first_byte_that_differs_is_told() {
        assert_eq!(first_difference(b"same", b"same"), None);
        assert_eq!(first_difference(b"same", b"some"), Some(1));
        assert_eq!(first_difference(b"same", b"same and more"), Some(4));
        assert_eq!(first_difference(b"", b""), None);
    }
}
