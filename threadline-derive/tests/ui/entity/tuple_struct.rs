use threadline::Audited;

#[derive(Audited)]
pub struct Model(i32);

fn main() {}
