//! What a plan has done: which nodes, how many pages, and whether it read or sorted too much.

use std::collections::BTreeMap;

use serde_json::{Value, json};

/// More rows than this are not scanned or sorted for a page; a small table is better read as a whole.
const MANY_ROWS: f64 = 5_000.0;

/// Of one statement.
#[derive(Clone, Debug, Default)]
pub(crate) struct Summary {
    /// How many nodes of each type did something.
    pub(crate) nodes: BTreeMap<String, u32>,
    pub(crate) pages: f64,
    pub(crate) planning_ms: f64,
    pub(crate) execution_ms: f64,
    /// Rows read by Seq Scan, by table.
    scanned: BTreeMap<String, f64>,
    sorted: f64,
}

impl Summary {
    pub(crate) fn of(plans: &[Value]) -> Self {
        let mut summary = Self::default();
        for plan in plans {
            let top = &plan[0];
            summary.planning_ms += number(top, "Planning Time");
            summary.execution_ms += number(top, "Execution Time");
            summary.pages += number(&top["Plan"], "Shared Hit Blocks")
                + number(&top["Plan"], "Shared Read Blocks");
            summary.visit(&top["Plan"]);
        }
        summary
    }

    fn visit(&mut self, node: &Value) {
        let (loops, kind) = (number(node, "Actual Loops"), text(node, "Node Type"));
        if loops == 0.0 {
            return;
        }
        *self.nodes.entry(kind.clone()).or_default() += 1;
        let rows = number(node, "Actual Rows") * loops;
        let read = rows + number(node, "Rows Removed by Filter") * loops;
        let relation = text(node, "Relation Name");
        if kind == "Seq Scan" {
            // A partition bears the name of its table, and the month.
            let table = relation.split("_2").next().unwrap_or_default().to_owned();
            *self.scanned.entry(table).or_default() += read;
        }
        let children = node["Plans"].as_array().map(Vec::as_slice).unwrap_or_default();
        if kind == "Sort" {
            let sorted: f64 = children
                .iter()
                .map(|child| number(child, "Actual Rows") * number(child, "Actual Loops"))
                .sum();
            self.sorted = self.sorted.max(sorted);
        }
        children.iter().for_each(|child| self.visit(child));
    }

    /// What no reader of a page may do.
    pub(crate) fn faults(&self) -> Vec<String> {
        let scanned = self.scanned.iter().filter(|(_, rows)| **rows > MANY_ROWS);
        let mut faults: Vec<String> =
            scanned.map(|(table, rows)| format!("Seq Scan of {table}, {rows:.0} rows")).collect();
        if self.sorted > MANY_ROWS {
            faults.push(format!("Sort of {:.0} rows", self.sorted));
        }
        faults
    }

    /// The nodes in one line.
    pub(crate) fn line(&self) -> String {
        let nodes = self.nodes.iter().map(|(kind, count)| match count {
            1 => kind.clone(),
            count => format!("{count} {kind}"),
        });
        nodes.collect::<Vec<_>>().join(", ")
    }

    pub(crate) fn as_json(&self) -> Value {
        json!({
            "nodes": self.nodes, "pages": self.pages, "planning_ms": self.planning_ms,
            "execution_ms": self.execution_ms, "faults": self.faults(),
        })
    }
}

fn number(node: &Value, name: &str) -> f64 {
    node[name].as_f64().unwrap_or_default()
}

fn text(node: &Value, name: &str) -> String {
    node[name].as_str().unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::Summary;

    #[test]
    fn a_scan_or_sort_of_much_is_told_whichever_partitions_it_is_spread_over() {
        let scan = |month: u32, loops: u32, rows: u32| {
            json!({"Node Type": "Seq Scan", "Relation Name": format!("audit_changes_2026_{month}"),
                "Actual Loops": loops, "Actual Rows": rows, "Rows Removed by Filter": 1})
        };
        let sort = |rows: u32| {
            json!([{"Planning Time": 1.0, "Execution Time": 2.0, "Plan": {
                "Node Type": "Sort", "Actual Loops": 1, "Actual Rows": 50, "Shared Hit Blocks": 7,
                "Plans": [scan(1, 1, rows), scan(2, 0, 0), scan(3, 1, rows)]}}])
        };
        let summary = Summary::of(&[sort(3000)]);
        assert_eq!(summary.faults(), ["Seq Scan of audit_changes, 6002 rows", "Sort of 6000 rows"]);
        assert_eq!((summary.pages, summary.line().as_str()), (7.0, "2 Seq Scan, Sort"));
        assert!(Summary::of(&[sort(40)]).faults().is_empty());
    }
}
