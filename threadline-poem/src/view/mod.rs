//! Components: plain data in, markup out. Nothing here knows the web framework or the database.
//!
//! What was audited goes through [`text::visible`], an address through [`link::local`], and a value through
//! [`Cell`], so that none of them can be taken for anything else.

mod cell;
mod chart;
mod chrome;
mod delta;
mod diff;
mod fields;
mod filter;
mod help;
mod icon;
mod json_diff;
mod json_tree;
mod link;
mod links;
mod rail;
mod sentence;
mod shell;
mod table;
mod text;
mod text_diff;
mod time;
mod verdict;

#[cfg(test)]
mod tests;

pub use chrome::Theme;
pub use links::Links;

pub(crate) use cell::{Cell, Facts, Form, cell};
pub(crate) use chart::{Bar, heat_map, histogram};
pub(crate) use chrome::{AssetNames, Chrome, Pill, Place};
pub(crate) use diff::{DiffOptions, Sides, diff_table, inline_diff};
pub(crate) use fields::{FieldDiff, fields_between, fields_of};
pub(crate) use filter::{
    Chip, FacetValue, FilterBar, Problem, chips, facet, field_problem, filter_bar,
};
pub(crate) use icon::{Icon, icon};
pub(crate) use json_tree::json_tree;
pub(crate) use link::{Choice, button_link, copy_button, copy_menu, link, local, reference, tabs};
pub(crate) use rail::{Slider, Stop, as_of_form, notice, slider, version_rail};
pub(crate) use sentence::{
    Deed, Head, Item, actor, change_item, nobody, op_badge, row_name, sides, transaction_group,
};
pub(crate) use shell::{closed, newer_notice, shell};
pub(crate) use table::{
    Column, Field, cards, data_table, field, halves, kv, page_head, pager, panel, split,
};
pub(crate) use text::{counted, folded, grouped, plain, visible};
pub(crate) use time::{ago, exact, minute, relative, time};
pub(crate) use verdict::{
    Level, Missing, Way, badge, banner, empty, error_panel, unsupported, verdict,
};
