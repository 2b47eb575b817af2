//! Adds a migration to the `lib.rs` of a migration crate, as `sea-orm-cli migrate generate` does.

/// `text` with `module` declared and listed last, or `None` if the layout is not the usual one.
pub(crate) fn add(text: &str, module: &str) -> Option<String> {
    let lines: Vec<&str> = text.lines().collect();
    let last_module = lines.iter().rposition(|line| is_migration_module(line))?;
    let vec_start = lines.iter().position(|line| line.contains("vec!["))?;
    // `vec![]` on one line has its end on the line of its start.
    let vec_end = lines[vec_start..].iter().position(|line| line.contains(']'))? + vec_start;
    let listed = format!("            Box::new({module}::Migration),");
    let mut out: Vec<String> = Vec::with_capacity(lines.len() + 4);
    for (index, line) in lines.iter().enumerate() {
        if index == vec_end && vec_start == vec_end {
            let (before, after) = line.split_once("vec![")?;
            let (items, after) = after.split_once(']')?;
            let comma =
                if items.trim().is_empty() || items.trim().ends_with(',') { "" } else { "," };
            out.push(format!("{before}vec![{items}{comma}"));
            out.push(listed.clone());
            out.push(format!("        ]{after}"));
        } else if index == vec_end {
            out.push(listed.clone());
            out.push((*line).to_owned());
        } else {
            out.push((*line).to_owned());
        }
        if index == last_module {
            out.push(format!("mod {module};"));
        }
    }
    Some(out.join("\n") + "\n")
}

fn is_migration_module(line: &str) -> bool {
    let declared = line.trim_start_matches("pub ").strip_prefix("mod m");
    declared
        .is_some_and(|rest| rest.ends_with(';') && rest.starts_with(|c: char| c.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::add;

    const USUAL: &str = "pub use sea_orm_migration::prelude::*;

mod m20260101_000001_create_ticket;
mod m20260102_000001_threadline_v1;

pub struct Migrator;

#[async_trait::async_trait]
impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![
            Box::new(m20260101_000001_create_ticket::Migration),
            Box::new(m20260102_000001_threadline_v1::Migration),
        ]
    }
}
";

    #[test]
    fn declares_and_lists_it_last() {
        let text = add(USUAL, "m20260103_000001_audit").unwrap_or_default();
        assert!(text.contains("threadline_v1;\nmod m20260103_000001_audit;\n"));
        assert!(text.contains(
            "threadline_v1::Migration),\n            Box::new(m20260103_000001_audit::Migration),\n        ]"
        ));
        assert_eq!(text.lines().count(), USUAL.lines().count() + 2);
    }

    #[test]
    fn a_vector_on_one_line_is_broken_up() {
        let text =
            "mod m20260101_000001_a;\nfn f() { vec![Box::new(m20260101_000001_a::Migration)] }\n";
        let text = add(text, "m2").unwrap_or_default();
        assert!(text.contains("vec![Box::new(m20260101_000001_a::Migration),\n            Box::new(m2::Migration),\n        ] }"));
    }

    #[test]
    fn an_unusual_layout_is_left_alone() {
        assert_eq!(add("fn main() {}", "m1"), None);
    }
}
