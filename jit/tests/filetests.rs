//! Runs `tests/filetests/*.ir`: the representation before, and in `; check:` lines
//! what the optimiser must make of it, line by line.

use std::path::Path;
use taipan_jit::ir::{End, Ref, Segment, Tree};
use taipan_jit::opt::{dce, emit::Emitter};

fn optimised(text: &str) -> Result<String, String> {
    let mut tree = Tree::default();
    tree.segments.push(Segment {
        code: Vec::new(),
        parent: Ref::NONE,
        end: End::Open,
    });
    let mut e = Emitter::new(tree, 0);
    taipan_jit::ir::parse::parse(&mut e, text)?;
    e.tree.verify()?;
    let live = dce::mark(&mut e.tree);
    Ok(e.tree.text_of(&live, false))
}

#[test]
fn each_file_becomes_what_its_checks_say() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/filetests");
    let mut failures = Vec::new();
    let mut count = 0;
    for entry in std::fs::read_dir(folder)
        .expect("the folder of filetests")
        .flatten()
    {
        let text = std::fs::read_to_string(entry.path()).expect("a text");
        let expected: Vec<&str> = text
            .lines()
            .filter_map(|l| l.trim().strip_prefix("; check:"))
            .map(str::trim)
            .collect();
        assert!(!expected.is_empty(), "{:?} checks nothing", entry.path());
        count += 1;
        let printed = optimised(&text).unwrap_or_else(|e| format!("error: {e}"));
        let lines: Vec<&str> = printed
            .lines()
            .map(str::trim)
            .filter(|l| *l != "root:" && *l != "open" && *l != "loop")
            .collect();
        if lines != expected {
            failures.push(format!("{:?} became\n{printed}", entry.file_name()));
        }
    }
    assert!(count > 0);
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}
