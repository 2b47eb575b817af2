//! What is linked is found; what is listed is known.

mod entity;

use entity::{classic, dense, expanded, unregistered};
use threadline::{Audited, Error, Registry, TableName};

fn names(registry: &Registry) -> Vec<String> {
    registry.tables().map(|spec| spec.table().to_string()).collect()
}

#[test]
fn every_linked_entity_is_collected_but_the_one_that_says_no() {
    let expected = [
        "crm.people",
        "public.a",
        "public.accounts",
        "public.b",
        "public.elsewhere",
        "public.finer",
        "public.members",
        "public.named",
        "public.things",
        "public.users",
    ];
    assert_eq!(names(&Registry::collect().unwrap()), expected);
}

#[test]
fn a_module_is_collected_with_what_is_below_it() {
    let registry = Registry::collect_prefix("registry::entity::dense").unwrap();
    assert_eq!(names(&registry), ["public.users"]);
    let registry = Registry::collect_prefix("registry::entity::several::*").unwrap();
    assert_eq!(names(&registry), ["public.a", "public.b"]);
    assert_eq!(registry.get(&TableName::parse("a").unwrap()).unwrap().redactions().len(), 1);
}

#[test]
fn a_prefix_is_no_part_of_a_name() {
    assert!(Registry::collect_prefix("registry::entity::dens").is_err());
}

#[test]
fn a_module_without_entities_is_an_error_that_lists_the_others() {
    let error = Registry::collect_prefix("registry::entity::unregistered").unwrap_err();
    assert!(matches!(error, Error::NothingBelow { .. }));
    assert!(error.to_string().contains("registry::entity::dense"), "{error}");
}

#[test]
fn what_is_listed_is_known() {
    let registry = Registry::builder()
        .register::<unregistered::Entity>()
        .register::<dense::Entity>()
        .register::<classic::Entity>()
        .live(TableName::parse("countries").unwrap())
        .build()
        .unwrap();
    assert_eq!(names(&registry), ["crm.people", "public.silent", "public.users"]);
    assert!(registry.is_live(&TableName::parse("countries").unwrap()));
}

#[test]
fn two_entities_of_one_table_have_one_policy() {
    let same = Registry::builder()
        .register::<dense::Entity>()
        .table(dense::Entity::table_spec().unwrap())
        .build();
    assert_eq!(same.unwrap().tables().count(), 1);
    let error = Registry::builder()
        .register::<dense::Entity>()
        .register::<dense::other::Entity>()
        .build()
        .unwrap_err();
    let text = error.to_string();
    assert!(matches!(error, Error::ConflictingEntities { .. }), "{text}");
    assert!(text.contains("public.users") && text.contains("dense::other::Entity"), "{text}");
}

#[test]
fn an_entity_that_contradicts_itself_is_not_registered() {
    let one = Registry::builder().register::<expanded::redacted_key::Entity>().build();
    assert!(matches!(one, Err(Error::Spec { .. })));
}
