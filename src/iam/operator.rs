//! Condition operators: does one value of the request satisfy one value of the policy?
//!
//! Each operator is a name, a kind of comparison and whether it is negated
//! (<https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html>).

use std::{cmp::Ordering, net::IpAddr};

use jiff::Timestamp;

/// How two values are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Comparison {
    Text { ignore_case: bool },
    Like,
    Arn,
    Number(Order),
    Date(Order),
    Bool,
    Binary,
    Ip,
}

/// Which orderings of (request, policy) satisfy a numeric or date operator.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    Equal,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

/// A set operator's prefix.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Quantifier {
    None,
    ForAllValues,
    ForAnyValue,
}

/// An operator's name, taken apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Operator {
    pub quantifier: Quantifier,
    /// `None` is the `Null` operator.
    pub comparison: Option<Comparison>,
    pub negated: bool,
    pub if_exists: bool,
}

impl Operator {
    /// Reads a name such as `ForAllValues:StringNotLikeIfExists`; `None` for one that IAM does not know.
    pub fn named(name: &str) -> Option<Self> {
        let (quantifier, name) = match name.split_once(':') {
            Some((set, rest)) if set.eq_ignore_ascii_case("ForAllValues") => (Quantifier::ForAllValues, rest),
            Some((set, rest)) if set.eq_ignore_ascii_case("ForAnyValue") => (Quantifier::ForAnyValue, rest),
            Some(_) => return None,
            None => (Quantifier::None, name),
        };
        if name.eq_ignore_ascii_case("Null") {
            return Some(Self { quantifier, comparison: None, negated: false, if_exists: false });
        }
        let (name, if_exists) = without_suffix(name, "IfExists");
        let (_, comparison, negated) = NAMES.iter().find(|(known, ..)| known.eq_ignore_ascii_case(name))?;
        Some(Self { quantifier, comparison: Some(*comparison), negated: *negated, if_exists })
    }
}

fn without_suffix<'n>(name: &'n str, suffix: &str) -> (&'n str, bool) {
    match name.len().checked_sub(suffix.len()).and_then(|at| name.split_at_checked(at)) {
        Some((start, end)) if end.eq_ignore_ascii_case(suffix) => (start, true),
        _ => (name, false),
    }
}

/// Each name, how it compares, and whether it is negated.
const NAMES: [(&str, Comparison, bool); 26] = [
    ("StringEquals", Comparison::Text { ignore_case: false }, false),
    ("StringNotEquals", Comparison::Text { ignore_case: false }, true),
    ("StringLike", Comparison::Like, false),
    ("StringNotLike", Comparison::Like, true),
    ("StringEqualsIgnoreCase", Comparison::Text { ignore_case: true }, false),
    ("StringNotEqualsIgnoreCase", Comparison::Text { ignore_case: true }, true),
    ("ArnEquals", Comparison::Arn, false),
    ("ArnLike", Comparison::Arn, false),
    ("ArnNotEquals", Comparison::Arn, true),
    ("ArnNotLike", Comparison::Arn, true),
    ("Bool", Comparison::Bool, false),
    ("IpAddress", Comparison::Ip, false),
    ("NotIpAddress", Comparison::Ip, true),
    ("NumericEquals", Comparison::Number(Order::Equal), false),
    ("NumericNotEquals", Comparison::Number(Order::Equal), true),
    ("NumericLessThan", Comparison::Number(Order::Less), false),
    ("NumericLessThanEquals", Comparison::Number(Order::LessOrEqual), false),
    ("NumericGreaterThan", Comparison::Number(Order::Greater), false),
    ("NumericGreaterThanEquals", Comparison::Number(Order::GreaterOrEqual), false),
    ("DateEquals", Comparison::Date(Order::Equal), false),
    ("DateNotEquals", Comparison::Date(Order::Equal), true),
    ("DateLessThan", Comparison::Date(Order::Less), false),
    ("DateLessThanEquals", Comparison::Date(Order::LessOrEqual), false),
    ("DateGreaterThan", Comparison::Date(Order::Greater), false),
    ("DateGreaterThanEquals", Comparison::Date(Order::GreaterOrEqual), false),
    ("BinaryEquals", Comparison::Binary, false),
];

impl Order {
    fn holds(self, ordering: Ordering) -> bool {
        match self {
            Self::Equal => ordering.is_eq(),
            Self::Less => ordering.is_lt(),
            Self::LessOrEqual => ordering.is_le(),
            Self::Greater => ordering.is_gt(),
            Self::GreaterOrEqual => ordering.is_ge(),
        }
    }
}

/// Compares a request's value with a policy's value that holds no variable or pattern; `None` where either cannot be
/// read as the operator wants it, which satisfies neither an operator nor its negation.
pub fn compare(comparison: Comparison, request: &str, policy: &str) -> Option<bool> {
    match comparison {
        Comparison::Text { ignore_case: false } | Comparison::Like | Comparison::Arn => Some(request == policy),
        Comparison::Text { ignore_case: true } => Some(request.eq_ignore_ascii_case(policy)),
        Comparison::Binary => Some(request == policy),
        Comparison::Bool => Some(request.eq_ignore_ascii_case("true") == policy.eq_ignore_ascii_case("true")),
        Comparison::Number(order) => Some(order.holds(number(request)?.partial_cmp(&number(policy)?)?)),
        Comparison::Date(order) => Some(order.holds(instant(request)?.cmp(&instant(policy)?))),
        Comparison::Ip => in_network(request.trim().parse().ok()?, policy.trim()),
    }
}

/// A decimal number; words such as `inf` are none.
fn number(text: &str) -> Option<f64> {
    text.trim().parse().ok().filter(|number: &f64| number.is_finite())
}

/// ISO 8601 (a day alone is its start in UTC) or seconds since 1970.
fn instant(text: &str) -> Option<Timestamp> {
    let text = text.trim();
    if let Ok(seconds) = text.parse::<i64>() {
        return Timestamp::from_second(seconds).ok();
    }
    text.parse().ok().or_else(|| {
        let civil: jiff::civil::DateTime = text.parse().ok()?;
        civil.to_zoned(jiff::tz::TimeZone::UTC).ok().map(|zoned| zoned.timestamp())
    })
}

/// Whether an address lies in `address[/bits]`; `None` if that is no network.
fn in_network(address: IpAddr, network: &str) -> Option<bool> {
    let (base, bits) = match network.split_once('/') {
        Some((base, bits)) => (base, Some(bits.parse::<u32>().ok()?)),
        None => (network, None),
    };
    let shared = |a: u128, b: u128, width: u32| {
        let bits = bits.unwrap_or(width);
        (bits <= width).then(|| bits == 0 || (a ^ b) >> (width - bits) == 0)
    };
    match (address, base.parse().ok()?) {
        (IpAddr::V4(a), IpAddr::V4(b)) => shared(u128::from(u32::from(a)), u128::from(u32::from(b)), 32),
        (IpAddr::V6(a), IpAddr::V6(b)) => shared(u128::from(a), u128::from(b), 128),
        _ => Some(false),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_compare_as_their_kind() {
        let holds = |name: &str, request: &str, policy: &str| {
            let operator = Operator::named(name).unwrap();
            compare(operator.comparison.unwrap(), request, policy).map(|equal| equal != operator.negated)
        };
        assert_eq!(holds("NumericLessThan", "9", "10"), Some(true));
        assert_eq!(holds("NumericLessThan", "x", "10"), None);
        assert_eq!(holds("DateGreaterThan", "1700000000", "2023-01-01T00:00:00Z"), Some(true));
        assert_eq!(holds("DateLessThan", "2023-06-30", "2023-07-01T00:00:00Z"), Some(true));
        assert_eq!(holds("Bool", "TRUE", "true"), Some(true));
        assert_eq!(holds("IpAddress", "10.1.2.3", "10.0.0.0/8"), Some(true));
        assert_eq!(holds("NotIpAddress", "10.1.2.3", "10.1.2.3"), Some(false));
        assert_eq!(holds("NotIpAddress", "10.1.2.3", "nonsense"), None);
        assert_eq!(holds("IpAddress", "2001:db8::1", "2001:db8::/32"), Some(true));
        assert_eq!(holds("StringNotEqualsIgnoreCase", "A", "a"), Some(false));
    }

    #[test]
    fn unknown_operators_are_not_guessed() {
        for name in ["StringMatches", "ForSomeValues:StringEquals", "NullIfExists", ""] {
            assert_eq!(Operator::named(name), None, "{name}");
        }
        assert!(Operator::named("ForAnyValue:StringLikeIfExists").is_some_and(|o| o.if_exists));
    }
}
