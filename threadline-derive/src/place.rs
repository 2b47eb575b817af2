//! Whether the derive is where it belongs, and which entity it is about.

use syn::{Attribute, Data, DeriveInput, Fields, Ident, LitStr, Path};

use crate::attr;
use crate::column;
use crate::errors::Errors;

/// What the derive was put on.
pub(crate) enum Place {
    /// The model of this entity.
    Model(Path),
    /// The model of this entity, but too early: `#[sea_orm::model]` has not yet been at work.
    AboveSeaOrm(Path),
    /// The second struct of `#[sea_orm::model]`, which gets every attribute of the first.
    ModelEx,
    /// Anything else.
    Elsewhere,
}

/// Finds out what `input` is.
pub(crate) fn of(input: &DeriveInput, errors: &mut Errors) -> Place {
    if !has_named_fields(&input.data) {
        errors.on(
            &input.ident,
            "`Audited` goes on an entity's `Model`, which is a struct with named fields",
        );
        return Place::Elsewhere;
    }
    if input.ident == "ModelEx" {
        no_words_on_relations(&input.data, errors);
        return Place::ModelEx;
    }
    let entity = match named_entity(&input.attrs) {
        Some(entity) => entity,
        // The span makes "cannot find type `Entity`" point at the model.
        None if input.ident == "Model" => Ident::new("Entity", input.ident.span()).into(),
        None => {
            let message = format!(
                "`Audited` goes on an entity's `Model`; `{}` is not one (name it `Model`, or give \
                 its entity with `#[sea_orm(entity = …)]`)",
                input.ident
            );
            errors.on(&input.ident, message);
            return Place::Elsewhere;
        }
    };
    match input.attrs.iter().find(|attr| makes_models(attr.path())) {
        Some(attr) => {
            errors.on(
                attr,
                "`#[derive(Audited)]` must stand below `#[sea_orm::model]`, in one list with \
                 `DeriveEntityModel`",
            );
            Place::AboveSeaOrm(entity)
        }
        None => Place::Model(entity),
    }
}

fn has_named_fields(data: &Data) -> bool {
    matches!(data, Data::Struct(data) if matches!(data.fields, Fields::Named(_)))
}

/// The relations are only on this struct, so here is the only place to see a word on one.
fn no_words_on_relations(data: &Data, errors: &mut Errors) {
    let Data::Struct(data) = data else { return };
    for field in data.fields.iter().filter(|field| column::is_relation(&field.ty)) {
        for attr in attr::audited(&field.attrs) {
            errors.on(attr, RELATION);
        }
    }
}

/// What is wrong with a word on a relation.
pub(crate) const RELATION: &str = "a relation is not a column of this table; what is said here belongs on the fields of the \
     related entity";

/// The entity in `#[sea_orm(entity = …)]`, which SeaORM wants as a name or as a text, by the derive.
fn named_entity(attrs: &[Attribute]) -> Option<Path> {
    let mut entity = None;
    for attr in attrs.iter().filter(|attr| attr.path().is_ident("sea_orm")) {
        let _left_to_seaorm = attr.parse_nested_meta(|meta| {
            if meta.path.is_ident("entity") {
                let value = meta.value()?;
                entity = Some(match value.parse::<Option<LitStr>>()? {
                    Some(text) => text.parse()?,
                    None => value.call(Path::parse_mod_style)?,
                });
            }
            column::skip_value(&meta)
        });
    }
    entity
}

fn makes_models(path: &Path) -> bool {
    let names: Vec<String> =
        path.segments.iter().map(|segment| segment.ident.to_string()).collect();
    let [.., module, name] = names.as_slice() else { return false };
    module == "sea_orm" && (name == "model" || name == "compact_model")
}
