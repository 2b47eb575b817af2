//! The layer table: each place, and the words its code may not contain, with the reason.

use crate::source::{expect_none, files};

struct Wall {
    place: &'static str,
    except: &'static [&'static str],
    never: &'static [&'static str],
    why: &'static str,
}

const WALLS: &[Wall] = &[
    Wall {
        place: "threadline/src/spec",
        except: &[],
        never: &["sea_orm", "sqlx", "async ", "crate::query", "crate::tx", "crate::context"],
        why: "the spec is pure data: it knows neither SeaORM nor the database",
    },
    Wall {
        place: "threadline/src/context",
        except: &[],
        never: &["sea_orm", "sqlx", "poem", "crate::spec", "crate::tx", "crate::query"],
        why: "who and why is known without a database and without a web framework",
    },
    Wall {
        place: "threadline/src/model",
        except: &[],
        never: &["sea_orm", "sqlx", "poem", "crate::query", "crate::tx"],
        why: "rows as read are plain values",
    },
    Wall {
        place: "threadline/src/filter",
        except: &["threadline/src/filter/tests.rs"],
        never: &["sea_orm", "sqlx", "async ", "crate::query", "crate::tx", "SELECT "],
        why: "a filter is a value with a text: the readers make SQL of it",
    },
    Wall {
        place: "threadline/src/scope",
        except: &[],
        never: &["sqlx", "async ", "crate::query", "crate::tx", "SELECT "],
        why: "a scope says who may read what: the readers make SQL of it",
    },
    Wall {
        place: "threadline/src/query",
        except: &[],
        never: &["poem", "crate::tx", "crate::history", "INSERT INTO", "UPDATE ", "DELETE FROM"],
        why: "readers read: they neither write nor know how the trail is written",
    },
    Wall {
        place: "threadline/src/scope",
        except: &[],
        never: &["SELECT", "crate::query", "crate::history", "crate::tx", "poem"],
        why: "a scope is a value; how it becomes SQL is known in query/relation.rs alone",
    },
    Wall {
        place: "threadline/src/history",
        except: &[],
        never: &[
            "poem",
            "crate::tx",
            "INSERT INTO",
            "UPDATE ",
            "DELETE FROM",
            ".insert(db",
            ".update(db",
        ],
        why: "readers read: they neither write nor know how the trail is written",
    },
    Wall {
        place: "threadline/src/export",
        except: &[],
        never: &["poem", "crate::tx", "crate::history", "INSERT INTO", "UPDATE ", "DELETE FROM"],
        why: "an export reads, and whoever serves it knows the web",
    },
    Wall {
        place: "threadline/src/export",
        except: &[
            "threadline/src/export/line.rs",
            "threadline/src/export/options.rs",
            "threadline/src/export/select.rs",
            "threadline/src/export/stream.rs",
        ],
        never: &["sea_orm", "crate::query", "async ", "SELECT "],
        why: "a format makes bytes of rows: it knows neither the database nor who reads",
    },
    Wall {
        place: "threadline/src/past",
        except: &["threadline/src/past/tests.rs"],
        never: &["poem", "crate::tx", "crate::history", "INSERT INTO", "DELETE FROM"],
        why: "the past is read, on a connection that somebody else has opened",
    },
    Wall {
        place: "threadline/src/tx",
        except: &[],
        never: &["poem", "crate::query", "crate::history", "crate::past", "crate::spec"],
        why: "the transaction says who and why; what is audited and how it is read is not its concern",
    },
    Wall {
        place: "threadline/src",
        except: &[],
        never: &["poem", "sqlx::query"],
        why: "the runtime knows neither the web nor the installation",
    },
    Wall {
        place: "threadline-derive/src",
        except: &[],
        never: &["use sea_orm", "use threadline"],
        why: "the derive writes paths into `threadline::__private` and depends on nothing of it",
    },
    Wall {
        place: "threadline-migration/src/render",
        except: &[],
        never: &["sea_orm", "async ", "DatabaseConnection"],
        why: "rendering is pure: facts in, text out",
    },
    Wall {
        place: "threadline-migration/src",
        // The commands that show what was recorded.
        except: &[
            "threadline-migration/src/cli/reading/timeline.rs",
            "threadline-migration/src/cli/reading/incident.rs",
        ],
        never: &["poem", "threadline::timeline", "incident_bundle"],
        why: "the installation knows neither the web nor the readers",
    },
    Wall {
        place: "threadline-poem/src/view",
        except: &[],
        never: &[
            "use poem",
            "poem::web",
            "async ",
            "DatabaseConnection",
            "TrailSource",
            "crate::pages",
            "crate::operator",
        ],
        why: "a component makes markup of plain data",
    },
    Wall {
        place: "threadline-poem/src/pages",
        except: &[],
        never: &["use poem", "poem::web", "poem::Re", "crate::operator"],
        why: "a page knows no web framework: another one must be able to serve it",
    },
    Wall {
        place: "threadline-poem/src",
        except: &[],
        never: &["SELECT ", "INSERT ", "sqlx", "execute_unprepared", "query_all_raw"],
        why: "the web layer runs no SQL",
    },
];

#[test]
fn every_layer_keeps_to_itself() {
    let mut complaints = Vec::new();
    for wall in WALLS {
        let sources = files(wall.place, &[".rs"]);
        assert!(!sources.is_empty(), "{} is empty: has the folder moved?", wall.place);
        for source in sources.iter().filter(|source| !wall.except.contains(&source.path.as_str())) {
            for (line, code) in source.code_lines() {
                for word in wall.never.iter().filter(|word| code.contains(**word)) {
                    complaints.push(format!("{}:{line}: `{word}`: {}", source.path, wall.why));
                }
            }
        }
    }
    expect_none(&complaints, "Move the code to where it may know this, or change the layer table.");
}

#[test]
fn settings_are_written_in_sql_only() {
    let mut complaints = Vec::new();
    for folder in ["threadline/src", "threadline-migration/src", "threadline-poem/src"] {
        for source in files(folder, &[".rs"]) {
            for (line, code) in source.code_lines() {
                if code.contains("set_config") {
                    complaints.push(format!("{}:{line}", source.path));
                }
            }
        }
    }
    expect_none(&complaints, "The wrapper passes the context to threadline.begin_action instead.");
}

#[test]
fn nothing_depends_on_the_testkit_outside_of_tests_and_examples() {
    for library in ["threadline", "threadline-derive", "threadline-migration", "threadline-poem"] {
        let manifests = files(library, &["Cargo.toml"]);
        let manifest = manifests.first().map(|source| source.text.as_str()).unwrap_or_default();
        let dependencies = manifest.split("[dev-dependencies]").next().unwrap_or_default();
        assert!(!dependencies.contains("threadline-testkit"), "{library} depends on the testkit");
    }
}
