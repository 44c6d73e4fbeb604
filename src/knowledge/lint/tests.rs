//! Every mistake that a file may hold, with the place and the words of its problem.

use super::*;
use crate::knowledge::{Place, Problem};

const GOOD: &str = r#"id = "a-rule"
cause = "disk-full"
alternatives = ["secret-permission"]
title = "t"
tier = "general"
why = "{{ path | default('it') }} is {{ path or what or 'gone' }}{% if path %} at {{ path }}{% endif %}"
not = ["other-rule"]
references = ["https://example.com/a?b=c#d"]

[[when]]
source = ["container.log"]
text = ['no space on (?P<path>\S+)']
none = ['quota']
exit_code = [1, 0x89]

[[fix]]
title = "Clear {{ path }}"
docs = ["http://intranet:8080/page"]

[[example]]
source = "container.log"
match = "no space on /tmp"

[[example]]
source = "container.log"
no_match = "no space"
launch_type = "ec2"
"#;

fn problems(content: &str) -> Vec<Problem> {
    let known = Known {
        causes: ["disk-full", "secret-permission"].into(),
        rules: ["a-rule", "other-rule", "image-tag-missing"].into(),
    };
    let mut problems = check_rule("rules/a-rule.toml", content, &known);
    problems.sort();
    problems
}

#[test]
fn a_good_rule_has_no_problem() {
    for content in [GOOD.to_owned(), GOOD.replace('\n', "\r\n")] {
        assert_eq!(problems(&content), []);
    }
}

/// Replaces a piece of the good rule; gives the one problem that comes of it.
fn one(from: &str, to: &str) -> (Place, String) {
    assert!(GOOD.contains(from), "{from}");
    let found = problems(&GOOD.replacen(from, to, 1));
    assert_eq!(found.len(), 1, "{from} -> {to}: {found:#?}");
    let Problem { place, what, expected, hint, .. } = found.into_iter().next().unwrap();
    (place.unwrap(), format!("{what} / {expected} / {hint}"))
}

#[test]
fn each_mistake_is_told_where_it_stands() {
    for (from, to, line, column, marked, told) in [
        ("id = \"a-rule\"", "id = \"A_Rule\"", 1, 6, "\"A_Rule\"", "did you mean `a-rule`?"),
        ("id = \"a-rule\"", "id = \"b-rule\"", 1, 6, "\"b-rule\"", "name the file b-rule.toml"),
        ("id = \"a-rule\"", "id = 7", 1, 6, "7", "`id` is a whole number / a string is expected"),
        ("id = \"a-rule\"\n", "", 1, 1, "", "a rule has no `id`"),
        ("\"disk-full\"", "\"disk-ful\"", 2, 9, "\"disk-ful\"", "no cause 'disk-ful' / did you mean `disk-full`?"),
        ("[\"secret-permission\"]", "[\"secret-perm\"]", 3, 17, "\"secret-perm\"", "did you mean `secret-permission`?"),
        (
            "alternatives = [\"secret-permission\"]",
            "alternatives = \"x\"",
            3,
            16,
            "\"x\"",
            "a list of strings is expected",
        ),
        ("title = \"t\"", "titel = \"t\"", 4, 1, "titel", "no key of a rule / did you mean `title`?"),
        ("title = \"t\"", "title = \" \"", 4, 9, "\" \"", "this text is empty"),
        ("\"general\"", "\"generel\"", 5, 8, "\"generel\"", "did you mean `general`? / it is one of specific,"),
        (
            "{{ path | default('it') }}",
            "path {{ pth }}",
            6,
            16,
            "pth",
            "no pattern catches `pth`, which this text wants / did you mean `path`?",
        ),
        (
            "{{ path | default('it') }}",
            "{{ path | defalt('it') }}",
            6,
            8,
            "{{ path | defalt('it') }}",
            "cannot be filled in",
        ),
        (
            "{{ path | default('it') }}",
            "{{ path | default('it' }}",
            6,
            8,
            "{{ path | default('it' }}",
            "cannot be filled in",
        ),
        (
            "{% endif %}",
            "",
            6,
            7,
            "\"{{ path | default('it') }} is {{ path or what or 'gone' }}{% if path %} at {{ path }}\"",
            "cannot be filled in",
        ),
        (
            "\"other-rule\"",
            "\"image-tag-mising\"",
            7,
            8,
            "\"image-tag-mising\"",
            "no rule / did you mean `image-tag-missing`?",
        ),
        (
            "https://example.com/a",
            "www.example.com/a",
            8,
            15,
            "\"www.example.com/a?b=c#d\"",
            "no address / https://… is expected",
        ),
        ("https://example.com/a", "https:///a", 8, 15, "\"https:///a?b=c#d\"", "no address"),
        ("https://example.com/a", "https://ex ample.com/a", 8, 15, "\"https://ex ample.com/a?b=c#d\"", "no address"),
        ("container.log\"]", "container.logs\"]", 11, 11, "\"container.logs\"", "did you mean `container.log`?"),
        ("text = ['no", "txt = [7, 'no", 12, 1, "txt", "`txt` is no key of [[when]] / did you mean `text`?"),
        ("none = ", "non = ", 13, 1, "non", "`non` is no key of [[when]] / did you mean `none`?"),
        ("(?P<path>\\S+)'", "(?P<path>\\S+'", 12, 22, "(", "no regular expression / unclosed group"),
        ("'no space on (?P<path>\\S+)'", "'é(?P<path>x)', 'a(?=b)'", 12, 27, "(?=", "look-around"),
        ("'no space on (?P<path>\\S+)'", "'(?P<path>x)|'", 12, 9, "'(?P<path>x)|'", "matches the empty text"),
        ("['quota']", "['^']", 13, 9, "'^'", "matches the empty text"),
        ("['quota']", "['q', 3]", 13, 14, "3", "`none` holds a whole number / a string is expected"),
        ("[1, 0x89]", "[1, 99999999999999999999]", 14, 17, "99999999999999999999", "too large"),
        ("[[fix]]", "[fix]", 16, 1, "[fix]", "a list of [[fix]] is expected / write [[fix]] in place of [fix]"),
        ("[1, 0x89]", "137", 14, 13, "137", "exit_code = [1, 2]"),
        ("Clear {{ path }}", "Clear {{ pat }}", 17, 19, "pat", "did you mean `path`?"),
        ("docs = ", "references = ", 18, 1, "references", "move it up, before the first [[…]]"),
        ("http://intranet", "intranet", 18, 9, "\"intranet:8080/page\"", "no address"),
        ("match = \"no space on /tmp\"\n", "", 20, 1, "[[example]]", "this [[example]] has no text"),
        ("no_match =", "match =", 20, 1, "[[example]]", "no [[example]] has `no_match`"),
        ("launch_type = \"ec2\"", "launch_type = \"Fargate\"", 27, 15, "\"Fargate\"", "did you mean `fargate`?"),
    ] {
        let (place, words) = one(from, to);
        let found = place.text.get(place.start..place.end).unwrap();
        assert!(words.contains(told), "{from} -> {to}: {words}");
        assert_eq!((place.line, place.column), (line, column), "{from} -> {to}: {words}");
        assert!(marked.is_empty() || found == marked, "{from} -> {to}: {found} {words}");
    }
}

#[test]
fn places_are_the_same_whatever_the_lines_end_in() {
    let wrong = GOOD.replace("'quota'", "'['").replace("disk-full", "disc").replace("fix", "fxi");
    let places = |content: &str| -> Vec<(usize, usize, String)> {
        problems(content)
            .into_iter()
            .map(|p| (p.place.clone().unwrap().line, p.place.unwrap().column, p.what))
            .collect()
    };
    assert_eq!(places(&wrong).len(), 3, "{:?}", places(&wrong));
    assert_eq!(places(&wrong), places(&wrong.replace('\n', "\r\n")));
}

#[test]
fn a_rule_without_parts_lacks_each() {
    let found = problems("id = \"a-rule\"");
    let told: Vec<&str> = found.iter().map(|p| p.what.as_str()).collect();
    let lacks = ["`cause`", "`title`", "`why`", "[[example]]", "[[when]]"].map(|key| format!("a rule has no {key}"));
    assert!(lacks.iter().all(|lack| told.contains(&lack.as_str())) && told.len() == lacks.len(), "{told:?}");
    let empty = "when = []\nexample = []\n";
    let found = problems(&format!("{empty}{}", GOOD.split("[[when]]").next().unwrap()));
    assert!(found.iter().any(|p| p.what == "the rule has no [[when]]" && p.place.as_ref().unwrap().line == 1));
    assert!(found.iter().any(|p| p.what == "the rule has no [[example]]" && p.place.as_ref().unwrap().line == 2));
}

#[test]
fn a_block_must_ask_for_something() {
    let bare = GOOD.replace("text = ['no space on (?P<path>\\S+)']\n", "").replace("exit_code = [1, 0x89]\n", "");
    let bare = bare.replace("Clear {{ path }}", "Clear it").replace("path or what", "'x'").replace("{{ path }}", "x");
    let found = problems(&bare);
    assert_eq!(found.len(), 1, "{found:#?}");
    assert_eq!(found[0].what, "this [[when]] matches every text");
}

#[test]
fn a_long_quotation_is_no_pattern() {
    let quoted = "a".repeat(pattern::LONGEST_LITERAL + 1);
    assert!(one("'quota'", &format!("'b|{quoted}'")).1.contains("121 fixed characters in a row"));
    assert_eq!(problems(&GOOD.replace("'quota'", &format!("'b|{}'", &quoted.get(1..).unwrap()))), []);
}

#[test]
fn every_error_of_syntax_is_told_and_nothing_that_follows_from_it() {
    for (content, line, column) in [
        ("id = \"a-rule\ncause = \"x\"\n", 1, 13),
        ("id = 'a'\nid = 'b'\n", 2, 1),
        ("é = \n", 1, 1),
        ("[[when]\n", 1, 8),
        ("id = \"\\q\"", 1, 8),
    ] {
        let found = problems(content);
        assert!(found.iter().all(|p| p.what.starts_with("this is no TOML: ")), "{found:#?}");
        let place = found[0].place.as_ref().unwrap();
        assert_eq!((place.line, place.column), (line, column), "{content}");
    }
    assert!(problems("a = [\nb = 'x\nc = \"y\n").len() > 1);
    assert!(problems(&"[".repeat(100_000)).iter().all(|p| p.what.starts_with("this is no TOML")));
}

#[test]
fn causes_and_configuration_have_forms_of_their_own() {
    let cause = "[[cause]]\nid = \"own\"\ntitle = \"t\"\nmeaning = \"m\"\nphase = \"run\"\nowner = \"host\"\n";
    assert_eq!(check_causes("causes.toml", cause), []);
    for (from, to, told) in [
        ("\"run\"", "\"running\"", "`phase` knows no 'running'"),
        ("owner", "ower", "`ower` is no key of [[cause]]"),
        ("\"own\"", "\"Own\"", "the id is not kebab-case"),
        ("\"m\"", "\"\"", "this text is empty"),
        ("[[cause]]", "[[causes]]", "`causes` is no key of causes.toml"),
    ] {
        let found = check_causes("causes.toml", &cause.replace(from, to));
        assert_eq!(found.iter().map(|p| p.what.as_str()).collect::<Vec<_>>(), [told]);
    }
    let (folders, found) = read_config("config.toml", "\u{feff}rules = ['a', '../b']\n");
    assert_eq!((folders, found), (vec!["a".to_owned(), "../b".to_owned()], Vec::new()));
    let (folders, found) = read_config("config.toml", "rule = ['a']\n");
    assert!(folders.is_empty() && found[0].expected == "did you mean `rules`?");
}

#[test]
fn the_line_of_an_example_is_that_of_its_text() {
    assert_eq!(example_line(GOOD, 0), Some(22));
    assert_eq!(example_line(&format!("\u{feff}{GOOD}").replace('\n', "\r\n"), 1), Some(26));
    assert_eq!(example_line(GOOD, 2), None);
}

proptest::proptest! {
    /// Whatever is cut out of a rule or put into it, there are places and no panic.
    #[test]
    fn nothing_makes_it_panic(at in 0..GOOD.len(), length in 0..40_usize, put in "\\PC{0,6}|[\\x00-\\x1f\"'\\[\\]{}%()=]{0,6}") {
        let mut end = (at + length).min(GOOD.len());
        let mut start = at;
        while !GOOD.is_char_boundary(start) { start -= 1; }
        while !GOOD.is_char_boundary(end) { end += 1; }
        let content = format!("{}{put}{}", GOOD.get(..start).unwrap(), GOOD.get(end..).unwrap());
        for problem in problems(&content) {
            let place = problem.place.unwrap();
            proptest::prop_assert!(place.text.get(place.start..place.end).is_some());
            proptest::prop_assert!(place.line <= content.lines().count() + 1);
        }
    }
}
