//! The example of the README is the one that is built with the tests.

#[test]
fn the_readme_prints_the_example_as_it_is_built() {
    let example = include_str!("../../examples/first_visit.rs");
    let readme = include_str!("../../../README.md");
    assert!(readme.contains(&format!("```rust\n{example}```\n")), "copy the example into README.md");
}
