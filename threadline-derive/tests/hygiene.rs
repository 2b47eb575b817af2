//! Generated code holds whatever names the host has, and without the prelude.

#![forbid(unsafe_code)]
#![deny(warnings, clippy::all)]
#![allow(missing_docs)]

use threadline::Audited;
use threadline::sea_orm::{self, entity::prelude::*};

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "users")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i32,
    pub secret: String,
    pub hash: String,
    pub level: i32,
    pub r#type: Option<String>,
}

impl ActiveModelBehavior for ActiveModel {}

mod shadowed {
    #![no_implicit_prelude]
    #![allow(dead_code)]

    // Names that generated code must not mean.
    struct Option;
    struct Into;
    struct Policy;
    struct Column;
    mod core {}
    mod std {}
    mod threadline {}
    mod sea_orm {}

    type Text = ::std::string::String;

    #[derive(::std::fmt::Debug, ::std::clone::Clone, ::threadline::Audited)]
    #[audited(placeholder = "***", key = [id], capture_noop)]
    pub(super) struct Model {
        pub(super) id: i32,
        #[audited(mask)]
        pub(super) secret: Text,
        #[audited(exclude)]
        pub(super) hash: Text,
        #[audited(quiet, stand_in = 3)]
        pub(super) level: i32,
        #[audited(mask = "-")]
        pub(super) r#type: ::std::option::Option<Text>,
    }

    use super::Entity;
}

/// The derive of SeaORM is not hygienic, so this is written by hand.
impl ModelTrait for shadowed::Model {
    type Entity = Entity;

    fn get(&self, column: Column) -> Value {
        match column {
            Column::Id => self.id.into(),
            Column::Secret => self.secret.clone().into(),
            Column::Hash => self.hash.clone().into(),
            Column::Level => self.level.into(),
            Column::Type => self.r#type.clone().into(),
        }
    }

    fn get_value_type(column: Column) -> sea_orm::sea_query::ArrayType {
        <Model as ModelTrait>::get_value_type(column)
    }

    fn try_set(&mut self, _: Column, _: Value) -> Result<(), DbErr> {
        Ok(())
    }
}

#[test]
fn shadowed_names_change_nothing() {
    let spec = Entity::table_spec().unwrap();
    assert_eq!(spec.redactions().len(), 3);
    assert_eq!(Entity::policy().stand_in_of(&Column::Level), Some(3.into()));
}
