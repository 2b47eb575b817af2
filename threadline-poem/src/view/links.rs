//! Every URL of the surface is made here, of typed values: nothing that was audited ever becomes one.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use threadline::sea_orm::ModelTrait;
use threadline::{ActorRef, ActorType, Audited, Error, Filter, ModelHistory, RowKey, TableName};

/// What a segment of a path and a value of a query may hold as it is.
const PLAIN: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// The URLs of the pages below a mount, for the pages themselves and for the host's own, which may link
/// to the history of what they show.
///
/// ```
/// use threadline_poem::Links;
/// use threadline::{ActorRef, RowKey, TableName};
///
/// let links = Links::new("/audit");
/// assert_eq!(links.row(&TableName::parse("orders")?, &RowKey::scalar(7)), "/audit/rows/public.orders/7");
/// assert_eq!(links.actor(&ActorRef::user(42)), "/audit/actors/user/42");
/// # Ok::<(), threadline::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Links {
    base: String,
}

impl Links {
    /// The pages mounted at this path, as the browser sees it: `/audit`. A slash at its end says nothing.
    pub fn new(mount: impl Into<String>) -> Self {
        let mut base = mount.into();
        base.truncate(base.trim_end_matches('/').len());
        Self { base }
    }

    fn below(&self, path: &str) -> String {
        format!("{}{path}", self.base)
    }

    /// The first page.
    pub fn home(&self) -> String {
        self.below("/")
    }

    /// The changes that match.
    pub fn timeline(&self, filter: &Filter) -> String {
        with_query(self.below("/timeline"), &filter.to_string())
    }

    /// The same with what only the page is told, as `view=detailed`.
    pub(crate) fn timeline_page(&self, filter: &Filter, page: &[(&str, &str)]) -> String {
        let pairs = page.iter().map(|(key, value)| format!("{key}={}", segment(value)));
        with_query(self.timeline(filter), &pairs.collect::<Vec<_>>().join("&"))
    }

    /// One transaction, with everything it changed that the viewer may see.
    pub fn transaction(&self, id: i64) -> String {
        self.below(&format!("/transactions/{id}"))
    }

    /// The same, at one of its changes.
    pub fn change_of(&self, transaction: i64, change: i64) -> String {
        format!("{}#change-{change}", self.transaction(transaction))
    }

    /// The page of a transaction on which this change stands: the one behind a cursor, or the first.
    pub(crate) fn change_on_page(
        &self,
        transaction: i64,
        change: i64,
        after: Option<&str>,
    ) -> String {
        let after = after.map_or_else(Vec::new, |after| vec![("after", after)]);
        format!("{}#change-{change}", self.transaction_page(transaction, &after))
    }

    /// One transaction with what its page is told, as `table=public.orders`.
    pub(crate) fn transaction_page(&self, id: i64, page: &[(&str, &str)]) -> String {
        with_query(self.transaction(id), &pairs(page))
    }

    /// One change, wherever it is shown: its permanent address.
    pub fn change(&self, id: i64) -> String {
        self.below(&format!("/changes/{id}"))
    }

    /// The form that finds a row.
    pub fn rows(&self) -> String {
        self.below("/rows")
    }

    /// The form that finds a row of this table.
    pub fn table(&self, table: &TableName) -> String {
        self.below(&format!("/rows/{}", segment(&table.to_string())))
    }

    /// The history of a row.
    pub fn row(&self, table: &TableName, key: &RowKey) -> String {
        let key = key.to_string();
        if matches!(key.as_str(), "" | "." | "..") {
            // No path can end in these: browsers take them for directions.
            return with_query(self.table(table), &format!("key={}", segment(&key)));
        }
        format!("{}/{}", self.table(table), segment(&key))
    }

    /// The history of the row that a model of the host is: put it beside what you show of it.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidName`] if the entity's names are none that PostgreSQL can hold, and
    /// [`Error::InvalidKey`] if it has no key, or one that is null.
    pub fn row_of<M: ModelTrait<Entity: Audited>>(&self, model: &M) -> Result<String, Error> {
        Ok(self.row(<M::Entity as Audited>::table_spec()?.table(), &model.row_key()?))
    }

    /// A row as it was at a moment: the version rail stands there.
    pub fn row_at(&self, table: &TableName, key: &RowKey, at: &str) -> String {
        with_query(self.row(table, key), &format!("at={}", segment(at)))
    }

    /// A row in one of its versions, by the number of its change, compared with another if there is one.
    pub fn row_version(
        &self,
        table: &TableName,
        key: &RowKey,
        version: i64,
        versus: Option<i64>,
    ) -> String {
        let versus = versus.map_or_else(String::new, |versus| format!("&vs={versus}"));
        with_query(self.row(table, key), &format!("v={version}{versus}"))
    }

    /// A row's page with these keys in its query.
    pub(crate) fn row_with(
        &self,
        table: &TableName,
        key: &RowKey,
        pairs: &[(&str, String)],
    ) -> String {
        let pair = |(name, value): &(&str, String)| format!("{}={}", segment(name), segment(value));
        let pairs = pairs.iter().map(pair);
        with_query(self.row(table, key), &pairs.collect::<Vec<_>>().join("&"))
    }

    /// Two versions of a row side by side.
    pub fn compare(&self, a: i64, b: i64) -> String {
        self.below(&format!("/compare?a={a}&b={b}"))
    }

    /// What an actor did.
    pub fn actor(&self, actor: &ActorRef) -> String {
        let id = actor.id().map_or_else(String::new, |id| format!("/{}", segment(id)));
        self.below(&format!("/actors/{}{id}", actor.actor_type()))
    }

    /// What an actor did, with what the page is told, as `from=-24h`.
    pub(crate) fn actor_page(&self, actor: &ActorRef, page: &[(&str, &str)]) -> String {
        with_query(self.actor(actor), &pairs(page))
    }

    /// The form that finds an actor, with this kind chosen.
    pub(crate) fn actors_of(&self, kind: ActorType) -> String {
        with_query(self.actors(), &format!("kind={kind}"))
    }

    /// The form that finds an actor.
    pub fn actors(&self) -> String {
        self.below("/actors")
    }

    /// How it stands with the tables of a schema, or of all.
    pub fn coverage(&self, schema: Option<&str>) -> String {
        let query = schema.map_or_else(String::new, |schema| format!("schema={}", segment(schema)));
        with_query(self.below("/coverage"), &query)
    }

    /// The same after a new look at the database.
    pub(crate) fn coverage_now(&self, schema: Option<&str>) -> String {
        with_query(self.coverage(schema), "check=now")
    }

    /// What is redacted, as configured and as deployed.
    pub fn redaction(&self) -> String {
        self.below("/policy/redaction")
    }

    /// The same after a new look at the database.
    pub(crate) fn redaction_now(&self) -> String {
        with_query(self.redaction(), "check=now")
    }

    /// The changes that match as a file; `format` is one of `csv`, `json` and `ndjson`.
    pub fn export(&self, format: &str, filter: &Filter) -> String {
        with_query(
            self.below(&format!("/exports/changes.{}", segment(format))),
            &filter.to_string(),
        )
    }

    /// What a page asks again and again.
    pub(crate) fn pulse(&self) -> String {
        self.below("/_/pulse.json")
    }

    /// The same on a page that lists what matches, of which this is the cursor of the first entry.
    pub(crate) fn pulse_of(&self, filter: &Filter, since: &str) -> String {
        let query = filter.clone().first_page().to_string();
        with_query(with_query(self.pulse(), &query), &format!("since={}", segment(since)))
    }

    /// Where the viewer's choice of theme goes.
    pub(crate) fn preferences(&self) -> String {
        self.below("/prefs")
    }

    /// A file that comes with the surface.
    pub(crate) fn asset(&self, name: &str) -> String {
        self.below(&format!("/assets/{name}"))
    }
}

/// A text as one segment of a path, or as a value of a query.
pub(crate) fn segment(text: &str) -> String {
    utf8_percent_encode(text, PLAIN).to_string()
}

fn pairs(page: &[(&str, &str)]) -> String {
    let pairs = page.iter().map(|(key, value)| format!("{key}={}", segment(value)));
    pairs.collect::<Vec<_>>().join("&")
}

fn with_query(mut path: String, query: &str) -> String {
    if !query.is_empty() {
        path.push(if path.contains('?') { '&' } else { '?' });
        path.push_str(query);
    }
    path
}
