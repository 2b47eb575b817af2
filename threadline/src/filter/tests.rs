//! The grammar: what is written is read back, and what cannot be read is an error.

use std::time::Duration;

use proptest::prelude::*;

use super::{ActorTerm, FieldIs, Filter, Network, RowKey, TimeBound};
use crate::{ActorRef, ActorType, ColumnName, Error, Operation, TableName};

fn name() -> impl Strategy<Value = String> {
    prop_oneof![
        "[a-z_]{1,8}",
        "[ -~é\u{202e}]{1,10}",
        Just("-".to_owned()),
        Just("\\null".to_owned()),
        Just("%2E".to_owned()),
    ]
}

/// An id as it is kept: without blanks around it.
fn id() -> impl Strategy<Value = String> {
    name().prop_map(|id| id.trim().to_owned()).prop_filter("blank", |id| !id.is_empty())
}

fn value() -> impl Strategy<Value = Option<String>> {
    let awkward = ["", "null", "\\null", "\\", " a ", "-1", "a\"b", "a\nb", "=;&%41", "+"];
    prop_oneof![
        Just(None),
        "[ -~é\n]{0,8}".prop_map(Some),
        prop::sample::select(awkward.to_vec()).prop_map(|text| Some(text.to_owned())),
    ]
}

fn actor() -> impl Strategy<Value = ActorTerm> {
    prop_oneof![
        Just(ActorTerm::Nobody),
        Just(ActorTerm::Is(ActorRef::anonymous())),
        prop::sample::select(ActorType::ALL.to_vec()).prop_map(ActorTerm::Any),
        id().prop_map(|id| ActorTerm::Is(ActorRef::user(id))),
        prop::sample::select(vec!["*", "\\*", "none", "a:b"])
            .prop_map(|id| ActorTerm::Is(ActorRef::system(id))),
    ]
}

fn key() -> impl Strategy<Value = RowKey> {
    let named = prop::collection::btree_map(name(), "[ -~é]{0,6}", 1..4);
    prop_oneof![
        "[ -~é]{1,8}".prop_filter("blank", |v| !v.trim().is_empty()).prop_map(RowKey::scalar),
        named.prop_map(|columns| RowKey::named(columns).expect("one column or more")),
    ]
}

/// One thing that a filter says, as it is put into a filter.
fn said() -> impl Strategy<Value = Filter> {
    let new = Filter::new;
    let column = || name().prop_map(|name| ColumnName::new(name).expect("short"));
    let operations = [Operation::Insert, Operation::Truncate, Operation::Baseline];
    prop_oneof![
        (name(), name()).prop_map(move |(schema, table)| {
            new().table(TableName::new(schema, table).expect("short"))
        }),
        prop::sample::select(operations.to_vec()).prop_map(move |op| new().operation(op)),
        column().prop_map(move |column| new().changed(column)),
        (column(), value()).prop_map(move |(c, v)| new().was(c, v.as_deref())),
        (column(), value()).prop_map(move |(c, v)| new().now(c, v.as_deref())),
        actor().prop_map(move |actor| {
            let mut filter = new();
            filter.actors.want(actor);
            filter
        }),
        prop::sample::select(ActorType::ALL.to_vec()).prop_map(move |kind| new().kind(kind)),
        id().prop_map(move |id| new().action(id)),
        id().prop_map(move |id| new().correlation_id(id)),
        id().prop_map(move |id| new().request_id(id)),
        any::<i64>().prop_map(move |id| new().transaction(id)),
        (any::<std::net::IpAddr>(), 0_u8..=32).prop_map(move |(address, bits)| {
            new().ip(format!("{address}/{bits}").parse::<Network>().expect("a network"))
        }),
    ]
}

fn filter() -> impl Strategy<Value = Filter> {
    let wanted = prop::collection::vec((said(), any::<bool>()), 0..8);
    let bound = || {
        prop_oneof![
            (0_i64..4_000_000_000_000_000).prop_map(|micros| TimeBound::At(
                chrono::DateTime::from_timestamp_micros(micros).expect("in range")
            )),
            (0_u64..10_000_000).prop_map(|s| TimeBound::ago(Duration::from_secs(s))),
        ]
    };
    let rest = (bound(), prop::option::of(bound()), any::<bool>(), 1_u32..=10_000, key());
    (wanted, rest, prop::option::of("[A-Za-z0-9_-]{1,20}")).prop_map(|(said, rest, after)| {
        let (from, to, oldest_first, limit, key) = rest;
        let mut filter =
            Filter { from: Some(from), to, oldest_first, limit, after, ..Filter::new() };
        for (one, is_unwanted) in said {
            filter = if is_unwanted { filter.except(one) } else { merged(filter, one) };
        }
        if filter.tables.wanted().len() == 1 {
            filter = filter.row(key);
        }
        filter
    })
}

/// Both of two filters of which the second says one thing.
fn merged(mut filter: Filter, one: Filter) -> Filter {
    one.tables.wanted().iter().cloned().for_each(|v| filter.tables.want(v));
    one.operations.wanted().iter().copied().for_each(|v| filter.operations.want(v));
    one.changed.wanted().iter().cloned().for_each(|v| filter.changed.want(v));
    one.was.wanted().iter().cloned().for_each(|v| filter.was.want(v));
    one.now.wanted().iter().cloned().for_each(|v| filter.now.want(v));
    one.actors.wanted().iter().cloned().for_each(|v| filter.actors.want(v));
    one.kinds.wanted().iter().copied().for_each(|v| filter.kinds.want(v));
    one.actions.wanted().iter().cloned().for_each(|v| filter.actions.want(v));
    one.correlations.wanted().iter().cloned().for_each(|v| filter.correlations.want(v));
    one.requests.wanted().iter().cloned().for_each(|v| filter.requests.want(v));
    one.transactions.wanted().iter().copied().for_each(|v| filter.transactions.want(v));
    one.networks.wanted().iter().copied().for_each(|v| filter.networks.want(v));
    filter
}

#[test]
fn a_blank_is_a_name_like_any_other() {
    let filter = Filter::new().last(std::time::Duration::from_secs(3600));
    let filter = filter.changed(ColumnName::new(" ").expect("PostgreSQL takes it"));
    assert_eq!(filter.to_string().parse::<Filter>().expect("what is written is read"), filter);
    assert!("changed=&from=-1h".parse::<Filter>().is_err(), "nothing at all is no name");
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(2_000) })]

    #[test]
    fn what_is_written_is_read_back(filter in filter()) {
        let text = filter.to_string();
        let read: Filter = text.parse().map_err(|e| TestCaseError::fail(format!("{text}: {e}")))?;
        prop_assert_eq!(&read, &filter, "{}", text);
        prop_assert_eq!(read.to_string(), text);
        prop_assert_eq!(Filter::parse_pairs(filter.pairs()).ok(), Some(filter.clone()));
        let search = filter.to_search();
        let read = Filter::parse_search(&search);
        let read = read.map_err(|e| TestCaseError::fail(format!("{search}: {e}")))?;
        prop_assert_eq!(&read, &filter, "{}", search);
        let json = serde_json::to_string(&filter).expect("serializes");
        prop_assert_eq!(serde_json::from_str::<Filter>(&json).ok(), Some(filter));
    }

    #[test]
    fn no_text_is_a_panic_or_silently_another_filter(text in "[a-z]{0,6}[ -~é]{0,24}") {
        if let Ok(read) = text.parse::<Filter>() {
            prop_assert_eq!(read.to_string().parse::<Filter>().ok(), Some(read));
        }
        if let Ok(read) = Filter::parse_search(&text) {
            prop_assert!(read != Filter::new() || text.trim().is_empty() || text.contains("limit")
                || text.contains("sort") || text.contains("capture_only"));
        }
    }
}

/// What is wrong with a text.
fn problem(text: &str) -> String {
    match text.parse::<Filter>() {
        Err(Error::InvalidFilter(problems)) => problems.to_string(),
        other => panic!("`{text}` is {other:?}"),
    }
}

#[test]
fn an_unknown_key_and_a_bad_value_are_errors_that_name_what_would_do() {
    for (text, needle) in [
        ("tabel=orders", "the keys are table, row, op"),
        ("op=upsert", "`insert`, `update`"),
        ("actor=robot:1", "service_account"),
        ("actor=user", "`user:42`"),
        ("actor=anonymous:7", "no id"),
        ("from=yesterday", "`-24h`"),
        ("from=-24", "`-24h`"),
        ("from=2026-02-30", "`-24h`"),
        ("from=-99999999999999999999h", "`-24h`"),
        ("sort=up", "`new` or `old`"),
        ("limit=0", "1 to 10000"),
        ("limit=10&limit=20", "said twice"),
        ("table=a.b.c", "%2E"),
        ("table=", "no value"),
        ("table=orders&row=a=1;b", "column=value"),
        ("table=orders&row=a=1;a=2", "twice"),
        ("row=42", "exactly one"),
        ("table=a&table=b&row=42", "exactly one"),
        ("table=a&was=status", "`status:paid`"),
        ("ip=10.0.0.0/40&from=-1h", "`10.0.0.0/8`"),
        ("corr=%20", "it is blank"),
        ("capture_only=true", "widens `corr`"),
        ("q=refund", "`table:orders`"),
        ("q=action:%22open", "not closed"),
        ("q=-from:-24h", "no opposite"),
    ] {
        let told = problem(text);
        assert!(told.contains(needle), "`{text}`: {told}");
    }
    let long = format!("corr={}", "x".repeat(257));
    assert!(problem(&long).contains("257 bytes"));
}

#[test]
fn every_problem_is_told_with_its_key() {
    let Err(Error::InvalidFilter(problems)) = "op=x&limit=x&nope=1".parse::<Filter>() else {
        panic!("three things are wrong");
    };
    let keys: Vec<&str> = problems.0.iter().map(|problem| problem.key.as_str()).collect();
    assert_eq!(keys, ["op", "limit", "nope"]);
}

#[test]
fn what_no_index_bounds_is_refused_with_the_way_out() {
    for rare in ["op=delete", "changed=status", "kind=job", "ip=::1", "now=a:1"] {
        assert!(problem(rare).contains("from=-24h"), "{rare}");
        assert!(problem(&format!("{rare}&actor=-user:1&to=now")).contains("from=-24h"), "{rare}");
        for bound in ["table=a", "actor=user:1", "action=a", "corr=c", "from=-1h", "transaction=1"]
        {
            let filter = format!("{rare}&{bound}").parse::<Filter>();
            assert!(filter.is_ok(), "{rare}&{bound}: {filter:?}");
        }
    }
    Filter::new().check().expect("the newest changes are at the end of an index");
    assert!(Filter::new().operation(Operation::Delete).check().is_err(), "the API is no way round");
}

#[test]
fn it_is_written_as_people_write_it() {
    let typed = "table:orders op:update actor:user:42 -action:login changed:status from:-24h";
    let filter = Filter::parse_search(typed).expect("the example of the documentation");
    assert_eq!(
        filter.to_string(),
        "table=public.orders&op=update&changed=status&actor=user:42&action=-login&from=-24h"
    );
    assert_eq!(
        "q=table:orders+op:update&actor=user:42&action=-login&changed=status&from=-24h"
            .parse::<Filter>()
            .expect("a search beside other keys"),
        filter
    );
    let day: Filter = "from=2026-01-31&to=2026-01-31".parse().expect("a day");
    assert_eq!(day.to_string(), "from=2026-01-31T00:00:00Z&to=2026-01-31T23:59:59.999999Z");
    let zone: Filter = "from=2026-01-31T12:00:00+01:00".parse().expect("`+` as a browser sends it");
    assert_eq!(zone.to_string(), "from=2026-01-31T11:00:00Z");
}

#[test]
fn equal_filters_have_equal_texts() {
    let one = Filter::parse_search("op:update table:b table:a op:insert table:a").expect("fine");
    let other = Filter::parse_search("table:a table:b op:insert op:update").expect("fine");
    assert_eq!(one, other);
    assert_eq!(one.to_string(), other.to_string());
}

#[test]
fn what_is_left_out_is_no_bound() {
    let filter = Filter::new()
        .last(Duration::from_secs(60))
        .except(Filter::new().actor(ActorRef::system("a")).operation(Operation::Insert).limit(3));
    assert_eq!(filter.to_string(), "op=-insert&actor=-system:a&from=-1m");
}

#[test]
fn the_limit_is_brought_within_its_bounds() {
    assert_eq!(Filter::new().limit(0).max_entries(), 1);
    assert_eq!(Filter::new().limit(u32::MAX).max_entries(), 10_000);
}

#[test]
fn a_value_of_a_column_may_be_null_or_the_text_null() {
    let read = |text: &str| FieldIs::parse(text).expect("a field").value;
    assert_eq!(read("a:null"), None);
    assert_eq!(read("a:\\null"), Some("null".to_owned()));
    assert_eq!(read("a:"), Some(String::new()));
}
