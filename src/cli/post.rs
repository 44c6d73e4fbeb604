//! `--post`: what the options order, and what becomes of it.
//!
//! What is wrong with the command line is told before anything is asked. What is wrong with the address, or with its
//! receiver, is told after the answer was printed: status 2, because a notifier that hides its own failure is
//! dangerous.

#[cfg(feature = "aws")]
pub use sending::Post;

/// Without the network there is nothing to order.
#[cfg(not(feature = "aws"))]
pub enum Post {}

#[cfg(not(feature = "aws"))]
impl Post {
    pub fn ordered(_: &super::args::DiagnoseArgs) -> Result<Option<Self>, super::error::CliError> {
        Ok(None)
    }

    pub fn send(
        self,
        _: &super::args::DiagnoseArgs,
        _: &crate::report::Answer<'_>,
        _: &str,
        _: std::time::Instant,
    ) -> Result<(), super::error::CliError> {
        match self {}
    }
}

#[cfg(feature = "aws")]
mod sending {
    use std::time::{Duration, Instant};

    use clap::ValueEnum as _;

    use crate::{
        case::Gap,
        cli::{
            answer::rendered,
            args::{DiagnoseArgs, Format},
            delivery::name_of,
            error::{CliError, note},
        },
        collect::aws::AwsOptions,
        post::{AddressError, AllowedHost, Order, PostError, Receiver, Source, SourceError, post},
        report::{Answer, Look},
    };

    /// A post always has this long, however long the diagnosis took: its failure would be the more dangerous one.
    const LEAST: Duration = Duration::from_secs(10);

    const SOURCES: &str = "put the address (for -o pagerduty the routing key) into an environment variable, a file, a \
                           secret or a parameter, and name that: --post env:NAME, file:PATH, secretsmanager:SECRET[#KEY] \
                           or ssm:PARAMETER";

    /// What the command line orders.
    pub struct Post {
        receiver: Receiver,
        source: Source,
        hosts: Vec<AllowedHost>,
    }

    impl Post {
        /// The order, if there is one and it can be followed.
        pub fn ordered(args: &DiagnoseArgs) -> Result<Option<Self>, CliError> {
            let Some(text) = &args.post.source else { return Ok(None) };
            let source = Source::parse(text).map_err(|error| CliError::input(error, SOURCES))?;
            let hosts = args.post.hosts.iter().map(|text| host(text)).collect::<Result<Vec<_>, _>>()?;
            let receiver = receiver(args.output, &hosts)?;
            if source.asks_aws() && args.offline {
                let what = format!("--post {source} is read from AWS, and --offline forbids that");
                return Err(CliError::input(what, "give the address by env:NAME or file:PATH"));
            }
            Ok(Some(Self { receiver, source, hosts }))
        }

        /// Sends the answer that was printed.
        pub fn send(
            self,
            args: &DiagnoseArgs,
            answer: &Answer<'_>,
            region: &str,
            began: Instant,
        ) -> Result<(), CliError> {
            let aws = AwsOptions {
                region: Some(region.to_owned()).filter(|region| !region.is_empty()).or(args.aws.region.clone()),
                profile: args.aws.profile.clone(),
                endpoint_url: args.aws.endpoint_url.clone(),
                deadline: (began + args.aws.deadline).max(Instant::now() + LEAST),
            };
            let order = Order { receiver: self.receiver, source: &self.source, hosts: &self.hosts, aws };
            let posted =
                post(&order, &rendered(answer, args.output, Look::PLAIN)?).map_err(|error| unposted(&error))?;
            if args.verbose {
                note(&format!("posted to {} in {} attempt(s)", posted.host, posted.attempts));
            }
            Ok(())
        }
    }

    fn host(text: &str) -> Result<AllowedHost, CliError> {
        let form = "name a host alone: --post-host hooks.example.com, or with a port: --post-host 127.0.0.1:8080";
        AllowedHost::parse(text).map_err(|error| CliError::input(format!("the value of --post-host {error}"), form))
    }

    fn receiver(format: Format, hosts: &[AllowedHost]) -> Result<Receiver, CliError> {
        let name = name_of(format);
        match Receiver::of_format(&name) {
            Some(Receiver::Json) if hosts.is_empty() => Err(CliError::input(
                "-o json is no receiver's own form, so --post does not know who may get it",
                "name its host: --post-host HOST",
            )),
            Some(receiver) => Ok(receiver),
            None => {
                let hint = format!("choose the receiver's form: -o {}", forms().join(", -o "));
                Err(CliError::input(format!("-o {name} cannot be posted"), hint))
            }
        }
    }

    /// The forms that can be posted, as far as this program has them.
    fn forms() -> Vec<String> {
        let all = Format::value_variants().iter().map(|format| name_of(*format));
        all.filter(|name| Receiver::of_format(name).is_some()).collect()
    }

    fn unposted(error: &PostError) -> CliError {
        let hint = match error {
            PostError::Source(SourceError::Unanswered { gap: Gap::Denied { .. }, .. }) => {
                "allow that action on this one secret or parameter; it is not in 'ecs-why policy'"
            }
            PostError::Source(SourceError::NoKey { .. }) => "name the key after a '#': secretsmanager:SECRET#KEY",
            PostError::Address { error: AddressError::Character | AddressError::Scheme, .. } => {
                "it must hold the webhook's address alone; of a secret with several values name the key: \
                 secretsmanager:SECRET#KEY"
            }
            _ => "the answer was not sent; it is printed all the same",
        };
        CliError::input(error, hint)
    }
}
