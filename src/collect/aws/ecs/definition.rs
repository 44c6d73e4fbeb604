//! Task definitions of the SDK as task definitions of `case`. Environment variables are left behind.

use aws_sdk_ecs::types;

use super::mapped as all;
use crate::case::{
    Attribute, ContainerDefinition, Dependency, EfsAuthorization, EfsVolume, EnvironmentFile, FirelensConfiguration,
    LogConfiguration, RepositoryCredentials, RuntimePlatform, SecretOption, TaskDefinition, Volume,
};

pub fn mapped(definition: types::TaskDefinition) -> TaskDefinition {
    TaskDefinition {
        task_definition_arn: definition.task_definition_arn,
        family: definition.family.unwrap_or_default(),
        // Revisions count from 1; the SDK writes an absent one as 0.
        revision: (definition.revision > 0).then(|| definition.revision.into()),
        execution_role_arn: definition.execution_role_arn,
        task_role_arn: definition.task_role_arn,
        network_mode: definition.network_mode.map(|mode| mode.as_str().to_owned()),
        requires_compatibilities: all(definition.requires_compatibilities, |kind| kind.as_str().to_owned()),
        requires_attributes: all(definition.requires_attributes, |attribute| Attribute { name: attribute.name }),
        runtime_platform: definition.runtime_platform.map(mapped_platform),
        cpu: definition.cpu,
        memory: definition.memory,
        container_definitions: all(definition.container_definitions, mapped_container),
        volumes: all(definition.volumes, mapped_volume),
    }
}

fn mapped_platform(platform: types::RuntimePlatform) -> RuntimePlatform {
    RuntimePlatform {
        cpu_architecture: platform.cpu_architecture.map(|name| name.as_str().to_owned()),
        operating_system_family: platform.operating_system_family.map(|name| name.as_str().to_owned()),
    }
}

fn mapped_volume(volume: types::Volume) -> Volume {
    Volume {
        name: volume.name.unwrap_or_default(),
        efs_volume_configuration: volume.efs_volume_configuration.map(mapped_efs),
    }
}

fn mapped_efs(efs: types::EfsVolumeConfiguration) -> EfsVolume {
    EfsVolume {
        file_system_id: efs.file_system_id,
        root_directory: efs.root_directory,
        transit_encryption: efs.transit_encryption.map(|mode| mode.as_str().to_owned()),
        authorization_config: efs.authorization_config.map(mapped_authorization),
    }
}

fn mapped_authorization(config: types::EfsAuthorizationConfig) -> EfsAuthorization {
    EfsAuthorization { access_point_id: config.access_point_id, iam: config.iam.map(|mode| mode.as_str().to_owned()) }
}

fn mapped_container(container: types::ContainerDefinition) -> ContainerDefinition {
    ContainerDefinition {
        name: container.name.unwrap_or_default(),
        image: container.image.unwrap_or_default(),
        essential: container.essential,
        memory: container.memory.map(Into::into),
        memory_reservation: container.memory_reservation.map(Into::into),
        stop_timeout: container.stop_timeout.map(Into::into),
        depends_on: all(container.depends_on, mapped_dependency),
        environment_files: all(container.environment_files, mapped_environment_file),
        secrets: all(container.secrets, mapped_secret),
        repository_credentials: container.repository_credentials.map(mapped_credentials),
        log_configuration: container.log_configuration.map(mapped_logs),
        firelens_configuration: container.firelens_configuration.map(mapped_router),
    }
}

fn mapped_dependency(dependency: types::ContainerDependency) -> Dependency {
    Dependency { container_name: dependency.container_name, condition: dependency.condition.as_str().to_owned() }
}

pub fn mapped_environment_file(file: types::EnvironmentFile) -> EnvironmentFile {
    EnvironmentFile { value: file.value, kind: file.r#type.as_str().to_owned() }
}

fn mapped_secret(secret: types::Secret) -> SecretOption {
    SecretOption { name: secret.name, value_from: secret.value_from }
}

fn mapped_credentials(credentials: types::RepositoryCredentials) -> RepositoryCredentials {
    RepositoryCredentials { credentials_parameter: credentials.credentials_parameter }
}

/// Options that may hold a token are masked where a case takes them in, whatever they come from.
fn mapped_logs(logs: types::LogConfiguration) -> LogConfiguration {
    LogConfiguration {
        log_driver: logs.log_driver.as_str().to_owned(),
        options: logs.options.into_iter().flatten().collect(),
        secret_options: all(logs.secret_options, mapped_secret),
    }
}

/// Options that may hold a token are masked like those of logs.
fn mapped_router(router: types::FirelensConfiguration) -> FirelensConfiguration {
    FirelensConfiguration {
        kind: router.r#type.as_str().to_owned(),
        options: router.options.into_iter().flatten().collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secret(name: &str) -> types::Secret {
        types::Secret::builder().name(name).value_from("/prod/db").build().unwrap()
    }

    #[test]
    fn a_container_keeps_what_its_start_depends_on() {
        let logs = types::LogConfiguration::builder()
            .log_driver(types::LogDriver::Awslogs)
            .options("awslogs-group", "/ecs/app")
            .secret_options(secret("token"));
        let waited_for = types::ContainerDependency::builder()
            .container_name("migrate")
            .condition(types::ContainerCondition::Success);
        let container = types::ContainerDefinition::builder()
            .name("app")
            .image("app:1")
            .essential(false)
            .secrets(secret("DB"))
            .depends_on(waited_for.build().unwrap())
            .environment(types::KeyValuePair::builder().name("PASSWORD").value("hunter2").build())
            .log_configuration(logs.build().unwrap())
            .build();
        let definition = types::TaskDefinition::builder().family("app").container_definitions(container).build();
        let mapped = mapped(definition);
        let app = mapped.container("app").unwrap();
        assert_eq!((mapped.revision, app.is_essential()), (None, false));
        assert_eq!(app.condition_on("migrate"), Some("SUCCESS"));
        assert_eq!(app.secrets.first().map(|secret| secret.value_from.as_str()), Some("/prod/db"));
        let logs = app.log_configuration.as_ref().unwrap();
        assert_eq!((logs.log_driver.as_str(), logs.option("awslogs-group")), ("awslogs", Some("/ecs/app")));
        assert_eq!(logs.secret_options.len(), 1);
        assert!(!format!("{mapped:?}").contains("hunter2"));
    }

    #[test]
    fn a_volume_keeps_its_file_system() {
        let access = types::EfsAuthorizationConfig::builder()
            .access_point_id("fsap-1")
            .iam(types::EfsAuthorizationConfigIam::Enabled);
        let efs = types::EfsVolumeConfiguration::builder().file_system_id("fs-1").root_directory("/data");
        let efs = efs.transit_encryption(types::EfsTransitEncryption::Enabled).authorization_config(access.build());
        let volume = types::Volume::builder().name("data").efs_volume_configuration(efs.build().unwrap()).build();
        let efs = mapped_volume(volume).efs_volume_configuration.unwrap();
        assert_eq!((efs.file_system_id.as_str(), efs.transit_encryption.as_deref()), ("fs-1", Some("ENABLED")));
        let access = efs.authorization_config.unwrap();
        assert_eq!((access.access_point_id.as_deref(), access.iam.as_deref()), (Some("fsap-1"), Some("ENABLED")));
        assert_eq!(mapped_volume(types::Volume::builder().name("tmp").build()).efs_volume_configuration, None);
    }
}
