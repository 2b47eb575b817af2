//! The flags that say what of a table is kept out of the trail.

use clap::{Args, ValueEnum};
use sea_orm::ConnectionTrait;
use threadline::spec::CaptureMode;
use threadline::{ColumnName, Registry, TableName, TableSpec};

use super::failure::Failure;
use super::names::{self, ColumnPath, Columns, Key, Masks, Tables};
use super::resolve;

/// The flags that say what of a table is kept out of the trail.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "What is recorded")]
pub(crate) struct Policy {
    /// Columns that are left out of the trail.
    #[arg(long, value_name = "TABLE.COLUMN,…", value_parser = names::columns)]
    exclude: Vec<Columns>,
    /// Columns whose values are replaced by a text; [REDACTED] unless one is given.
    #[arg(long, value_name = "TABLE.COLUMN[=TEXT],…", value_parser = names::masks)]
    mask: Vec<Masks>,
    /// Columns that are stored, but whose change alone is not recorded.
    #[arg(long, value_name = "TABLE.COLUMN,…", value_parser = names::columns)]
    quiet: Vec<Columns>,
    /// The columns that tell the rows of a table without a primary key apart.
    #[arg(long, value_name = "TABLE=COLUMN,…", value_parser = names::key)]
    key: Vec<Key>,
    /// By what kind of trigger the tables are captured.
    #[arg(long, value_enum, default_value_t = Mode::Auto)]
    mode: Mode,
}

/// [`CaptureMode`] as a flag.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Mode {
    /// Whichever the table asks for.
    Auto,
    /// One trigger call for a statement.
    Statement,
    /// One trigger call for a row.
    Row,
}

impl From<Mode> for CaptureMode {
    fn from(mode: Mode) -> Self {
        match mode {
            Mode::Auto => Self::Auto,
            Mode::Statement => Self::Statement,
            Mode::Row => Self::Row,
        }
    }
}

impl Policy {
    /// What the flags say of `tables`, each of which is there and has the columns that are named.
    ///
    /// # Errors
    ///
    /// A table or a column that does not exist, with the ones that may have been meant; a flag about
    /// a table that is not among `tables`; flags that contradict each other.
    pub(crate) async fn registry(
        &self,
        db: &impl ConnectionTrait,
        tables: &[Tables],
    ) -> Result<Registry, Failure> {
        let tables = distinct(tables)?;
        self.check_tables(&tables)?;
        resolve::tables(db, &tables).await?;
        let paths = self.paths();
        let paths: Vec<_> = paths.iter().map(|(flag, path)| (*flag, path)).collect();
        resolve::columns(db, &paths).await?;
        let specs = tables.iter().map(|table| self.spec(table));
        Ok(specs.fold(Registry::builder(), |builder, spec| builder.table(spec)).build()?)
    }

    fn spec(&self, table: &TableName) -> TableSpec {
        let mut spec = TableSpec::new(table.clone()).in_mode(self.mode.into());
        for column in of(table, &self.exclude) {
            spec = spec.exclude(column);
        }
        let masks = self.mask.iter().flat_map(|masks| &masks.0);
        for (path, placeholder) in masks.filter(|(path, _)| path.table == *table) {
            spec = spec.mask(path.column.clone(), placeholder.clone());
        }
        for column in of(table, &self.quiet) {
            spec = spec.quieten(column);
        }
        match self.key.iter().find(|key| key.table == *table) {
            Some(key) => spec.keyed_by(key.columns.clone()),
            None => spec,
        }
    }

    /// Every column that a flag names, with the flag.
    fn paths(&self) -> Vec<(&'static str, ColumnPath)> {
        let named = |flag, columns: &[Columns]| {
            let columns = columns.iter().flat_map(|columns| columns.0.clone());
            columns.map(|path| (flag, path)).collect::<Vec<_>>()
        };
        let mut paths = named("--exclude", &self.exclude);
        let masks = self.mask.iter().flat_map(|masks| &masks.0);
        paths.extend(masks.map(|(path, _)| ("--mask", path.clone())));
        paths.extend(named("--quiet", &self.quiet));
        for Key { table, columns } in &self.key {
            let path =
                |column: &ColumnName| ColumnPath { table: table.clone(), column: column.clone() };
            paths.extend(columns.iter().map(|column| ("--key", path(column))));
        }
        paths
    }

    fn check_tables(&self, tables: &[TableName]) -> Result<(), Failure> {
        if let Some((flag, path)) = self.paths().iter().find(|(_, p)| !tables.contains(&p.table)) {
            let listed = tables.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
            return Err(Failure::usage(format!(
                "{flag} names {}.{}, but {} is not among --tables ({listed}): correct the name, or \
                 add the table",
                path.table, path.column, path.table
            ))
            .about(&path.table));
        }
        let repeated = |(i, key): (usize, &Key)| {
            self.key[..i]
                .iter()
                .any(|earlier| earlier.table == key.table)
                .then(|| key.table.clone())
        };
        match self.key.iter().enumerate().find_map(repeated) {
            Some(table) => Err(Failure::usage(format!("--key names {table} twice: remove one"))),
            None => Ok(()),
        }
    }
}

/// The tables of all flags.
///
/// # Errors
///
/// One that is named twice: `posts` is `public.posts`.
pub(crate) fn distinct(tables: &[Tables]) -> Result<Vec<TableName>, Failure> {
    let mut found = Vec::new();
    for table in tables.iter().flat_map(|tables| &tables.0) {
        if found.contains(table) {
            return Err(Failure::usage(format!("{table} is named twice: remove one")));
        }
        found.push(table.clone());
    }
    Ok(found)
}

fn of<'a>(table: &'a TableName, columns: &'a [Columns]) -> impl Iterator<Item = ColumnName> + 'a {
    let paths = columns.iter().flat_map(|columns| &columns.0);
    paths.filter(|path| path.table == *table).map(|path| path.column.clone())
}
