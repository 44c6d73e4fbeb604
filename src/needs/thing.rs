//! What to ask about the things that a task definition names.

use std::collections::{BTreeMap, BTreeSet};

use crate::{
    case::{Case, Need},
    require::{Requirements, Thing},
};

/// Most parameters that one `DescribeParameters` takes.
const PARAMETERS_A_CALL: usize = 50;

pub(super) fn need(case: &Case, thing: &Thing, needs: &mut BTreeSet<Need>) {
    match thing {
        Thing::Image(image) => {
            needs.insert(Need::Image(image.clone()));
        }
        Thing::LogGroup { region, group } => {
            needs.insert(Need::LogGroup { region: region.clone(), group: group.clone() });
        }
        Thing::Secret { region, secret, .. } => {
            needs.insert(Need::Secret { region: region.clone(), secret: secret.clone() });
        }
        Thing::Key { region, key, .. } => {
            needs.insert(Need::Key { region: region.clone(), key: key.clone() });
            // An alias cannot be asked for its policy, and the key's own ARN is the surest name.
            if let Ok(described) = case.key(region, key) {
                needs.insert(Need::KeyPolicy { region: region.clone(), key: described.arn.clone() });
            }
        }
        // Asked together: see `parameters`.
        Thing::Parameter { .. } => {}
    }
}

pub(super) fn parameters(requirements: &Requirements, needs: &mut BTreeSet<Need>) {
    let mut names: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for existence in &requirements.things {
        if let Thing::Parameter { region, names: any } = &existence.thing {
            names.entry(region).or_default().extend(any.iter().map(String::as_str));
        }
    }
    for (region, names) in names {
        let names: Vec<String> = names.into_iter().map(str::to_owned).collect();
        let batches = names.chunks(PARAMETERS_A_CALL);
        needs.extend(batches.map(|b| Need::Parameters { region: region.to_owned(), names: b.to_vec() }));
    }
}
