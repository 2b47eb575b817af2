//! What a statement reads: every table that it names, by a parser; and whether it does nothing else.

use std::ops::ControlFlow;

use sqlparser::ast::{
    Expr, Function, FunctionArguments, Ident, ObjectName, Query, Select, SelectFlavor, SelectItem,
    SelectItemQualifiedWildcardKind, SetExpr, Statement, TableFactor, Value, ValueWithSpan, Visit,
    Visitor,
};
use sqlparser::dialect::PostgreSqlDialect;
use sqlparser::parser::Parser;
use sqlparser::tokenizer::{Token, Tokenizer};

use super::attribute::{self, Attributes};
use super::function::is_harmless;
use super::lexer;
use super::name::{Text, folded, idents, parts};
use super::position;
use super::pushdown::{Bound, Bounds, Place};
use super::scope::{Scopes, goes_on_outside};
use crate::Error;
use crate::audited::Shapes;
use crate::spec::TableName;

/// Parentheses within parentheses, and the like. The parser's own limit is met by filters that are built
/// in a loop.
const DEEPEST: usize = 500;

/// A statement that reads, and what it reads.
#[derive(Debug)]
pub(super) struct Reading {
    /// The statement, with `TABLE t` written out.
    pub(super) text: String,
    /// Where it names tables, in the order of the text.
    pub(super) tables: Vec<Reference>,
    /// What is left out, from where to where: the schema before a table's name, in the name of a column.
    pub(super) cuts: Vec<(usize, usize)>,
    /// Where a `WITH` goes, or more of it.
    pub(super) with: Opening,
    /// The highest number of its parameters.
    pub(super) parameters: usize,
}

/// A place in a statement where a table is named.
#[derive(Debug)]
pub(super) struct Reference {
    pub(super) table: TableName,
    /// What tells it from every other place.
    pub(super) place: Place,
    pub(super) from: usize,
    pub(super) to: usize,
    /// The name by which the statement goes on, if it gives no other.
    pub(super) alias: Option<String>,
    /// Whether what stands around it may be run many times: a sub-query of an expression, say.
    pub(super) repeated: bool,
    /// The only rows that can matter there.
    pub(super) bound: Option<Bound>,
}

/// Where a list of CTEs goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Opening {
    /// Here, after a `WITH`.
    New(usize),
    /// Here, before those that are there.
    Before(usize),
}

/// Reads a statement, or says why it cannot be one of the past.
pub(super) fn read(text: &str, shapes: &Shapes) -> Result<Reading, Error> {
    let text = with_tables_written_out(text)?;
    let dialect = PostgreSqlDialect {};
    let parsed = Parser::new(&dialect).with_recursion_limit(DEEPEST).try_with_sql(&text);
    let statements = parsed.and_then(|mut parser| parser.parse_statements()).map_err(unparsed)?;
    let query = match statements.as_slice() {
        [Statement::Query(query)] => query,
        [] => return Err(refused("it is empty")),
        [_] => return Err(not_reading()),
        _ => return Err(refused("it is several statements; send one by one")),
    };
    let mut finder = Finder::new(&text, shapes);
    if let ControlFlow::Break(error) = statements.visit(&mut finder) {
        return Err(error);
    }
    if finder.relations != finder.understood {
        return Err(refused("it names a table in a place that is not known"));
    }
    let with = opening(query, &finder.text)?;
    finder.look_at_columns()?;
    if !finder.attributes.are_columns() {
        return Err(refused(attribute::WHY));
    }
    let Finder { mut tables, cuts, parameters, .. } = finder;
    tables.sort_by_key(|reference| reference.from);
    drop_bounds_by_ctes(&mut tables);
    Ok(Reading { tables, cuts, with, parameters, text })
}

/// What looks like a table may be a CTE of the statement, which says nothing of what is joined to it.
fn drop_bounds_by_ctes(tables: &mut [Reference]) {
    loop {
        let bounded: Vec<Place> =
            tables.iter().filter(|one| one.bound.is_some()).map(|one| one.place).collect();
        let is_lost = |one: &&mut Reference| matches!(&one.bound, Some(Bound::In { place, .. }) if !bounded.contains(place));
        let mut lost = tables.iter_mut().filter(is_lost).peekable();
        if lost.peek().is_none() {
            return;
        }
        lost.for_each(|one| one.bound = None);
    }
}

fn unparsed(error: impl std::fmt::Display) -> Error {
    Error::UnreadableStatement { why: error.to_string() }
}

fn refused(why: &str) -> Error {
    Error::UnreadableStatement { why: why.to_owned() }
}

fn not_reading() -> Error {
    Error::ReadOnly { what: "this statement does something else than read".to_owned() }
}

/// `TABLE t` as `SELECT * FROM t`, which is the same: the parser keeps no place of its name.
fn with_tables_written_out(text: &str) -> Result<String, Error> {
    let tokens = Tokenizer::new(&PostgreSqlDialect {}, text).tokenize_with_location();
    let tokens = tokens.map_err(unparsed)?;
    if !lexer::agrees(text, &tokens) {
        return Err(refused("the parser and PostgreSQL may see other texts and comments in it"));
    }
    let words = tokens.iter().filter(|token| !matches!(token.token, Token::Whitespace(_)));
    let places = Text::new(text);
    let mut before: Option<&Token> = None;
    let (mut written, mut copied) = (String::with_capacity(text.len()), 0);
    for word in words {
        let is_label = matches!(before, Some(Token::Period))
            || matches!(before, Some(Token::Word(word)) if word.value.eq_ignore_ascii_case("as"));
        if let Token::Word(table) = &word.token
            && table.quote_style.is_none()
            && table.value.eq_ignore_ascii_case("table")
            && !is_label
        {
            let at = places.offset(word.span.start).ok_or_else(|| refused("it has no places"))?;
            written.push_str(text.get(copied..at).unwrap_or_default());
            written.push_str("SELECT * FROM");
            copied = at + "table".len();
        }
        before = Some(&word.token);
    }
    written.push_str(text.get(copied..).unwrap_or_default());
    Ok(written)
}

/// Parentheses around the whole of it do not take a `WITH` outside as well as inside.
fn opening(query: &Query, text: &Text<'_>) -> Result<Opening, Error> {
    if let Some(first) = query.with.as_ref().and_then(|with| with.cte_tables.first()) {
        let at = text.range(&first.alias.name).ok_or_else(|| refused("its WITH has no place"))?;
        return Ok(Opening::Before(at.0));
    }
    match &*query.body {
        SetExpr::Query(inner) => match opening(inner, text)? {
            Opening::New(_) => Ok(Opening::New(0)),
            before => Ok(before),
        },
        _ => Ok(Opening::New(0)),
    }
}

struct Finder<'t> {
    text: Text<'t>,
    scopes: Scopes,
    bounds: Bounds<'t>,
    attributes: Attributes,
    /// Every name that something has in a FROM without being a table, or beside being one.
    aliases: Vec<String>,
    /// How many expressions and lateral joins there are around.
    inside: usize,
    tables: Vec<Reference>,
    cuts: Vec<(usize, usize)>,
    /// The tables that columns are named by with their schema.
    named_by_schema: Vec<(String, String)>,
    /// How many tables and table functions the parser has seen, and how many of them are understood.
    relations: usize,
    understood: usize,
    parameters: usize,
}

impl<'t> Finder<'t> {
    fn new(text: &'t str, shapes: &'t Shapes) -> Self {
        Self {
            text: Text::new(text),
            scopes: Scopes::default(),
            bounds: Bounds::new(shapes),
            attributes: Attributes::default(),
            aliases: Vec::new(),
            inside: 0,
            tables: Vec::new(),
            cuts: Vec::new(),
            named_by_schema: Vec::new(),
            relations: 0,
            understood: 0,
            parameters: 0,
        }
    }

    fn table(
        &mut self,
        factor: &TableFactor,
        name: &ObjectName,
        has_alias: bool,
    ) -> Result<(), Error> {
        let idents = idents(name).ok_or_else(|| refused("the name of a table is computed"))?;
        if attribute::is_only(&idents) {
            return Err(refused("leave out ONLY: the past of a table has the rows of that table"));
        }
        let names: Vec<String> = idents.iter().map(|ident| folded(ident)).collect();
        let table = match names.as_slice() {
            [name] if self.scopes.has(name) => {
                self.aliases.push(name.clone());
                return Ok(());
            }
            [name] => TableName::new("public", name)?,
            [schema, name] => TableName::new(schema, name)?,
            _ => return Err(refused(&format!("`{name}` names a table in another database"))),
        };
        let (from, to) = self.place(&idents).ok_or_else(|| {
            refused(&format!("the place of `{name}` is not what the parser says"))
        })?;
        let repeated = self.inside > 0 || self.scopes.in_recursion();
        let alias = if has_alias { None } else { names.last().cloned() };
        let bound = self.bounds.take(factor);
        let place = std::ptr::from_ref(factor);
        self.tables.push(Reference { table, place, from, to, alias, repeated, bound });
        Ok(())
    }

    fn has_star(&self, name: &ObjectName) -> bool {
        parts(name).unwrap_or_default().iter().any(|name| self.scopes.has_star(name))
    }

    fn means_cte(&self, name: &ObjectName) -> bool {
        let names = parts(name).unwrap_or_default();
        matches!(names.as_slice(), [name] if self.scopes.has(name))
    }

    fn place(&self, idents: &[&Ident]) -> Option<(usize, usize)> {
        let ranges: Option<Vec<_>> = idents.iter().map(|ident| self.text.range(ident)).collect();
        let ranges = ranges?;
        Some((ranges.first()?.0, ranges.last()?.1))
    }

    /// `schema.table.column` has no schema any more where the table has become a CTE.
    fn column(&mut self, idents: &[&Ident]) -> Result<(), Error> {
        let [schema, table, ..] = idents else { return Ok(()) };
        let place = self.place(&[*schema]).zip(self.place(&[*table]));
        let ((from, _), (to, _)) =
            place.ok_or_else(|| refused("a column is not where the parser says"))?;
        self.cuts.push((from, to));
        self.named_by_schema.push((folded(schema), folded(table)));
        Ok(())
    }

    /// Without its schema the name must not mean another table.
    fn look_at_columns(&self) -> Result<(), Error> {
        let is_read = |(schema, name): &&(String, String)| {
            self.tables.iter().any(|one| {
                one.table.schema() == schema
                    && one.table.name() == name
                    && one.alias.as_ref() == Some(name)
            })
        };
        let is_other = |(_, name): &&(String, String)| self.aliases.contains(name);
        match self.named_by_schema.iter().find(|named| !is_read(named) || is_other(named)) {
            None => Ok(()),
            Some((schema, name)) => Err(refused(&format!(
                "a column of `{schema}.{name}`, which it does not read or not under that name alone"
            ))),
        }
    }

    fn function(&self, name: &ObjectName) -> Result<(), Error> {
        if is_harmless(name) {
            return Ok(());
        }
        let name = parts(name).map_or_else(|| name.to_string(), |parts| parts.join("."));
        Err(Error::UnknownFunction { name })
    }

    fn call(&self, function: &Function) -> Result<(), Error> {
        if function.uses_odbc_syntax || function.parameters != FunctionArguments::None {
            return Err(refused("it calls a function in a way that PostgreSQL does not know"));
        }
        self.function(&function.name)
    }

    fn factor(&mut self, factor: &TableFactor) -> Result<(), Error> {
        match factor {
            TableFactor::Table { name, args: Some(_), .. } => {
                self.understood += 1;
                self.function(name)
            }
            TableFactor::Table {
                name,
                alias,
                args: None,
                with_hints,
                version: None,
                with_ordinality: false,
                partitions,
                json_path: None,
                sample: None,
                index_hints,
            } if with_hints.is_empty() && partitions.is_empty() && index_hints.is_empty() => {
                self.understood += 1;
                let renames = alias.as_ref().is_some_and(|alias| !alias.columns.is_empty());
                if renames && (!self.means_cte(name) || self.has_star(name)) {
                    return Err(refused(position::WHY));
                }
                self.table(factor, name, alias.is_some())
            }
            TableFactor::Derived { subquery, alias, .. }
                if position::renames_stars(alias.as_ref(), subquery) =>
            {
                Err(refused(position::WHY))
            }
            TableFactor::Derived { sample: None, .. }
            | TableFactor::UNNEST { with_offset: false, .. }
            | TableFactor::NestedJoin { .. } => Ok(()),
            TableFactor::Function { name, .. } => self.function(name),
            other => Err(refused(&format!("`{other}` is not known to have a past"))),
        }
    }
}

/// Whether a sub-query stands here that may be run for every row around it.
fn holds_subquery(expr: &Expr) -> bool {
    match expr {
        Expr::Subquery(_) | Expr::Exists { .. } | Expr::InSubquery { .. } => true,
        Expr::Function(function) => matches!(function.args, FunctionArguments::Subquery(_)),
        _ => false,
    }
}

fn is_lateral(factor: &TableFactor) -> bool {
    matches!(factor, TableFactor::Derived { lateral: true, .. })
}

/// The name that something gets in a FROM.
fn other_name(factor: &TableFactor) -> Option<String> {
    let alias = match factor {
        TableFactor::Table { alias, .. }
        | TableFactor::Derived { alias, .. }
        | TableFactor::Function { alias, .. }
        | TableFactor::UNNEST { alias, .. }
        | TableFactor::NestedJoin { alias, .. } => alias,
        _ => &None,
    };
    alias.as_ref().map(|alias| folded(&alias.name))
}

fn flow(result: Result<(), Error>) -> ControlFlow<Error> {
    match result {
        Ok(()) => ControlFlow::Continue(()),
        Err(error) => ControlFlow::Break(error),
    }
}

impl Visitor for Finder<'_> {
    type Break = Error;

    fn pre_visit_statement(&mut self, statement: &Statement) -> ControlFlow<Error> {
        flow(if matches!(statement, Statement::Query(_)) { Ok(()) } else { Err(not_reading()) })
    }

    fn pre_visit_query(&mut self, query: &Query) -> ControlFlow<Error> {
        self.scopes.enter(query);
        let ctes = query.with.iter().flat_map(|with| &with.cte_tables);
        let mut renamed = ctes.filter(|cte| position::renames_stars(Some(&cte.alias), &cte.query));
        if goes_on_outside(query) {
            return flow(Err(refused("put what is behind the parentheses of its WITH into them")));
        }
        if renamed.next().is_some() || position::mixes_stars(query) {
            return flow(Err(refused(position::WHY)));
        }
        flow(only_reads(query))
    }

    fn post_visit_query(&mut self, query: &Query) -> ControlFlow<Error> {
        self.scopes.leave(query);
        ControlFlow::Continue(())
    }

    fn pre_visit_select(&mut self, select: &Select) -> ControlFlow<Error> {
        self.bounds.look_at(select);
        let mut stars = select.projection.iter().filter_map(|item| match item {
            SelectItem::QualifiedWildcard(SelectItemQualifiedWildcardKind::ObjectName(name), _) => {
                idents(name).filter(|idents| idents.len() > 1)
            }
            _ => None,
        });
        let columns = stars.try_for_each(|idents| self.column(&idents));
        flow(columns.and_then(|()| is_plain(select)))
    }

    fn pre_visit_relation(&mut self, _: &ObjectName) -> ControlFlow<Error> {
        self.relations += 1;
        ControlFlow::Continue(())
    }

    fn pre_visit_table_factor(&mut self, factor: &TableFactor) -> ControlFlow<Error> {
        self.inside += usize::from(is_lateral(factor));
        self.attributes.factor(factor);
        self.aliases.extend(other_name(factor));
        flow(self.factor(factor))
    }

    fn post_visit_table_factor(&mut self, factor: &TableFactor) -> ControlFlow<Error> {
        self.inside -= usize::from(is_lateral(factor));
        ControlFlow::Continue(())
    }

    fn pre_visit_expr(&mut self, expr: &Expr) -> ControlFlow<Error> {
        self.inside += usize::from(holds_subquery(expr));
        if !self.attributes.expression(expr) {
            return flow(Err(refused(attribute::WHY)));
        }
        match expr {
            Expr::Function(function) => flow(self.call(function)),
            Expr::CompoundIdentifier(idents) if idents.len() > 2 => {
                flow(self.column(&idents.iter().collect::<Vec<_>>()))
            }
            _ => ControlFlow::Continue(()),
        }
    }

    fn post_visit_expr(&mut self, expr: &Expr) -> ControlFlow<Error> {
        self.inside -= usize::from(holds_subquery(expr));
        ControlFlow::Continue(())
    }

    fn pre_visit_value(&mut self, value: &ValueWithSpan) -> ControlFlow<Error> {
        if let Value::Placeholder(name) = &value.value {
            let number = name.strip_prefix('$').and_then(|digits| digits.parse::<usize>().ok());
            match number {
                Some(number) => self.parameters = self.parameters.max(number),
                None => return flow(Err(refused(&format!("`{name}` is no parameter")))),
            }
        }
        ControlFlow::Continue(())
    }
}

/// Refuses what a query can do beside reading, and what is no PostgreSQL.
fn only_reads(query: &Query) -> Result<(), Error> {
    if !query.locks.is_empty() {
        let what = "rows of the past cannot be locked: leave out FOR UPDATE or FOR SHARE";
        return Err(Error::ReadOnly { what: what.to_owned() });
    }
    let foreign = query.for_clause.is_some()
        || query.settings.is_some()
        || query.format_clause.is_some()
        || !query.pipe_operators.is_empty();
    match &*query.body {
        _ if foreign => Err(refused("it is not of PostgreSQL")),
        SetExpr::Insert(_) | SetExpr::Update(_) | SetExpr::Delete(_) | SetExpr::Merge(_) => {
            Err(not_reading())
        }
        SetExpr::Table(_) => Err(refused("write `SELECT * FROM t` for `TABLE t`")),
        SetExpr::Select(_)
        | SetExpr::Query(_)
        | SetExpr::SetOperation { .. }
        | SetExpr::Values(_) => Ok(()),
    }
}

fn is_plain(select: &Select) -> Result<(), Error> {
    if select.into.is_some() {
        return Err(Error::ReadOnly { what: "SELECT INTO makes a table".to_owned() });
    }
    let foreign = select.top.is_some()
        || select.select_modifiers.is_some()
        || select.exclude.is_some()
        || !select.lateral_views.is_empty()
        || select.prewhere.is_some()
        || !select.connect_by.is_empty()
        || !select.cluster_by.is_empty()
        || !select.distribute_by.is_empty()
        || !select.sort_by.is_empty()
        || select.qualify.is_some()
        || select.value_table_mode.is_some()
        || select.flavor != SelectFlavor::Standard;
    if foreign { Err(refused("it is not of PostgreSQL")) } else { Ok(()) }
}
