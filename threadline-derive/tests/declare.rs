//! What a declaration says, in every form of entity that SeaORM knows.

mod entity;

use entity::{classic, composite, dense, expanded, finer, generated, named, renamed_crate};
use threadline::sea_orm::Value;
use threadline::{Audited, Redaction, TableSpec};

/// The declaration as text, in which every name can be seen.
fn told<E: Audited>() -> String {
    tell(&E::table_spec().unwrap())
}

fn tell(spec: &TableSpec) -> String {
    let redactions = spec.redactions().iter().map(|(column, redaction)| match redaction {
        Redaction::Mask { placeholder } => format!("mask {column} {placeholder}"),
        Redaction::Hash { placeholder } => format!("hash {column} {placeholder}"),
        Redaction::MaskJson { paths, placeholder } => {
            let paths: Vec<_> = paths.iter().map(ToString::to_string).collect();
            format!("mask {column} at {} {placeholder}", paths.join("+"))
        }
        _ => format!("exclude {column}"),
    });
    let quiet = spec.quiet().iter().map(|column| format!("quiet {column}"));
    let key = spec.key().map(|key| {
        let key: Vec<_> = key.iter().map(ToString::to_string).collect();
        format!("key {}", key.join("+"))
    });
    let limits = spec.limits().iter().map(|(column, bytes)| format!("limit {column} {bytes}"));
    let mode = (!spec.mode().is_auto()).then(|| format!("mode {}", spec.mode().as_str()));
    let noop = spec.captures_noop().then(|| "noop".to_owned());
    let words: Vec<_> =
        redactions.chain(limits).chain(quiet).chain(key).chain(mode).chain(noop).collect();
    format!("{}: {}", spec.table(), words.join(", "))
}

#[test]
fn below_the_model_macro() {
    assert_eq!(
        told::<dense::Entity>(),
        "public.users: exclude password_hash, mask phone ***, mask tax_number [REDACTED], \
         quiet last_seen_at, quiet phone"
    );
}

#[test]
fn in_the_classic_format() {
    assert_eq!(told::<classic::Entity>(), "crm.people: mask note -, exclude secret, noop");
}

#[test]
fn in_the_expanded_format() {
    assert_eq!(told::<expanded::Things>(), "public.things: exclude secret, mask the_label ***");
}

#[test]
fn with_a_composite_key() {
    assert_eq!(
        told::<composite::Entity>(),
        "public.members: mask role [REDACTED], key team_id+user_id"
    );
}

#[test]
fn columns_have_the_names_of_the_database() {
    assert_eq!(
        told::<named::Entity>(),
        "public.named: exclude Full Name, mask aKind [REDACTED], exclude selfValue, \
         mask type [REDACTED], quiet lastSeen"
    );
}

#[test]
fn with_lists_on_the_struct() {
    assert_eq!(
        told::<generated::Entity>(),
        "public.accounts: mask iban ***, exclude password_hash, mask type ***, quiet last_seen_at"
    );
}

#[test]
fn with_the_finer_redactions_and_a_mode() {
    assert_eq!(
        told::<finer::Entity>(),
        "public.finer: hash email ***, hash points ***, \
         mask profile at \"a.b\".c+address.street+contacts.*.phone ***, hash tax_number ***, \
         limit body 1000, limit profile 4096, quiet profile, mode row"
    );
    let policy = finer::Entity::policy();
    assert_eq!(policy.stand_in_of(&finer::Column::Points), Some(Value::from(7)));
    assert_eq!(policy.stand_in_of(&finer::Column::TaxNumber), Some(Value::from(None::<i64>)));
    assert_eq!(policy.stand_in_of(&finer::Column::Body), Some(Value::from(String::new())));
    let paths = match policy.redaction(&finer::Column::Profile) {
        Some(Redaction::MaskJson { paths, .. }) => paths.len(),
        other => panic!("{other:?}"),
    };
    assert_eq!(paths, 3);
}

#[test]
fn through_another_path() {
    assert_eq!(told::<renamed_crate::Entity>(), "public.elsewhere: mask secret [REDACTED]");
}

#[test]
fn an_excluded_column_is_read_as_what_stands_in() {
    let policy = dense::Entity::policy();
    let stand_in = |column| policy.stand_in_of(&column);
    assert_eq!(stand_in(dense::Column::PasswordHash), Some(Value::from(String::new())));
    assert_eq!(stand_in(dense::Column::Level), Some(Value::from("low".to_owned())));
    assert_eq!(stand_in(dense::Column::Email), None);
    assert_eq!(stand_in(dense::Column::TaxNumber), None);
    let policy = classic::Entity::policy();
    assert_eq!(policy.stand_in_of(&classic::Column::Secret), Some(Value::from(None::<String>)));
    let policy = expanded::Things::policy();
    assert_eq!(policy.stand_in_of(&expanded::Column::Secret), Some(Value::from(7_i64)));
}

#[test]
fn a_policy_tells_what_becomes_of_a_column() {
    let policy = generated::Entity::policy();
    assert_eq!(policy.redaction(&generated::Column::PasswordHash), Some(Redaction::Exclude));
    assert_eq!(policy.redaction(&generated::Column::Id), None);
    let mask = policy.redaction(&generated::Column::Iban);
    assert!(matches!(mask, Some(Redaction::Mask { placeholder }) if placeholder.as_str() == "***"));
}

#[test]
fn a_redacted_key_that_only_shows_at_run_time_is_refused() {
    let error = expanded::redacted_key::Entity::table_spec().unwrap_err().to_string();
    assert!(error.contains("public.tokens") && error.contains("`token`"), "{error}");
}
