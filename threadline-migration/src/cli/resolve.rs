//! Finds the tables and columns that flags name, or tells which ones may have been meant.

use sea_orm::ConnectionTrait;
use threadline::TableName;

use super::failure::Failure;
use super::names::ColumnPath;
use crate::catalog::all;

/// How many names an error lists.
const LISTED: usize = 8;

const RELATIONS: &str = "
SELECT n.nspname::text AS schema, c.relname::text AS name
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') ORDER BY 1, 2";

const COLUMNS: &str = "
SELECT a.attname::text AS name
FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = $1 AND c.relname = $2 AND a.attnum > 0 AND NOT a.attisdropped
ORDER BY a.attnum";

/// Fails for the first of `tables` that is not in the database.
pub(crate) async fn tables(db: &impl ConnectionTrait, tables: &[TableName]) -> Result<(), Failure> {
    let there = relations(db).await?;
    let Some(wanted) = tables.iter().find(|table| !there.contains(table)) else { return Ok(()) };
    let candidates: Vec<TableName> = there.into_iter().filter(is_the_hosts).collect();
    Err(unknown("missing_table", wanted, "does not exist", &candidates))
}

/// That `wanted` is not among the tables that are under audit.
pub(crate) fn not_attached(wanted: &TableName, attached: &[TableName]) -> Failure {
    unknown("not_attached", wanted, "is not under audit", attached)
}

/// Fails for the first of `columns`, each with the flag that names it, that its table does not have.
pub(crate) async fn columns(
    db: &impl ConnectionTrait,
    columns: &[(&'static str, &ColumnPath)],
) -> Result<(), Failure> {
    for (flag, path) in columns {
        let there = columns_of(db, &path.table).await?;
        if !there.iter().any(|name| name == path.column.as_str()) {
            return Err(unknown_column(flag, path, &there));
        }
    }
    Ok(())
}

/// That `wanted` is not what it must be, and which of `among` may have been meant.
fn unknown(kind: &'static str, wanted: &TableName, what: &str, among: &[TableName]) -> Failure {
    let near = near_tables(wanted, among);
    let listed = |tables: &[&TableName]| tables.iter().map(ToString::to_string).collect::<Vec<_>>();
    let same_schema: Vec<&TableName> =
        among.iter().filter(|table| table.schema() == wanted.schema()).collect();
    let (advice, candidates) = if !near.is_empty() {
        (format!("did you mean {}?", list(&listed(&near), " or ")), listed(&near))
    } else if !same_schema.is_empty() {
        let candidates = listed(&same_schema);
        (format!("in that schema: {}", list(&candidates, ", ")), candidates)
    } else {
        let candidates = listed(&among.iter().collect::<Vec<_>>());
        match candidates.is_empty() {
            true => ("there is none at all: is it the right database?".to_owned(), candidates),
            false => (format!("there are: {}", list(&candidates, ", ")), candidates),
        }
    };
    Failure::new(kind, format!("table {wanted} {what}; {advice}"))
        .about(wanted)
        .candidates(candidates)
}

fn unknown_column(flag: &str, path: &ColumnPath, there: &[String]) -> Failure {
    let near = near(path.column.as_str(), there.iter().map(String::as_str));
    let meant = match near.is_empty() {
        true => String::new(),
        false => format!("did you mean `{}`? ", near.join("` or `")),
    };
    let (table, column) = (&path.table, &path.column);
    let message = format!(
        "{flag} {table}.{column}: the table has no column `{column}`; {meant}It has: {}",
        list(there, ", ")
    );
    Failure::new("unknown_column", message).about(table).candidates(there.to_vec())
}

/// Tables of the same name elsewhere, else those whose names are almost the same.
fn near_tables<'a>(wanted: &TableName, among: &'a [TableName]) -> Vec<&'a TableName> {
    let same_name = |table: &&TableName| table.name() == wanted.name();
    let elsewhere: Vec<&TableName> = among.iter().filter(same_name).collect();
    if !elsewhere.is_empty() {
        return elsewhere;
    }
    let full = wanted.to_string();
    let names: Vec<String> = among.iter().map(ToString::to_string).collect();
    let near = near(&full, names.iter().map(String::as_str));
    near.iter()
        .filter_map(|found| names.iter().position(|n| n == found))
        .map(|i| &among[i])
        .collect()
}

/// The names that differ from `wanted` by a slip or two, the nearest first.
fn near<'a>(wanted: &str, among: impl Iterator<Item = &'a str>) -> Vec<&'a str> {
    let wanted = wanted.to_lowercase();
    let slips = |name: &str| strsim::damerau_levenshtein(&wanted, &name.to_lowercase());
    let own_length = wanted.rsplit('.').next().unwrap_or_default().chars().count();
    let allowed = (own_length / 3).clamp(1, 3);
    let mut found: Vec<(usize, &str)> =
        among.map(|name| (slips(name), name)).filter(|(slips, _)| *slips <= allowed).collect();
    found.sort_unstable();
    found.into_iter().take(3).map(|(_, name)| name).collect()
}

fn list(names: &[String], between: &str) -> String {
    let shown = names.iter().take(LISTED).map(String::as_str).collect::<Vec<_>>().join(between);
    match names.len().saturating_sub(LISTED) {
        0 => shown,
        more => format!("{shown}, and {more} more"),
    }
}

fn is_the_hosts(table: &TableName) -> bool {
    let schema = table.schema();
    let own = threadline::schema().is_ok_and(|name| name.as_str() == schema);
    !schema.starts_with("pg_") && schema != "information_schema" && !own
}

async fn relations(db: &impl ConnectionTrait) -> Result<Vec<TableName>, Failure> {
    let mut found = Vec::new();
    for row in all(db, RELATIONS, []).await? {
        let schema: String = row.try_get("", "schema")?;
        found.push(TableName::new(schema, row.try_get::<String>("", "name")?)?);
    }
    Ok(found)
}

async fn columns_of(db: &impl ConnectionTrait, table: &TableName) -> Result<Vec<String>, Failure> {
    let rows = all(db, COLUMNS, [table.schema().into(), table.name().into()]).await?;
    rows.iter().map(|row| Ok(row.try_get("", "name")?)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(names: &[&str]) -> Vec<TableName> {
        names.iter().map(|name| TableName::parse(name).unwrap()).collect()
    }

    fn message(wanted: &str, among: &[&str]) -> String {
        let wanted = TableName::parse(wanted).unwrap();
        unknown("missing_table", &wanted, "does not exist", &names(among)).to_string()
    }

    #[test]
    fn a_table_of_the_same_name_elsewhere_is_meant_first() {
        let text = message("invoices", &["billing.invoices", "crm.invoices", "invoice"]);
        assert!(text.contains("did you mean billing.invoices or crm.invoices?"), "{text}");
    }

    #[test]
    fn a_slip_is_recognised_and_what_is_nothing_like_it_is_not() {
        assert!(message("usres", &["users", "posts"]).contains("did you mean public.users?"));
        assert!(message("Users", &["users"]).contains("did you mean public.users?"));
        let text = message("horse", &["users", "posts"]);
        assert!(text.ends_with("in that schema: public.users, public.posts"), "{text}");
        let text = message("stable.horse", &["users"]);
        assert!(text.ends_with("there are: public.users"), "{text}");
        assert!(message("horse", &[]).contains("right database"));
    }

    #[test]
    fn a_long_list_is_cut() {
        let many: Vec<String> = (0..11).map(|n| format!("c{n}")).collect();
        assert!(list(&many, ", ").ends_with("c7, and 3 more"));
    }
}
