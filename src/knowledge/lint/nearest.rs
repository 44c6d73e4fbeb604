//! The names that somebody may have meant who wrote another one.

/// Names that are suggested.
const MOST: usize = 3;

/// The known names that come near to a name, nearest first: few letters apart, or with a whole word of it.
pub fn nearest<'a>(name: &str, known: &[&'a str]) -> Vec<&'a str> {
    let name = name.to_lowercase();
    let mut near: Vec<(usize, &str)> =
        known.iter().filter_map(|known| distance(&name, known).map(|d| (d, *known))).collect();
    near.sort_unstable();
    near.dedup();
    let letters_apart = near.first().map(|(best, _)| *best).filter(|best| *best < OTHER_WORDS);
    near.retain(|(distance, _)| letters_apart.is_none_or(|best| *distance == best));
    near.into_iter().take(MOST).map(|(_, known)| known).collect()
}

/// A distance that no misspelling has: names that share words come behind.
const OTHER_WORDS: usize = 1000;

/// How far a known name is, if it is near at all. A name that holds the other comes after those a few letters apart.
fn distance(name: &str, known: &str) -> Option<usize> {
    let bound = 1 + name.chars().count().max(known.chars().count()) / 4;
    let apart = strsim::damerau_levenshtein(name, known);
    if apart <= bound {
        return Some(apart);
    }
    let holds = name.len() > 2 && known.contains(name) || known.len() > 3 && name.contains(known);
    let shared = shared_words(name, known);
    match (holds, shared) {
        (true, _) => Some(OTHER_WORDS + apart),
        (false, 0 | 1) => None,
        (false, shared) => Some((2 * OTHER_WORDS).saturating_sub(shared * 10) + apart.min(9)),
    }
}

/// Words between hyphens that both have.
fn shared_words(name: &str, known: &str) -> usize {
    let words: Vec<&str> = name.split(['-', '_', '.']).filter(|word| word.len() > 2).collect();
    known.split(['-', '_', '.']).filter(|word| words.contains(word)).count()
}

/// "did you mean `text`?", or nothing.
pub fn did_you_mean(name: &str, known: &[&str]) -> String {
    let near: Vec<String> = nearest(name, known).iter().map(|near| format!("`{near}`")).collect();
    match near.split_last() {
        None => String::new(),
        Some((last, [])) => format!("did you mean {last}?"),
        Some((last, others)) => format!("did you mean {} or {last}?", others.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_that_was_meant_comes_first() {
        let known = ["source", "text", "none", "exit_code", "image-tag-missing", "image-disk-full", "agent.log"];
        for (written, first) in [
            ("txt", Some("text")),
            ("Source", Some("source")),
            ("sources", Some("source")),
            ("exitcode", Some("exit_code")),
            ("image-tag-mising", Some("image-tag-missing")),
            ("image-missing-tag", Some("image-tag-missing")),
            ("log", Some("agent.log")),
            ("zzz", None),
        ] {
            assert_eq!(nearest(written, &known).first().copied(), first, "{written}");
        }
        assert_eq!(did_you_mean("txt", &known), "did you mean `text`?");
        assert_eq!(did_you_mean("zzz", &known), "");
    }
}
