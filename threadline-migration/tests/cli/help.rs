//! Every command is listed and explains itself.

use crate::fixture::threadline;

const COMMANDS: &[&[&str]] = &[
    &["install"],
    &["attach"],
    &["baseline"],
    &["detach"],
    &["plan"],
    &["status"],
    &["gen", "triggers"],
    &["health", "coverage"],
    &["verify-coverage"],
    &["doctor"],
    &["policy", "show"],
];

#[test]
fn every_command_is_listed_and_has_its_own_help() {
    let help = threadline(None, &["--help"]);
    assert_eq!((help.code, help.stderr.as_str()), (0, ""));
    assert!(help.stdout.contains("Exit codes: 0"), "{help:?}");
    for command in COMMANDS {
        assert!(help.stdout.contains(&format!("\n  {}", command[0])), "{command:?}: {help:?}");
        let own = threadline(None, &[command, &["--help"][..]].concat());
        assert_eq!(own.code, 0, "{own:?}");
        for flag in ["--database-url", "--json"] {
            assert!(own.stdout.contains(flag), "{command:?} {flag}: {own:?}");
        }
    }
}

#[test]
fn the_help_does_not_show_the_database_url() {
    let url = "postgres://ada:s3cret@db/shop";
    for command in COMMANDS {
        let own = threadline(Some(url), &[command, &["--help"][..]].concat());
        assert!(!own.stdout.contains("s3cret"), "{own:?}");
    }
}

#[test]
fn policy_flags_are_the_same_everywhere() {
    for command in [&["attach"][..], &["gen", "triggers"]] {
        let own = threadline(None, &[command, &["--help"]].concat());
        for flag in ["--tables", "--exclude", "--mask", "--quiet", "--key", "--mode"] {
            assert!(own.stdout.contains(flag), "{command:?} {flag}: {own:?}");
        }
    }
}

#[test]
fn it_says_its_version() {
    let version = threadline(None, &["--version"]);
    assert_eq!(version.stdout, format!("threadline {}\n", env!("CARGO_PKG_VERSION")));
}
