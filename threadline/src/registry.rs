//! Which tables are audited, and which are named as not.

use std::collections::{BTreeMap, BTreeSet};

use crate::Error;
use crate::audited::{Shape, Shapes};
use crate::spec::{SpecProblem, TableName, TableSpec};

/// What `#[derive(Audited)]` leaves in the binary for [`Registry::collect`] to find.
#[doc(hidden)]
#[derive(Debug)]
pub struct Registration {
    pub(crate) module_path: &'static str,
    pub(crate) table: fn() -> Result<TableSpec, Error>,
    pub(crate) shape: fn() -> Shape,
}

inventory::collect!(Registration);

/// The tables that are audited, and those that are knowingly not.
///
/// It is either what is linked into the binary, [`Registry::collect`], or what is listed,
/// [`Registry::builder`]. It is never empty: to act on an empty one would do nothing, in silence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Registry {
    tables: BTreeMap<TableName, TableSpec>,
    shapes: Shapes,
    live: BTreeSet<TableName>,
    exempt: BTreeSet<TableName>,
}

impl Registry {
    /// Every entity with `#[derive(Audited)]` that is linked into this binary.
    ///
    /// A crate that nothing names is not linked, even if it is a dependency. A migration binary
    /// often has no other reason to name the crate of the entities: `use entity as _;` does it.
    ///
    /// # Errors
    ///
    /// [`Error::EmptyRegistry`] if there is none, [`Error::ConflictingEntities`] if two of them
    /// declare one table differently, or [`Error::Spec`], [`Error::InvalidName`] or
    /// [`Error::InvalidPlaceholder`] if a declaration does not hold together.
    pub fn collect() -> Result<Self, Error> {
        Self::builder().collect().build()
    }

    /// The linked entities of one module and the modules below it: `blog::entity`. As SeaORM's
    /// `get_schema_registry` it also takes `blog::entity::*`, and a crate's name with hyphens.
    ///
    /// # Errors
    ///
    /// [`Error::NothingBelow`], which lists the modules there are, if that module has none;
    /// otherwise as [`collect`](Self::collect).
    pub fn collect_prefix(prefix: &str) -> Result<Self, Error> {
        Self::builder().collect_prefix(prefix).build()
    }

    /// A registry that is listed by hand.
    ///
    /// ```
    /// use threadline::{Registry, TableName, TableSpec};
    ///
    /// let posts = TableName::parse("posts")?;
    /// let registry = Registry::builder()
    ///     .table(TableSpec::new(posts.clone()))
    ///     .exempt(TableName::parse("sessions")?)
    ///     .build()?;
    /// assert!(registry.get(&posts).is_some());
    /// assert_eq!(registry.tables().count(), 1);
    /// # Ok::<(), threadline::Error>(())
    /// ```
    pub fn builder() -> RegistryBuilder {
        RegistryBuilder::default()
    }

    /// The audited tables, sorted by name.
    pub fn tables(&self) -> impl Iterator<Item = &TableSpec> {
        self.tables.values()
    }

    /// What is declared about `table`; `None` if it is not audited.
    pub fn get(&self, table: &TableName) -> Option<&TableSpec> {
        self.tables.get(table)
    }

    /// What is known of the tables that have an entity.
    pub(crate) fn shapes(&self) -> &Shapes {
        &self.shapes
    }

    /// Whether `table` is not audited and may stand for itself in a read of the past.
    pub fn is_live(&self, table: &TableName) -> bool {
        self.live.contains(table)
    }

    /// Whether `table` is expected not to be audited.
    pub fn is_exempt(&self, table: &TableName) -> bool {
        self.exempt.contains(table)
    }

    /// The tables that may stand for themselves in a read of the past, sorted by name.
    pub fn live(&self) -> impl Iterator<Item = &TableName> {
        self.live.iter()
    }

    /// The tables that are expected not to be audited, sorted by name.
    pub fn exempt(&self) -> impl Iterator<Item = &TableName> {
        self.exempt.iter()
    }
}

/// Lists what a [`Registry`] knows. What does not hold together is an error of
/// [`build`](Self::build).
#[derive(Debug, Default)]
#[must_use = "it is no registry before `build`"]
pub struct RegistryBuilder {
    tables: BTreeMap<TableName, Declared>,
    shapes: Shapes,
    live: BTreeSet<TableName>,
    exempt: BTreeSet<TableName>,
    /// The first thing that does not hold together.
    failed: Option<Error>,
}

/// A declaration and where it comes from.
#[derive(Debug)]
struct Declared {
    spec: TableSpec,
    origin: String,
}

impl RegistryBuilder {
    /// Adds every linked entity, as [`Registry::collect`] does; it may find none.
    pub fn collect(self) -> Self {
        self.add_all(registrations())
    }

    /// Adds the linked entities of one module, as [`Registry::collect_prefix`] does.
    pub fn collect_prefix(mut self, prefix: &str) -> Self {
        let module = module_of(prefix);
        let below = |path: &str| {
            path.strip_prefix(&module).is_some_and(|rest| rest.is_empty() || rest.starts_with("::"))
        };
        let all = registrations();
        let found: Vec<_> = all.iter().copied().filter(|one| below(one.module_path)).collect();
        if found.is_empty() {
            let modules: BTreeSet<_> = all.iter().map(|one| one.module_path).collect();
            let modules = modules.into_iter().collect();
            self.fail(Error::NothingBelow { prefix: prefix.to_owned(), modules });
        }
        self.add_all(found)
    }

    /// Adds a table that has no entity.
    pub fn table(self, spec: TableSpec) -> Self {
        self.add(Ok(spec), "a `TableSpec`".to_owned())
    }

    /// Says that `table` is not audited and may stand for itself in a read of the past: a list of
    /// countries, say.
    pub fn live(mut self, table: TableName) -> Self {
        self.live.insert(table);
        self
    }

    /// Says that `table` is not audited, and that this is no gap.
    pub fn exempt(mut self, table: TableName) -> Self {
        self.exempt.insert(table);
        self
    }

    /// The registry.
    ///
    /// # Errors
    ///
    /// As [`Registry::collect`], and [`Error::Spec`] if a table is audited and also named as live
    /// or exempt.
    pub fn build(self) -> Result<Registry, Error> {
        if let Some(error) = self.failed {
            return Err(error);
        }
        if self.tables.is_empty() {
            return Err(Error::EmptyRegistry);
        }
        for (names, problem) in [
            (&self.live, SpecProblem::AuditedAndLive),
            (&self.exempt, SpecProblem::AuditedAndExempt),
        ] {
            if let Some(table) = names.iter().find(|name| self.tables.contains_key(*name)) {
                return Err(Error::Spec { table: table.clone(), problems: vec![problem] });
            }
        }
        let tables = self.tables.into_iter().map(|(name, declared)| (name, declared.spec));
        Ok(Registry {
            tables: tables.collect(),
            shapes: self.shapes,
            live: self.live,
            exempt: self.exempt,
        })
    }

    pub(crate) fn add(mut self, spec: Result<TableSpec, Error>, origin: String) -> Self {
        let spec = match spec.and_then(checked) {
            Ok(spec) => spec,
            Err(error) => {
                self.fail(error);
                return self;
            }
        };
        let table = spec.table().clone();
        match self.tables.get(&table) {
            Some(declared) if declared.spec != spec => {
                let first = declared.origin.clone();
                self.fail(Error::ConflictingEntities { table, first, second: origin });
            }
            Some(_) => {}
            None => {
                self.tables.insert(table, Declared { spec, origin });
            }
        }
        self
    }

    fn add_all(self, registrations: Vec<&Registration>) -> Self {
        registrations.into_iter().fold(self, |builder, registration| {
            let origin = format!("the entity in `{}`", registration.module_path);
            builder.add_entity((registration.table)(), registration.shape, origin)
        })
    }

    pub(crate) fn add_entity(
        mut self,
        spec: Result<TableSpec, Error>,
        shape: fn() -> Shape,
        origin: String,
    ) -> Self {
        if let Ok(spec) = &spec {
            self.shapes.add(spec.table().clone(), shape());
        }
        self.add(spec, origin)
    }

    fn fail(&mut self, error: Error) {
        self.failed.get_or_insert(error);
    }
}

/// What is linked, by module: the order of linking is not stable.
fn registrations() -> Vec<&'static Registration> {
    let mut all: Vec<_> = inventory::iter::<Registration>().collect();
    all.sort_by_key(|registration| registration.module_path);
    all
}

fn module_of(prefix: &str) -> String {
    let module = prefix.trim_end_matches('*').trim_end_matches("::");
    match module.split_once("::") {
        Some((name, rest)) => format!("{}::{rest}", name.replace('-', "_")),
        None => module.replace('-', "_"),
    }
}

fn checked(spec: TableSpec) -> Result<TableSpec, Error> {
    match spec.validate() {
        Ok(()) => Ok(spec),
        Err(problems) => Err(Error::Spec { table: spec.table().clone(), problems }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spec::ColumnName;

    fn table(name: &str) -> TableName {
        TableName::parse(name).unwrap()
    }

    fn spec(name: &str) -> TableSpec {
        TableSpec::new(table(name))
    }

    fn hash() -> ColumnName {
        ColumnName::new("hash").unwrap()
    }

    #[test]
    fn an_empty_registry_is_an_error_with_the_way_out() {
        let error = Registry::builder().live(table("countries")).build().unwrap_err();
        assert!(matches!(error, Error::EmptyRegistry));
        assert!(error.to_string().contains("`use entity as _;`"));
        // No entity is linked into the tests of this crate.
        assert!(matches!(Registry::collect(), Err(Error::EmptyRegistry)));
        let error = Registry::collect_prefix("blog").unwrap_err();
        assert!(matches!(error, Error::NothingBelow { .. }), "{error}");
    }

    #[test]
    fn tables_are_sorted_by_name() {
        let registry = Registry::builder().table(spec("b")).table(spec("z.a")).table(spec("a"));
        let registry = registry.build().unwrap();
        let names: Vec<_> = registry.tables().map(|spec| spec.table().to_string()).collect();
        assert_eq!(names, ["public.a", "public.b", "z.a"]);
    }

    #[test]
    fn one_table_has_one_policy() {
        let twice = Registry::builder().table(spec("a")).table(spec("a")).build();
        assert_eq!(twice.unwrap().tables().count(), 1);
        let two = Registry::builder().table(spec("a")).table(spec("a").exclude(hash())).build();
        assert!(matches!(two, Err(Error::ConflictingEntities { .. })));
    }

    #[test]
    fn a_contradiction_is_an_error() {
        let one = spec("a").exclude(hash()).quieten(hash());
        let error = Registry::builder().table(one).build().unwrap_err();
        assert!(error.to_string().contains("public.a"), "{error}");
    }

    #[test]
    fn an_audited_table_is_neither_live_nor_exempt() {
        let live = Registry::builder().table(spec("a")).live(table("a")).build();
        assert!(matches!(live, Err(Error::Spec { .. })));
        let exempt = Registry::builder().table(spec("a")).exempt(table("a")).build();
        assert!(matches!(exempt, Err(Error::Spec { .. })));
        let apart = Registry::builder().table(spec("a")).live(table("b")).exempt(table("c"));
        let apart = apart.build().unwrap();
        assert!(apart.is_live(&table("b")) && !apart.is_live(&table("a")));
        assert!(apart.is_exempt(&table("c")) && !apart.is_exempt(&table("b")));
    }

    #[test]
    fn a_prefix_is_taken_as_seaorm_takes_it() {
        assert_eq!(module_of("my-blog::entity::*"), "my_blog::entity");
        assert_eq!(module_of("my-blog"), "my_blog");
        assert_eq!(module_of("blog::*"), "blog");
        assert_eq!(module_of("blog::"), "blog");
    }
}
