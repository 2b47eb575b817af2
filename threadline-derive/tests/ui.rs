//! What the compiler says about a mistake, and that it says nothing where there is none.

#[test]
fn ui() {
    let cases = trybuild::TestCases::new();
    cases.pass("tests/ui/pass/*.rs");
    cases.compile_fail("tests/ui/attribute/*.rs");
    cases.compile_fail("tests/ui/column/*.rs");
    cases.compile_fail("tests/ui/container/*.rs");
    cases.compile_fail("tests/ui/entity/*.rs");
}
