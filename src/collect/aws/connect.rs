//! The way to AWS: profile, Region, endpoint, HTTP client and credentials.
//!
//! Given the user's options, gives the SDK's configuration as its default chain has it, with what this tool wants of its
//! calls: few and short attempts, one shared connection pool. Getting credentials is a step of its own, because it may
//! take calls (SSO, an assumed role, instance metadata).

use std::{borrow::Cow, io, time::Duration};

use aws_config::{
    BehaviorVersion, Region, SdkConfig,
    default_provider::region::DefaultRegionChain,
    profile::{self, ProfileFileCredentialsProvider, ProfileFileLoadError, ProfileSet},
    provider_config::ProviderConfig,
    retry::RetryConfig,
    timeout::TimeoutConfig,
};
use aws_credential_types::provider::{ProvideCredentials, SharedCredentialsProvider};
use aws_smithy_http_client::{ConnectorBuilder, proxy::ProxyConfig, tls};
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use aws_types::{
    os_shim_internal::{Env, Fs},
    sdk_ua_metadata::FrameworkMetadata,
};

use super::{AwsOptions, error};
use crate::case::Gap;

const CONNECT_TIMEOUT: Duration = Duration::from_secs(3);
const ATTEMPT_TIMEOUT: Duration = Duration::from_secs(10);
const ATTEMPTS: u32 = 3;
/// Shorter than the SDK's second: a person waits, and three attempts must fit the deadline.
const FIRST_BACKOFF: Duration = Duration::from_millis(300);

/// There is no way to AWS as the user asked for it.
#[derive(Debug, thiserror::Error)]
pub enum ConnectError {
    #[error("the runtime for network calls cannot start: {0}")]
    Runtime(#[source] io::Error),
    #[error("the profile '{name}' is in neither ~/.aws/config nor ~/.aws/credentials")]
    NoSuchProfile { name: String },
    #[error("the AWS profiles cannot be read: {0}")]
    Profiles(#[source] ProfileFileLoadError),
    #[error("no AWS Region is set by an option, the environment or the profile")]
    NoRegion,
    #[error("the endpoint '{url}' is not an http:// or https:// address")]
    Endpoint { url: String },
    #[error("the deadline passed while the AWS configuration was read")]
    TimedOut,
}

/// The configuration of every client.
pub async fn configuration(options: &AwsOptions) -> Result<SdkConfig, ConnectError> {
    existing_profile(options.profile.as_deref()).await?;
    let region = region(options).await.ok_or(ConnectError::NoRegion)?;
    let mut loader = aws_config::defaults(BehaviorVersion::latest())
        .region(region)
        .http_client(http_client())
        .retry_config(RetryConfig::standard().with_max_attempts(ATTEMPTS).with_initial_backoff(FIRST_BACKOFF))
        .timeout_config(timeouts());
    if let Ok(framework) = FrameworkMetadata::new("ecs-why", Some(Cow::Borrowed(env!("CARGO_PKG_VERSION")))) {
        loader = loader.framework_metadata(framework);
    }
    if let Some(endpoint) = &options.endpoint_url {
        loader = loader.endpoint_url(endpoint);
    }
    if let Some(profile) = &options.profile {
        loader = loader.profile_name(profile);
    }
    let config = loader.load().await;
    usable_endpoint(config.endpoint_url())?;
    Ok(match &options.profile {
        Some(profile) => with_credentials_of(profile, &config),
        None => config,
    })
}

/// As in the AWS CLI: the option, the environment, the profile, the instance. Found here once, because the SDK's loader
/// asks an instance metadata service that does not answer anew for each of its parts.
async fn region(options: &AwsOptions) -> Option<Region> {
    if let Some(region) = &options.region {
        return Some(Region::new(region.clone()));
    }
    let mut chain = DefaultRegionChain::builder();
    if let Some(profile) = &options.profile {
        chain = chain.profile_name(profile);
    }
    chain.build().region().await
}

/// The SDK would notice only at the first call, and take it for a failure of the network.
fn usable_endpoint(url: Option<&str>) -> Result<(), ConnectError> {
    match url.map(|url| (url, url.split_once("://"))) {
        None | Some((_, Some(("http" | "https", _)))) => Ok(()),
        Some((url, _)) => Err(ConnectError::Endpoint { url: url.to_owned() }),
    }
}

/// A profile that is asked for by name wins over keys in the environment, as in the AWS CLI; in the SDK's chain the
/// environment comes first.
fn with_credentials_of(profile: &str, config: &SdkConfig) -> SdkConfig {
    let mut provider = ProviderConfig::without_region()
        .with_region(config.region().cloned())
        .with_use_fips(config.use_fips())
        .with_use_dual_stack(config.use_dual_stack());
    if let Some(http_client) = config.http_client() {
        provider = provider.with_http_client(http_client);
    }
    let credentials = ProfileFileCredentialsProvider::builder().configure(&provider).profile_name(profile).build();
    config.to_builder().credentials_provider(SharedCredentialsProvider::new(credentials)).build()
}

/// The SDK takes a profile that does not exist for an empty one and goes on to the next source of credentials.
async fn existing_profile(name: Option<&str>) -> Result<(), ConnectError> {
    let name = name.map(|name| Cow::Owned(name.to_owned()));
    let files = Default::default();
    let profiles = profile::load(&Fs::real(), &Env::real(), &files, name).await.map_err(ConnectError::Profiles)?;
    if is_missing(&profiles) {
        return Err(ConnectError::NoSuchProfile { name: profiles.selected_profile().to_owned() });
    }
    Ok(())
}

fn is_missing(profiles: &ProfileSet) -> bool {
    let selected = profiles.selected_profile();
    selected != "default" && profiles.get_profile(selected).is_none()
}

fn timeouts() -> TimeoutConfig {
    TimeoutConfig::builder().connect_timeout(CONNECT_TIMEOUT).operation_attempt_timeout(ATTEMPT_TIMEOUT).build()
}

/// The SDK's own HTTP client, made once: left to itself, each client makes its own, with its own trust store and pool.
fn http_client() -> SharedHttpClient {
    aws_smithy_http_client::Builder::new().build_with_connector_fn(|settings, components| {
        let mut connector =
            ConnectorBuilder::default().tls_provider(tls::Provider::Rustls(tls::rustls_provider::CryptoMode::AwsLc));
        connector.set_connector_settings(settings.cloned());
        connector.set_sleep_impl(components.and_then(|components| components.sleep_impl()));
        connector.set_proxy_config(Some(ProxyConfig::from_env()));
        connector.build()
    })
}

/// The same configuration with credentials in hand, so that no call of a round waits for them.
pub async fn sign_in(config: &SdkConfig, profile: Option<&str>) -> Result<SdkConfig, Gap> {
    let provider = config.credentials_provider().ok_or_else(|| error::no_credentials(profile))?;
    let credentials = provider.provide_credentials().await.map_err(|error| error::unauthenticated(&error, profile))?;
    Ok(config.to_builder().credentials_provider(SharedCredentialsProvider::new(credentials)).build())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn endpoints_have_a_scheme() {
        for url in [None, Some("http://localhost:5000"), Some("https://vpce-1.ecs.eu-west-1.vpce.amazonaws.com")] {
            assert!(usable_endpoint(url).is_ok(), "{url:?}");
        }
        for url in ["localhost:5000", "ftp://x", ""] {
            assert!(usable_endpoint(Some(url)).is_err(), "{url}");
        }
    }
}
