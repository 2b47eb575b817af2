//! Writes the code: what SeaORM does not know of the table, and nothing else.

use proc_macro2::{Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{Ident, Path};

use crate::column::Kind;
use crate::model::{Field, Model};

/// The module that generated code may name.
pub(crate) fn private(crate_path: Option<&Path>) -> TokenStream {
    match crate_path {
        Some(path) => quote!(#path::__private),
        None => quote!(::threadline::__private),
    }
}

/// The code of a model in which there is no mistake.
pub(crate) fn expand(model: &Model<'_>) -> TokenStream {
    let private = private(model.words.crate_path.as_ref());
    let entity = &model.entity;
    let bounds = bounds(model, &private, model.fields.iter());
    let options = options(model, &private);
    let columns = model.fields.iter().map(|field| column_options(field, &private));
    let registration = registration(model, &private);
    quote! {
        #[doc(hidden)]
        const _: () = {
            #[automatically_derived]
            impl #private::Audited for #entity {
                fn policy() -> #private::Policy<Self> {
                    #bounds
                    #private::Policy::new() #options #(#columns)*
                }
            }
            #registration
        };
    }
}

/// Statements that only compile if the struct and the types of `fields` can be what is said.
pub(crate) fn bounds<'a>(
    model: &Model<'_>,
    private: &TokenStream,
    fields: impl Iterator<Item = &'a Field<'a>>,
) -> TokenStream {
    let (ident, entity) = (model.ident, &model.entity);
    let types = fields.filter(|field| field.column.kind == Kind::Column).map(|field| {
        let ty = field.ty;
        if field.words.mask.is_some() {
            quote_spanned!(ty.span()=> #private::assert_holds_text::<#ty>();)
        } else if field.words.exclude.is_some() && field.words.stand_in.is_none() {
            quote_spanned!(ty.span()=> #private::assert_has_stand_in::<#ty>();)
        } else {
            TokenStream::new()
        }
    });
    let is_model = quote_spanned!(ident.span()=> #private::assert_model_of::<#ident, #entity>(););
    quote!(#is_model #(#types)*)
}

fn options(model: &Model<'_>, private: &TokenStream) -> TokenStream {
    let placeholder = model.words.placeholder.as_ref().map(|text| quote!(.placeholder(#text)));
    let key = model.key.as_ref().map(|key| {
        let columns = key.iter().map(|(position, _)| variant(&model.fields[*position], private));
        quote!(.key([#(#columns),*]))
    });
    let capture_noop = model.words.capture_noop.map(|_| quote!(.capture_noop()));
    quote!(#placeholder #key #capture_noop)
}

/// The calls that say what is said of one field.
fn column_options(field: &Field<'_>, private: &TokenStream) -> TokenStream {
    let (ty, words) = (field.ty, &field.words);
    let column = variant(field, private);
    let value = words.stand_in.as_ref().map(|expression| {
        let value = Ident::new("value", Span::mixed_site());
        quote!(|| {
            let #value: #ty = #expression;
            #private::into_value(#value)
        })
    });
    let exclude = words.exclude.map(|_| match &value {
        Some(value) => quote!(.exclude(#column, #private::StandIn::from_fn(#value))),
        None => quote!(.exclude(#column, #private::StandIn::of::<#ty>())),
    });
    let mask = words.mask.as_ref().map(|mask| {
        let text = match &mask.text {
            Some(text) => quote!(#private::Option::Some(#text)),
            None => quote!(#private::Option::None),
        };
        quote!(.mask(#column, #text))
    });
    let quiet = words.quiet.map(|_| quote!(.quiet(#column)));
    let stand_in = match (&value, words.exclude) {
        (Some(value), None) => Some(quote!(.stand_in(#column, #value))),
        _ => None,
    };
    quote!(#exclude #mask #quiet #stand_in)
}

fn variant(field: &Field<'_>, private: &TokenStream) -> TokenStream {
    let variant = &field.column.variant;
    quote!(<Self as #private::EntityTrait>::Column::#variant)
}

fn registration(model: &Model<'_>, private: &TokenStream) -> Option<TokenStream> {
    let entity = &model.entity;
    model.words.register.unwrap_or(true).then(|| {
        quote! {
            #private::submit! {
                #private::Registration::new::<#entity>(#private::module_path!())
            }
        }
    })
}
