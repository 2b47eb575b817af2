//! The derive macro of Threadline. It is documented, and to be used, as `threadline::Audited`.

mod attr;
mod column;
mod errors;
mod expand;
mod fallback;
mod model;
mod path;
mod place;
mod suggest;
mod valid;
mod word;

use proc_macro2::TokenStream;
use syn::{DeriveInput, parse_macro_input};

use crate::errors::Errors;
use crate::model::Model;
use crate::place::Place;

/// Declares that the table of an entity is audited.
///
/// It goes on the `Model`, in one list with `DeriveEntityModel` (or `DeriveModel`), and so below
/// `#[sea_orm::model]`. The names of the table and its columns, the key and the types are those of
/// the entity; the attributes say only what SeaORM does not know. A mistake is an error at its place,
/// and all mistakes are reported at once.
///
/// ```
/// use threadline::Audited;
/// use threadline::sea_orm::{self, entity::prelude::*};
///
/// #[sea_orm::model]
/// #[derive(Clone, Debug, PartialEq, DeriveEntityModel, Audited)]
/// #[sea_orm(table_name = "users")]
/// pub struct Model {
///     #[sea_orm(primary_key)]
///     pub id: i32,
///     pub email: String,
///     #[audited(exclude)]
///     pub password_hash: String,
///     #[audited(mask)]
///     pub tax_number: Option<String>,
///     #[audited(quiet)]
///     pub last_seen_at: DateTimeUtc,
/// }
///
/// impl ActiveModelBehavior for ActiveModel {}
///
/// let users = Entity::table_spec()?;
/// assert_eq!(users.table().to_string(), "public.users");
/// assert_eq!(users.redactions().len(), 2);
/// # Ok::<(), threadline::Error>(())
/// ```
///
/// # On a field
///
/// | attribute | what it says |
/// |---|---|
/// | `#[audited(exclude)]` | The column is never stored. A past row is read with the default of the field's type in its place. |
/// | `#[audited(mask)]` | `[REDACTED]` is stored in place of every value. The field has to be a `String` or an `Option`. |
/// | `#[audited(mask = "***")]` | The same, with a text of your own. |
/// | `#[audited(hash)]` | A keyed hash (HMAC-SHA-256) of the value's text is stored: equal values are seen to be equal, and nothing else. |
/// | `#[audited(mask_json = "address.street, contacts.*.phone")]` | The document is stored with `[REDACTED]` at these paths. The column has to be `json` or `jsonb`. |
/// | `#[audited(max_bytes = 65536)]` | Of a value that is larger, only the size and the SHA-256 are stored. |
/// | `#[audited(quiet)]` | The column is stored, but a change of quiet columns alone is not recorded. |
/// | `#[audited(stand_in = Status::Draft)]` | The value to read where a past row has none: of a column that is excluded, hashed, wholly masked or too large, or younger than the row. Without it, such a field needs a type with a default. |
///
/// One column has one redaction; `max_bytes` goes with `mask_json`, and `quiet` with everything but
/// `exclude`. Key columns are stored as they are.
///
/// **`hash`**: the key is made when the schema is installed, lies in `threadline.hash_keys`, which
/// only its owner can read, and goes into dumps with the data. The column's name goes into the hash,
/// so that equal texts in two columns, or in a column that was renamed, have different hashes. That
/// gives up joins across columns for safety: who may write one hashed column and read the trail can
/// try out guesses, and learns nothing of any other column. If the key is lost, values are masked;
/// `SELECT threadline.make_hash_key()` makes another one. Null stays null.
///
/// **`mask_json`**: a path is keys of objects separated by dots, `*` is every element of an array, and
/// a key that is a number or holds one of `.`, `,`, `*` is written in double quotes. Several paths are
/// separated by commas, or given by repeating the word. A path that is missing stays missing. A document that
/// has another form than a path expects, a text where it expects an object, is masked wholly.
///
/// **`max_bytes`** counts the bytes of a text, those of a `bytea`, and for every other type those of
/// its JSON text. It saves space and is no redaction: the digest tells a guess that is right.
///
/// # On the struct
///
/// | attribute | what it says |
/// |---|---|
/// | `#[audited(exclude(a, b))]`, `mask(a)`, `hash(a)`, `quiet(a)` | The same as on the fields, for entities that are generated and so cannot be touched. |
/// | `#[audited(placeholder = "***")]` | The text of every mask that has none of its own. |
/// | `#[audited(key = [a, b])]` | What tells the rows apart, for a table without a primary key. |
/// | `#[audited(capture_noop)]` | An update that changes nothing is recorded, too. |
/// | `#[audited(mode = "row")]` | The table is captured by row triggers, with `"statement"` by statement triggers, whatever its own triggers and kind ask for. |
/// | `#[audited(register = false)]` | `Registry::collect` does not find the entity. |
/// | `#[audited(crate = path)]` | Where Threadline is, if not at `::threadline`. |
#[proc_macro_derive(Audited, attributes(audited))]
pub fn derive_audited(input: proc_macro::TokenStream) -> proc_macro::TokenStream {
    derive(&parse_macro_input!(input as DeriveInput)).into()
}

fn derive(input: &DeriveInput) -> TokenStream {
    let mut errors = Errors::default();
    let mut code = match place::of(input, &mut errors) {
        Place::Model(entity) => model(input, entity, &mut errors),
        Place::AboveSeaOrm(entity) => fallback::of_entity(&entity),
        Place::ModelEx | Place::Elsewhere => TokenStream::new(),
    };
    code.extend(errors.report());
    code
}

fn model(input: &DeriveInput, entity: syn::Path, errors: &mut Errors) -> TokenStream {
    let model = Model::read(input, entity, errors);
    valid::check(&model, errors);
    if errors.is_empty() { expand::expand(&model) } else { fallback::of_model(&model) }
}
