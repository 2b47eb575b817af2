//! Peers that are installed by their package names and generate their own triggers.

use std::path::{Path, PathBuf};
use std::process::Command;

/// Lets a peer put its triggers on its table; the error says how to get what is missing.
pub(crate) fn install(url: &str, peer: &str) -> Result<(), String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("peers");
    let python = match std::env::var_os("THREADLINE_BENCH_PYTHON") {
        Some(python) => PathBuf::from(python),
        None => folder.join(".venv/bin/python"),
    };
    if std::env::var_os("THREADLINE_BENCH_PYTHON").is_none() && !python.exists() {
        return Err("its Python packages are not there; tests/bench/peers/prepare gets them".into());
    }
    let output = Command::new(&python)
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .args(["-W", "ignore"])
        .arg(folder.join("install.py"))
        .args([url, peer])
        .output()
        .map_err(|error| format!("{} cannot be run: {error}", python.display()))?;
    if output.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&output.stderr);
    let last = said.lines().last().unwrap_or("it says nothing").to_owned();
    Err(format!("{} failed: {last}; tests/bench/peers/prepare gets its packages", python.display()))
}
