//! What the host adds where the headers said nothing.

use serde_json::{Map, Value};
use threadline::context::valid_id;

use crate::headers::is_request_id;

/// The ids that a host may supply.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Overrides {
    pub(crate) request_id: Option<String>,
    pub(crate) correlation_id: Option<String>,
}

/// Reads what the host supplied. A mistake is the programmer's, so it is an error and never ignored.
pub(crate) fn parse(given: Map<String, Value>) -> Result<Overrides, String> {
    let mut overrides = Overrides::default();
    for (key, value) in given {
        let (place, is_valid): (_, fn(&str) -> bool) = match key.as_str() {
            "request_id" => (&mut overrides.request_id, is_request_id),
            "correlation_id" => {
                (&mut overrides.correlation_id, |id| valid_id(id).is_some_and(|valid| valid == id))
            }
            _ => {
                return Err(format!(
                    "the context overrides have the unknown key `{key}`; the keys are `request_id` \
                     and `correlation_id`"
                ));
            }
        };
        match value {
            Value::Null => {}
            Value::String(id) if is_valid(&id) => *place = Some(id),
            _ => return Err(format!("the context override `{key}` is not usable as an id")),
        }
    }
    Ok(overrides)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn parsed(given: Value) -> Result<Overrides, String> {
        parse(given.as_object().cloned().unwrap_or_default())
    }

    #[test]
    fn only_ids_can_be_supplied() {
        assert_eq!(parsed(json!({})), Ok(Overrides::default()));
        let both = parsed(json!({"request_id": "r", "correlation_id": null})).unwrap();
        assert_eq!(both.request_id.as_deref(), Some("r"));
        assert_eq!(both.correlation_id, None);
        for bad in [
            json!({"actor": "user:7"}),
            json!({"request_id": 7}),
            json!({"request_id": "a b"}),
            json!({"correlation_id": ""}),
            json!({"correlation_id": "a\nb"}),
        ] {
            assert!(parsed(bad.clone()).is_err(), "{bad}");
        }
    }
}
