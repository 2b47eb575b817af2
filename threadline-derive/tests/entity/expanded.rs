use threadline::Audited;
use threadline::sea_orm::{self, entity::prelude::*};

#[derive(Copy, Clone, Default, Debug, DeriveEntity)]
#[sea_orm(model = Thing, model_ex = Thing)]
pub struct Things;

/// The name that the derives of SeaORM look for.
pub type Entity = Things;

impl EntityName for Things {
    fn table_name(&self) -> &'static str {
        "things"
    }
}

#[derive(Clone, Debug, PartialEq, Eq, DeriveModel, DeriveActiveModel, Audited)]
#[sea_orm(entity = Things)]
pub struct Thing {
    pub id: i64,
    #[audited(exclude, stand_in = 7)]
    pub secret: i64,
    #[audited(mask = "***")]
    pub label: String,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveColumn)]
pub enum Column {
    Id,
    Secret,
    #[sea_orm(column_name = "the_label")]
    Label,
}

impl ColumnTrait for Column {
    type EntityName = Things;

    fn def(&self) -> ColumnDef {
        match self {
            Self::Id | Self::Secret => ColumnType::BigInteger.def(),
            Self::Label => ColumnType::Text.def(),
        }
    }
}

#[derive(Copy, Clone, Debug, EnumIter, DerivePrimaryKey)]
pub enum PrimaryKey {
    Id,
}

impl PrimaryKeyTrait for PrimaryKey {
    type ValueType = i64;

    fn auto_increment() -> bool {
        true
    }
}

#[derive(Copy, Clone, Debug, EnumIter)]
pub enum Relation {}

impl RelationTrait for Relation {
    fn def(&self) -> RelationDef {
        match *self {}
    }
}

impl ActiveModelBehavior for ActiveModel {}

/// An entity whose model does not show that the masked column is the key.
pub mod redacted_key {
    use threadline::Audited;
    use threadline::sea_orm::{self, entity::prelude::*};

    #[derive(Copy, Clone, Default, Debug, DeriveEntity)]
    pub struct Entity;

    impl EntityName for Entity {
        fn table_name(&self) -> &'static str {
            "tokens"
        }
    }

    #[derive(Clone, Debug, PartialEq, Eq, DeriveModel, DeriveActiveModel, Audited)]
    #[audited(register = false)]
    pub struct Model {
        #[audited(mask)]
        pub token: String,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveColumn)]
    pub enum Column {
        Token,
    }

    impl ColumnTrait for Column {
        type EntityName = Entity;

        fn def(&self) -> ColumnDef {
            ColumnType::Text.def()
        }
    }

    #[derive(Copy, Clone, Debug, EnumIter, DerivePrimaryKey)]
    pub enum PrimaryKey {
        Token,
    }

    impl PrimaryKeyTrait for PrimaryKey {
        type ValueType = String;

        fn auto_increment() -> bool {
            false
        }
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}
