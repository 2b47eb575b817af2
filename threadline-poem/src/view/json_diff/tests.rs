use proptest::prelude::*;
use serde_json::json;

use super::*;

/// What the leaves say, done to a document.
fn applied(mut document: Value, leaves: &[Leaf]) -> Value {
    for leaf in leaves {
        apply(&mut document, &leaf.path, &leaf.fate);
    }
    document
}

fn apply(place: &mut Value, path: &[Step], fate: &Fate) {
    match (path, fate) {
        ([], Fate::Replaced { was, now }) => {
            assert_eq!(place, was);
            *place = now.clone();
        }
        ([], Fate::Moved { now, .. }) => {
            let items = place.as_array_mut().expect("an array");
            items.sort_by_key(|item| now.iter().position(|id| *id == item["id"]));
        }
        ([step], Fate::Added { now, at }) => match (step, place) {
            (Step::Key(key), Value::Object(object)) => {
                assert_eq!(object.insert(key.clone(), now.clone()), None);
            }
            (_, Value::Array(items)) => items.insert((*at).min(items.len()), now.clone()),
            (step, place) => panic!("{step} of {place}"),
        },
        ([step], Fate::Removed { was }) => {
            let removed = match (step, place) {
                (Step::Key(key), Value::Object(object)) => object.remove(key),
                (Step::Index(index), Value::Array(items)) => Some(items.remove(*index)),
                (Step::Item(id), Value::Array(items)) => {
                    items.iter().position(|item| item["id"] == *id).map(|at| items.remove(at))
                }
                (step, place) => panic!("{step} of {place}"),
            };
            assert_eq!(removed.as_ref(), Some(was));
        }
        ([step, rest @ ..], fate) => {
            let inner = match (step, place) {
                (Step::Key(key), Value::Object(object)) => object.get_mut(key),
                (Step::Index(index), Value::Array(items)) => items.get_mut(*index),
                (Step::Item(id), Value::Array(items)) => {
                    items.iter_mut().find(|item| item["id"] == *id)
                }
                (step, place) => panic!("{step} of {place}"),
            };
            apply(inner.expect("the place is there"), rest, fate);
        }
        ([], fate) => panic!("{fate:?} of a document"),
    }
}

fn documents() -> impl Strategy<Value = Value> {
    let scalar = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        (0..4_i64).prop_map(Value::from),
        "[ab]{0,2}".prop_map(Value::from),
    ];
    scalar.prop_recursive(4, 40, 4, |inner| {
        let items = prop::collection::btree_set(0..6_u8, 0..5)
            .prop_map(|ids| ids.into_iter().collect::<Vec<_>>())
            .prop_shuffle();
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map("[abc]", inner.clone(), 0..4)
                .prop_map(|object| Value::Object(object.into_iter().collect())),
            (items, inner).prop_map(|(ids, value)| {
                let item = |id: &u8| json!({"id": id, "held": value, "mixed": [id % 3]});
                ids.iter().map(item).collect()
            }),
        ]
    })
}

proptest! {
    #[test]
    fn the_leaves_make_the_new_document_of_the_old_one(before in documents(), after in documents()) {
        let leaves = json_diff(&before, &after);
        prop_assert_eq!(leaves.is_empty(), before == after);
        prop_assert_eq!(applied(before, &leaves), after);
    }
}

#[test]
fn a_place_is_named_by_its_path() {
    let before =
        json!({"address": {"city": "Bern"}, "tags": ["a", "b"], "lines": [{"id": 7, "n": 1}]});
    let after = json!({"address": {"city": "Basel"}, "tags": ["a"], "lines": [{"id": 7, "n": 2}]});
    let told: Vec<String> = json_diff(&before, &after).iter().map(Leaf::path).collect();
    assert_eq!(told, ["address.city", "lines[id=7].n", "tags[1]"]);
}

#[test]
fn an_item_that_moves_is_not_told_as_another() {
    let before = json!([{"id": 1, "n": "one"}, {"id": 2, "n": "two"}, {"id": 3, "n": "three"}]);
    let after = json!([{"id": 9, "n": "nine"}, {"id": 2, "n": "two"}, {"id": 1, "n": "one"}]);
    let leaves = json_diff(&before, &after);
    assert_eq!(leaves.len(), 3, "{leaves:?}");
    assert_eq!(applied(before, &leaves), after);
}

#[test]
fn what_is_nested_as_deeply_as_the_trail_can_hold_is_compared() {
    let nested = |core: &str| (0..120).fold(json!(core), |inner, _| json!([inner]));
    let leaves = json_diff(&nested("a"), &nested("b"));
    assert_eq!(leaves.len(), 1);
    assert_eq!(leaves[0].path.len(), MAX_DEPTH);
}
