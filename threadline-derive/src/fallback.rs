//! The code beside the mistakes: an implementation that says nothing, so that what uses it is not
//! reported as well, and the bounds of every field in which no mistake was found.

use proc_macro2::TokenStream;
use quote::quote;
use syn::Path;

use crate::expand::{default_stand_in, mask_bound, model_bound, private};
use crate::model::{Field, Model};
use crate::valid;

/// The implementation for a model with mistakes.
pub(crate) fn of_model(model: &Model<'_>) -> TokenStream {
    let private = private(model.words.crate_path.as_ref());
    let sound = model.fields.iter().filter(|field| valid::is_sound(field));
    let mut bounds = model_bound(model, &private);
    bounds.extend(sound.map(|field| field_bounds(field, &private)));
    implementation(&model.entity, &private, &bounds)
}

/// The implementation for an entity of which nothing more is known.
pub(crate) fn of_entity(entity: &Path) -> TokenStream {
    implementation(entity, &private(None), &TokenStream::new())
}

fn field_bounds(field: &Field<'_>, private: &TokenStream) -> TokenStream {
    let mask = mask_bound(field, private);
    let by_default = field.needs_stand_in() && field.words.stand_in.is_none();
    let stand_in = by_default.then(|| {
        let default = default_stand_in(field, private);
        quote!(let _ = #default;)
    });
    quote!(#mask #stand_in)
}

fn implementation(entity: &Path, private: &TokenStream, bounds: &TokenStream) -> TokenStream {
    quote! {
        #[automatically_derived]
        impl #private::Audited for #entity {
            fn policy() -> #private::Policy<Self> {
                #bounds
                #private::Policy::new()
            }
        }
    }
}
