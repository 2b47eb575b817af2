//! Which schema holds the trail: chosen once, for the whole process.

use std::borrow::Cow;
use std::env;
use std::fmt;
use std::sync::OnceLock;

use crate::Error;
use crate::spec::SchemaName;

/// The environment variable that names the schema of the trail.
pub const SCHEMA_VARIABLE: &str = "THREADLINE_SCHEMA";

/// The name in force, or why what the environment says is none.
static CHOSEN: OnceLock<Result<SchemaName, String>> = OnceLock::new();

/// The schema that holds the trail, in this process: the one of [`use_schema`], else that of the
/// environment variable `THREADLINE_SCHEMA`, else `threadline`.
///
/// ```
/// threadline::use_schema("audit")?;
/// assert_eq!(threadline::schema()?.as_str(), "audit");
/// # Ok::<(), threadline::Error>(())
/// ```
///
/// # Errors
///
/// [`Error::SchemaVariable`] if the variable holds something that cannot be a schema's name.
pub fn schema() -> Result<&'static SchemaName, Error> {
    chosen().as_ref().map_err(|why| Error::SchemaVariable(why.clone()))
}

/// Chooses the schema that holds the trail, whatever the environment says.
///
/// Call it first in `main`, in every program that uses the trail: the application, its migrations, its
/// jobs. The name is part of the SQL that `threadline_migration::generate` freezes, so it is chosen
/// once for a database and not changed afterwards.
///
/// # Errors
///
/// [`Error::InvalidName`], and [`Error::SchemaInUse`] if another name is in force already, because it
/// was chosen or used before; [`Error::SchemaVariable`] if a wrong one was to be used before.
pub fn use_schema(name: &str) -> Result<(), Error> {
    let wanted = SchemaName::new(name)?;
    CHOSEN.get_or_init(|| Ok(wanted.clone()));
    match schema()? {
        in_force if *in_force == wanted => Ok(()),
        in_force => Err(Error::SchemaInUse { in_force: in_force.clone(), wanted }),
    }
}

fn chosen() -> &'static Result<SchemaName, String> {
    CHOSEN.get_or_init(|| named(env::var_os(SCHEMA_VARIABLE).map(|v| v.to_string_lossy().into())))
}

fn named(variable: Option<String>) -> Result<SchemaName, String> {
    match variable.filter(|text| !text.is_empty()) {
        None => Ok(SchemaName::default()),
        Some(text) => SchemaName::new(text).map_err(|error| error.to_string()),
    }
}

/// The schema in force as it stands in SQL text: `format!("SELECT id FROM {TRAIL}.audit_changes")`.
///
/// It cannot say that the environment names no schema, so whoever runs the text asks [`schema`]
/// before.
#[doc(hidden)]
#[derive(Clone, Copy, Debug)]
pub struct Trail;

#[doc(hidden)]
pub const TRAIL: Trail = Trail;

impl fmt::Display for Trail {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match chosen() {
            Ok(name) => f.write_str(&name.to_sql()),
            Err(_) => f.write_str(SchemaName::default().as_str()),
        }
    }
}

/// SQL text of this project, which is written for the schema `threadline`, for the one in force. No
/// name and no value of the host may be in it yet.
#[doc(hidden)]
#[derive(Clone, Copy, Debug)]
pub struct OwnSql(pub &'static str);

impl OwnSql {
    /// The text.
    pub fn text(self) -> Cow<'static, str> {
        match chosen() {
            Ok(name) => name.rewrite(self.0),
            Err(_) => Cow::Borrowed(self.0),
        }
    }
}

impl fmt::Display for OwnSql {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_variable_names_the_schema_and_an_empty_one_is_none() {
        assert_eq!(named(None), Ok(SchemaName::default()));
        assert_eq!(named(Some(String::new())), Ok(SchemaName::default()));
        assert_eq!(named(Some("audit".to_owned())).unwrap().as_str(), "audit");
        let why = named(Some("Audit log".to_owned())).unwrap_err();
        assert!(why.contains("`Audit log` cannot be the name of a schema"), "{why}");
    }
}
