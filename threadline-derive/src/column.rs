//! What SeaORM makes of a field, as far as it shows in the field: the same rules as in
//! sea-orm-macros 2.0.4 (`DeriveEntityModel` and `DeriveModel`).

use heck::ToUpperCamelCase;
use proc_macro2::TokenTree;
use syn::ext::IdentExt;
use syn::meta::ParseNestedMeta;
use syn::{Field, Ident, LitStr, Token, Type};

use crate::errors::Errors;

/// A field as SeaORM sees it.
pub(crate) struct Column {
    /// The name of its variant of the enum `Column`.
    pub(crate) variant: Ident,
    pub(crate) primary_key: bool,
    pub(crate) kind: Kind,
}

/// Whether there is a column behind the field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Column,
    /// `#[sea_orm(ignore)]`
    Ignored,
    /// `HasMany<_>` and its like.
    Relation,
}

/// What SeaORM makes of the field `ident`. Mistakes of `#[sea_orm(…)]` are left to SeaORM.
pub(crate) fn of_field(field: &Field, ident: &Ident, errors: &mut Errors) -> Option<Column> {
    let mut enum_name: Option<LitStr> = None;
    let mut primary_key = false;
    let mut kind = if is_relation(&field.ty) { Kind::Relation } else { Kind::Column };
    for attr in field.attrs.iter().filter(|attr| attr.path().is_ident("sea_orm")) {
        let _left_to_seaorm = attr.parse_nested_meta(|meta| {
            if meta.path.is_ident("enum_name") {
                enum_name = Some(meta.value()?.parse()?);
            } else if meta.path.is_ident("primary_key") {
                primary_key = true;
            } else if meta.path.is_ident("ignore") {
                kind = Kind::Ignored;
            }
            skip_value(&meta)
        });
    }
    let name = variant_name(ident, enum_name.as_ref());
    match syn::parse_str::<Ident>(&name) {
        Ok(mut variant) => {
            variant.set_span(ident.span());
            Some(Column { variant, primary_key, kind })
        }
        Err(_) => {
            errors.on(
                ident,
                format!("SeaORM would call this column's variant `{name}`, which is no name"),
            );
            None
        }
    }
}

/// Whether the type is one of SeaORM's relation wrappers.
pub(crate) fn is_relation(ty: &Type) -> bool {
    let Type::Path(path) = ty else { return false };
    let last = path.path.segments.last();
    last.is_some_and(|last| {
        ["BelongsTo", "HasOne", "HasMany"].iter().any(|name| last.ident == name)
    })
}

fn variant_name(field: &Ident, enum_name: Option<&LitStr>) -> String {
    let name = match enum_name {
        Some(name) => name.value(),
        None => field.unraw().to_string().to_upper_camel_case(),
    };
    // The one keyword that is in upper camel case, and so the only one a field can become.
    if name == "Self" { "Self_".to_owned() } else { name }
}

/// Passes over what is left of one word of `#[sea_orm(…)]`.
pub(crate) fn skip_value(meta: &ParseNestedMeta<'_>) -> syn::Result<()> {
    while !meta.input.is_empty() && !meta.input.peek(Token![,]) {
        meta.input.parse::<TokenTree>()?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use syn::parse_quote;

    use super::*;

    fn column(field: Field) -> Column {
        let mut errors = Errors::default();
        let ident = field.ident.clone().unwrap();
        let column = of_field(&field, &ident, &mut errors);
        assert!(errors.report().is_empty());
        column.unwrap()
    }

    #[test]
    fn a_variant_is_called_as_seaorm_calls_it() {
        let cases: [(Field, &str); 8] = [
            (parse_quote!(password_hash: String), "PasswordHash"),
            (parse_quote!(r#type: String), "Type"),
            (parse_quote!(_hidden: String), "Hidden"),
            (parse_quote!(self_: String), "Self_"),
            (parse_quote!(line2: String), "Line2"),
            (parse_quote!(aB_c1D: String), "ABC1D"),
            (parse_quote!(#[sea_orm(enum_name = "Kind")] kind_of: String), "Kind"),
            (
                parse_quote!(#[sea_orm(column_type = "Decimal(Some((8, 2)))", column_name = "x", nullable, enum_name = "Y")] z: String),
                "Y",
            ),
        ];
        for (field, variant) in cases {
            assert_eq!(column(field).variant, variant);
        }
    }

    #[test]
    fn keys_ignored_fields_and_relations_are_seen() {
        let key = column(parse_quote!(#[sea_orm(unique_key = "a", primary_key)] id: i32));
        assert!(key.primary_key && key.kind == Kind::Column);
        assert_eq!(column(parse_quote!(#[sea_orm(ignore)] a: i32)).kind, Kind::Ignored);
        let relation = column(parse_quote!(posts: HasMany<super::post::Entity>));
        assert_eq!(relation.kind, Kind::Relation);
        assert_eq!(column(parse_quote!(id: Option<i32>)).kind, Kind::Column);
    }
}
