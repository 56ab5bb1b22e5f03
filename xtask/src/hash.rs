//! Hashes of built files, by Node, which the tests need anyway.

use std::path::PathBuf;
use std::process::Command;

use crate::run::answer;

/// What a file is named and checked by.
pub struct Hash {
    /// The first 8 digits, for an address that changes with the file.
    pub version: String,
    /// All of it, as the attribute `integrity` takes it.
    pub integrity: String,
}

/// The hashes of files, SHA-256.
pub fn of(files: &[PathBuf]) -> Result<Vec<Hash>, String> {
    const HASHES: &str = "for (const file of process.argv.slice(1)) {
        const hash = crypto.createHash('sha256').update(fs.readFileSync(file)).digest();
        console.log(hash.toString('hex').slice(0, 8) + ' sha256-' + hash.toString('base64'));
    }";
    let lines = answer(Command::new("node").args(["-e", HASHES]).args(files));
    let lines = lines.unwrap_or_default();
    let read = |line: &str| {
        let (version, integrity) = line.split_once(' ')?;
        Some(Hash {
            version: version.to_owned(),
            integrity: integrity.to_owned(),
        })
    };
    let hashes: Vec<Hash> = lines.lines().filter_map(read).collect();
    if hashes.len() == files.len() {
        Ok(hashes)
    } else {
        Err("Node cannot hash the built files".to_owned())
    }
}
