//! The search as a form with a field for each common condition, for those who do not write the grammar.

use maud::{Markup, html};
use threadline::{Filter, FilterProblem, Operation, TableName};

use crate::view::{Links, Problem, field_problem, local, plain};

/// The conditions that have a field, with its label and a hint.
const FIELDS: [(&str, &str, &str); 8] = [
    ("table", "Table", "public.orders"),
    ("op", "What was done", "update"),
    ("row", "Key of a row", "42"),
    ("changed", "Column that changed", "status"),
    ("actor", "Who", "user:42"),
    ("action", "Action", "order.refund"),
    ("corr", "Correlation id", "req-7"),
    ("request", "Request id", "01J9…"),
];

/// What stands in the fields, and what is sent besides.
#[derive(Clone, Debug, Default)]
pub(super) struct Fields {
    /// The value of each field that has one.
    pub(super) values: Vec<(String, String)>,
    /// Conditions without a field, or with more than one value.
    pub(super) hidden: Vec<(String, String)>,
    pub(super) problems: Vec<FilterProblem>,
}

impl Fields {
    /// The conditions of a filter, sorted into fields and others.
    pub(super) fn of(filter: &Filter, is_detailed: bool) -> Self {
        let terms = filter.clone().first_page().terms();
        let mut fields = Self::default();
        for term in &terms {
            let alike = terms.iter().filter(|other| other.key == term.key).count();
            let value =
                if term.is_negated { format!("-{}", term.value) } else { term.value.clone() };
            let pair = (term.key.to_owned(), value);
            match alike == 1 && !term.is_negated && has_field(term.key) {
                true => fields.values.push(pair),
                false => fields.hidden.push(pair),
            }
        }
        if is_detailed {
            fields.hidden.push(("view".to_owned(), "detailed".to_owned()));
        }
        fields
    }

    /// What was typed, which cannot be read. Nothing is sent besides the fields.
    pub(super) fn typed(typed: &[(String, String)], problems: Vec<FilterProblem>) -> Self {
        let values = typed.iter().filter(|(key, _)| has_field(key)).cloned().collect();
        Self { values, hidden: Vec::new(), problems }
    }

    fn value(&self, key: &str) -> &str {
        let found = self.values.iter().find(|(name, _)| name == key);
        found.map_or("", |(_, value)| value.as_str())
    }
}

pub(super) fn has_field(key: &str) -> bool {
    FIELDS.iter().any(|(name, _, _)| *name == key)
}

/// The form, folded unless something in it is wrong.
pub(super) fn form(fields: &Fields, tables: &[TableName], links: &Links) -> Markup {
    let is_open = fields.problems.iter().any(|problem| has_field(&problem.key));
    html! {
        details.by-fields open[is_open] {
            summary { "Search by fields" }
            form.cards method="get" action=(local(&links.timeline(&Filter::new()))) {
                // It tells a form from an address: empty fields of a form ask for nothing.
                input type="hidden" name="q" value="";
                @for (name, value) in &fields.hidden { input type="hidden" name=(name) value=(value); }
                @for (name, label, hint) in FIELDS { (field(fields, (name, label, hint))) }
                datalist #tables { @for table in tables { option value=(table) {} } }
                p { button type="submit" { "Search" } }
            }
        }
    }
}

fn field(fields: &Fields, (name, label, hint): (&str, &str, &str)) -> Markup {
    let value = fields.value(name);
    let problem = fields.problems.iter().find(|problem| problem.key == name);
    let described = problem.map(|_| format!("problem-{name}"));
    html! {
        div.field {
            label for={ "f-" (name) } { (label) }
            @if name == "op" {
                select id={ "f-" (name) } name=(name) aria-invalid=[problem.map(|_| "true")] aria-describedby=[described.as_deref()] {
                    option value="" { "anything" }
                    @if problem.is_some() { option value=(value) selected { (plain(value)) } }
                    @for op in OPERATIONS { option value=(op) selected[value == op.as_str()] { (op) } }
                }
            } @else {
                input id={ "f-" (name) } name=(name) value=(value) placeholder=(hint) maxlength="256" autocomplete="off"
                    autocapitalize="off" spellcheck="false" list=[(name == "table").then_some("tables")]
                    aria-invalid=[problem.map(|_| "true")] aria-describedby=[described.as_deref()];
            }
            @if let (Some(problem), Some(id)) = (problem, &described) {
                (field_problem(id, &Problem { text: problem.why.clone(), example: Some(hint.to_owned()) }))
            }
        }
    }
}

const OPERATIONS: [Operation; 5] = [
    Operation::Insert,
    Operation::Update,
    Operation::Delete,
    Operation::Truncate,
    Operation::Baseline,
];
