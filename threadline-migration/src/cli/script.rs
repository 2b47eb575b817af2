//! A plan as a script that psql can run.

use crate::plan::Plan;

/// `told` as comments, and what the plan would run.
pub(crate) fn of(told: &str, plan: &Plan) -> String {
    let mut text = String::new();
    for line in anstream::adapter::strip_str(told).to_string().lines() {
        text.push_str(&format!("-- {line}\n"));
    }
    text + &plan.sql()
}
