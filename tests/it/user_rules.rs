//! Rules of a user's own, from the library's side: what they add, override and name.

use ecs_why::{
    explain::explain,
    knowledge::{Catalogue, Origin, Problem, UserFile, run_examples_of},
    report::{Look, RuleView, explanation_text, rule_text},
};

use crate::catalogue;

const OWN: &str = r#"id = "ledger-locked"
cause = "ledger-busy"
alternatives = ["app-config-missing"]
title = "The ledger is locked"
why = "Another task holds the lock of {{ ledger | default('the ledger') }}."

[[when]]
text = ['ledger (?P<ledger>\S+) is locked']

[[fix]]
title = "Wait for the other task, or release {{ ledger | default('it') }}"

[[example]]
source = "text"
match = "fatal: ledger eu-1 is locked"

[[example]]
source = "text"
no_match = "ledger eu-1 is open"
"#;

const CAUSES: &str = "[[cause]]\nid = \"ledger-busy\"\ntitle = \"The ledger is busy\"\nmeaning = \"Somebody has it.\"\n\
                      phase = \"run\"\nowner = \"application\"\n";

fn file(name: &str, text: &str) -> UserFile {
    let folder = name.rsplit('/').nth(1).unwrap_or_default().to_owned();
    UserFile { file: name.to_owned(), folder, text: text.to_owned() }
}

fn with(folders: &[Vec<UserFile>]) -> (Catalogue, Vec<Problem>) {
    catalogue().with_folders(folders)
}

fn first(catalogue: &Catalogue, text: &str) -> (String, Option<String>) {
    let cause = explain(catalogue, text).causes.remove(0);
    (cause.cause, cause.rule)
}

#[test]
fn a_rule_and_a_cause_of_ones_own_are_used() {
    let (own, problems) = with(&[vec![file("ledger-locked.toml", OWN), file("causes.toml", CAUSES)]]);
    assert_eq!(problems, []);
    let rule = own.rule("ledger-locked").unwrap();
    assert_eq!((rule.family.as_str(), rule.origin, rule.page()), ("user", Origin::User, None));
    assert_eq!(first(&own, "ledger eu-1 is locked").0, "ledger-busy");
    let text = explanation_text(&explain(&own, "ledger eu-1 is locked"));
    assert!(text.contains("holds the lock of eu-1.") && text.contains("rules show ledger-locked"), "{text}");
    let chosen = |rule: &ecs_why::knowledge::Rule| rule.origin == Origin::User;
    let (count, failures) = run_examples_of(&own, &chosen);
    assert!(count == 2 && failures.is_empty(), "{failures:?}");
    assert!(own.rules().len() == catalogue().rules().len() + 1);
}

#[test]
fn a_folder_names_the_family() {
    let (own, _) = with(&[vec![file("rules/ledgers/ledger-locked.toml", OWN), file("causes.toml", CAUSES)]]);
    assert_eq!(own.rule("ledger-locked").unwrap().family, "ledgers");
}

#[test]
fn a_rule_with_a_built_in_id_takes_its_place() {
    let text = OWN.replace("ledger-locked", "image-tag-missing").replace("ledger-busy", "disk-full");
    let (own, problems) = with(&[vec![file("image-tag-missing.toml", &text)]]);
    assert_eq!(problems, []);
    assert_eq!(own.rules().len(), catalogue().rules().len());
    assert_eq!(first(&own, "ledger eu-1 is locked"), ("disk-full".into(), Some("image-tag-missing".into())));
    assert_eq!(own.rule("image-tag-missing").unwrap().title, "The ledger is locked");
}

#[test]
fn a_later_folder_comes_before_an_earlier_one() {
    let text = |title: &str| OWN.replace("The ledger is locked", title).replace("ledger-busy", "disk-full");
    let folder = |title: &str| vec![file("ledger-locked.toml", &text(title))];
    let (own, problems) = with(&[folder("first"), folder("second")]);
    assert_eq!(problems, []);
    assert_eq!(own.rule("ledger-locked").unwrap().title, "second");
}

#[test]
fn ones_own_rule_comes_before_a_built_in_one_that_says_as_much() {
    let text = OWN.replace("ledger-busy", "disk-full").replace("ledger (?P<ledger>\\S+) is locked", "not found");
    let (own, problems) = with(&[vec![file("ledger-locked.toml", &text)]]);
    assert_eq!(problems, []);
    let message = "CannotPullContainerError: manifest for shop/web:41 not found";
    assert_eq!(first(catalogue(), message).1.as_deref(), Some("image-tag-missing"));
    assert_eq!(first(&own, message).1.as_deref(), Some("ledger-locked"));
    let yields = text.replace("title =", "not = [\"image-tag-missing\"]\ntitle =");
    let (own, _) = with(&[vec![file("ledger-locked.toml", &yields)]]);
    assert_eq!(first(&own, message).1.as_deref(), Some("image-tag-missing"));
}

#[test]
fn what_is_wrong_is_left_out_and_the_rest_is_used() {
    let broken = OWN.replace("ledger-locked", "image-tag-missing").replace("why", "wy");
    let files =
        vec![file("ledger-locked.toml", OWN), file("causes.toml", CAUSES), file("image-tag-missing.toml", &broken)];
    let (own, problems) = with(&[files]);
    assert_eq!(problems.len(), 1, "{problems:#?}");
    assert_eq!(own.rule("image-tag-missing").unwrap().origin, Origin::BuiltIn);
    assert!(own.rule("ledger-locked").is_some());
}

#[test]
fn problems_of_several_files_are_sorted_and_told_once() {
    let twice = vec![file("b/ledger-locked.toml", OWN), file("a/ledger-locked.toml", OWN), file("causes.toml", CAUSES)];
    let (own, problems) = with(&[twice]);
    assert_eq!(problems.len(), 1, "{problems:#?}");
    assert!(problems[0].what.contains("another rule of this folder has the id 'ledger-locked': b/ledger-locked.toml"));
    assert!(own.rule("ledger-locked").is_some());
    let wrong = |name: &str| file(name, &OWN.replace("why", "wy").replace("ledger-busy", "lk"));
    let (_, problems) = with(&[vec![wrong("z/ledger-locked.toml"), wrong("a/ledger-locked.toml")]]);
    let places: Vec<(&str, usize)> =
        problems.iter().map(|p| (p.file.as_str(), p.place.as_ref().unwrap().line)).collect();
    assert_eq!(
        places,
        [
            ("a/ledger-locked.toml", 2),
            ("a/ledger-locked.toml", 5),
            ("z/ledger-locked.toml", 2),
            ("z/ledger-locked.toml", 5)
        ]
    );
}

#[test]
fn a_cause_keeps_its_id() {
    let (own, problems) = with(&[vec![file("causes.toml", &CAUSES.replace("ledger-busy", "disk-full"))]]);
    assert_eq!(problems.len(), 1);
    assert_eq!(problems[0].what, "the cause 'disk-full' is built in");
    assert_eq!((problems[0].place.as_ref().unwrap().line, problems[0].place.as_ref().unwrap().column), (2, 6));
    assert_ne!(own.cause("disk-full").unwrap().title, "The ledger is busy");
    // A rule that names a cause of a broken file is not wrong for that.
    let broken = CAUSES.replace("\"run\"", "\"walk\"");
    let (own, problems) = with(&[vec![file("causes.toml", &broken), file("ledger-locked.toml", OWN)]]);
    assert_eq!(problems.len(), 1, "{problems:#?}");
    assert_eq!(first(&own, "ledger eu-1 is locked").0, "ledger-busy");
}

#[test]
fn the_project_s_own_files_are_good_as_a_folder() {
    let causes = include_str!("../../knowledge/causes.toml");
    let rule = include_str!("../../knowledge/rules/image/image-tag-missing.toml");
    let (_, problems) = with(&[vec![file("causes.toml", causes), file("image/image-tag-missing.toml", rule)]]);
    assert_eq!(problems, []);
}

#[test]
fn the_template_is_a_good_rule() {
    let template = include_str!("../../knowledge/TEMPLATE.toml");
    let (own, problems) = with(&[vec![file("short-telling-name.toml", template)]]);
    assert_eq!(problems, []);
    let (_, failures) = run_examples_of(&own, &|rule| rule.id == "short-telling-name");
    assert!(failures.is_empty(), "{failures:#?}");
}

#[test]
fn no_text_of_a_rule_moves_the_cursor() {
    let text = OWN
        .replace("The ledger is locked", "\\u001b[2Jred\\u202e")
        .replace("Another task", "{{ '\\\\u001b[31m' }}\\u0007Another")
        .replace("ledger (?P<ledger>\\S+) is locked", "(?P<ledger>ledger)")
        .replace("\"fatal: ledger eu-1 is locked\"", "\"\\u001b]0;x\\u0007ledger\"")
        .replace("ledger-busy", "disk-full");
    let (own, problems) = with(&[vec![file("ledger-locked.toml", &text)]]);
    assert_eq!(problems, []);
    let rule = own.rule("ledger-locked").unwrap();
    let shown = rule_text(&RuleView::of(rule, &own), Look { width: 80, ..Look::PLAIN })
        + &explanation_text(&explain(&own, "ledger"));
    assert!(
        shown.contains("red") && shown.chars().all(|c| c == '\n' || !c.is_control() && c != '\u{202e}'),
        "{shown:?}"
    );
    let (_, problems) = with(&[vec![file("a\u{1b}[2J.toml", "\u{1b}[31m = '\u{202e}'\nx = \"\u{1b}\"")]]);
    assert!(!problems.is_empty() && !format!("{problems:?}").contains("\\u{1b}"), "{problems:?}");
}

/// The binary, which is there with the command line only.
#[cfg(feature = "cli")]
mod binary {
    use std::{
        fs,
        path::Path,
        process::{Command, Output},
    };

    use super::{CAUSES, OWN};

    fn command(home: &Path) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_ecs-why"));
        command.current_dir(home).env_remove("ECS_WHY_CONFIG").env_remove("COLUMNS").env("XDG_CONFIG_HOME", home);
        command
    }

    fn run(home: &Path, arguments: &[&str]) -> (i32, String, String) {
        ended(command(home).args(arguments).output().unwrap())
    }

    fn ended(output: Output) -> (i32, String, String) {
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
    }

    /// A folder `own` with a good rule and a cause.
    fn home() -> tempfile::TempDir {
        let home = tempfile::tempdir().unwrap();
        fs::create_dir_all(home.path().join("own/rules/ledgers")).unwrap();
        fs::write(home.path().join("own/rules/ledgers/ledger-locked.toml"), OWN).unwrap();
        fs::write(home.path().join("own/causes.toml"), CAUSES).unwrap();
        for passed_over in ["README.md", "TEMPLATE.toml", ".hidden.toml", "rules/notes.txt"] {
            fs::write(home.path().join("own").join(passed_over), "no rule").unwrap();
        }
        home
    }

    const SNAPSHOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/cases/secret-is-denied/case.json");

    #[test]
    fn rules_of_a_folder_are_used_by_every_command() {
        let home = home();
        let home = home.path();
        for arguments in [
            &["explain", "--rules", "own", "ledger eu-1 is locked"][..],
            &["rules", "--rules", "own", "show", "ledger-locked"],
            &["rules", "show", "ledger-locked", "--rules", "own"],
            &["rules", "list", "--rules", "own", "ledger", "BUSY"],
            &["rules", "show", "--rules", "own", "ledger-busy"],
        ] {
            let (status, out, told) = run(home, arguments);
            assert_eq!((status, told.as_str()), (0, ""), "{arguments:?}");
            assert!(out.contains("ledger-locked"), "{arguments:?}: {out}");
        }
        assert_eq!(run(home, &["rules", "test", "own"]).1, "2 examples of 1 rule, 0 wrong\n");
        assert_eq!(run(home, &["diagnose", "--rules", "own", "--from", SNAPSHOT]).0, 1);
    }

    #[test]
    fn a_broken_file_is_told_and_the_answer_still_given() {
        let home = home();
        let home = home.path();
        fs::write(home.join("own/rules/half-done.toml"), "id = 'half-done'\ncuase = 'disk-full'\n").unwrap();
        for arguments in [
            &["explain", "--rules", "own", "ledger eu-1 is locked"][..],
            &["explain", "--rules", "own", "CannotPullContainerError: manifest for a not found"],
            &["rules", "--rules", "own", "list"],
            &["rules", "--rules", "own", "show", "ledger-locked"],
            &["rules", "--rules", "own", "show", "ledger-locked", "-o", "json"],
            &["rules", "test", "own"],
            &["diagnose", "--rules", "own", "--from", SNAPSHOT],
        ] {
            let (status, out, told) = run(home, arguments);
            assert_eq!(status, 2, "{arguments:?}");
            assert!(out.len() > 20, "{arguments:?}: {out}");
            assert!(told.contains("own/rules/half-done.toml:2:1") && told.contains("2 | cuase = "), "{told}");
            assert!(told.contains("did you mean `cause`?") && told.contains("^^^^^"), "{told}");
        }
    }

    #[test]
    fn what_cannot_be_read_is_one_error_each() {
        let home = home();
        let home = home.path();
        let write = |name: &str, bytes: &[u8]| fs::write(home.join("own").join(name), bytes).unwrap();
        write("latin.toml", b"id = 'latin'\ntitle = '\xe4'\n");
        write("huge.toml", "# a comment\n".repeat(100_000).as_bytes());
        write("file.txt", b"");
        for (folder, told) in [
            ("none", "--> none\n"),
            ("own/file.txt", "this is no folder"),
            ("own", "this is not UTF-8: byte 10 of line 2"),
            ("own", "this is larger than 1 MiB"),
        ] {
            let (status, out, error) = run(home, &["explain", "--rules", folder, "manifest for a not found"]);
            assert!(status == 2 && out.contains("image-tag-missing"), "{folder}");
            assert!(error.contains(told) && !error.contains("panicked"), "{folder}: {error}");
        }
        #[cfg(unix)]
        {
            std::os::unix::fs::symlink("..", home.join("own/rules/loop")).unwrap();
            std::os::unix::fs::symlink("gone", home.join("own/rules/dangling.toml")).unwrap();
            let (status, _, error) = run(home, &["rules", "list", "--rules", "own"]);
            assert_eq!(status, 2);
            assert_eq!(error.matches("leads back to a folder").count(), 1, "{error}");
            assert_eq!(error.matches("own/rules/dangling.toml").count(), 1, "{error}");
            assert!(error.contains("4 problems in 4 files"), "{error}");
        }
    }

    #[test]
    fn many_problems_are_bounded() {
        let home = home();
        let wrong: String = (0..200).map(|at| format!("key-{at} = 1\n")).collect();
        fs::write(home.path().join("own/many.toml"), wrong).unwrap();
        let (_, _, error) = run(home.path(), &["rules", "list", "--rules", "own"]);
        assert_eq!(error.matches(" --> own/many.toml:").count(), 50);
        assert!(error.contains("\nand 156 more problems\n"), "{error}");
    }

    #[test]
    fn the_configuration_names_folders() {
        let home = home();
        let home = home.path();
        fs::create_dir(home.join("ecs-why")).unwrap();
        let configuration = home.join("ecs-why/config.toml");
        let asked = ["rules", "list", "ledger-locked"];
        fs::write(&configuration, "rules = ['../own']\n").unwrap();
        assert!(run(home, &asked).1.contains("1 rule in 1 family"));
        for (text, told) in [
            ("rule = ['../own']\n", "ecs-why/config.toml:1:1"),
            ("\n  rules = '../own'\n", "ecs-why/config.toml:2:11"),
            ("rules = ['../own', 'gone']\n", "ecs-why/gone"),
            ("rules = [\n", "this is no TOML"),
        ] {
            fs::write(&configuration, text).unwrap();
            let (status, _, error) = run(home, &asked);
            assert!(status == 2 && error.contains(told), "{text}: {error}");
        }
        let named = |name: &str| ended(command(home).args(asked).env("ECS_WHY_CONFIG", name).output().unwrap());
        fs::write(home.join("other.toml"), "rules = ['own']\n").unwrap();
        assert!(named("other.toml").1.contains("ledger-busy"));
        let (status, _, error) = named("gone.toml");
        assert!(status == 2 && error.contains("--> gone.toml") && error.contains("ECS_WHY_CONFIG"), "{error}");
        fs::remove_file(&configuration).unwrap();
        assert_eq!(run(home, &["rules", "list", "image-tag-missing"]).0, 0);
    }

    #[test]
    fn examples_that_come_out_wrong_are_told_with_their_line() {
        let home = home();
        let home = home.path();
        let rule = home.join("own/rules/ledgers/ledger-locked.toml");
        let text = OWN.replace("fatal: ledger eu-1 is locked", "manifest for a not found");
        fs::write(&rule, text.replace("is open", "is locked")).unwrap();
        let (status, out, _) = run(home, &["rules", "test", "own"]);
        assert_eq!(status, 1);
        let file = "own/rules/ledgers/ledger-locked.toml";
        let wanted = format!(
            "{file}:15: 'ledger-locked' does not match; 'image-tag-missing' does\n    text: manifest for a not found\n\
             {file}:19: 'ledger-locked' matches, and must not\n    text: ledger eu-1 is locked\n\
             2 examples of 1 rule, 2 wrong\n"
        );
        assert_eq!(out, wanted);
        fs::write(&rule, OWN.replace("source = \"text\"\nmatch", "source = \"container.log\"\nmatch")).unwrap();
        let (status, out, _) = run(home, &["rules", "test", "own"]);
        assert!(status == 1 && out.contains("add \"container.log\" to `source`"), "{out}");
        fs::write(&rule, "").unwrap();
        let (status, out, error) = run(home, &["rules", "test", "own"]);
        assert!(status == 2 && out.is_empty() && error.contains("a rule has no `id`"), "{error}");
        fs::remove_file(&rule).unwrap();
        let (status, out, error) = run(home, &["rules", "test", "own"]);
        assert!(status == 2 && out.is_empty() && error.contains("there is no rule to test in 'own'"), "{error}");
        assert_eq!(run(home, &["rules", "test", "none"]).0, 2);
        let (status, out, _) = run(home, &["rules", "test"]);
        assert!(status == 0 && out.ends_with(" rules, 0 wrong\n"), "{out}");
    }

    #[test]
    fn a_list_fits_the_terminal() {
        let home = home();
        for columns in [30, 60, 80, 100, 200] {
            let output = command(home.path()).args(["rules", "list"]).env("COLUMNS", columns.to_string()).output();
            let (status, out, _) = ended(output.unwrap());
            let widest = out.lines().map(|line| line.chars().count()).max().unwrap();
            assert!(status == 0 && widest <= columns.max(40), "{columns}: {widest}");
        }
        let (_, out, error) = run(home.path(), &["rules", "list", "no-such", "words"]);
        assert!(out.is_empty() && error.contains("no rule has the words 'no-such words'"));
    }

    #[test]
    fn json_has_what_scripts_ask_for() {
        let home = home();
        let json = |arguments: &[&str]| -> serde_json::Value {
            let (status, out, error) = run(home.path(), arguments);
            assert_eq!((status, error.as_str()), (0, ""), "{arguments:?}");
            serde_json::from_str(&out).unwrap()
        };
        let list = json(&["rules", "list", "image-tag-missing", "-o", "json"]);
        let rule = &list.as_array().unwrap()[0];
        for key in ["id", "family", "cause", "alternatives", "tier", "title", "since", "references"] {
            assert!(rule.get(key).is_some_and(|value| !value.is_null()), "{key}");
        }
        assert_eq!(json(&["rules", "list", "no-such-word", "-o", "json"]), serde_json::json!([]));
        let rule = json(&["rules", "show", "image-tag-missing", "-o", "json"]);
        assert_eq!(rule["cause"]["owner"], "image");
        assert_eq!(rule["page"], "docs/rules/image-tag-missing.md");
        assert_eq!(rule["lookAlikes"][0]["rule"], "repository-missing");
        let of_cause = json(&["rules", "show", "image-not-found", "-o", "json"]);
        let ids = of_cause["rules"].as_array().unwrap().iter().map(|rule| rule["id"].as_str().unwrap());
        assert!(ids.into_iter().any(|id| id == "image-tag-missing"), "{of_cause}");
        let explained = json(&["explain", "manifest for a not found", "-o", "json"]);
        assert_eq!(explained["causes"][0]["ruleDocs"], "docs/rules/image-tag-missing.md");
        let own = json(&["explain", "--rules", "own", "ledger a is locked", "-o", "json"]);
        assert_eq!(own["causes"][0]["ruleDocs"], serde_json::Value::Null);
    }

    #[test]
    fn a_wrong_id_is_answered_with_the_nearest() {
        let home = home();
        let (status, out, error) = run(home.path(), &["rules", "show", "image-tag-mising"]);
        assert!(status == 2 && out.is_empty() && error.contains("did you mean image-tag-missing?"), "{error}");
    }
}
