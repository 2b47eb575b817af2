//! The only module that generated code names. Nothing here is for anybody else.

pub use core::module_path;

pub use inventory::submit;
pub use sea_orm::{EntityTrait, Value};

pub use crate::audited::{
    Audited, HasStandIn, HoldsText, Policy, StandIn, assert_holds_text, assert_model_of,
};
pub use crate::registry::Registration;
