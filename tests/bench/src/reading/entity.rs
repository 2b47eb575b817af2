//! Two of the twenty tables, as the host's own entities.

/// A hundredth as many live rows as there are changes, of ten versions each.
pub(crate) mod document {
    use sea_orm::entity::prelude::*;
    use threadline::Audited;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel, Audited)]
    #[sea_orm(schema_name = "bench", table_name = "documents")]
    pub(crate) struct Model {
        #[sea_orm(primary_key)]
        pub(crate) id: i64,
        pub(crate) title: String,
        pub(crate) body: Option<String>,
        pub(crate) status: String,
        #[sea_orm(column_type = "Decimal(Some((10, 2)))")]
        pub(crate) price: Decimal,
        pub(crate) updated_at: DateTimeUtc,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

/// Row 1 is in a hundredth of all changes; the others have ten versions.
pub(crate) mod counter {
    use sea_orm::entity::prelude::*;
    use threadline::Audited;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel, Audited)]
    #[sea_orm(schema_name = "bench", table_name = "counters")]
    pub(crate) struct Model {
        #[sea_orm(primary_key)]
        pub(crate) id: i64,
        pub(crate) title: String,
        pub(crate) body: Option<String>,
        pub(crate) status: String,
        #[sea_orm(column_type = "Decimal(Some((10, 2)))")]
        pub(crate) price: Decimal,
        pub(crate) updated_at: DateTimeUtc,
    }

    impl ActiveModelBehavior for ActiveModel {}
}
