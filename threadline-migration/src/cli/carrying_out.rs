//! Does what a person has been shown, or nothing.

use sea_orm::DatabaseTransaction;
use threadline::TableName;

use super::failure::Failure;
use crate::error::Error;
use crate::plan::{Plan, Step, Verb};

/// Does the plan in the transaction in which it was made, which holds the lock of all installations.
///
/// # Errors
///
/// That somebody altered a table while its writers were waited for: the plan that was shown is not
/// what would be done any more.
pub(crate) async fn carry_out(plan: &Plan, txn: DatabaseTransaction) -> Result<(), Failure> {
    plan.lock_tables(&txn).await?;
    let now = plan.again(&txn).await?;
    // How many rows a table has is no matter.
    let changes = |plan: &'_ Plan| -> Vec<Step> {
        plan.steps().filter(|step| step.verb != Verb::Baseline).cloned().collect()
    };
    let (shown, current) = (changes(plan), changes(&now));
    if shown != current {
        let only = |ours: &[Step], theirs: &[Step]| -> Vec<TableName> {
            let differing = ours.iter().filter(|step| !theirs.contains(step));
            differing.map(|step| step.table.clone()).collect()
        };
        let mut tables = only(&shown, &current);
        tables.extend(only(&current, &shown));
        tables.sort();
        tables.dedup();
        return Err(Error::PlanOutdated { tables }.into());
    }
    now.run(&txn).await?;
    txn.commit().await?;
    Ok(())
}
