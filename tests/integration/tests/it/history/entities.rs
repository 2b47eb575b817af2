//! The entities whose past is read.

// SeaORM's macros write `pub`, which nothing outside of a test can reach.
#![allow(unreachable_pub)]

pub(crate) mod account {
    use sea_orm::entity::prelude::*;
    use threadline::Audited;

    #[derive(Clone, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum)]
    #[sea_orm(rs_type = "String", db_type = "Enum", enum_name = "mood")]
    pub(crate) enum Mood {
        #[sea_orm(string_value = "calm")]
        Calm,
        #[sea_orm(string_value = "cross")]
        Cross,
    }

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel, Audited)]
    #[sea_orm(table_name = "accounts")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i32,
        pub name: String,
        pub mood: Mood,
        #[audited(exclude)]
        pub secret: String,
        #[audited(mask)]
        pub pin: String,
        pub score: Option<Decimal>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

pub(crate) mod line {
    use sea_orm::entity::prelude::*;
    use threadline::Audited;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, Audited)]
    #[sea_orm(table_name = "lines")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub doc: i32,
        #[sea_orm(primary_key, auto_increment = false)]
        pub no: i32,
        pub text: String,
        pub note: Option<String>,
        #[audited(stand_in = 5)]
        pub level: i32,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

pub(crate) mod awkward {
    use sea_orm::entity::prelude::*;
    use threadline::Audited;

    pub(crate) const DDL: &str = "CREATE TABLE awkward (id bigint PRIMARY KEY, big bigint, exact numeric(40, 18),
        float double precision, at timestamptz, naive timestamp, day date, time time, bytes bytea, uuid uuid,
        json jsonb, numbers int[], texts text[], \"type\" text)";
    pub(crate) const ROWS: [&str; 3] = [
        "1, 9007199254740993, 12345678901.123456789012345678, 0.1::float8 + 0.2::float8,
            '2026-01-02 03:04:05.678901+05:45', '2026-01-02 03:04:05.678901', '2026-01-02', '03:04:05.678901',
            '\\x00ff', '00000000-0000-0000-0000-00000000000a', '{\"a\": [1, null, \"x\"]}', '{1,2,3}',
            ARRAY['a', 'b''s \"q\" {x}', 'NULL', ''], 'raw'",
        "2, -9223372036854775808, -0.000000000000000001, 1e300, '2026-06-30 23:59:59.999999+00',
            '0001-01-01', '9999-12-31', '00:00', '', 'ffffffff-ffff-ffff-ffff-ffffffffffff', '[]', '{}', '{}', ''",
        "3, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL",
    ];

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel, Audited)]
    #[sea_orm(table_name = "awkward")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: i64,
        pub big: Option<i64>,
        pub exact: Option<Decimal>,
        pub float: Option<f64>,
        pub at: Option<DateTimeUtc>,
        pub naive: Option<DateTime>,
        pub day: Option<Date>,
        pub time: Option<Time>,
        pub bytes: Option<Vec<u8>>,
        pub uuid: Option<Uuid>,
        pub json: Option<Json>,
        pub numbers: Option<Vec<i32>>,
        pub texts: Option<Vec<String>>,
        pub r#type: Option<String>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

pub(crate) mod thing {
    use sea_orm::entity::prelude::*;
    use threadline::Audited;

    pub(crate) const DDL: &str = "CREATE TYPE shade AS ENUM ('red', 'green', 'deep blue');
        CREATE TABLE things (b text, a int, kind shade NOT NULL, kinds shade[], numbers int[], texts text[],
            exact numeric, scaled numeric(12, 3) NOT NULL, doc jsonb, must_doc jsonb NOT NULL,
            at timestamptz, day date NOT NULL, bytes bytea, float float8 NOT NULL, flag bool, uuid uuid,
            name text NOT NULL, secret text NOT NULL DEFAULT 'default',
            size int NOT NULL GENERATED ALWAYS AS (coalesce(cardinality(numbers), 0)) STORED,
            serial int NOT NULL GENERATED ALWAYS AS IDENTITY, PRIMARY KEY (a, b))";

    #[derive(Clone, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum)]
    #[sea_orm(rs_type = "String", db_type = "Enum", enum_name = "shade")]
    pub(crate) enum Shade {
        #[sea_orm(string_value = "red")]
        Red,
        #[sea_orm(string_value = "green")]
        Green,
        #[sea_orm(string_value = "deep blue")]
        DeepBlue,
    }

    /// A table with columns named like what statements call their parts.
    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel, Audited)]
    #[sea_orm(table_name = "things")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub a: i32,
        #[sea_orm(primary_key, auto_increment = false)]
        pub b: String,
        pub kind: Shade,
        pub kinds: Option<Vec<Shade>>,
        pub numbers: Option<Vec<i32>>,
        pub texts: Option<Vec<String>>,
        pub exact: Option<Decimal>,
        pub scaled: Decimal,
        pub doc: Option<Json>,
        pub must_doc: Json,
        pub at: Option<DateTimeUtc>,
        pub day: Date,
        pub bytes: Option<Vec<u8>>,
        pub float: f64,
        pub flag: Option<bool>,
        pub uuid: Option<Uuid>,
        pub name: String,
        #[audited(exclude)]
        pub secret: String,
        pub size: i32,
        pub serial: i32,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

pub(crate) mod ticket {
    use sea_orm::entity::prelude::*;
    use threadline::Audited;

    pub(crate) const DDL: &str = "CREATE TABLE tickets (id int PRIMARY KEY, organization_id int NOT NULL, subject text NOT NULL)";

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, Audited)]
    #[sea_orm(table_name = "tickets")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: i32,
        pub organization_id: i32,
        pub subject: String,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

pub(crate) mod profile {
    use sea_orm::entity::prelude::*;
    use threadline::Audited;

    pub(crate) const DDL: &str =
        "CREATE TABLE profiles (id int PRIMARY KEY, email varchar(20) NOT NULL,
        points int NOT NULL, document jsonb, body text NOT NULL, file bytea, name text NOT NULL)";

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel, Audited)]
    #[sea_orm(table_name = "profiles")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: i32,
        #[audited(hash)]
        pub email: String,
        #[audited(hash, stand_in = -1)]
        pub points: i32,
        #[audited(mask_json = "address.street, phones.*.no")]
        pub document: Option<Json>,
        #[audited(max_bytes = 40)]
        pub body: String,
        #[audited(max_bytes = 40)]
        pub file: Option<Vec<u8>>,
        pub name: String,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

/// The same table under a policy that redacts nothing.
pub(crate) mod unredacted {
    use sea_orm::entity::prelude::*;
    use threadline::Audited;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel, Audited)]
    #[sea_orm(table_name = "profiles")]
    #[audited(register = false)]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: i32,
        pub email: Option<String>,
        pub points: Option<i32>,
        pub document: Option<Json>,
        pub body: Option<String>,
        pub file: Option<Vec<u8>>,
        pub name: String,
    }

    impl ActiveModelBehavior for ActiveModel {}
}
