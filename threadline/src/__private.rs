//! The only module that generated code names. Nothing here is for anybody else.

pub use core::module_path;
pub use core::option::Option;

pub use inventory::submit;
pub use sea_orm::EntityTrait;

pub use crate::audited::{
    Audited, Policy, StandIn, assert_holds_text, assert_model_of, into_value,
};
pub use crate::registry::Registration;
pub use crate::spec::CaptureMode;
