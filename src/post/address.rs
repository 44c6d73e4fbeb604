//! Whom an answer may be sent to: the hosts of each receiver, those that the user names, and nobody else.
//!
//! Given the text that a source holds, gives an address or why it is none that may be sent to; no I/O. The address is
//! put together anew from the parts that were checked, so that no other reader can understand it differently. Hosts as
//! their owners document them: <https://api.slack.com/messaging/webhooks>,
//! <https://learn.microsoft.com/en-us/power-automate/oauth-authentication> (Teams workflows; logic.azure.com and
//! webhook.office.com are its older ones), <https://developer.pagerduty.com/docs/events-api-v2-overview>.

use std::fmt;

/// Who understands a form of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Receiver {
    Slack,
    Teams,
    PagerDuty,
    /// Whoever takes a report as JSON; the user says who.
    Json,
}

impl Receiver {
    /// By the name of the form on the command line.
    pub fn of_format(name: &str) -> Option<Self> {
        match name {
            "slack" => Some(Self::Slack),
            "teams" => Some(Self::Teams),
            "pagerduty" => Some(Self::PagerDuty),
            "json" => Some(Self::Json),
            _ => None,
        }
    }

    /// Its own hosts; one that begins with a dot stands for every name below it.
    fn hosts(self) -> &'static [&'static str] {
        match self {
            Self::Slack => &["hooks.slack.com", "hooks.slack-gov.com"],
            Self::Teams => &[
                ".api.powerplatform.com",
                "api.powerplatform.com",
                ".api.powerautomate.com",
                "api.powerautomate.com",
                ".logic.azure.com",
                ".webhook.office.com",
            ],
            Self::PagerDuty => &["events.pagerduty.com"],
            Self::Json => &[],
        }
    }

    fn owns(self, host: &str) -> bool {
        let is = |known: &&str| if known.starts_with('.') { host.ends_with(*known) } else { host == *known };
        self.hosts().iter().any(is)
    }
}

/// Why a text is no address that may be sent to. None of them quotes the text: it may be a credential all the same.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AddressError {
    #[error("is empty")]
    Empty,
    #[error("is longer than {LONGEST} bytes")]
    Long,
    #[error("has a character that no address has: it must be one line of plain ASCII")]
    Character,
    #[error("is no https:// address")]
    Scheme,
    #[error("has a user name or a password before its host")]
    User,
    #[error("has a fragment (#…)")]
    Fragment,
    #[error("has no valid host name")]
    Host,
    #[error("has no valid port")]
    Port,
    #[error("has nothing after its host {host}: it is not the whole address")]
    Path { host: String },
    #[error("is an address at {host}, which is none of the receiver's; --post-host {host} would allow it")]
    Stranger { host: String },
    #[error("is an http:// address: only a host of this machine that --post-host names is sent to without TLS")]
    Plain,
    #[error("is no routing key, which has 32 letters and digits")]
    RoutingKey,
    #[error("cannot be used with several --post-host: an event goes to one of them")]
    SeveralHosts,
    #[error("cannot be put into the message")]
    Message,
}

/// Longer than any webhook's; Power Automate's have about 400.
const LONGEST: usize = 2048;

const HTTPS_PORT: u16 = 443;

/// `HOST` or `HOST:PORT` that the user names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AllowedHost {
    host: String,
    port: u16,
}

impl AllowedHost {
    /// Reads the value of `--post-host`.
    ///
    /// # Errors
    /// It is no host name, IP address or `[IPv6]`, or its port is none.
    pub fn parse(text: &str) -> Result<Self, AddressError> {
        let (host, port) = split_authority(text)?;
        Ok(Self { host, port: port.unwrap_or(HTTPS_PORT) })
    }

    fn is_loopback(&self) -> bool {
        matches!(self.host.as_str(), "127.0.0.1" | "[::1]" | "localhost")
    }
}

/// An address that may be sent to. What stands after the host is secret.
#[derive(Clone, PartialEq, Eq)]
pub struct Address {
    at: AllowedHost,
    is_plain: bool,
    path: String,
}

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Address({})", self.shown())
    }
}

impl Address {
    /// Reads an address and holds it against whom the receiver and the user allow.
    pub fn parse(text: &str, receiver: Receiver, named: &[AllowedHost]) -> Result<Self, AddressError> {
        let text = plain(text)?;
        let (scheme, rest) = text.split_once("://").ok_or(AddressError::Scheme)?;
        let is_plain = match scheme {
            "https" => false,
            "http" => true,
            _ => return Err(AddressError::Scheme),
        };
        let (authority, path) = rest.find(['/', '?']).and_then(|end| rest.split_at_checked(end)).unwrap_or((rest, ""));
        let (host, port) = split_authority(authority)?;
        let at = AllowedHost { host, port: port.unwrap_or(if is_plain { 80 } else { HTTPS_PORT }) };
        allowed(&at, is_plain, receiver, named)?;
        let path = if path.starts_with('/') { path.to_owned() } else { format!("/{path}") };
        if path == "/" && receiver != Receiver::Json {
            return Err(AddressError::Path { host: at.host });
        }
        Ok(Self { at, is_plain, path })
    }

    /// PagerDuty's one address, or the same at a host that the user names (`events.eu.pagerduty.com`).
    pub fn of_pagerduty(named: &[AllowedHost]) -> Result<Self, AddressError> {
        let own = || AllowedHost { host: "events.pagerduty.com".to_owned(), port: HTTPS_PORT };
        let at = match named {
            [] => own(),
            [one] => one.clone(),
            _ => return Err(AddressError::SeveralHosts),
        };
        Ok(Self { is_plain: at.is_loopback(), at, path: "/v2/enqueue".to_owned() })
    }

    /// For the HTTP client alone.
    pub fn url(&self) -> String {
        let scheme = if self.is_plain { "http" } else { "https" };
        format!("{scheme}://{}{}", self.shown(), self.path)
    }

    /// What of it may be told: the host, and the port if it is another than usual.
    pub fn shown(&self) -> String {
        let usual = if self.is_plain { 80 } else { HTTPS_PORT };
        if self.at.port == usual { self.at.host.clone() } else { format!("{}:{}", self.at.host, self.at.port) }
    }

    pub fn is_loopback(&self) -> bool {
        self.at.is_loopback()
    }

    /// Whether a text gives a part of the secret away.
    pub fn is_betrayed_by(&self, text: &str) -> bool {
        let parts = self.path.split(['/', '?', '&', '=', '%']);
        parts.filter(|part| part.len() >= TELLING).any(|part| text.contains(part))
    }
}

/// A part of a path that is shorter (`v1`, `hooks`) is no secret.
const TELLING: usize = 6;

/// The key that an event of PagerDuty carries.
pub fn routing_key(text: &str) -> Result<String, AddressError> {
    let key = text.trim_ascii();
    let is_key = key.len() == 32 && key.bytes().all(|byte| byte.is_ascii_alphanumeric());
    if is_key { Ok(key.to_owned()) } else { Err(AddressError::RoutingKey) }
}

/// One line of characters that mean the same to every reader of addresses.
fn plain(text: &str) -> Result<&str, AddressError> {
    let text = text.trim_ascii();
    let odd = |byte: u8| !byte.is_ascii_graphic() || b"\\\"<>^`{|}".contains(&byte);
    match text {
        "" => Err(AddressError::Empty),
        text if text.len() > LONGEST => Err(AddressError::Long),
        text if text.bytes().any(odd) => Err(AddressError::Character),
        text if text.contains('#') => Err(AddressError::Fragment),
        text => Ok(text),
    }
}

fn split_authority(text: &str) -> Result<(String, Option<u16>), AddressError> {
    if text.contains('@') {
        return Err(AddressError::User);
    }
    let (host, port) = match text.strip_prefix('[') {
        Some(rest) => {
            let (inside, port) = rest.split_once(']').ok_or(AddressError::Host)?;
            (ipv6(inside)?, port)
        }
        None => {
            let end = text.find(':').unwrap_or(text.len());
            let (host, port) = text.split_at_checked(end).ok_or(AddressError::Host)?;
            (name(host)?, port)
        }
    };
    Ok((host, if port.is_empty() { None } else { Some(port_of(port)?) }))
}

/// In the one form in which an address of 128 bits is compared.
fn ipv6(text: &str) -> Result<String, AddressError> {
    text.parse().map(|address: std::net::Ipv6Addr| format!("[{address}]")).map_err(|_| AddressError::Host)
}

/// Letters, digits and hyphens; a trailing dot would be another name to an allow-list and the same to a resolver.
fn name(text: &str) -> Result<String, AddressError> {
    let is_label = |label: &str| {
        let inner = label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
        inner && (1..=63).contains(&label.len()) && !label.starts_with('-') && !label.ends_with('-')
    };
    if text.len() <= 253 && text.split('.').all(is_label) {
        Ok(text.to_ascii_lowercase())
    } else {
        Err(AddressError::Host)
    }
}

/// `:443`, in plain digits.
fn port_of(text: &str) -> Result<u16, AddressError> {
    let digits = text.strip_prefix(':').ok_or(AddressError::Host)?;
    let is_number = digits.bytes().all(|byte| byte.is_ascii_digit()) && !digits.starts_with('0');
    digits.parse().ok().filter(|_| is_number).ok_or(AddressError::Port)
}

fn allowed(at: &AllowedHost, is_plain: bool, receiver: Receiver, named: &[AllowedHost]) -> Result<(), AddressError> {
    let is_named = named.contains(at);
    if is_plain && !(is_named && at.is_loopback()) {
        return Err(AddressError::Plain);
    }
    if is_named || (at.port == HTTPS_PORT && receiver.owns(&at.host)) {
        return Ok(());
    }
    let port = if at.port == HTTPS_PORT { String::new() } else { format!(":{}", at.port) };
    Err(AddressError::Stranger { host: format!("{}{port}", at.host) })
}

#[cfg(test)]
#[path = "address_tests.rs"]
mod tests;
