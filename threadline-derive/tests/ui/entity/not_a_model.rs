use threadline::Audited;

#[derive(Audited)]
pub struct Post {
    pub id: i32,
}

fn main() {}
