//! The files that come with the pages.

use std::fs;
use std::path::{Path, PathBuf};

const STYLE: &str = include_str!("../../../assets/surface.css");
const SCRIPT: &str = include_str!("../../../assets/surface.js");

#[test]
fn the_files_stay_small() {
    assert!(STYLE.len() <= 30 * 1024, "{} bytes", STYLE.len());
    assert!(SCRIPT.len() <= 10 * 1024, "{} bytes", SCRIPT.len());
}

/// S-49: with a policy that forbids it the script would stop; it does not even try.
#[test]
fn the_script_makes_no_markup_and_runs_no_text() {
    let words = [
        "innerHTML",
        "outerHTML",
        "insertAdjacentHTML",
        "document.write",
        "eval(",
        "Function(",
        ".style",
        "setAttribute(\"on",
        "setAttribute(\"style",
        "DOMParser",
        "import(",
        "srcdoc",
        "location =",
        "location.href =",
        "__proto__",
    ];
    for word in words {
        assert!(!SCRIPT.contains(word), "{word}");
    }
}

/// S-22: what is kept in the browser is how somebody likes the pages, and nothing of what they show.
#[test]
fn the_script_keeps_nothing_of_what_is_seen() {
    assert_eq!(SCRIPT.matches("localStorage").count(), 2, "one place writes, and one reads");
    for word in ["sessionStorage", "indexedDB", "document.cookie", "caches.", "serviceWorker"] {
        assert!(!SCRIPT.contains(word), "{word}");
    }
    let kept: Vec<&str> = SCRIPT
        .lines()
        .filter(|line| line.contains("keep(") && !line.contains("const keep"))
        .collect();
    assert_eq!(kept.len(), 2, "{kept:?}");
    for line in kept {
        let is_choice = line.contains("keep(\"zone\", isUtc ?") || line.contains("box.checked ?");
        assert!(is_choice, "{line}");
    }
}

/// S-48: the policy would refuse them.
#[test]
fn the_stylesheet_loads_nothing() {
    for word in ["url(", "@import", "@font-face", "expression("] {
        assert!(!STYLE.contains(word), "{word}");
    }
}

#[test]
fn markup_is_taken_as_it_is_in_one_place_only() {
    let mut places = Vec::new();
    walk(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut places);
    assert!(places.len() > 30, "the sources are not where they were");
    let of = |path: &PathBuf| fs::read_to_string(path).unwrap_or_default();
    let word = ["Pre", "Escaped"].concat();
    places.retain(|path| of(path).contains(&word));
    let names: Vec<_> = places.iter().filter_map(|path| path.file_name()).collect();
    assert_eq!(names, ["icon.rs"], "escaping is what keeps audited text from becoming markup");
}

fn walk(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            walk(&path, found);
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            found.push(path);
        }
    }
}
