//! The capture function of one table, measured against what was installed.

use threadline::TableName;
use threadline::spec::quote::Ident;
use threadline::trail::TRAIL;

use super::finding::{self, Findings};
use crate::health::Code;
use crate::inspect::{Function, Installed, Recorded};
use crate::render::table::{bare_function_name, function_name};
use crate::status::{Finding, Mend, State};

/// The only settings a capture function has.
const SETTINGS: [&str; 1] = ["search_path=pg_catalog, pg_temp"];

/// What is wrong with the capture function of an attached table.
pub(super) fn check(installed: &Installed, table: &TableName, recorded: &Recorded) -> Findings {
    let mut findings = Findings::default();
    let name = bare_function_name(table);
    let Some(function) = installed.functions.get(&name) else {
        findings.add(altered(format!("its capture function {TRAIL}.{} is missing", Ident(&name))));
        return findings;
    };
    if recorded.function_hash.as_ref().is_some_and(|hash| *hash != function.body_hash) {
        findings.add(altered("the body of its capture function is not what was installed"));
    }
    if function.language != "plpgsql" {
        let language = &function.language;
        findings
            .add(altered(format!("its capture function is written in {language}, not in plpgsql")));
    }
    if !function.is_definer {
        findings.add(altered(
            "its capture function is SECURITY INVOKER: whoever may not write to the trail cannot \
             write to the table",
        ));
    }
    if function.settings != SETTINGS {
        findings.add(altered(
            "the search_path of its capture function is not the one it was installed with: names in \
             it may mean other things",
        ));
    }
    if function.is_public {
        findings.add(anybody_may_forge(table));
    }
    owner(&mut findings, installed, table, recorded, function);
    findings
}

fn altered(reason: impl Into<String>) -> Finding {
    finding::altered(Code::Altered, reason)
}

fn anybody_may_forge(table: &TableName) -> Finding {
    let function = function_name(table);
    Finding {
        state: State::Altered,
        code: Code::WrongGrants,
        cause: None,
        reason:
            "everybody may execute its capture function, and so forge changes with a trigger on \
                 another table"
                .to_owned(),
        mend: Some(Mend::Sql(format!("REVOKE ALL ON FUNCTION {function}() FROM PUBLIC;"))),
    }
}

/// The function runs with its owner's rights. After a restore without owners all belongs to one role,
/// which owns the trail too.
fn owner(
    findings: &mut Findings,
    installed: &Installed,
    table: &TableName,
    recorded: &Recorded,
    function: &Function,
) {
    let as_recorded = recorded.function_owner.as_ref() == Some(&function.owner);
    if as_recorded || recorded.function_owner.is_none() || function.owner == installed.owner {
        return;
    }
    let sql =
        format!("ALTER FUNCTION {}() OWNER TO {};", function_name(table), Ident(&installed.owner));
    findings.before(sql.clone());
    findings.add(Finding {
        state: State::Altered,
        code: Code::Altered,
        cause: None,
        reason: format!(
            "its capture function belongs to `{}`, which neither installed it nor owns the trail",
            function.owner
        ),
        mend: Some(Mend::Sql(sql)),
    });
}
