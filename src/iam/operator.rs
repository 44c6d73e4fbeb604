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
            Some(("ForAllValues", rest)) => (Quantifier::ForAllValues, rest),
            Some(("ForAnyValue", rest)) => (Quantifier::ForAnyValue, rest),
            Some(_) => return None,
            None => (Quantifier::None, name),
        };
        if name == "Null" {
            return Some(Self { quantifier, comparison: None, negated: false, if_exists: false });
        }
        let (name, if_exists) = match name.strip_suffix("IfExists") {
            Some(name) => (name, true),
            None => (name, false),
        };
        let (comparison, negated) = comparison(name)?;
        Some(Self { quantifier, comparison: Some(comparison), negated, if_exists })
    }
}

fn comparison(name: &str) -> Option<(Comparison, bool)> {
    use Comparison as C;
    let text = |ignore_case| C::Text { ignore_case };
    Some(match name {
        "StringEquals" => (text(false), false),
        "StringNotEquals" => (text(false), true),
        "StringEqualsIgnoreCase" => (text(true), false),
        "StringNotEqualsIgnoreCase" => (text(true), true),
        "StringLike" => (C::Like, false),
        "StringNotLike" => (C::Like, true),
        "ArnEquals" | "ArnLike" => (C::Arn, false),
        "ArnNotEquals" | "ArnNotLike" => (C::Arn, true),
        "NumericEquals" => (C::Number(Order::Equal), false),
        "NumericNotEquals" => (C::Number(Order::Equal), true),
        "NumericLessThan" => (C::Number(Order::Less), false),
        "NumericLessThanEquals" => (C::Number(Order::LessOrEqual), false),
        "NumericGreaterThan" => (C::Number(Order::Greater), false),
        "NumericGreaterThanEquals" => (C::Number(Order::GreaterOrEqual), false),
        "DateEquals" => (C::Date(Order::Equal), false),
        "DateNotEquals" => (C::Date(Order::Equal), true),
        "DateLessThan" => (C::Date(Order::Less), false),
        "DateLessThanEquals" => (C::Date(Order::LessOrEqual), false),
        "DateGreaterThan" => (C::Date(Order::Greater), false),
        "DateGreaterThanEquals" => (C::Date(Order::GreaterOrEqual), false),
        "Bool" => (C::Bool, false),
        "BinaryEquals" => (C::Binary, false),
        "IpAddress" => (C::Ip, false),
        "NotIpAddress" => (C::Ip, true),
        _ => return None,
    })
}

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
        Comparison::Number(order) => {
            let (a, b) = (request.trim().parse::<f64>().ok()?, policy.trim().parse::<f64>().ok()?);
            Some(order.holds(a.partial_cmp(&b)?))
        }
        Comparison::Date(order) => Some(order.holds(instant(request)?.cmp(&instant(policy)?))),
        Comparison::Ip => in_network(request.trim().parse().ok()?, policy.trim()),
    }
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
