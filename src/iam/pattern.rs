//! Patterns of actions, resources and condition values, with policy variables.
//!
//! Variables count only where the caller gives a context for them, and only in the part after an ARN's fifth colon;
//! wildcards that come from a variable's value are literal
//! (<https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html>).

use std::borrow::Cow;

use memchr::{memchr, memchr_iter, memchr2};

use super::{
    context::{Context, Lookup},
    glob::{Reach, Token, Tokens, matches, tokens},
};

/// A variable that has no usable value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unresolved {
    /// The request does not carry the key.
    NoValue,
    /// It is not known what the request carries.
    Unknown(String),
}

/// Which policies may leave out the last segments of an ARN. AWS's documentation is silent on this.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ShortArns {
    /// Identity, session and boundary policies: what is missing is `*`.
    Filled,
    /// Resource and endpoint policies: only if a `*` stands somewhere in it.
    WithWildcard,
    /// Service control policies: only if it ends in `*`.
    WithTrailingStar,
    /// Resource control policies: never.
    Unmatched,
}

/// Whether an action pattern covers an action. Prefix and name ignore case and may hold wildcards, but a prefix of `*`
/// alone goes only with `*:*`
/// (<https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_action.html>).
pub fn action_matches(pattern: &str, action: &str) -> bool {
    if matches!(pattern, "*" | "*:*") {
        return true;
    }
    match (split(pattern), split(action)) {
        (Some((prefix, name)), Some((service, wanted))) => {
            prefix != "*"
                && text_matches(prefix, service, Reach::Text, true)
                && text_matches(name, wanted, Reach::Text, true)
        }
        _ => false,
    }
}

fn split(action: &str) -> Option<(&str, &str)> {
    let colon = action.bytes().position(|byte| byte == b':')?;
    Some((action.get(..colon)?, action.get(colon + 1..)?))
}

/// Whether a resource pattern covers a resource; `*` as the resource stands for a call that names none, which only the
/// pattern `*` covers.
pub fn resource_matches(
    pattern: &str,
    resource: &str,
    short: ShortArns,
    variables: Option<&Context<'_>>,
) -> Result<bool, Unresolved> {
    let everything = !pattern.is_empty() && pattern.bytes().all(|byte| byte == b'*');
    if everything || resource == "*" {
        return Ok(everything);
    }
    let Some(missing) = missing_segments(pattern, short) else { return Ok(false) };
    let resolved = variables
        .filter(|_| missing == 0 && has_variable(pattern))
        .and_then(|context| Some((context, variable_part(pattern)?)));
    let mut tokens: Tokens = match resolved {
        None if missing == 0 => return Ok(text_matches(pattern, resource, Reach::Resource, false)),
        None => tokens(pattern).collect(),
        Some((context, at)) => {
            let (fixed, variable) = pattern.split_at_checked(at).unwrap_or((pattern, ""));
            tokens(fixed).chain(resolve(variable, context, true)?).collect()
        }
    };
    for _ in 0..missing {
        tokens.extend([Token::Byte(b':'), Token::Any]);
    }
    Ok(matches(&tokens, resource, Reach::Resource, false))
}

const COLONS: usize = 5;

/// How many segments are to be added to a pattern; `None` where it matches nothing for want of them.
fn missing_segments(pattern: &str, short: ShortArns) -> Option<usize> {
    let missing = COLONS.saturating_sub(memchr_iter(b':', pattern.as_bytes()).take(COLONS).count());
    let may_be_short = || match short {
        ShortArns::Filled => true,
        ShortArns::WithWildcard => pattern.contains('*'),
        ShortArns::WithTrailingStar => pattern.ends_with('*'),
        ShortArns::Unmatched => false,
    };
    match missing {
        0 => Some(0),
        _ if !may_be_short() => None,
        // A star at the end runs over the colons by itself.
        _ if pattern.ends_with('*') => Some(0),
        missing => Some(missing),
    }
}

/// Whether a text may hold a variable; nearly none does, so this has to be quick.
fn has_variable(text: &str) -> bool {
    memchr(b'$', text.as_bytes()).is_some() && text.contains("${")
}

/// Where the part of an ARN begins that may hold variables, if it holds one.
fn variable_part(pattern: &str) -> Option<usize> {
    let at = memchr_iter(b':', pattern.as_bytes()).nth(COLONS - 1)?;
    pattern.get(at..)?.contains("${").then_some(at)
}

/// Whether a text matches a pattern without variables.
pub fn text_matches(pattern: &str, text: &str, reach: Reach, fold: bool) -> bool {
    let Some(first) = memchr2(b'*', b'?', pattern.as_bytes()) else {
        return if fold { pattern.eq_ignore_ascii_case(text) } else { pattern == text };
    };
    let (Some(start), Some(read)) = (pattern.as_bytes().get(..first), text.as_bytes().get(..first)) else {
        return false;
    };
    let same = if fold { start.eq_ignore_ascii_case(read) } else { start == read };
    same && matches(&tokens(pattern).collect::<Tokens>(), text, reach, fold)
}

/// Whether a text is like a pattern whose variables count.
pub fn like(pattern: &str, text: &str, reach: Reach, variables: Option<&Context<'_>>) -> Result<bool, Unresolved> {
    match variables.filter(|_| has_variable(pattern)) {
        None => Ok(text_matches(pattern, text, reach, false)),
        Some(context) => Ok(matches(&resolve(pattern, context, true)?, text, reach, false)),
    }
}

/// A text with its variables replaced; wildcards are ordinary characters.
pub fn text_of<'t>(text: &'t str, variables: Option<&Context<'_>>) -> Result<Cow<'t, str>, Unresolved> {
    let Some(context) = variables.filter(|_| has_variable(text)) else { return Ok(Cow::Borrowed(text)) };
    let bytes: Vec<u8> = resolve(text, context, false)?
        .into_iter()
        .map(|token| match token {
            Token::Byte(byte) => byte,
            Token::One => b'?',
            Token::Any => b'*',
        })
        .collect();
    Ok(Cow::Owned(String::from_utf8_lossy(&bytes).into_owned()))
}

/// The tokens of a text with its variables replaced by literal characters.
fn resolve(text: &str, context: &Context<'_>, wildcards: bool) -> Result<Vec<Token>, Unresolved> {
    let mut resolved = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find("${") {
        let (before, from) = rest.split_at_checked(at).unwrap_or((rest, ""));
        let Some((variable, after)) = from.strip_prefix("${").and_then(|inside| inside.split_once('}')) else { break };
        push(&mut resolved, before, wildcards);
        push(&mut resolved, &value_of(variable, context)?, false);
        rest = after;
    }
    push(&mut resolved, rest, wildcards);
    Ok(resolved)
}

fn push(resolved: &mut Vec<Token>, text: &str, wildcards: bool) {
    if wildcards {
        resolved.extend(tokens(text));
    } else {
        resolved.extend(text.bytes().map(Token::Byte));
    }
}

fn value_of<'t>(variable: &'t str, context: &'t Context<'_>) -> Result<Cow<'t, str>, Unresolved> {
    if matches!(variable, "*" | "?" | "$") {
        return Ok(Cow::Borrowed(variable));
    }
    let (key, default) = match variable.split_once(',') {
        Some((key, default)) => (key.trim(), Some(default.trim().trim_matches('\''))),
        None => (variable.trim(), None),
    };
    match context.get(key) {
        Lookup::Present(values) => match (values.single(), default) {
            (Some(value), _) => Ok(Cow::Borrowed(value)),
            (None, default) => default.map(Cow::Borrowed).ok_or(Unresolved::NoValue),
        },
        Lookup::Unknown => Err(Unresolved::Unknown(key.to_owned())),
        Lookup::Absent => default.map(Cow::Borrowed).ok_or(Unresolved::NoValue),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn arn(pattern: &str, text: &str) -> bool {
        resource_matches(pattern, text, ShortArns::Filled, None).unwrap()
    }

    #[test]
    fn actions_ignore_case() {
        assert!(action_matches("ECR:batchget*", "ecr:BatchGetImage"));
        assert!(action_matches("s3:Get?bject", "s3:GetObject"));
        assert!(action_matches("*", "s3:GetObject"));
        assert!(action_matches("*:*", "s3:GetObject"));
        assert!(!action_matches("s3:GetObject ", "s3:GetObject"));
        assert!(!action_matches("s3:GetObject,s3:PutObject", "s3:GetObject"));
        assert!(!action_matches("*:GetObject", "s3:GetObject"));
        assert!(!action_matches("s3:Get.*", "s3:GetObject"));
        assert!(!action_matches("s3*", "s3:GetObject"));
    }

    #[test]
    fn segments_confine_wildcards() {
        let stream = "arn:aws:logs:eu-west-1:123456789012:log-group:/ecs/app:log-stream:app/web/1";
        assert!(arn("arn:aws:logs:*:*:log-group:/ecs/*", stream));
        assert!(arn("arn:aws:logs:eu-west-1:123456789012:log-group:/ecs/app:*", stream));
        assert!(!arn("arn:aws:logs:eu-west-1:123456789012:log-group:/ecs/app", stream));
        assert!(arn("arn:aws:logs:*", stream));
        assert!(arn("arn:aws:logs", stream));
        assert!(!arn("arn:aws:l*p:x", stream));
        assert!(!arn("arn:aws:log*2:log-group:/ecs/app:*", stream));
        assert!(!arn(
            "arn:aws?logs:eu-west-1:123456789012:log-group:/ecs/app:*",
            stream.replacen(':', "::", 1).as_str()
        ));
        assert!(arn("*", "*") && arn("**", "*"));
        assert!(!arn("arn:aws:ecr:eu-west-1:123456789012:repository/*", "*"));
    }

    #[test]
    fn short_arns_depend_on_the_policy() {
        let queue = "arn:aws:sqs:eu-west-1:123456789012:jobs";
        let covers = |short| {
            ["arn:aws:sqs", "arn:aws:*:eu-west-1", "arn:aws:sqs:*"]
                .map(|pattern| resource_matches(pattern, queue, short, None).unwrap())
        };
        assert_eq!(covers(ShortArns::Filled), [true, true, true]);
        assert_eq!(covers(ShortArns::WithWildcard), [false, true, true]);
        assert_eq!(covers(ShortArns::WithTrailingStar), [false, false, true]);
        assert_eq!(covers(ShortArns::Unmatched), [false, false, false]);
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
        let is_like = |pattern: &str, text: &str| like(pattern, text, Reach::Text, Some(&context));
        assert_eq!(is_like("x/${aws:PrincipalTag/Team}", "x/a*"), Ok(true));
        assert_eq!(is_like("x/${aws:PrincipalTag/Team}", "x/ab"), Ok(false));
        assert_eq!(is_like("${*}${aws:username, 'none'}*", "*none!"), Ok(true));
        assert_eq!(is_like("${aws:username}", ""), Err(Unresolved::NoValue));
        assert_eq!(is_like("${aws:SourceIp}", ""), Err(Unresolved::Unknown("aws:SourceIp".to_owned())));
        assert_eq!(is_like("${aws:username", "${aws:username"), Ok(true));
    }

    #[test]
    fn variables_count_after_the_fifth_colon() {
        let context = Context::complete().with("aws:username", "ann");
        let covers = |pattern, resource| resource_matches(pattern, resource, ShortArns::Filled, Some(&context));
        assert_eq!(covers("arn:aws:s3:::home/${aws:username}/*", "arn:aws:s3:::home/ann/x"), Ok(true));
        assert_eq!(covers("arn:aws:s3:::home/${aws:userid}/*", "arn:aws:s3:::home//x"), Err(Unresolved::NoValue));
        assert_eq!(covers("arn:aws:${aws:username}:::x", "arn:aws:ann:::x"), Ok(false));
    }
}
