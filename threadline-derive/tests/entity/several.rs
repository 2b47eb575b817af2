pub mod a {
    use threadline::Audited;
    use threadline::sea_orm::{self, entity::prelude::*};

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, Audited)]
    #[sea_orm(table_name = "a")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i32,
        #[audited(mask)]
        pub secret: String,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

pub mod b {
    use threadline::Audited;
    use threadline::sea_orm::{self, entity::prelude::*};

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, Audited)]
    #[sea_orm(table_name = "b")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i32,
    }

    impl ActiveModelBehavior for ActiveModel {}
}
