//! Writes the code: what SeaORM does not know of the table, and nothing else.

use proc_macro2::{Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{Ident, Path};

use crate::attr::Mode;
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
    let model_bound = model_bound(model, &private);
    let mask_bounds = model.fields.iter().map(|field| mask_bound(field, &private));
    let options = options(model, &private);
    let columns = model.fields.iter().map(|field| column_options(field, &private));
    let registration = registration(model, &private);
    quote! {
        #[doc(hidden)]
        const _: () = {
            #[automatically_derived]
            impl #private::Audited for #entity {
                fn policy() -> #private::Policy<Self> {
                    #model_bound
                    #(#mask_bounds)*
                    #private::Policy::new() #options #(#columns)*
                }
            }
            #registration
        };
    }
}

/// A statement that only compiles if the struct is the model of the entity.
pub(crate) fn model_bound(model: &Model<'_>, private: &TokenStream) -> TokenStream {
    let (ident, entity) = (model.ident, &model.entity);
    quote_spanned!(ident.span()=> #private::assert_model_of::<#ident, #entity>();)
}

/// A statement that only compiles if a masked field can hold the text of the mask.
pub(crate) fn mask_bound(field: &Field<'_>, private: &TokenStream) -> Option<TokenStream> {
    let ty = field.ty;
    let bound = || quote_spanned!(ty.span()=> #private::assert_holds_text::<#ty>(););
    field.words.mask.as_ref().map(|_| bound())
}

/// The default value of the field's type, as what stands in for the field.
pub(crate) fn default_stand_in(field: &Field<'_>, private: &TokenStream) -> TokenStream {
    let ty = field.ty;
    quote_spanned!(ty.span()=> #private::StandIn::of::<#ty>())
}

fn options(model: &Model<'_>, private: &TokenStream) -> TokenStream {
    let placeholder = model.words.placeholder.as_ref().map(|text| quote!(.placeholder(#text)));
    let key = model.key.as_ref().map(|key| {
        let columns = key.iter().map(|(position, _)| variant(&model.fields[*position], private));
        quote!(.key([#(#columns),*]))
    });
    let capture_noop = model.words.capture_noop.map(|_| quote!(.capture_noop()));
    let mode = model.words.mode.map(|mode| match mode {
        Mode::Statement => quote!(.mode(#private::CaptureMode::Statement)),
        Mode::Row => quote!(.mode(#private::CaptureMode::Row)),
    });
    quote!(#placeholder #key #capture_noop #mode)
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
    let stand_in = || match &value {
        Some(value) => quote!(#private::StandIn::from_fn(#value)),
        None => default_stand_in(field, private),
    };
    let exclude = words.exclude.map(|_| {
        let stand_in = stand_in();
        quote!(.exclude(#column, #stand_in))
    });
    let mask = words.mask.as_ref().map(|mask| {
        let text = match &mask.text {
            Some(text) => quote!(#private::Option::Some(#text)),
            None => quote!(#private::Option::None),
        };
        quote!(.mask(#column, #text))
    });
    let hash = words.hash.map(|_| {
        let stand_in = stand_in();
        quote!(.hash(#column, #stand_in))
    });
    let mask_json = words.mask_json.iter().map(|paths| {
        let stand_in = stand_in();
        quote!(.mask_json(#column, #paths, #stand_in))
    });
    let max_bytes = words.max_bytes.map(|limit| {
        let (bytes, stand_in) = (limit.bytes, stand_in());
        quote!(.max_bytes(#column, #bytes, #stand_in))
    });
    let quiet = words.quiet.map(|_| quote!(.quiet(#column)));
    let of_its_own = match &value {
        Some(value) if !field.needs_stand_in() => Some(quote!(.stand_in(#column, #value))),
        _ => None,
    };
    quote!(#exclude #mask #hash #(#mask_json)* #max_bytes #quiet #of_its_own)
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
