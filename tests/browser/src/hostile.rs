//! A trail of texts that want to be something else.

use sea_orm::{ConnectionTrait, DatabaseConnection};
use threadline::{Action, ActorRef, AuditContext, AuditExt, Registry, TableName, TableSpec};
use threadline_poem::Surface;

use crate::{Outcome, for_everybody};

/// Texts that are dangerous where they are taken for markup, for code, for an address, for a formula or
/// for a direction of writing, and texts that are merely too much.
const TEXTS: [&str; 14] = [
    "<script>alert(1)</script>",
    "\"><img src=x onerror=alert(1)>",
    "'\" onmouseover='alert(1)' x=\"",
    "</td></table></main><h1>owned</h1>",
    "</script><svg onload=alert(1)>",
    "javascript:alert(1)",
    "{{7*7}} ${7*7} <%= 7*7 %>",
    "=cmd|' /C calc'!A0",
    "user \u{202e}nimda\u{202c} \u{200b}zero\u{feff}width",
    "../../../etc/passwd",
    "%3Cscript%3E %00 %2e%2e%2f",
    "__proto__ constructor toString",
    "line\nbreak\r\nand\ttab \u{1b}[31mred\u{1b}[0m \u{7}",
    "&lt;already&gt; &amp;escaped; &#x3c;",
];

const TABLES: &str = r#"
    CREATE TABLE "<b>bold</b> & ""quoted"" 'table'" (
        "<i>key</i>" text PRIMARY KEY, "onload=alert(1)" text, doc jsonb, raw bytea, number numeric);
    CREATE TABLE pairs (
        a text, b text, value text, "updated_at" timestamptz, PRIMARY KEY (a, b));
    CREATE TABLE "<script>alert('uncovered')</script>" (id int PRIMARY KEY);
"#;

pub(crate) async fn surface(db: DatabaseConnection) -> Outcome<Surface> {
    let odd = TableName::new("public", "<b>bold</b> & \"quoted\" 'table'")?;
    let registry = Registry::builder()
        .table(TableSpec::new(odd))
        .table(TableSpec::new(TableName::parse("pairs")?))
        .build()?;
    threadline_migration::install(&db).await?;
    db.execute_unprepared(TABLES).await?;
    threadline_migration::sync(&db, &registry).await?;
    for (place, text) in TEXTS.into_iter().enumerate() {
        write(&db, text, place).await?;
    }
    too_much(&db).await?;
    Ok(for_everybody(db, &registry))
}

/// The text as a key, a value, a key and a value of JSON, an actor, a reason and a correlation.
async fn write(db: &DatabaseConnection, text: &str, place: usize) -> Outcome<()> {
    let visible: String = text.chars().filter(|c| !c.is_control()).collect();
    let context = AuditContext::new(ActorRef::user(&visible))
        .correlation_id(&visible)
        .request_id(format!("request-{place}"));
    let action = Action::new(format!("hostile.write_{place}")).reason(text).comment(text);
    let txn = db.audit_begin(&context, action).await?;
    let quoted = text.replace('\'', "''");
    let json = quoted_json(text);
    txn.execute_unprepared(&format!(
        r#"INSERT INTO "<b>bold</b> & ""quoted"" 'table'"
           VALUES ('{quoted}', '{quoted}', jsonb_build_object('{quoted}', '{quoted}', 'list', '[{json}, 1]'::jsonb),
               convert_to('{quoted}', 'UTF8') || '\xff00fe', 1e300);
           UPDATE "<b>bold</b> & ""quoted"" 'table'"
           SET "onload=alert(1)" = 'was: {quoted}', number = -0.000000000000000000001,
               doc = doc || '{{"$truncated": {{"bytes": 1, "sha256": "<b>"}}}}' WHERE "<i>key</i>" = '{quoted}';
           INSERT INTO pairs VALUES ('{quoted}', '{place}/;=%', '', now());
           UPDATE pairs SET value = '{quoted}', updated_at = now() WHERE b = '{place}/;=%';"#
    ))
    .await?;
    txn.commit().await?;
    Ok(())
}

/// A text as a literal of JSON within a literal of SQL.
fn quoted_json(text: &str) -> String {
    let mut json = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => json.extend(['\\', c]),
            c if c.is_control() => json.push_str(&format!("\\u{:04x}", c as u32)),
            '\'' => json.push_str("''"),
            c => json.push(c),
        }
    }
    json.push('"');
    json
}

/// A long text, a long word, deep JSON, and many rows in one transaction.
async fn too_much(db: &DatabaseConnection) -> Outcome<()> {
    db.execute_unprepared(
        "INSERT INTO pairs VALUES ('long', 'text', repeat('many words ', 50000), NULL),
             ('long', 'word', repeat('x', 20000), NULL);
         UPDATE pairs SET value = value || ' and one more' WHERE a = 'long';
         INSERT INTO pairs SELECT 'many', n::text, 'row ' || n, NULL FROM generate_series(1, 300) n;
         DELETE FROM pairs WHERE a = 'many'",
    )
    .await?;
    db.execute_unprepared(
        r#"INSERT INTO "<b>bold</b> & ""quoted"" 'table'"
           SELECT 'deep', NULL, ('[' || repeat('[', 200) || '1' || repeat(']', 200) || ']')::jsonb, NULL, 'NaN'"#,
    )
    .await?;
    Ok(())
}
