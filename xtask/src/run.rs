//! Runs programs, and says in one sentence what went wrong with them.

use std::env;
use std::ffi::OsString;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::say;

/// The root of the repository.
pub fn root() -> PathBuf {
    let own = Path::new(env!("CARGO_MANIFEST_DIR"));
    own.parent().unwrap_or(own).to_path_buf()
}

/// Where cargo puts what it builds.
pub fn target() -> PathBuf {
    // A relative folder is meant from where cargo is run, which is the root.
    let named = env::var_os("CARGO_TARGET_DIR").map(PathBuf::from);
    root().join(named.unwrap_or_else(|| "target".into()))
}

/// The cargo that runs this program, or the one on `PATH`.
pub fn cargo() -> Command {
    let mut command = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.current_dir(root());
    command
}

/// The compiler.
pub fn rustc() -> Command {
    let mut command = Command::new("rustc");
    command.current_dir(root());
    command
}

/// What the compiler says of itself under a name, such as `host` or `commit-hash`.
pub fn compiler(name: &str) -> Option<String> {
    let said = answer(rustc().arg("-vV"))?;
    let mut lines = said.lines();
    let value = lines.find_map(|line| line.strip_prefix(name)?.strip_prefix(": "))?;
    Some(value.to_owned())
}

/// A program of the folders of tools, or of `PATH`, that itself finds the tools in these folders.
pub fn cargo_tool(name: &str, folders: &[PathBuf]) -> Result<Command, String> {
    let own = folders
        .iter()
        .map(|folder| folder.join(name))
        .find(|file| file.is_file());
    let mut command = Command::new(own.unwrap_or_else(|| name.into()));
    command.current_dir(root()).env("PATH", path_with(folders)?);
    Ok(command)
}

/// Runs a program in the foreground; an error when it cannot start or fails.
pub fn run(command: &mut Command) -> Result<(), String> {
    say::flush();
    let status = command
        .status()
        .map_err(|error| cannot_start(command, &error))?;
    if status.success() {
        Ok(())
    } else {
        Err(format!("`{}` ended with {status}", line_of(command)))
    }
}

/// Runs a program, prints its standard output as it comes, and shows each line to `see`.
pub fn stream(command: &mut Command, mut see: impl FnMut(&str)) -> Result<(), String> {
    say::flush();
    let mut child = command
        .stdout(Stdio::piped())
        .spawn()
        .map_err(|error| cannot_start(command, &error))?;
    if let Some(output) = child.stdout.take() {
        let mut reader = BufReader::new(output);
        let mut bytes = Vec::new();
        // Tests may print any bytes; a line that is not UTF-8 is shown as well as it can be.
        while reader
            .read_until(b'\n', &mut bytes)
            .is_ok_and(|read| read > 0)
        {
            let text = String::from_utf8_lossy(&bytes);
            let text = text.trim_end_matches(['\n', '\r']);
            println!("{text}");
            see(text);
            bytes.clear();
        }
    }
    let status = child
        .wait()
        .map_err(|error| format!("`{}` was lost: {error}", line_of(command)))?;
    if status.success() {
        Ok(())
    } else {
        Err(format!("`{}` ended with {status}", line_of(command)))
    }
}

/// What a program prints, without its end of line; nothing when it cannot start or fails.
pub fn answer(command: &mut Command) -> Option<String> {
    let output = command
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .output()
        .ok()?;
    output
        .status
        .success()
        .then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

/// The first of the programs that is on `PATH`.
pub fn on_path(names: &[&str]) -> Option<PathBuf> {
    let path = env::var_os("PATH")?;
    names.iter().find_map(|name| {
        env::split_paths(&path)
            .map(|folder| folder.join(name))
            .find(|file| file.is_file())
    })
}

/// `PATH` with some folders before it.
fn path_with(folders: &[PathBuf]) -> Result<OsString, String> {
    let path = env::var_os("PATH").unwrap_or_default();
    env::join_paths(folders.iter().cloned().chain(env::split_paths(&path)))
        .map_err(|error| format!("cannot add a folder to PATH: {error}"))
}

fn cannot_start(command: &Command, error: &std::io::Error) -> String {
    format!(
        "`{}` cannot be started: {error}",
        command.get_program().to_string_lossy()
    )
}

/// The command as one would type it, with only the names of programs.
fn line_of(command: &Command) -> String {
    let program = Path::new(command.get_program())
        .file_name()
        .unwrap_or(command.get_program());
    let mut words = vec![program.to_string_lossy()];
    words.extend(command.get_args().map(|word| word.to_string_lossy()));
    words.join(" ")
}
