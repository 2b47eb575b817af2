//! Finding a row, its history, and two of its versions, as a browser gets them.

use poem::http::StatusCode;
use sea_orm::{ConnectionTrait, DbBackend, Statement};

use threadline::{Registry, TableName, TableSpec};

use crate::fixture::{Fixture, Got};
use crate::timeline::dump;

const TICKET: &str = "/audit/rows/public.tickets/11";

impl Fixture {
    /// The numbers of the changes of a ticket, the oldest first.
    async fn versions(&self, ticket: i32) -> Vec<i64> {
        self.ids(&format!("row_pk = '{{\"id\": {ticket}}}'")).await
    }

    async fn ids(&self, condition: &str) -> Vec<i64> {
        let sql = format!(
            "SELECT id FROM threadline.audit_changes WHERE {condition} ORDER BY captured_at, id"
        );
        let sql = threadline::schema().expect("a name").rewrite(&sql).into_owned();
        let statement = Statement::from_string(DbBackend::Postgres, sql);
        let rows = self.db.query_all_raw(statement).await.expect("reads");
        rows.iter().map(|row| row.try_get("", "id").expect("a number")).collect()
    }
}

/// The numbers that a query gives.
async fn numbers(fixture: &Fixture, sql: &str) -> Vec<i64> {
    let statement = Statement::from_string(DbBackend::Postgres, sql.to_owned());
    let rows = fixture.db.query_all_raw(statement).await.unwrap_or_else(|e| panic!("{e}\n{sql}"));
    rows.iter().map(|row| row.try_get("", "number").expect("a number")).collect()
}

fn ok(got: &Got) {
    assert_eq!(got.status, StatusCode::OK, "{}", got.text);
}

/// The cells of a line of the state.
fn line(got: &Got, column: &str) -> String {
    let cells = got.texts(".state tbody th, .state tbody td");
    let lines: Vec<String> = cells.chunks(2).map(|cells| cells.join(" ")).collect();
    let found = lines.iter().find(|line| line.split(' ').next() == Some(column));
    found.unwrap_or_else(|| panic!("no {column} in {lines:?}")).clone()
}

#[tokio::test]
async fn a_row_is_found_by_its_table_and_key() {
    let fixture = Fixture::tenants().await;
    let got = fixture.get("acme", "/audit/rows").await;
    ok(&got);
    assert_eq!(got.texts("option"), ["public.order_lines", "public.tickets"]);
    for (form, row) in [
        ("/audit/rows?table=tickets&key=", "/audit/rows/public.tickets"),
        ("/audit/rows?table=public.tickets&key=11", TICKET),
        ("/audit/rows/public.tickets?c.id=11", TICKET),
        (
            "/audit/rows/public.order_lines?c.order_id=10&c.line_no=1",
            "/audit/rows/public.order_lines/line_no%3D1%3Border_id%3D10",
        ),
        ("/audit/rows/public.tickets?key=11", TICKET),
        ("/audit/rows/public.tickets?key=11&at=-1h", "/audit/rows/public.tickets/11?at=-1h"),
    ] {
        let got = fixture.get("acme", form).await;
        assert_eq!((got.status, got.header("location")), (StatusCode::SEE_OTHER, row), "{form}");
    }
    let got = fixture.get("acme", "/audit/rows/public.order_lines").await;
    ok(&got);
    assert_eq!(got.attributes("form.stack input", "name"), ["c.order_id", "c.line_no"]);
    let placeholders = got.attributes("form.stack input", "placeholder");
    assert_eq!(placeholders, ["42 (bigint)", "42 (integer)"]);
    let links = got.attributes(".data tbody th a", "href");
    assert_eq!(links.len(), 2, "{links:?}");
    for link in links {
        ok(&fixture.get("acme", &link).await);
    }
    assert!(!got.text.contains("globex"));
}

#[tokio::test]
async fn a_table_that_the_trail_has_not_is_not_found_and_the_others_are_named() {
    let fixture = Fixture::tenants().await;
    for path in [
        "/audit/rows/public.unwatched",
        "/audit/rows/nothing/7",
        "/audit/rows/pg_catalog.pg_authid/10",
        "/audit/rows/%22%3B%20DROP%20TABLE%20tickets",
        "/audit/rows?table=unwatched&key=1",
        "/audit/rows?table=unwatched",
    ] {
        let got = fixture.get("acme", path).await;
        assert_eq!(got.status, StatusCode::NOT_FOUND, "{path}");
        assert_eq!(got.texts(".ways a"), ["public.order_lines", "public.tickets"], "{path}");
    }
}

#[tokio::test]
async fn what_the_form_cannot_mean_is_told_beside_the_field() {
    let fixture = Fixture::tenants().await;
    for (path, about) in [
        ("/audit/rows?key=7", "Say which table"),
        ("/audit/rows?table=tickets&key=a;b", "column=value"),
        ("/audit/rows?tabel=tickets", "no field `tabel`"),
        ("/audit/rows/public.order_lines?c.order_id=10", "line_no as well"),
        ("/audit/rows/public.tickets?c.id=1&c.id=2", "said twice"),
        ("/audit/rows/public.tickets/order_id=1;line_no=2", "keyed by the column `id`"),
        ("/audit/rows/public.order_lines/7", "line_no"),
        ("/audit/rows/public.tickets/eleven", "no row of public.tickets can have it"),
        ("/audit/rows/public.tickets/11?at=yesterday", "it is no moment"),
        ("/audit/rows/public.tickets/11?at=-1h&v=7", "at once"),
        ("/audit/rows/public.tickets/11?version=7", "knows only at"),
        ("/audit/rows/public.tickets/11?v=7&v=8", "say it once"),
        ("/audit/rows/public.tickets/11?key=12", "knows only at"),
        ("/audit/rows/public.tickets?key=&version=7", "knows only at"),
        ("/audit/rows/public.tickets?key=11&key=12", "said twice"),
        ("/audit/rows/public.tickets/11?v=x", "number of a change"),
        ("/audit/rows/public.tickets/11?after=x", "no place in a list"),
    ] {
        let got = fixture.get("acme", path).await;
        assert_eq!(got.status, StatusCode::UNPROCESSABLE_ENTITY, "{path}");
        let told = got.texts(".field-problem").concat();
        assert!(told.contains(about), "{path}: {told}");
        assert!(got.texts(".state, #versions").is_empty(), "{path}: no rows");
        assert!(!got.text.contains("acme ticket"), "{path}");
    }
    let got = fixture.get("acme", "/audit/rows/public.tickets/11?at=yesterday").await;
    assert_eq!(got.attributes("input[name=at]", "value"), ["yesterday"]);
    assert_eq!(got.attributes("input[name=at]", "aria-invalid"), ["true"]);
}

#[tokio::test]
async fn a_row_tells_what_it_is_and_who_made_it_so() {
    let fixture = Fixture::tenants().await;
    let got = fixture.get("acme", TICKET).await;
    ok(&got);
    dump("row", &got.text);
    assert_eq!(got.texts("h1"), ["tickets 11"]);
    assert!(
        got.texts("title").concat().starts_with("11 · public.tickets"),
        "{:?}",
        got.texts("title")
    );
    let facts = got.texts(".kv").concat();
    assert!(facts.contains("user:acme-agent") && facts.contains("2 versions"), "{facts}");
    let columns = got.texts(".state tbody th");
    let known =
        ["id", "organization_id", "title", "status", "priority", "details", "card", "secret"];
    assert_eq!(columns, [&known[..], &["updated_at"]].concat(), "in the order of the table");
    let status = line(&got, "status");
    assert!(
        status.contains("acme closed ● changed in v2 by user:acme-agent · ticket.close"),
        "{status}"
    );
    assert!(status.contains("acme asked for it"), "{status}");
    assert!(line(&got, "title").contains("since v1 by user:acme-agent · ticket.open"));
    assert!(line(&got, "card").contains("masked"));
    assert!(line(&got, "secret").contains("not recorded"));
    assert!(line(&got, "updated_at").contains("null"));
    assert!(!got.text.contains("acme secret") && !got.text.contains("acme card"));
    assert_eq!(got.texts(".rail a .number"), ["v1", "v2"]);
    let changed = got.texts(".diff").concat();
    assert!(changed.contains("acme closed") && changed.contains("city"), "{changed}");
    let notices = got.texts(".notice").concat();
    assert!(notices.contains("Never recorded, as the policy says: secret."), "{notices}");
    assert!(notices.contains("Recorded without the value, as the policy says: card."), "{notices}");
    assert!(!got.text.contains("estore"), "it is read only");
}

#[tokio::test]
async fn any_version_and_any_moment_has_its_page() {
    let fixture = Fixture::tenants().await;
    let versions = fixture.versions(11).await;
    let got = fixture.get("acme", &format!("{TICKET}?v={}", versions[0])).await;
    ok(&got);
    assert!(line(&got, "status").contains("open since v1 by"), "{}", line(&got, "status"));
    assert_eq!(got.attributes(".rail [aria-current]", "aria-current").len(), 1);
    assert_eq!(got.texts(".rail [aria-current] .number"), ["v1"]);
    assert_eq!(got.attributes("[rel=next]", "href").len(), 1);
    let compared =
        fixture.get("acme", &format!("{TICKET}?v={}&vs={}", versions[0], versions[1])).await;
    ok(&compared);
    let headings = compared.texts(".panel h2");
    assert!(headings.contains(&"v1 → v2".to_owned()), "{headings:?}");
    let between = moment_of(&fixture, versions[1]).await;
    let got = fixture.get("acme", &format!("{TICKET}?at={between}")).await;
    ok(&got);
    assert!(line(&got, "status").contains("open since v1 by"), "it was not committed yet");
    let now = fixture.get("acme", &format!("{TICKET}?at=now")).await;
    assert!(line(&now, "status").contains("acme closed"));
    let later = fixture.get("acme", &format!("{TICKET}?at=2999-01-01")).await;
    assert!(later.texts(".notice").concat().contains("lies in the future"));
    let field = fixture.get("acme", &format!("{TICKET}?field=status")).await;
    assert_eq!(field.texts("#versions tbody th"), ["v2"]);
    let never = fixture.get("acme", &format!("{TICKET}?field=title")).await;
    assert!(never.texts("#versions").concat().contains("No update changed this column"));
}

/// When a change was captured, as pages show it and an address has it.
async fn moment_of(fixture: &Fixture, change: i64) -> String {
    let entry = threadline::audit_change(&fixture.db, change).await.expect("a change");
    let at = entry.change.captured_at.format("%Y-%m-%d %H:%M:%S%.6f UTC").to_string();
    at.replace(' ', "%20")
}

#[tokio::test]
async fn each_kind_of_absence_has_its_own_words() {
    let fixture = Fixture::tenants().await;
    let got = fixture.get("acme", "/audit/rows/public.tickets/13").await;
    ok(&got);
    assert!(got.texts(".nothing").concat().contains("Deleted"));
    assert!(got.texts(".kv").concat().contains("The row had been deleted at"));
    let before = got.attributes(".ways a", "href");
    let before = fixture.get("acme", before.first().expect("a way back")).await;
    assert!(line(&before, "title").contains("acme ticket 3"));
    let got = fixture.get("admin", &format!("{TICKET}?at=-1h")).await;
    assert!(
        got.texts(".nothing p").concat().contains("before the table was audited"),
        "{}",
        got.text
    );
    fixture.run("TRUNCATE order_lines").await;
    let lines = "/audit/rows/public.order_lines/order_id=10;line_no=1";
    let got = fixture.get("admin", lines).await;
    assert!(got.texts(".nothing").concat().contains("Removed with the whole table"));
    let got = fixture.get("admin", "/audit/rows/public.tickets/999").await;
    assert_eq!(got.status, StatusCode::NOT_FOUND);
    assert_eq!(got.texts("main h2"), ["There is no such row"]);
}

#[tokio::test]
async fn a_row_of_another_tenant_is_as_if_it_never_had_been() {
    let fixture = Fixture::tenants().await;
    let (theirs, ours) = (fixture.versions(21).await, fixture.versions(11).await);
    let never = fixture.get("acme", "/audit/rows/public.tickets/999").await;
    assert_eq!(never.status, StatusCode::NOT_FOUND);
    for path in ["/audit/rows/public.tickets/21", "/audit/rows/public.tickets/23"] {
        let key = &path[path.len() - 2..];
        for query in ["", "?at=now", "?field=status"] {
            let got = fixture.get("acme", &format!("{path}{query}")).await;
            assert_eq!(got.status, StatusCode::NOT_FOUND);
            let never =
                fixture.get("acme", &format!("/audit/rows/public.tickets/999{query}")).await;
            let told = ["tickets/", "key ", "tickets "].iter().fold(got.text, |text, before| {
                text.replace(&format!("{before}{key}"), &format!("{before}999"))
            });
            // A page says when it was made.
            let words = |text: &str| -> Vec<String> {
                let parts = text.split('<').filter(|part| !part.starts_with("time "));
                parts.map(str::to_owned).collect()
            };
            assert_eq!(words(&told), words(&never.text), "{path}{query}");
        }
    }
    for path in [
        format!("{TICKET}?v={}", theirs[0]),
        format!("{TICKET}?v=999999"),
        format!("{TICKET}?vs={}", theirs[0]),
        format!("{TICKET}?v={}&vs={}", ours[0], theirs[0]),
        format!("/audit/compare?a={}&b={}", ours[0], theirs[0]),
        format!("/audit/compare?a={}&b={}", theirs[0], theirs[1]),
    ] {
        let got = fixture.get("acme", &path).await;
        assert_eq!(got.status, StatusCode::NOT_FOUND, "{path}");
        assert!(!got.text.contains("globex"), "{path}");
    }
    let other = fixture.versions(12).await;
    let got = fixture.get("acme", &format!("{TICKET}?v={}", other[0])).await;
    assert_eq!(got.status, StatusCode::NOT_FOUND, "a version of another row of the same tenant");
}

#[tokio::test]
async fn a_row_that_went_to_another_tenant_is_not_told_by_an_older_version() {
    let fixture = Fixture::tenants().await;
    fixture.run("UPDATE tickets SET organization_id = 2, title = 'globex now' WHERE id = 11").await;
    let got = fixture.get("acme", TICKET).await;
    ok(&got);
    assert!(!got.text.contains("globex"));
    assert!(got.texts(".nothing").concat().contains("No such row"), "{:?}", got.texts("h2"));
    assert!(got.texts(".state").is_empty());
    assert_eq!(got.texts("#versions tbody th"), ["v2", "v1"], "what was theirs stays readable");
}

#[tokio::test]
async fn a_row_deleted_here_reads_the_same_when_another_tenant_uses_its_key_again() {
    let fixture = Fixture::tenants().await;
    let path = "/audit/rows/public.tickets/13";
    let told = async || {
        let got = fixture.get("acme", path).await;
        ok(&got);
        assert!(!got.text.contains("globex"));
        // A page says when it was made.
        let parts = got.text.split('<').filter(|part| !part.starts_with("time "));
        (parts.map(str::to_owned).collect::<Vec<_>>(), got.texts(".nothing").concat())
    };
    let deleted = told().await;
    assert!(deleted.1.contains("Deleted"), "{}", deleted.1);
    let theirs = "INSERT INTO tickets (id, organization_id, title, status)
        VALUES (13, 2, 'globex 13', 'open')";
    fixture.run(theirs).await;
    assert_eq!(told().await, deleted);
    fixture.run("UPDATE tickets SET title = 'globex still' WHERE id = 13").await;
    assert_eq!(told().await, deleted);
}

#[tokio::test]
async fn whoever_may_not_see_values_sees_none_anywhere() {
    let fixture = Fixture::tenants().await;
    let versions = fixture.versions(11).await;
    let words = ["acme ticket", "acme closed", "acme town", "acme city", ">open<", "acme bolt"];
    for path in [
        "/audit/rows".to_owned(),
        "/audit/rows/public.tickets".to_owned(),
        TICKET.to_owned(),
        format!("{TICKET}?at=now"),
        format!("{TICKET}?v={}", versions[0]),
        format!("{TICKET}?v={}&vs={}", versions[0], versions[1]),
        format!("{TICKET}?field=status"),
        format!("/audit/compare?a={}&b={}", versions[0], versions[1]),
        format!("/audit/compare?a={}&b={}&view=unified", versions[0], versions[1]),
        "/audit/rows/public.tickets/13".to_owned(),
        "/audit/rows/public.order_lines/order_id=10;line_no=1".to_owned(),
    ] {
        let got = fixture.get("blind", &path).await;
        ok(&got);
        for word in words {
            assert!(!got.text.contains(word), "{word} in {path}");
        }
    }
    let got = fixture.get("blind", TICKET).await;
    assert!(line(&got, "status").contains("hidden from you ● changed in v2"));
    let path = format!("/audit/compare?a={}&b={}", versions[0], versions[1]);
    let got = fixture.get("blind", &path).await;
    let differs = got.texts("tr.changed th");
    assert_eq!(differs, ["status ● differs", "details ● differs"]);
}

#[tokio::test]
async fn two_versions_of_a_row_are_compared_side_by_side_and_as_one_list() {
    let fixture = Fixture::tenants().await;
    let versions = fixture.versions(11).await;
    let (a, b) = (versions[0], versions[1]);
    for path in [format!("/audit/compare?a={a}&b={b}"), format!("/audit/compare?a={b}&b={a}")] {
        let got = fixture.get("acme", &path).await;
        ok(&got);
        let values = got.texts("tr.changed td");
        assert_eq!(values[..2], ["open", "acme closed"], "the older first, however it is asked");
        assert_eq!(got.texts("tr.changed th"), ["status ● differs", "details ● differs"]);
        assert!(got.texts(".kv").concat().contains(&format!("change {a}")));
    }
    let unified = fixture.get("acme", &format!("/audit/compare?a={a}&b={b}&view=unified")).await;
    assert!(unified.texts(".diff").concat().contains("was open"));
    let other = fixture.versions(12).await;
    for (path, about) in [
        (format!("/audit/compare?a={a}&b={}", other[0]), "different rows"),
        (format!("/audit/compare?a={a}"), "two changes of one row by their numbers"),
        (format!("/audit/compare?a={a}&b=x"), "two changes of one row by their numbers"),
        (format!("/audit/compare?a={a}&b={b}&c=1"), "knows a, b, view"),
        (format!("/audit/compare?a={a}&b={b}&view=upside"), "Write side or unified"),
        (format!("{TICKET}?v={a}&vs={}", other[0]), "different rows"),
    ] {
        let got = fixture.get("acme", &path).await;
        assert_eq!(got.status, StatusCode::UNPROCESSABLE_ENTITY, "{path}");
        let told = got.texts("main").concat();
        assert!(told.contains(about), "{path}: {told}");
        assert!(!got.text.contains("acme closed"), "{path}");
    }
}

#[tokio::test]
async fn a_long_history_is_walked_in_pages_and_around_a_version() {
    let fixture = Fixture::tenants().await;
    fixture
        .run(
            "DO $$ BEGIN FOR n IN 1..448 LOOP UPDATE tickets SET priority = n + 10 WHERE id = 11; END LOOP; END $$",
        )
        .await;
    let versions = fixture.versions(11).await;
    assert_eq!(versions.len(), 450);
    let got = fixture.get("acme", TICKET).await;
    ok(&got);
    assert!(got.text.len() < 250_000, "{} bytes", got.text.len());
    let numbers = got.texts(".rail .number");
    assert_eq!((numbers.len(), numbers[0].as_str(), numbers[199].as_str()), (200, "v251", "v450"));
    assert!(got.texts(".note").concat().contains("250 older"));
    let mut listed = Vec::new();
    let mut next = Some(TICKET.to_owned());
    while let Some(path) = next {
        let page = fixture.get("acme", &path).await;
        ok(&page);
        listed.extend(page.attributes("#versions tbody th a", "href"));
        next = page.attributes(".pager [rel=next]", "href").first().cloned();
    }
    let wanted: Vec<String> = versions.iter().rev().map(|id| format!("{TICKET}?v={id}")).collect();
    assert_eq!(listed, wanted, "each version once");
    let middle = fixture.get("acme", &format!("{TICKET}?v={}", versions[99])).await;
    assert_eq!(middle.texts(".rail [aria-current] .number"), ["v100"]);
    assert!(line(&middle, "priority").contains("● changed in v100, nobody said who"));
    assert!(line(&middle, "status").contains("acme closed since v2 by"));
    let first = middle.attributes("form.slider a", "href");
    ok(&fixture.get("acme", &first[0]).await);
}

#[tokio::test]
async fn keys_of_any_shape_have_a_page() {
    let fixture = Fixture::tenants().await;
    let got = fixture.get("acme", "/audit/rows/public.order_lines/order_id=10;line_no=1").await;
    ok(&got);
    assert!(line(&got, "amount").contains("5.25"), "{}", line(&got, "amount"));
    assert!(got.texts(".diff .delta").contains(&"+0.75".to_owned()), "{:?}", got.texts(".diff"));
    fixture
        .run("CREATE TABLE labels (name text PRIMARY KEY, organization_id bigint NOT NULL)")
        .await;
    let labels = TableSpec::new(TableName::parse("labels").expect("a name"));
    let labels = Registry::builder().table(labels).build().expect("a registry");
    threadline_migration::sync(&fixture.db, &labels).await.expect("syncs");
    let keys = ["a/b", ".", "..", "", " ", "50%;=x", "?v=1#a", "<b>", "é", "-7"];
    for key in keys {
        fixture.run(&format!("INSERT INTO labels VALUES ('{key}', 1)")).await;
    }
    let got = fixture.get("acme", "/audit/rows/public.labels").await;
    let links = got.attributes(".data tbody th a", "href");
    assert_eq!(links.len(), keys.len(), "{links:?}");
    for (key, link) in keys.iter().rev().zip(links) {
        let got = fixture.get("acme", &link).await;
        ok(&got);
        let title = format!("labels {}", threadline::RowKey::scalar(key));
        assert_eq!(got.texts("h1"), [title.trim()]);
        assert!(line(&got, "organization_id").starts_with("organization_id 1"), "{link}");
        for link in got.attributes(".rail a, #versions tbody a", "href") {
            if link.starts_with("/audit/rows") {
                ok(&fixture.get("acme", &link).await);
            }
        }
    }
}

#[tokio::test]
async fn hostile_text_is_told_as_text() {
    let fixture = Fixture::tenants().await;
    let hostile = "<script>alert(1)</script>\" onload=x \u{202e}evil";
    fixture
        .run(&format!("UPDATE tickets SET title = '{}' WHERE id = 11", hostile.replace('\'', "''")))
        .await;
    let versions = fixture.versions(11).await;
    for path in [
        TICKET.to_owned(),
        format!("/audit/compare?a={}&b={}", versions[1], versions[2]),
        "/audit/rows/%3Cscript%3E".to_owned(),
        "/audit/rows/public.tickets/%3Cscript%3Ealert(1)".to_owned(),
        format!("{TICKET}?at=%3Cscript%3E"),
        format!("{TICKET}?%3Cscript%3E=1"),
        format!("{TICKET}?field=%3Cscript%3E%22x"),
    ] {
        let got = fixture.get("acme", &path).await;
        assert!(!got.text.contains("<script>alert") && !got.text.contains('\u{202e}'), "{path}");
        let scripts = got.attributes("script", "src");
        assert!(scripts.iter().all(|src| src.starts_with("/audit/assets/")), "{path}: {scripts:?}");
        assert_eq!(
            got.html().select(&scraper::Selector::parse("[onload]").expect("a selector")).count(),
            0
        );
    }
}

#[tokio::test]
async fn the_copied_sql_tells_the_same() {
    let fixture = Fixture::tenants().await;
    let versions = fixture.versions(11).await;
    let newest_first = [versions[1], versions[0]];
    for (query, wanted) in [("", &newest_first[..]), ("?at=now", &newest_first[..1])] {
        let got = fixture.get("acme", &format!("{TICKET}{query}")).await;
        let sql = got.attributes("[data-copy]", "data-copy");
        let sql = sql.iter().find(|text| text.starts_with("SELECT")).expect("a statement");
        let told = numbers(&fixture, &format!("SELECT q.change_id AS number FROM ({sql}) q")).await;
        assert_eq!(told, wanted, "{sql}");
    }
}
