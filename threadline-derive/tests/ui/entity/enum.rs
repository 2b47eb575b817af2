use threadline::Audited;

#[derive(Audited)]
pub enum Model {
    Draft,
}

fn main() {}
