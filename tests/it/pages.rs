//! `docs/rules` and `docs/schema`: the pages on disk are those that the rules give, and the schemas those of the views. `UPDATE_DOCS=1` writes them again.

use std::{collections::BTreeMap, fs, path::Path};

use ecs_why::report::{View, json_schema, rule_pages};

use crate::catalogue;

/// The files of the folder, by their names.
fn on_disk(folder: &Path) -> BTreeMap<String, String> {
    let entries = fs::read_dir(folder).into_iter().flatten().map(|entry| entry.unwrap().path());
    entries
        .map(|path| (path.file_name().unwrap().to_string_lossy().into_owned(), fs::read_to_string(path).unwrap()))
        .collect()
}

/// Makes a folder hold these pages and no others.
fn write(folder: &Path, pages: &BTreeMap<String, String>) {
    fs::create_dir_all(folder).unwrap();
    for stale in on_disk(folder).keys().filter(|name| !pages.contains_key(*name)) {
        fs::remove_file(folder.join(stale)).unwrap();
    }
    for (name, text) in pages {
        fs::write(folder.join(name), text).unwrap();
    }
}

/// Names of pages that are missing, stale or of no rule.
fn differing(folder: &Path, pages: &BTreeMap<String, String>) -> Vec<String> {
    let disk = on_disk(folder);
    let names = disk.keys().chain(pages.keys().filter(|name| !disk.contains_key(*name)));
    names.filter(|name| disk.get(*name) != pages.get(*name)).cloned().collect()
}

fn generated() -> BTreeMap<String, String> {
    rule_pages(catalogue()).into_iter().collect()
}

fn schemas() -> BTreeMap<String, String> {
    let file = |view: View| (format!("{}-v1.json", view.name()), format!("{:#}\n", json_schema(view)));
    View::ALL.into_iter().map(file).collect()
}

/// Holds a folder of the repository against what it should have; writes it where that is asked for.
#[allow(clippy::disallowed_methods)]
fn hold(folder: &str, pages: &BTreeMap<String, String>) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    if std::env::var("UPDATE_DOCS").is_ok_and(|set| set == "1") {
        write(&folder, pages);
    }
    let differing = differing(&folder, pages);
    assert!(
        differing.is_empty(),
        "{differing:?} differ; 'UPDATE_DOCS=1 cargo test --no-default-features --test it pages' writes them"
    );
}

#[test]
fn pages_on_disk_are_those_of_the_rules() {
    hold("docs/rules", &generated());
}

#[test]
fn schemas_on_disk_are_those_of_the_views() {
    hold("docs/schema", &schemas());
}

#[test]
fn stale_and_missing_pages_are_seen_and_written() {
    let folder = tempfile::tempdir().unwrap();
    let pages = generated();
    write(folder.path(), &pages);
    assert_eq!(differing(folder.path(), &pages), [""; 0]);
    fs::write(folder.path().join("removed-rule.md"), "").unwrap();
    fs::write(folder.path().join("README.md"), "").unwrap();
    fs::remove_file(folder.path().join("image-tag-missing.md")).unwrap();
    assert_eq!(differing(folder.path(), &pages), ["README.md", "removed-rule.md", "image-tag-missing.md"]);
    write(folder.path(), &pages);
    assert_eq!(differing(folder.path(), &pages), [""; 0]);
}

#[test]
fn every_rule_has_a_page_that_the_index_names() {
    let pages = generated();
    assert_eq!(pages.len(), catalogue().rules().len() + 1);
    for rule in catalogue().rules() {
        let page = pages.get(&format!("{}.md", rule.id)).unwrap();
        assert!(rule.page().unwrap().ends_with(&format!("/{}.md", rule.id)));
        assert!(pages["README.md"].contains(&format!("[{0}]({0}.md)", rule.id)), "{}", rule.id);
        for text in rule.example.iter().flat_map(|e| [&e.matches, &e.no_match]).flatten() {
            assert!(page.contains(text.trim_end()), "{}: {text}", rule.id);
        }
    }
}

/// Links within the folder lead to pages, and fences are closed by the fence that opened them.
#[test]
fn pages_hold_together() {
    let pages = generated();
    for (name, text) in &pages {
        let mut fence = None;
        for line in text.lines() {
            match &fence {
                Some(open) if line == open => fence = None,
                Some(_) => {}
                None if line.starts_with("```") => fence = Some(line.trim_end_matches("text").to_owned()),
                None => {
                    let links = line.split("](").skip(1).filter_map(|rest| rest.split(')').next());
                    links.for_each(|link| assert!(pages.contains_key(link), "{name}: {link}"));
                }
            }
        }
        assert_eq!(fence, None, "{name}");
    }
}
