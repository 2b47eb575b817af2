//! `threadline timeline` and the other commands that read.

use serde_json::json;

use crate::fixture::Shop;

/// A shop in which something happened.
async fn shop() -> Shop {
    let shop = Shop::installed().await;
    shop.run("CREATE TABLE lines (order_id int, line_no int, sku text, data jsonb, PRIMARY KEY (order_id, line_no))")
        .await;
    shop.json(&["attach", "--tables", "posts,lines,users", "--mask", "users.password"]);
    shop.run(
        r#"BEGIN;
        SELECT threadline.begin_action(
            '{"actor": {"type": "user", "id": "7"}, "request_id": "req-1", "correlation_id": "c-1"}',
            '{"name": "post.write", "reason": "the news"}');
        INSERT INTO posts VALUES (1, 'Hello');
        INSERT INTO lines VALUES (1, 2, E'a\nb', '{"theme": "dark", "n": {"a": 1}}');
        COMMIT"#,
    )
    .await;
    shop.run("UPDATE posts SET title = 'Goodbye'").await;
    shop.run(
        r#"UPDATE lines SET sku = E'a\nc', data = '{"theme": "light", "n": {"a": 1}, "new": null}'"#,
    )
    .await;
    shop.run(
        "INSERT INTO users (email, password) VALUES (E'\\x1b[2Jgone', 's3cret'); TRUNCATE users",
    )
    .await;
    shop
}

/// The text without its first line, which names the database, and with `T` for every moment.
fn story(text: &str) -> String {
    let lines = text.lines().skip(1).map(|line| {
        let words = line.split("  ").map(|word| {
            let is_day = word.len() == 27 && word.ends_with('Z');
            let is_time =
                word.len() > 15 && word.as_bytes()[2] == b':' && word.contains(", change");
            if is_day || is_time { "T" } else { word }
        });
        words.collect::<Vec<_>>().join("  ") + "\n"
    });
    lines.collect()
}

#[tokio::test]
async fn the_timeline_tells_who_did_what_to_which_column() {
    let shop = shop().await;
    let answer = shop.threadline(&["timeline", "table=posts"]);
    let name = "nobody named; database role postgres";
    assert_eq!(
        story(&answer.stdout).replace(&shop.role(), "postgres"),
        format!(
            "transaction 2  T  {name}
  update public.posts 1  T
    title  Hello → Goodbye

transaction 1  T  user:7  post.write — the news
  request req-1 · correlation c-1
  insert public.posts 1  T
    + id     1
    + title  Hello
2 changes
"
        )
    );
    assert_eq!((answer.code, answer.stderr.as_str()), (0, ""));
}

#[tokio::test]
async fn texts_of_several_lines_and_documents_show_where_they_differ() {
    let shop = shop().await;
    let text = story(&shop.threadline(&["timeline", "table=lines", "op=update"]).stdout);
    assert!(
        text.contains(
            "  update public.lines line_no=2;order_id=1  T
    data.new    (none) → null
    data.theme  dark   → light
    sku
        a
      - b
      + c
1 change
"
        ),
        "{text}"
    );
}

#[tokio::test]
async fn nothing_that_is_stored_acts_on_the_terminal() {
    let shop = shop().await;
    let text = shop.threadline(&["timeline", "table=users"]).stdout;
    assert!(text.contains(r"\u001b[2Jgone") && !text.contains('\u{1b}'), "{text}");
    assert!(text.contains("[REDACTED]") && !text.contains("s3cret"), "{text}");
    assert!(text.contains("  truncate public.users  "), "{text}");
}

#[tokio::test]
async fn a_filter_that_cannot_be_shows_nothing_and_says_what_would_do() {
    let shop = shop().await;
    for (word, needle) in [
        ("tabel=posts", "the keys are table, row"),
        ("op=upsert", "`insert`, `update`"),
        ("posts", "write KEY=VALUE"),
        ("op=update", "from=-24h"),
    ] {
        let answer = shop.threadline(&["timeline", word]);
        assert!(answer.error().contains(needle), "{answer:?}");
        assert_eq!(answer.stdout.lines().count(), 1, "no rows: {answer:?}");
    }
    let nothing = shop.threadline(&["timeline", "table=posts", "actor=user:8"]);
    assert!(nothing.stdout.ends_with("Nothing matches.\n"), "{nothing:?}");
}

#[tokio::test]
async fn one_transaction_is_told_in_the_order_in_which_it_was_written() {
    let shop = shop().await;
    let answer = shop.threadline(&["incident", "1"]);
    let text = story(&answer.stdout);
    let (post, line) = (text.find("insert public.posts"), text.find("insert public.lines"));
    assert!(post.is_some() && post < line, "{text}");
    assert!(text.ends_with("2 changes\n"), "{text}");
    let document = shop.json(&["incident", "1"]);
    assert_eq!(document["transaction"]["actor"], json!({"type": "user", "id": "7"}));
    assert_eq!(document["changes"][0]["change_diff"]["op"], json!("INSERT"));
    let unknown = shop.threadline(&["incident", "4711"]);
    assert!(unknown.error().contains("audit transaction 4711"), "{unknown:?}");
}

#[tokio::test]
async fn the_documents_of_the_timeline_name_the_filter_in_its_one_form() {
    let shop = shop().await;
    let document = shop.json(&["timeline", "actor=user:7", "table=posts"]);
    assert_eq!(document["filter"], json!("table=public.posts&actor=user:7&limit=50"));
    let entry = &document["entries"][0];
    assert_eq!(entry["change_diff"]["row_pk"], json!({"id": 1}));
    assert_eq!(entry["action"]["name"], json!("post.write"));
}

#[tokio::test]
async fn a_page_says_how_to_go_on_and_the_last_one_does_not() {
    let shop = shop().await;
    let first = shop.json(&["timeline", "table=posts", "limit=1"]);
    assert_eq!(
        (&first["has_more"], &first["entries"][0]["change_diff"]["op"]),
        (&json!(true), &json!("UPDATE"))
    );
    let after = format!("after={}", first["cursor"].as_str().expect("a cursor"));
    let shown = shop.threadline(&["timeline", "table=posts", "limit=1"]).stdout;
    assert!(shown.contains(&after), "{shown}");
    let last = shop.json(&["timeline", "table=posts", "limit=1", &after]);
    assert_eq!((&last["has_more"], &last["cursor"]), (&json!(false), &json!(null)));
    assert_eq!(last["entries"][0]["change_diff"]["op"], json!("INSERT"));
    let other = shop.threadline(&["timeline", "table=users", &after]);
    assert!(other.error().contains("cursor"), "{other:?}");
}

#[tokio::test]
async fn the_history_of_a_row_and_who_wrote_each_column() {
    let shop = shop().await;
    let text = story(&shop.threadline(&["history", "posts", "1"]).stdout);
    assert!(
        text.contains("    title  Hello → Goodbye\n") && text.ends_with("2 changes\n"),
        "{text}"
    );
    let one = shop.json(&["history", "lines", "line_no=2;order_id=1", "--limit", "1"]);
    assert_eq!(
        (&one["truncated"], &one["key"]),
        (&json!(true), &json!({"order_id": 1, "line_no": 2}))
    );
    let changed = shop.json(&["history", "lines", "order_id=1;line_no=2", "--changed", "sku"]);
    assert_eq!(changed["entries"].as_array().map(Vec::len), Some(1));
    let blame = shop.threadline(&["history", "posts", "1", "--blame"]).stdout;
    let line = |name: &str| blame.lines().find(|line| line.starts_with(name)).unwrap_or_default();
    assert!(line("id ").contains("user:7  post.write — the news"), "{blame}");
    assert!(line("title").contains("role ") && line("title").contains("update"), "{blame}");
}

#[tokio::test]
async fn a_row_as_it_stood_and_why_it_was_not_there() {
    let shop = shop().await;
    let moment = shop
        .value("SELECT to_jsonb(committed_at) FROM threadline.audit_transactions WHERE id = 1")
        .await;
    let moment = moment.as_str().expect("a moment").replace("+00:00", "Z");
    let text = shop.threadline(&["as-of", "posts", "1", &moment]).stdout;
    assert!(text.contains("  title  Hello\n"), "{text}");
    let now = shop.json(&["as-of", "posts", "1", "now"]);
    assert_eq!(now["row"]["data"]["title"], json!("Goodbye"));
    let none = shop.json(&["as-of", "posts", "77", "now"]);
    assert_eq!(none["row"], json!(null));
    assert!(none["absent"].as_str().is_some_and(|why| !why.is_empty()), "{none}");
    let before = shop.threadline(&["as-of", "posts", "1", "-7d"]);
    assert_eq!(before.code, 0, "{before:?}");
    assert!(!before.stdout.contains("Hello"), "{before:?}");
}

#[tokio::test]
async fn a_key_or_a_moment_that_cannot_be_says_what_would_do() {
    let shop = shop().await;
    for (arguments, needle) in [
        (&["history", "lines", "1"][..], "order_id"),
        (&["history", "lines", "order_id=1;line=2"], "line_no"),
        (&["history", "posts", "one"], "posts"),
        (&["history", "loose", "1"], "not under audit"),
        (&["as-of", "posts", "1", "yesterday"], "-24h"),
    ] {
        let answer = shop.threadline(arguments);
        assert_eq!(answer.code, 2, "{answer:?}");
        assert!(answer.stderr.contains(needle), "{arguments:?}: {answer:?}");
    }
}

#[tokio::test]
async fn an_export_has_its_name_only_when_it_is_complete() {
    let shop = shop().await;
    let folder = std::env::temp_dir().join(format!("threadline-export-{}", shop.name()));
    std::fs::create_dir_all(&folder).expect("a folder");
    let file = folder.join("posts.ndjson");
    let name = file.to_str().expect("text");
    let document = shop.json(&["export", "table=posts", "--output", name]);
    assert_eq!((&document["returned_count"], &document["format"]), (&json!(2), &json!("ndjson")));
    let written = std::fs::read_to_string(&file).expect("the file");
    assert_eq!(written.lines().count(), 3, "two changes and the end: {written}");
    let again = shop.threadline(&["export", "table=posts", "-o", name]);
    assert!(again.error().contains("is there already"), "{again:?}");
    let wrong = folder.join("wrong.csv");
    let failed = shop.threadline(&["export", "tabel=posts", "-o", wrong.to_str().expect("text")]);
    assert!(failed.code == 2 && !wrong.exists(), "{failed:?}");
    assert_eq!(std::fs::read_dir(&folder).expect("the folder").count(), 1, "nothing is left");
    std::fs::remove_dir_all(&folder).expect("removed");
}

#[tokio::test]
async fn an_export_can_be_piped_counted_and_bounded() {
    let shop = shop().await;
    let piped = shop.threadline(&["export", "table=posts", "--max-rows", "1", "--changes-only"]);
    assert!(piped.stdout.starts_with("id,transaction_id,"), "{piped:?}");
    assert!(piped.stderr.contains("1 change written; there are more"), "{piped:?}");
    let counted = shop.json(&["export", "--correlation-id", "c-1", "--dry-run"]);
    assert_eq!((&counted["matching"], &counted["filter"]), (&json!(2), &json!("corr=c-1")));
    let both = shop.threadline(&["export", "table=posts", "--json"]);
    assert!(both.document()["error"]["message"].as_str().is_some_and(|m| m.contains("--output")));
}

#[tokio::test]
async fn an_answer_that_cannot_be_written_is_no_success() {
    let shop = shop().await;
    for arguments in [&["timeline"][..], &["timeline", "--json"], &["incident", "1"], &["export"]] {
        let full = std::fs::File::options().write(true).open("/dev/full").expect("a full device");
        let code = shop.answered_into(arguments, full);
        assert_eq!(code, 2, "{arguments:?}");
    }
}

#[tokio::test]
async fn an_export_overwrites_nothing() {
    let shop = shop().await;
    let folder = std::env::temp_dir().join(format!("threadline-kept-{}", shop.name()));
    std::fs::create_dir_all(&folder).expect("a folder");
    let (file, other) = (folder.join("o.csv"), folder.join("o.csv.part"));
    std::fs::write(&other, "precious").expect("written");
    shop.json(&["export", "table=posts", "-o", file.to_str().expect("text")]);
    assert_eq!(std::fs::read_to_string(&other).expect("there"), "precious");
    std::fs::remove_dir_all(&folder).expect("removed");
}

#[tokio::test]
async fn a_history_without_a_match_is_not_one_without_a_record() {
    let shop = shop().await;
    let narrowed = shop.threadline(&["history", "posts", "1", "--changed", "id"]);
    assert!(narrowed.stdout.contains("No version of this row matches."), "{narrowed:?}");
    assert_eq!(shop.threadline(&["history", "posts", "1", "--limit", "0"]).code, 2);
    let unknown = shop.threadline(&["history", "nosuch", "1", "--json"]);
    assert_eq!(unknown.document()["error"]["kind"], json!("not_audited"));
}

/// The words of a command line as a POSIX shell has them, without the first.
fn in_words(command: &str) -> Vec<String> {
    let script = format!("set -- {command}; shift; for word do printf '%s\\n' \"$word\"; done");
    let output = std::process::Command::new("sh").args(["-c", &script]).output().expect("a shell");
    let text = String::from_utf8(output.stdout).expect("a text");
    text.lines().map(str::to_owned).collect()
}

#[tokio::test]
async fn the_commands_that_are_told_to_be_copied_are_those_of_the_program() {
    let shop = shop().await;
    shop.run("CREATE TABLE odd (id text PRIMARY KEY, \"a column\" text)").await;
    shop.json(&["attach", "--tables", "odd"]);
    shop.run("INSERT INTO odd VALUES ('-7', '$HOME'), ('it''s', 'b')").await;
    shop.run("UPDATE odd SET \"a column\" = 'c'").await;
    let table = |name: &str| threadline::TableName::parse(name).expect("a name");
    let odd = threadline::ColumnName::new("a column").expect("a name");
    let at = chrono::Utc::now() + chrono::TimeDelta::days(1);
    for (name, key) in [("lines", "order_id=1;line_no=2"), ("odd", "-7"), ("odd", "it's")] {
        let key: threadline::RowKey = key.parse().expect("a key");
        let changed = Some(&odd).filter(|_| name == "odd");
        for command in [
            threadline::row_history_command(&table(name), &key, changed),
            threadline::row_as_of_command(&table(name), &key, at),
        ] {
            let words = in_words(&command);
            let answer = shop.threadline(&words.iter().map(String::as_str).collect::<Vec<_>>());
            assert_eq!(answer.code, 0, "{command}: {answer:?}");
            assert!(
                answer.stdout.contains(if name == "odd" { "c" } else { "theme" }),
                "{answer:?}"
            );
        }
    }
}

/// What stands at the foot of the operator pages that are not about rows.
#[tokio::test]
async fn the_commands_of_the_pages_about_the_installation_are_those_of_the_program() {
    let shop = shop().await;
    for command in [
        "threadline health coverage",
        "threadline health coverage --all-schemas",
        "threadline health coverage --host-schema public",
        "threadline policy show",
        "threadline doctor",
        "threadline timeline from=-24h",
        "threadline incident 1 --json",
    ] {
        let words = in_words(command);
        let answer = shop.threadline(&words.iter().map(String::as_str).collect::<Vec<_>>());
        assert_ne!(answer.code, 2, "{command}: {answer:?}");
    }
}
