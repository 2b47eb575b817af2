use threadline::Audited;

#[derive(Audited)]
pub struct Model {
    pub id: i32,
}

fn main() {}
