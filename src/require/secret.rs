//! Secrets, parameters, private-registry credentials and log-driver secrets, with the customer keys under them.

use std::collections::BTreeMap;

use super::{
    Existence, Malformed, Permission, PolicySide, Requirements, Thing, Workload,
    key::{Protected, customer_key},
    table::{Row, expand},
};
use crate::{
    case::Case,
    id::{Arn, Completeness, SecretRef, SecretRefError, dns_suffix, partition_of_region},
};

/// One place of a task definition that names a secret or a parameter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SecretUse {
    pub container: String,
    /// The environment variable or log option that gets the value.
    pub name: String,
    pub value_from: String,
    pub place: SecretPlace,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SecretPlace {
    Environment,
    LogOption,
    RepositoryCredentials,
}

/// Where the value is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Store {
    SecretsManager,
    ParameterStore,
}

/// The secret or parameter that a place refers to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredValue {
    pub store: Store,
    /// A secret's ARN (complete or not) or name, or a parameter's name.
    pub id: String,
    pub region: String,
    pub account: String,
}

impl SecretUse {
    /// Every place, in the order of the definition.
    pub fn all(workload: &Workload<'_>) -> Vec<Self> {
        let mut uses = Vec::new();
        for (container, _) in workload.containers() {
            let mut add = |place, name: &str, value_from: &str| {
                let (container, name) = (container.name.clone(), name.to_owned());
                uses.push(Self { container, name, value_from: value_from.to_owned(), place });
            };
            if let Some(credentials) = &container.repository_credentials {
                add(SecretPlace::RepositoryCredentials, "repositoryCredentials", &credentials.credentials_parameter);
            }
            for secret in &container.secrets {
                add(SecretPlace::Environment, &secret.name, &secret.value_from);
            }
            for secret in container.log_configuration.iter().flat_map(|log| &log.secret_options) {
                add(SecretPlace::LogOption, &secret.name, &secret.value_from);
            }
        }
        uses
    }

    /// What it refers to. Registry credentials may be a bare name of a secret; any other bare name is a parameter.
    ///
    /// # Errors
    /// A reference that ECS cannot use.
    pub fn value(&self, workload: &Workload<'_>) -> Result<StoredValue, SecretRefError> {
        let here = |store, id: &str| StoredValue {
            store,
            id: id.to_owned(),
            region: workload.region.clone(),
            account: workload.account.clone(),
        };
        if self.place == SecretPlace::RepositoryCredentials && !self.value_from.starts_with("arn:") {
            return Ok(here(Store::SecretsManager, &self.value_from));
        }
        Ok(match SecretRef::parse(&self.value_from)? {
            SecretRef::Secret { arn, .. } => StoredValue {
                store: Store::SecretsManager,
                id: arn.to_string(),
                region: arn.region,
                account: arn.account,
            },
            SecretRef::Parameter { name, region: Some(region), account: Some(account) } => {
                StoredValue { store: Store::ParameterStore, id: name, region, account }
            }
            SecretRef::Parameter { name, .. } => here(Store::ParameterStore, &name),
        })
    }
}

pub fn require(case: &Case, workload: &Workload<'_>, requirements: &mut Requirements) {
    for place in SecretUse::all(workload) {
        match place.value(workload) {
            Ok(value) => Found { case, workload, place: &place, value: &value }.require(requirements),
            Err(error) => {
                let (container, name) = (place.container, place.name);
                requirements.malformed.push(Malformed { container, name, error });
            }
        }
    }
}

/// A place, what it refers to, and the facts about that.
struct Found<'a> {
    case: &'a Case,
    workload: &'a Workload<'a>,
    place: &'a SecretUse,
    value: &'a StoredValue,
}

impl Found<'_> {
    fn require(&self, requirements: &mut Requirements) {
        let (feature, thing, resource, key) = match self.value.store {
            Store::SecretsManager => {
                ("secret-secretsmanager", Some(self.secret()), self.secret_arn(), self.secret_key())
            }
            Store::ParameterStore => ("secret-ssm", self.parameter(), self.parameter_arn(), self.parameter_key()),
        };
        let policy = match self.value.store {
            Store::SecretsManager => self.secret_policy(),
            Store::ParameterStore => PolicySide::None,
        };
        let values = self.values(&resource);
        let rows = expand(feature, &values).into_iter();
        let permission = |row| Permission { doubt: self.doubt(), ..self.permission(row, policy.clone()) };
        requirements.permissions.extend(rows.map(permission));
        if let Some(thing) = thing {
            requirements.things.push(Existence { thing, container: Some(self.place.container.clone()) });
        }
        if let Some(key) = key {
            self.require_key(&key, &resource, requirements);
        }
    }

    fn require_key(&self, key: &str, of: &str, requirements: &mut Requirements) {
        let feature = match self.value.store {
            Store::SecretsManager => "key-secretsmanager",
            Store::ParameterStore => "key-ssm",
        };
        let protected = Protected {
            key,
            region: &self.value.region,
            account: &self.value.account,
            of,
            container: &self.place.container,
            feature: Some(feature),
            values: self.values(of),
        };
        protected.require(self.case, self.workload, requirements);
    }

    fn permission(&self, row: Row, policy: PolicySide) -> Permission {
        Permission {
            role: self.workload.execution_role(),
            action: row.action,
            resource: row.resource,
            resource_account: self.value.account.clone(),
            because: row.because,
            container: Some(self.place.container.clone()),
            context: row.context,
            policy,
            reference: row.reference,
            doubt: None,
        }
    }

    fn values(&self, resource: &str) -> BTreeMap<&'static str, String> {
        let use_of = match self.place.place {
            SecretPlace::Environment => format!("environment variable {}", self.place.name),
            SecretPlace::LogOption => format!("log option {}", self.place.name),
            SecretPlace::RepositoryCredentials => "registry credentials".to_owned(),
        };
        BTreeMap::from([
            ("resource_arn", resource.to_owned()),
            ("use", use_of),
            ("container", self.place.container.clone()),
            ("region", self.value.region.clone()),
            ("suffix", dns_suffix(partition_of_region(&self.value.region)).to_owned()),
            ("account", self.workload.account.clone()),
        ])
    }

    fn secret(&self) -> Thing {
        let StoredValue { id, region, .. } = self.value.clone();
        Thing::Secret { region, secret: id, reference: self.place.value_from.clone() }
    }

    /// IAM sees the stored ARN, which an incomplete reference does not spell out. Where the secret cannot be read, the
    /// ARN as written has to do.
    fn secret_arn(&self) -> String {
        let StoredValue { id, region, account, .. } = self.value;
        let written = || {
            if id.starts_with("arn:") {
                id.clone()
            } else {
                Arn::new("secretsmanager", region, account, format!("secret:{id}")).to_string()
            }
        };
        self.case.secret(region, id).map_or_else(|_| written(), |secret| secret.arn.clone())
    }

    fn secret_key(&self) -> Option<String> {
        let secret = self.case.secret(&self.value.region, &self.value.id).ok()?;
        customer_key(secret.kms_key_id.as_deref()?)
    }

    fn secret_policy(&self) -> PolicySide {
        let StoredValue { id, region, .. } = self.value.clone();
        PolicySide::Secret { region, secret: id }
    }

    /// What another account shares does not show in this one's list.
    fn parameter(&self) -> Option<Thing> {
        let region = self.value.region.clone();
        (self.value.account == self.workload.account)
            .then(|| Thing::Parameter { region, names: self.parameter_names() })
    }

    /// The names that the reference may mean: an ARN of one segment leaves open whether the name has a leading slash.
    fn parameter_names(&self) -> Vec<String> {
        let id = self.value.id.clone();
        let open = self.place.value_from.starts_with("arn:") && !id.contains('/');
        let slashed = open.then(|| format!("/{id}"));
        std::iter::once(id).chain(slashed).collect()
    }

    /// What keeps the call from being decided: the stored ARN, or the other account's consent.
    fn doubt(&self) -> Option<String> {
        let StoredValue { store, id, region, account } = self.value;
        match store {
            Store::ParameterStore if *account != self.workload.account => {
                Some(format!("whether account {account} shares parameter {id} is not read"))
            }
            Store::ParameterStore => None,
            Store::SecretsManager => match self.case.secret(region, id) {
                Ok(_) => None,
                Err(gap) if gap.is_not_found() || self.is_complete() => None,
                Err(_) => Some(format!("the stored ARN of secret {id} was not read (secretsmanager:DescribeSecret)")),
            },
        }
    }

    fn is_complete(&self) -> bool {
        let reference = SecretRef::parse(&self.place.value_from);
        matches!(reference, Ok(SecretRef::Secret { completeness: Completeness::Full, .. }))
    }

    /// The ARN of `/a/b` is `parameter/a/b`.
    fn parameter_arn(&self) -> String {
        let StoredValue { id, region, account, .. } = self.value;
        Arn::new("ssm", region, account, format!("parameter/{}", id.trim_start_matches('/'))).to_string()
    }

    fn parameter_key(&self) -> Option<String> {
        let names = self.parameter_names();
        let parameter = names.iter().find_map(|name| self.case.parameter(&self.value.region, name).ok()?)?;
        customer_key(parameter.key_id.as_deref().filter(|_| parameter.kind == "SecureString")?)
    }
}

/// The stage in `…:secret:name:json-key:version-stage:version-id`.
pub fn version_stage(reference: &str) -> Option<&str> {
    tail(reference, 8)
}

/// The version id in `…:secret:name:json-key:version-stage:version-id`.
pub fn version_id(reference: &str) -> Option<&str> {
    tail(reference, 9)
}

fn tail(reference: &str, place: usize) -> Option<&str> {
    reference.split(':').nth(place).filter(|part| !part.is_empty() && reference.starts_with("arn:"))
}
