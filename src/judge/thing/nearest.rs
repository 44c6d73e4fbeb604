//! The tags that somebody may have meant who wrote another one.

use strsim::damerau_levenshtein;

/// A tag near to the one that is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Near<'a> {
    pub tag: &'a str,
    /// Whether it says the same in another spelling: `v1.4.0` for `1.4`.
    pub is_same: bool,
}

/// Most that are worth showing.
const MOST: usize = 3;

/// The nearest of the tags, best first; of those that are equally near, the newer first, in whose order the tags come.
pub fn nearest<'a>(wanted: &str, tags: &'a [String]) -> Vec<Near<'a>> {
    let mut near: Vec<(usize, &str)> = Vec::new();
    for tag in tags.iter().filter(|tag| tag.as_str() != wanted) {
        if let Some(distance) = distance(wanted, tag).filter(|_| !near.iter().any(|(_, known)| known == tag)) {
            near.push((distance, tag));
        }
    }
    near.sort_by_key(|(distance, _)| *distance);
    near.into_iter().take(MOST).map(|(distance, tag)| Near { tag, is_same: distance == 0 }).collect()
}

/// `None` where the two have nothing to do with each other.
fn distance(wanted: &str, tag: &str) -> Option<usize> {
    match (version(wanted), version(tag)) {
        (Some(wanted), Some(tag)) => of_versions(&wanted, &tag),
        _ => {
            let (wanted, tag) = (wanted.to_ascii_lowercase(), tag.to_ascii_lowercase());
            let distance = damerau_levenshtein(&wanted, &tag);
            (distance <= (wanted.chars().count() / 3).max(1)).then_some(distance)
        }
    }
}

/// Of versions only those are near that differ in the last of the numbers that are written, by a little, or in none.
fn of_versions(wanted: &[u64], tag: &[u64]) -> Option<usize> {
    const FAR: u64 = 9;
    let length = wanted.len().max(tag.len());
    let at = |version: &[u64], place: usize| version.get(place).copied().unwrap_or(0);
    match (0..length).find(|place| at(wanted, *place) != at(tag, *place)) {
        None => Some(0),
        Some(place) if place == 0 || place + 1 < wanted.len() => None,
        Some(place) => {
            let difference = at(wanted, place).abs_diff(at(tag, place));
            usize::try_from(difference).ok().filter(|_| difference <= FAR)
        }
    }
}

/// The numbers of `1.4.2`, `v1.4.2`; one number alone may be anything, such as a build or a date.
fn version(tag: &str) -> Option<Vec<u64>> {
    let tag = tag.strip_prefix(['v', 'V']).unwrap_or(tag);
    let numbers: Option<Vec<u64>> = tag.split('.').map(|part| part.parse().ok()).collect();
    numbers.filter(|numbers| numbers.len() > 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn near_tags_are_found() {
        for (wanted, tags, expected) in [
            ("1.4", &["1.5", "2.0", "1.3", "latest"][..], &["1.5", "1.3"][..]),
            ("1.4", &["v1.4.0", "1.5"], &["v1.4.0", "1.5"]),
            ("1.4.2", &["1.5.2", "1.4.9", "1.4.12"], &["1.4.9"]),
            ("latset", &["latest", "stable"], &["latest"]),
            ("main", &["master", "dev"], &[]),
            ("Prod", &["prod"], &["prod"]),
            ("v41", &["v40", "v42", "v411", "a"], &["v40", "v42", "v411"]),
            ("1.4", &["1.4"], &[]),
        ] {
            let tags: Vec<String> = tags.iter().map(|tag| (*tag).to_owned()).collect();
            let found: Vec<&str> = nearest(wanted, &tags).iter().map(|near| near.tag).collect();
            assert_eq!(found, expected, "{wanted}");
        }
    }

    #[test]
    fn another_spelling_is_the_same() {
        let tags = ["v1.4.0".to_owned(), "1.5".to_owned()];
        let same: Vec<bool> = nearest("1.4", &tags).iter().map(|near| near.is_same).collect();
        assert_eq!(same, [true, false]);
    }
}
