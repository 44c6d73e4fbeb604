//! A word of a sentence, taken apart into brackets and quotes before it, its core, and punctuation behind it.
//!
//! Given one word without white space. A core is plain where no reader of Markdown takes it for anything but letters:
//! GitHub and GitLab make references of names with digits (`GH-7`, `PROJ-9`) and of hexadecimal words
//! (<https://docs.github.com/en/get-started/writing-on-github/working-with-advanced-formatting/autolinked-references-and-urls>).

pub struct Word<'t> {
    pub opening: &'t str,
    pub core: &'t str,
    pub closing: &'t str,
}

/// Longest name of letters and digits that is plain, such as EC2 or IPv6; the shortest reference to a commit has 7.
const LONGEST_NAME: usize = 6;

impl<'t> Word<'t> {
    pub fn of(text: &'t str) -> Self {
        let inner = text.trim_start_matches(['(', '"', '\'']);
        let core = without_closing(inner);
        if core.is_empty() {
            return Self { opening: "", core: text, closing: "" };
        }
        let opening = text.strip_suffix(inner).unwrap_or_default();
        let closing = inner.strip_prefix(core).unwrap_or_default();
        Self { opening, core, closing }
    }

    /// Letters alone or digits alone, parted by hyphens or apostrophes; or a short name of both.
    pub fn is_plain(&self) -> bool {
        let parts = || self.core.split(['-', '\'']);
        let all = |is: fn(&u8) -> bool| parts().all(|part| !part.is_empty() && part.bytes().all(|b| is(&b)));
        let is_name =
            (1..=LONGEST_NAME).contains(&self.core.len()) && self.core.bytes().all(|b| b.is_ascii_alphanumeric());
        (all(u8::is_ascii_alphabetic) || all(u8::is_ascii_digit) || is_name) && !self.is_like_a_reference()
    }

    /// The name of a commit, or the start of a host that is linked without anything behind it.
    fn is_like_a_reference(&self) -> bool {
        let is_host = self.core.eq_ignore_ascii_case("www");
        is_host || self.core.len() > LONGEST_NAME && self.core.bytes().all(|b| b.is_ascii_hexdigit())
    }

    /// Whether nothing stands between this word and the next, and neither is plain.
    pub fn is_one_code_with(&self, next: &Self) -> bool {
        !self.is_plain() && !next.is_plain() && self.closing.is_empty() && next.opening.is_empty()
    }
}

/// Without the punctuation at the end of a word. What is repeated, or closes what the word opened, belongs to it.
fn without_closing(word: &str) -> &str {
    let mut core = word;
    while let Some(mark) = core.chars().next_back().filter(|c| ".,:;)\"'?!".contains(*c)) {
        let Some(rest) = core.strip_suffix(mark) else { break };
        let own = matches!(mark, ')') && rest.contains('(') || rest.ends_with(mark);
        if own {
            break;
        }
        core = rest;
    }
    core
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_is_taken_apart() {
        for (word, expected) in [
            ("role", ("", "role", "")),
            ("(\"web\"),", ("(\"", "web", "\"),")),
            ("arn:aws:iam::1:role/x.", ("", "arn:aws:iam::1:role/x", ".")),
            ("time(s)", ("", "time(s)", "")),
            ("-??????.", ("", "-??????", ".")),
            ("...", ("", "...", "")),
            (").", ("", ").", "")),
            ("x...", ("", "x...", "")),
        ] {
            let Word { opening, core, closing } = Word::of(word);
            assert_eq!((opening, core, closing), expected, "{word}");
        }
    }

    #[test]
    fn letters_or_digits_are_plain_and_what_could_refer_to_something_is_not() {
        let plain = ["The", "side-car", "AWS's", "30", "1024-65535", "EC2", "IPv6", "S3", "(ports"];
        let other = [
            "", "@a", "#1", "a.b", "a_b", "*", "GH-7", "deadbeef", "1234567", "ä", "a--b", "-", "x:y", "ab12cd3",
            "www.",
        ];
        plain.iter().for_each(|word| assert!(Word::of(word).is_plain(), "{word}"));
        other.iter().for_each(|word| assert!(!Word::of(word).is_plain(), "{word}"));
    }
}
