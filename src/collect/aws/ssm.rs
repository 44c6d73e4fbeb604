//! Parameters' metadata: `DescribeParameters` by name. Their values are never asked for.

use aws_sdk_ssm::{
    Client,
    types::{ParameterMetadata, ParameterStringFilter},
};

use crate::case::{Answer, Gap, Parameter, Parameters};

/// The longest page.
const PAGE: i32 = 50;

/// The named parameters that exist; a name without a parameter is no error of the operation.
pub async fn parameters(client: &Client, names: &[String]) -> Result<Answer, Gap> {
    let by_name = ParameterStringFilter::builder().key("Name").option("Equals").set_values(Some(names.to_vec()));
    // As many as a question asks for: the default page holds ten.
    let request = client.describe_parameters().parameter_filters(by_name.build()?).max_results(PAGE);
    let pages = request.into_paginator().send().try_collect().await?;
    let found = pages.into_iter().filter_map(|page| page.parameters).flatten();
    Ok(Answer::Parameters(Parameters { parameters: found.map(mapped).collect() }))
}

fn mapped(metadata: ParameterMetadata) -> Parameter {
    Parameter {
        name: metadata.name.unwrap_or_default(),
        kind: metadata.r#type.map(|kind| kind.as_str().to_owned()).unwrap_or_default(),
        key_id: metadata.key_id,
    }
}
