//! The rows that were there before a table was audited.

use threadline::TableName;
use threadline::spec::quote::Literal;
use threadline::trail::TRAIL;

use super::day;
use crate::desired::WantedTable;
use crate::error::Error;
use crate::health::Code;
use crate::inspect::{Installed, Recorded};
use crate::plan::{Step, Verb};
use crate::population::Population;
use crate::render::body::body_hash;
use crate::render::{quote::qualified, table};
use crate::status::{Finding, Mend, State};

/// What records the rows that the table has already, if some may not be in the trail. A table whose
/// triggers are lost starts anew when it is attached again.
pub(super) fn baseline(
    wanted: &WantedTable,
    recorded: Option<&Recorded>,
    is_lost: bool,
) -> Result<Option<Step>, Error> {
    let is_needed = match recorded {
        Some(recorded) if !is_lost => recorded.complete_since.is_none(),
        _ => !wanted.population.is_empty,
    };
    if !is_needed {
        return Ok(None);
    }
    let table = wanted.spec.table();
    Ok(Some(Step {
        table: table.clone(),
        verb: Verb::Baseline,
        mode: None,
        mode_reason: None,
        reasons: vec![told(wanted.population)],
        sql: table::baseline(table)?,
    }))
}

fn told(population: Population) -> String {
    match population.estimate {
        Some(1) => "record the row that is there already".to_owned(),
        Some(rows) => format!("record about {rows} rows that are there already"),
        None => "record the rows that are there already".to_owned(),
    }
}

/// That rows may be missing in what is read of the past.
pub(super) fn remark(table: &TableName, recorded: &Recorded) -> Option<Finding> {
    if recorded.complete_since.is_some() || recorded.relation.is_none() {
        return None;
    }
    let since = day(recorded.since);
    let table = qualified(table);
    Some(Finding {
        state: State::Installed,
        code: Code::IncompletePast,
        cause: None,
        reason: format!("rows that were there before {since} may not be in the trail"),
        mend: Some(Mend::Sql(format!("SELECT {TRAIL}.baseline({}::regclass);", Literal(&table)))),
    })
}

/// Whether the function that records them is the one that `recorder` makes.
pub(super) fn has_recorder(installed: &Installed, table: &TableName, recorder: &str) -> bool {
    let function = installed.functions.get(&table::bare_recorder_name(table));
    let hash = body_hash(recorder);
    function
        .is_some_and(|function| !function.is_definer && hash.as_ref() == Some(&function.body_hash))
}
