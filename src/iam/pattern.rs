//! Wildcard patterns: actions, ARNs and condition values, with policy variables.
//!
//! A `*` in one of an ARN's first five segments stays inside it, unless it ends the segment: then it "can expand to match
//! beyond the colon boundaries" (<https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html>).
//! Wildcards that come from a variable's value are literal.

use super::context::{Context, Lookup};

/// One element of a compiled pattern.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Token {
    Literal(char),
    /// `?`: exactly one character.
    One,
    /// `*`: any run; whether it may run over a colon.
    Any {
        over_colons: bool,
    },
}

/// A pattern with its variables replaced.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pattern(Vec<Token>);

/// A variable that has no usable value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unresolved {
    /// The request does not carry the key.
    NoValue,
    /// It is not known what the request carries.
    Unknown(String),
}

impl Pattern {
    /// A pattern whose every `*` matches any run.
    pub fn glob(text: &str, context: Option<&Context>) -> Result<Self, Unresolved> {
        Ok(Self(tokens(text, context)?))
    }

    /// A pattern over an ARN, whose wildcards respect its segments. A short ARN is one whose missing segments are `*`.
    pub fn arn(text: &str, context: Option<&Context>) -> Result<Self, Unresolved> {
        let mut tokens = tokens(text, context)?;
        if text.starts_with("arn:") {
            fill_segments(&mut tokens);
        }
        Ok(Self(keep_in_segments(tokens)))
    }

    /// The pattern in lower case, for texts in lower case.
    pub fn lower_case(mut self) -> Self {
        for token in &mut self.0 {
            if let Token::Literal(c) = token {
                c.make_ascii_lowercase();
            }
        }
        self
    }

    /// Whether the whole of `text` matches.
    pub fn matches(&self, text: &str) -> bool {
        let text: Vec<char> = text.chars().collect();
        matches_from(&self.0, &text)
    }
}

/// Whether an action pattern covers an action: the service prefix and the name ignore case, and a pattern without a
/// prefix is only `*`. AWS takes `*:*` for every action, though a prefix may hold no other wildcard.
pub fn action_matches(pattern: &str, action: &str) -> bool {
    if matches!(pattern, "*" | "*:*") {
        return true;
    }
    let (Some((service, name)), Some((wanted_service, wanted_name))) =
        (pattern.split_once(':'), action.split_once(':'))
    else {
        return false;
    };
    let covers = |pattern: &str, text: &str| {
        Pattern::glob(&pattern.to_ascii_lowercase(), None).is_ok_and(|p| p.matches(&text.to_ascii_lowercase()))
    };
    !service.contains(['*', '?']) && covers(service, wanted_service) && covers(name, wanted_name)
}

/// Greedy matching that returns to the last `*`: linear but for the retries of one star at a time.
fn matches_from(tokens: &[Token], text: &[char]) -> bool {
    let (mut at, mut position) = (0, 0);
    let mut retries: Vec<(usize, usize)> = Vec::new();
    loop {
        let consumed = match (tokens.get(at), text.get(position)) {
            (None, None) => return true,
            (Some(Token::Any { .. }), _) => {
                retries.push((at, position));
                at += 1;
                continue;
            }
            (Some(Token::One), Some(_)) => true,
            (Some(Token::Literal(wanted)), Some(found)) => wanted == found,
            _ => false,
        };
        if consumed {
            at += 1;
            position += 1;
            continue;
        }
        let Some((star, next)) = extend_last(tokens, text, &mut retries) else { return false };
        (at, position) = (star + 1, next);
    }
}

/// Lets the last star that may take one more character do so. An earlier star matters only if a later one is confined
/// to a segment.
fn extend_last(tokens: &[Token], text: &[char], retries: &mut Vec<(usize, usize)>) -> Option<(usize, usize)> {
    while let Some((star, position)) = retries.pop() {
        let over_colons = matches!(tokens.get(star), Some(Token::Any { over_colons: true }));
        match text.get(position) {
            Some(':') if !over_colons => {}
            Some(_) => {
                if over_colons {
                    retries.clear();
                }
                retries.push((star, position + 1));
                return Some((star, position + 1));
            }
            None => {}
        }
    }
    None
}

fn tokens(text: &str, context: Option<&Context>) -> Result<Vec<Token>, Unresolved> {
    let mut tokens = Vec::new();
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        if let (Some(context), Some((variable, after))) = (context, variable(rest)) {
            tokens.extend(value_of(variable, context)?.chars().map(Token::Literal));
            rest = after;
            continue;
        }
        tokens.push(match c {
            '*' => Token::Any { over_colons: true },
            '?' => Token::One,
            literal => Token::Literal(literal),
        });
        rest = rest.get(c.len_utf8()..).unwrap_or_default();
    }
    Ok(tokens)
}

/// The inside of a `${…}` that the text starts with, and what follows it.
fn variable(text: &str) -> Option<(&str, &str)> {
    text.strip_prefix("${")?.split_once('}')
}

fn value_of(variable: &str, context: &Context) -> Result<String, Unresolved> {
    if matches!(variable, "*" | "?" | "$") {
        return Ok(variable.to_owned());
    }
    let (key, default) = match variable.split_once(',') {
        Some((key, default)) => (key.trim(), Some(default.trim().trim_matches('\''))),
        None => (variable.trim(), None),
    };
    match context.get(key) {
        Lookup::Present([value]) => Ok(value.clone()),
        Lookup::Unknown => Err(Unresolved::Unknown(key.to_owned())),
        Lookup::Present(_) | Lookup::Absent => default.map(str::to_owned).ok_or(Unresolved::NoValue),
    }
}

const SEGMENTS: usize = 6;

fn fill_segments(tokens: &mut Vec<Token>) {
    let colons = tokens.iter().filter(|t| **t == Token::Literal(':')).count();
    let ends_open = matches!(tokens.last(), Some(Token::Any { .. }));
    if !ends_open {
        for _ in colons..SEGMENTS - 1 {
            tokens.extend([Token::Literal(':'), Token::Any { over_colons: true }]);
        }
    }
}

fn keep_in_segments(mut tokens: Vec<Token>) -> Vec<Token> {
    let mut segment = 0;
    for at in 0..tokens.len() {
        let ends_segment = matches!(tokens.get(at + 1), None | Some(Token::Literal(':')));
        match tokens.get_mut(at) {
            Some(Token::Literal(':')) => segment += 1,
            Some(Token::Any { over_colons }) => *over_colons = segment >= SEGMENTS - 1 || ends_segment,
            _ => {}
        }
    }
    tokens
}

#[cfg(test)]
mod tests {
    use super::*;

    fn arn(pattern: &str, text: &str) -> bool {
        Pattern::arn(pattern, None).unwrap().matches(text)
    }

    #[test]
    fn actions_ignore_case() {
        assert!(action_matches("ECR:batchget*", "ecr:BatchGetImage"));
        assert!(action_matches("s3:Get?bject", "s3:GetObject"));
        assert!(action_matches("*", "s3:GetObject"));
        assert!(action_matches("*:*", "s3:GetObject"));
        assert!(!action_matches("s3:GetObject ", "s3:GetObject"));
        assert!(!action_matches("*:GetObject", "s3:GetObject"));
        assert!(!action_matches("s3:Get.*", "s3:GetObject"));
    }

    #[test]
    fn segments_confine_stars() {
        let stream = "arn:aws:logs:eu-west-1:123456789012:log-group:/ecs/app:log-stream:app/web/1";
        assert!(arn("arn:aws:logs:*:*:log-group:/ecs/*", stream));
        assert!(arn("arn:aws:logs:eu-west-1:123456789012:log-group:/ecs/app:*", stream));
        assert!(!arn("arn:aws:logs:eu-west-1:123456789012:log-group:/ecs/app", stream));
        assert!(arn("arn:aws:logs:*", stream));
        assert!(arn("arn:aws:logs", stream));
        assert!(!arn("arn:aws:l*p:x", stream));
        assert!(!arn("arn:aws:log*2:log-group:/ecs/app:*", stream));
        assert!(arn("*", "*"));
        assert!(!arn("arn:aws:ecr:eu-west-1:123456789012:repository/a", "*"));
    }

    #[test]
    fn suffixes_of_secrets() {
        let secret = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:db-AbCdEf";
        let base = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:db";
        assert!(!arn(base, secret));
        for tail in ["-??????", "-*", "*"] {
            assert!(arn(&format!("{base}{tail}"), secret), "{tail}");
        }
    }

    #[test]
    fn variables_are_literal_once_replaced() {
        let context = Context::default().with("aws:PrincipalTag/team", "a*").without("aws:username");
        let pattern = |text: &str| Pattern::glob(text, Some(&context));
        assert!(pattern("x/${aws:PrincipalTag/Team}").unwrap().matches("x/a*"));
        assert!(!pattern("x/${aws:PrincipalTag/Team}").unwrap().matches("x/ab"));
        assert!(pattern("${*}${aws:username, 'none'}").unwrap().matches("*none"));
        assert_eq!(pattern("${aws:username}"), Err(Unresolved::NoValue));
        assert_eq!(pattern("${aws:SourceIp}"), Err(Unresolved::Unknown("aws:SourceIp".to_owned())));
    }

    #[test]
    fn many_stars_stay_quick() {
        let pattern = Pattern::glob(&"*a".repeat(40), None).unwrap();
        assert!(!pattern.matches(&"c".repeat(4000)));
        assert!(!pattern.matches(&format!("{}c", "a".repeat(4000))));
    }
}
