//! Every kind of query, written once for any connection.

mod filters;
mod keys;
mod loaders;
mod pages;
mod related;
mod text;
mod totals;
mod within;

use sea_orm::{ConnectionTrait, StreamTrait};

use crate::answer::Answer;
use crate::parameters::Parameters;

macro_rules! queries {
    ($($area:ident: $($name:ident)*;)*) => {
        /// The names of all kinds.
        pub(crate) const NAMES: &[&str] =
            &[$($(concat!(stringify!($area), "::", stringify!($name))),*),*];

        /// Asks the query of this name.
        pub(crate) async fn ask<C: ConnectionTrait + StreamTrait>(
            name: &str,
            db: &C,
            parameters: &Parameters,
        ) -> Answer {
            $($(if name == concat!(stringify!($area), "::", stringify!($name)) {
                return Box::pin($area::$name(db, parameters)).await;
            })*)*
            panic!("no query is called {name}");
        }
    };
}

queries! {
    keys: integer bigint uuid composite half_of_a_composite of_another_schema list list_of_uuids
        list_or_other key_and_more two_keys_at_once pairs exists;
    filters: all_people all_posts all_comments all_lines all_invoices enums patterns lists ranges
        nulls json arrays nested page page_by_key redacted newer_column;
    related: also_related also_related_of_one also_of_another_schema both_related with_related
        with_many of_a_model linked three_tables inner_join left_join_without right_join junction
        self_join;
    loaders: load_one load_many load_many_to_many load_self entity_loader nested_entity_loader;
    totals: count columns partial_models groups groups_of_hashes aggregates
        totals_of_another_schema distinct json;
    pages: paginator page_of_a_join all_pages cursor composite_cursor cursor_by_a_time stream
        stream_of_a_join stream_of_columns stream_of_text;
    within: in_subquery exists scalar union from_subquery join_subquery own_cte model_of_text;
    text: plain qualified qualified_both_ways columns_by_table quoted comma using natural cross
        whole_rows stars table_command own_cte shadowed shadowed_later shadowing_itself
        chained_ctes recursive lateral windows cases grouping_sets unnested json_functions series
        values any_array any_subquery row_in_subquery correlated_twice set_operations
        froms_that_are_none nothing comments_and_strings aliased_columns alias_of_another
        parenthesized key_in_a_join key_on_the_outer_side key_of_a_full_join key_beside_a_count
        key_as_text key_negated key_of_either key_twice key_contradicted key_of_a_literal
        key_reversed key_of_a_literal_text key_in_a_having key_negated_twice
        key_of_another_type;
}
