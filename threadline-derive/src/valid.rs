//! Checks what is said against itself, and against what SeaORM says.

use syn::LitStr;
use syn::ext::IdentExt;

use crate::column::Kind;
use crate::errors::Errors;
use crate::model::{Field, Model};
use crate::path;
use crate::place::RELATION;

/// The most characters a placeholder may have; the runtime holds the same limit.
const LONGEST_PLACEHOLDER: usize = 200;

/// Finds every contradiction in `model`.
pub(crate) fn check(model: &Model<'_>, errors: &mut Errors) {
    for field in &model.fields {
        column(field, errors);
        redaction(field, errors);
    }
    key(model, errors);
    let texts = model.fields.iter().flat_map(|field| field.words.texts());
    texts.chain(&model.words.placeholder).for_each(|text| placeholder(text, errors));
}

/// Whether what is said of `field` makes sense taken alone.
pub(crate) fn is_sound(field: &Field<'_>) -> bool {
    let mut errors = Errors::default();
    column(field, &mut errors);
    redaction(field, &mut errors);
    let sound = errors.is_empty();
    errors.report();
    sound
}

fn column(field: &Field<'_>, errors: &mut Errors) {
    let Some(span) = field.words.given else { return };
    match field.column.kind {
        Kind::Column => {}
        Kind::Relation => errors.at(span, RELATION),
        Kind::Ignored => errors.at(
            span,
            format!("`{}` is `#[sea_orm(ignore)]`d, so there is no column to audit", name(field)),
        ),
    }
}

fn redaction(field: &Field<'_>, errors: &mut Errors) {
    let (words, name) = (&field.words, name(field));
    let redactions = field.redactions();
    for (nth, (span, weaker)) in redactions.iter().enumerate().skip(1) {
        let stronger = redactions[nth - 1].1;
        errors.at(*span, two_redactions(&name, stronger, weaker));
    }
    if let (Some(_), Some(quiet)) = (words.exclude, words.quiet) {
        errors.at(
            quiet,
            format!(
                "`{name}` is both excluded and quiet; the values of an excluded column are never \
                 compared, so there is nothing to quieten"
            ),
        );
    }
    if let (true, Some((span, _))) = (field.column.primary_key, redactions.first()) {
        errors.at(*span, redacted_key(&name, "a primary key"));
    }
    limit(field, errors);
    paths(field, errors);
}

fn two_redactions(name: &str, stronger: &str, weaker: &str) -> String {
    match (stronger, weaker) {
        ("excluded", "masked") => format!(
            "`{name}` is both excluded and masked; an excluded column is never stored, so there is \
             nothing to mask"
        ),
        _ => format!("`{name}` is both {stronger} and {weaker}; remove one"),
    }
}

fn limit(field: &Field<'_>, errors: &mut Errors) {
    let (Some(limit), name) = (field.words.max_bytes, name(field)) else { return };
    if field.column.primary_key {
        errors.at(limit.span, limited_key(&name, "a primary key"));
    }
    let whole = field.redactions().into_iter().find(|(_, how)| *how != "masked in parts");
    if let Some((_, redacted)) = whole {
        errors.at(
            limit.span,
            format!(
                "`{name}` is both {redacted} and limited by `max_bytes`; nothing of its values is \
                 stored that could be too large"
            ),
        );
    }
}

fn paths(field: &Field<'_>, errors: &mut Errors) {
    let mut earlier: Vec<path::Path> = Vec::new();
    for text in &field.words.mask_json {
        let list = match path::list(&text.value()) {
            Ok(list) => list,
            Err(reason) => {
                errors.at(
                    text.span(),
                    format!(
                        "no path into a JSON document: {reason}; paths are keys separated by dots, \
                         with `*` for every element of an array, as in `address.street, contacts.*.phone`"
                    ),
                );
                continue;
            }
        };
        for path in list {
            if let Some(clash) = earlier.iter().find_map(|one| path::clash(one, &path)) {
                errors.at(text.span(), clash);
            }
            earlier.push(path);
        }
    }
}

fn key(model: &Model<'_>, errors: &mut Errors) {
    let Some(key) = &model.key else { return };
    for (nth, (position, span)) in key.iter().enumerate() {
        let field = &model.fields[*position];
        let name = name(field);
        if key[..nth].iter().any(|(earlier, _)| earlier == position) {
            errors.at(*span, format!("the key names `{name}` twice"));
        }
        if field.column.kind != Kind::Column {
            errors.at(*span, format!("`{name}` is not a column of this table"));
        }
        if field.column.primary_key {
            continue;
        }
        if let Some((redacted, _)) = field.redactions().first() {
            errors.at(*redacted, redacted_key(&name, "part of the key"));
        }
        if let Some(limit) = field.words.max_bytes {
            errors.at(limit.span, limited_key(&name, "part of the key"));
        }
    }
}

fn redacted_key(name: &str, what: &str) -> String {
    format!(
        "`{name}` is {what}; changes could no longer be tied to their row, so it cannot be \
         redacted"
    )
}

fn limited_key(name: &str, what: &str) -> String {
    format!(
        "`{name}` is {what}; changes could no longer be tied to their row, so it cannot be limited by \
         `max_bytes`"
    )
}

fn placeholder(text: &LitStr, errors: &mut Errors) {
    let value = text.value();
    let message = if value.is_empty() {
        "a placeholder must not be empty: a masked value has to be told from an empty one"
    } else if value.chars().count() > LONGEST_PLACEHOLDER {
        "a placeholder may have 200 characters at most"
    } else if value.chars().any(char::is_control) {
        "a placeholder must not contain control characters"
    } else {
        return;
    };
    errors.at(text.span(), message);
}

fn name(field: &Field<'_>) -> String {
    field.ident.unraw().to_string()
}
