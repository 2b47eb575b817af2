use super::*;

fn pairs(text: &str) -> Vec<(String, String)> {
    form_urlencoded::parse(text.as_bytes()).into_owned().collect()
}

fn asked(text: &str) -> Wanted {
    of_pairs(pairs(text), FormatName::Csv).expect("an export")
}

#[test]
fn a_limit_counts_only_if_it_was_asked_for() {
    assert_eq!(asked("table=orders").limit, None);
    assert_eq!(asked("table=orders&limit=200").limit, Some(200));
    assert_eq!(asked("table=orders&limit=7").limit, Some(7));
}

#[test]
fn what_an_export_cannot_have_is_refused_in_words() {
    for (text, word) in [
        ("after=abc", "after"),
        ("q=table:orders", "`q`"),
        ("raw=yes", "raw=1"),
        ("raw=1&raw=1", "raw=1"),
    ] {
        let told = of_pairs(pairs(text), FormatName::Csv).expect_err(text).to_string();
        assert!(told.contains(word), "{text}: {told}");
    }
    assert!(of_pairs(pairs("raw=1"), FormatName::Json).is_err());
    assert!(of_pairs(pairs("tabel=orders"), FormatName::Csv).is_err());
}

#[test]
fn a_name_has_nothing_of_what_was_asked_with() {
    let now = DateTime::from_timestamp(1_795_239_000, 0).expect("a moment");
    let name = name(&asked("action=..%2F%22%0Aevil&raw=1"), now);
    assert_eq!(name, "threadline-changes-raw-20261121T0530Z.csv");
}

#[test]
fn the_command_has_every_condition_and_no_bound() {
    let wanted = asked("table=orders&action=order+refund&raw=1");
    let view = View { wanted, bound: Bound::Bytes(8 << 20), matching: None };
    assert_eq!(
        view.command(),
        "threadline export table=public.orders 'action=order refund' --unlimited --raw --output \
         changes.csv"
    );
    assert!(view.told().contains("larger than the 8 MB"), "{}", view.told());
}
