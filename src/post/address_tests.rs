//! Addresses that may be sent to, and many that look like them: each hostile one is refused for the reason that is
//! meant.

use super::*;

fn host(text: &str) -> AllowedHost {
    AllowedHost::parse(text).unwrap()
}

#[test]
fn a_receivers_own_addresses_are_kept_as_they_are() {
    for (receiver, text) in [
        (Receiver::Slack, "https://hooks.slack.com/services/T0/B0/abcdefgh"),
        (Receiver::Slack, "https://hooks.slack-gov.com/services/T0/B0/abcdefgh"),
        (
            Receiver::Teams,
            "https://prod-23.westeurope.logic.azure.com/workflows/0/triggers/manual/paths/invoke?sig=a%2Bb",
        ),
        (
            Receiver::Teams,
            "https://0a.ae.environment.api.powerplatform.com/powerautomate/automations/direct/workflows/0",
        ),
        (Receiver::Teams, "https://emea.api.powerautomate.com/x"),
        (Receiver::Teams, "https://contoso.webhook.office.com/webhookb2/x"),
    ] {
        assert_eq!(Address::parse(text, receiver, &[]).unwrap().url(), text);
    }
    let shouted = Address::parse(" https://HOOKS.Slack.com:443/services/T0\r\n", Receiver::Slack, &[]).unwrap();
    assert_eq!(shouted.url(), "https://hooks.slack.com/services/T0");
}

#[test]
fn everything_else_is_refused() {
    let stranger = |host: &str| AddressError::Stranger { host: host.to_owned() };
    for (text, why) in [
        ("", AddressError::Empty),
        (" \n", AddressError::Empty),
        ("hooks.slack.com/services/T0", AddressError::Scheme),
        ("//hooks.slack.com/services/T0", AddressError::Scheme),
        ("ftp://hooks.slack.com/services/T0", AddressError::Scheme),
        ("HTTPS://hooks.slack.com/services/T0", AddressError::Scheme),
        ("file:///etc/passwd", AddressError::Scheme),
        ("https:/hooks.slack.com/services/T0", AddressError::Scheme),
        ("http://hooks.slack.com/services/T0", AddressError::Plain),
        ("http://127.0.0.1/services/T0", AddressError::Plain),
        ("https://evil.example/services/T0", stranger("evil.example")),
        ("https://hooks.slack.com.evil.example/x", stranger("hooks.slack.com.evil.example")),
        ("https://evil.example/hooks.slack.com", stranger("evil.example")),
        ("https://evil.example?hooks.slack.com", stranger("evil.example")),
        ("https://evilhooks.slack.com/x", stranger("evilhooks.slack.com")),
        ("https://slack.com/x", stranger("slack.com")),
        ("https://x.hooks.slack.com/x", stranger("x.hooks.slack.com")),
        ("https://hooks.slack.co/x", stranger("hooks.slack.co")),
        ("https://hooks-slack.com/x", stranger("hooks-slack.com")),
        ("https://xn--hooks-slck-2pb.com/x", stranger("xn--hooks-slck-2pb.com")),
        ("https://hooks.slack.com:8443/x", stranger("hooks.slack.com:8443")),
        ("https://hooks.slack.com:80/x", stranger("hooks.slack.com:80")),
        ("https://127.0.0.1/x", stranger("127.0.0.1")),
        ("https://169.254.169.254/latest/meta-data", stranger("169.254.169.254")),
        ("https://2130706433/x", stranger("2130706433")),
        ("https://0x7f.1/x", stranger("0x7f.1")),
        ("https://[::1]/x", stranger("[::1]")),
        ("https://[::ffff:7f00:1]/x", stranger("[::ffff:127.0.0.1]")),
        ("https://localhost/x", stranger("localhost")),
        ("https://hooks.slack.com@evil.example/x", AddressError::User),
        ("https://hooks.slack.com:443@evil.example/x", AddressError::User),
        ("https://user:pass@hooks.slack.com/x", AddressError::User),
        ("https://@hooks.slack.com/x", AddressError::User),
        ("https://hooks.slack.com#@evil.example/x", AddressError::Fragment),
        ("https://hooks.slack.com/x#y", AddressError::Fragment),
        ("https://hooks.slack.com\\@evil.example/x", AddressError::Character),
        ("https://evil.example\\.hooks.slack.com/x", AddressError::Character),
        ("https://hooks.slack.com /x", AddressError::Character),
        ("https://hooks.slack.com/\tx", AddressError::Character),
        ("https://hooks.slack.com/x\nHost: evil.example", AddressError::Character),
        ("https://hooks.slack.com/x\r\n\r\nGET /", AddressError::Character),
        ("https://hooks.slack.com/x\u{0}", AddressError::Character),
        ("https://hooks.sl\u{430}ck.com/x", AddressError::Character),
        ("https://hooks\u{3002}slack\u{3002}com/x", AddressError::Character),
        ("https://hooks.slack.com./x", AddressError::Host),
        ("https://.hooks.slack.com/x", AddressError::Host),
        ("https://hooks..slack.com/x", AddressError::Host),
        ("https://hooks%2eslack.com/x", AddressError::Host),
        ("https://hooks.slack.com%2f.evil.example/x", AddressError::Host),
        ("https://hooks.slack.com;.evil.example/x", AddressError::Host),
        ("https:///x", AddressError::Host),
        ("https://[::1/x", AddressError::Host),
        ("https://[hooks.slack.com]/x", AddressError::Host),
        ("https://[::1]evil.example/x", AddressError::Host),
        ("https://hooks.slack.com:/x", AddressError::Port),
        ("https://hooks.slack.com:0443/x", AddressError::Port),
        ("https://hooks.slack.com:+443/x", AddressError::Port),
        ("https://hooks.slack.com:443:443/x", AddressError::Port),
        ("https://hooks.slack.com:65979/x", AddressError::Port),
        ("https://hooks.slack.com", AddressError::Path { host: "hooks.slack.com".to_owned() }),
        ("https://hooks.slack.com/", AddressError::Path { host: "hooks.slack.com".to_owned() }),
    ] {
        assert_eq!(Address::parse(text, Receiver::Slack, &[]).unwrap_err(), why, "{text:?}");
    }
    let long = format!("https://hooks.slack.com/{}", "x".repeat(LONGEST));
    assert_eq!(Address::parse(&long, Receiver::Slack, &[]).unwrap_err(), AddressError::Long);
}

#[test]
fn one_receivers_hosts_are_not_anothers() {
    let slack = "https://hooks.slack.com/services/T0";
    assert!(Address::parse(slack, Receiver::Teams, &[]).is_err());
    assert!(Address::parse(slack, Receiver::Json, &[]).is_err());
    for text in ["https://logic.azure.com/x", "https://xlogic.azure.com/x", "https://api.powerplatform.com.evil/x"] {
        assert!(Address::parse(text, Receiver::Teams, &[]).is_err(), "{text}");
    }
}

#[test]
fn a_named_host_is_allowed_at_its_port_alone() {
    let named = [host("Relay.example"), host("127.0.0.1:8080"), host("[0:0::1]:8081")];
    for (text, url) in [
        ("https://relay.example/a/b?c=d", "https://relay.example/a/b?c=d"),
        ("https://relay.example", "https://relay.example/"),
        ("https://relay.example?c=d", "https://relay.example/?c=d"),
        ("http://127.0.0.1:8080/x", "http://127.0.0.1:8080/x"),
        ("https://127.0.0.1:8080/x", "https://127.0.0.1:8080/x"),
        ("http://[::1]:8081/x", "http://[::1]:8081/x"),
    ] {
        assert_eq!(Address::parse(text, Receiver::Json, &named).unwrap().url(), url);
    }
    for text in [
        "https://relay.example:8443/x",
        "http://relay.example/x",
        "http://127.0.0.1/x",
        "http://127.0.0.1:8081/x",
        "http://127.0.0.2:8080/x",
        "http://2130706433:8080/x",
        "https://sub.relay.example/x",
        "https://relay.example./x",
    ] {
        assert!(Address::parse(text, Receiver::Json, &named).is_err(), "{text}");
    }
    for text in
        ["", "https://relay.example", "relay.example/", "a@b", "relay example", "h:0", "h:", "*.example", "[::1"]
    {
        assert!(AllowedHost::parse(text).is_err(), "{text}");
    }
}

#[test]
fn an_event_goes_to_one_pagerduty() {
    assert_eq!(Address::of_pagerduty(&[]).unwrap().url(), "https://events.pagerduty.com/v2/enqueue");
    let eu = Address::of_pagerduty(&[host("events.eu.pagerduty.com")]).unwrap();
    assert_eq!(eu.url(), "https://events.eu.pagerduty.com/v2/enqueue");
    assert_eq!(Address::of_pagerduty(&[host("a"), host("b")]), Err(AddressError::SeveralHosts));
    assert_eq!(routing_key("0123456789abcdef0123456789ABCDEF\n").unwrap(), "0123456789abcdef0123456789ABCDEF");
    for text in ["", "0123", "0123456789abcdef0123456789abcde\"", "https://events.pagerduty.com/v2/enqueue"] {
        assert_eq!(routing_key(text), Err(AddressError::RoutingKey));
    }
}

#[test]
fn what_is_secret_is_not_shown() {
    let text = "https://hooks.slack.com/services/T0/B0/planted-7f3a";
    let address = Address::parse(text, Receiver::Slack, &[]).unwrap();
    assert!(!format!("{address:?} {}", address.shown()).contains("planted"));
    assert!(address.is_betrayed_by("no such hook: planted-7f3a"));
    assert!(!address.is_betrayed_by("no_service"));
}
