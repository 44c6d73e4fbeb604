//! Allows at the layers that lack them: a statement corrected or joined where that is the smaller edit, else one more.

use serde_json::{Map, Value, json};

use super::{
    Advice,
    draft::Draft,
    near_miss,
    words::{credentials, in_words, layer, permissions, role_arn},
};
use crate::{
    fix::{
        Resource, document,
        place::{Place, Standing},
        statements::{grouped, sid, statements},
    },
    iam::Layer,
    judge::{Check, LeftBehind, left_behind},
    require::{RoleRef, Workload},
};

/// How much is made of the statements that are there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Manner {
    /// Corrected or joined where that is enough.
    Smallest,
    /// Left alone: each layer gets a statement more.
    Added,
}

/// Calls of one role, and the cause that their lack is.
pub struct Grant<'a> {
    pub workload: &'a Workload<'a>,
    pub role: &'a RoleRef,
    pub calls: &'a [Check],
    pub cause: &'a str,
    pub manner: Manner,
}

impl Grant<'_> {
    /// Lets every layer allow that lacks it.
    ///
    /// # Errors
    /// What to do instead where a layer cannot be edited.
    pub fn everywhere(&self, draft: &mut Draft<'_>) -> Result<(), Vec<Advice>> {
        let calls: Vec<Lacking<'_>> = self.calls.iter().map(|call| self.lacking(draft, call)).collect();
        let of = |layer: Layer| -> Vec<&Check> {
            calls.iter().filter(|(_, layers)| layers.contains(&layer)).map(|(call, _)| *call).collect()
        };
        let unreachable = [Layer::Session, Layer::Scp, Layer::Rcp, Layer::Endpoint];
        let closed = unreachable.into_iter().filter(|layer| !of(*layer).is_empty());
        let advice: Vec<Advice> = closed.map(|layer| self.out_of_reach(layer, &of(layer))).collect();
        if !advice.is_empty() {
            return Err(advice);
        }
        self.identity(draft, &of(Layer::Identity))?;
        self.boundary(draft, &of(Layer::Boundary))?;
        let resources: Vec<&Check> = [of(Layer::ResourcePolicy), of(Layer::KeyPolicy)].concat();
        self.resources(draft, &resources)
    }

    /// A call with the layers that have to be edited for it.
    fn lacking<'c>(&self, draft: &mut Draft<'_>, call: &'c Check) -> Lacking<'c> {
        let (call, mut layers) = self.less_left_behind(draft, call);
        // A key's policy that names the role needs no other allow in its own account.
        if layers.contains(&Layer::KeyPolicy) && self.is_at_home(call) {
            layers.retain(|layer| *layer != Layer::Identity);
        }
        (call, layers)
    }

    fn is_at_home(&self, call: &Check) -> bool {
        call.permission.resource_account == self.workload.account
    }

    /// A call with the layers that lack it once a statement that a deleted role left behind names this role.
    fn less_left_behind<'c>(&self, draft: &mut Draft<'_>, call: &'c Check) -> Lacking<'c> {
        let layers = call.decision.lacking.clone();
        let found = left_behind(draft.case, self.workload, call).filter(|_| self.manner == Manner::Smallest);
        let resource = Resource::of(&call.permission.policy);
        let Some((found, resource)) = found.zip(resource) else { return (call, layers) };
        if !self.put_arn(draft, call, resource, &found) {
            return (call, layers);
        }
        // In one account the resource's own word for the role is enough.
        let at_home = self.is_at_home(call);
        let mended = |layer: &Layer| match layer {
            Layer::ResourcePolicy | Layer::KeyPolicy => true,
            Layer::Identity => at_home,
            _ => false,
        };
        (call, layers.into_iter().filter(|layer| !mended(layer)).collect())
    }

    /// Whether the policy names the role now.
    fn put_arn(&self, draft: &mut Draft<'_>, call: &Check, resource: Resource, found: &LeftBehind) -> bool {
        let place = Place::Resource(resource);
        let Standing::Written(document) = draft.read(&place) else { return false };
        // An earlier call may have put it there.
        if let Some(mended) = found.mend(document) {
            let title = format!(
                "Name role {} again in statement {} of {}, in the place of {}, the id of a role that no longer exists{}",
                self.name(),
                found.statement,
                place.told(),
                found.id,
                credentials(&place, call)
            );
            draft.edit(place, mended, title);
        }
        true
    }

    fn name(&self) -> &str {
        self.role.name().unwrap_or_default()
    }

    fn identity(&self, draft: &mut Draft<'_>, calls: &[&Check]) -> Result<(), Vec<Advice>> {
        if calls.is_empty() || self.corrected(draft, &self.identity_places(draft), calls) {
            return Ok(());
        }
        let name = self.name().to_owned();
        let place = Place::Inline { role: name.clone(), policy: format!("ecs-why-{}", self.cause) };
        let document = match draft.read(&place) {
            Standing::Written(existing) => with_all(existing, statements(&permissions(calls))),
            Standing::Absent => Some(document::new(statements(&permissions(calls)))),
            // It would be overwritten.
            Standing::Closed => None,
        };
        let title = format!("Allow the {} role {name} {}", self.role.kind.name(), in_words(calls));
        draft.edit(place, document.ok_or_else(Vec::new)?, title);
        Ok(())
    }

    /// Inline policies first: they are the role's alone.
    fn identity_places(&self, draft: &Draft<'_>) -> Vec<Place> {
        let (case, role) = (draft.case, self.name().to_owned());
        let inline = case.role_policy_names(&role).map(|names| names.policy_names.clone()).unwrap_or_default();
        let attached = case.attached_policies(&role).map(|a| a.policy_arns.clone()).unwrap_or_default();
        let inline = inline.into_iter().map(|policy| Place::Inline { role: role.clone(), policy });
        inline.chain(attached.into_iter().map(|policy| Place::Managed { role: role.clone(), policy })).collect()
    }

    /// Whether the correction of one statement is all that these places need.
    fn corrected(&self, draft: &mut Draft<'_>, places: &[Place], calls: &[&Check]) -> bool {
        let near = |place: &Place| match draft.read(place) {
            Standing::Written(document) => near_miss::corrected(&document, calls).map(|found| (place.clone(), found)),
            Standing::Absent | Standing::Closed => None,
        };
        let found = places.iter().filter(|_| self.manner == Manner::Smallest).find_map(near);
        let Some((place, (document, told))) = found else { return false };
        let kind = if matches!(place, Place::Inline { .. }) { "inline " } else { "" };
        let title = format!("Correct {told} in {kind}{} of role {}", place.told(), self.name());
        draft.edit(place, document, title);
        true
    }

    fn boundary(&self, draft: &mut Draft<'_>, calls: &[&Check]) -> Result<(), Vec<Advice>> {
        if calls.is_empty() {
            return Ok(());
        }
        let role = self.name().to_owned();
        let known = draft.case.role(&role).ok().and_then(|role| role.permissions_boundary.clone());
        let policy = known.ok_or_else(Vec::new)?;
        let place = Place::Managed { role, policy: policy.clone() };
        if self.corrected(draft, std::slice::from_ref(&place), calls) {
            return Ok(());
        }
        let Standing::Written(document) = draft.read(&place) else {
            return Err(vec![self.closed_boundary(&policy, calls)]);
        };
        let document = with_all(document, statements(&permissions(calls))).ok_or_else(Vec::new)?;
        draft.edit(place, document, format!("Let the permissions boundary {policy} admit {}", in_words(calls)));
        Ok(())
    }

    fn resources(&self, draft: &mut Draft<'_>, calls: &[&Check]) -> Result<(), Vec<Advice>> {
        let mut resources: Vec<Resource> = Vec::new();
        for resource in calls.iter().filter_map(|call| Resource::of(&call.permission.policy)) {
            if !resources.contains(&resource) {
                resources.push(resource);
            }
        }
        for resource in resources {
            let own = |call: &&&Check| Resource::of(&call.permission.policy).as_ref() == Some(&resource);
            let own: Vec<&Check> = calls.iter().filter(own).copied().collect();
            self.resource(draft, resource, &own)?;
        }
        Ok(())
    }

    fn resource(&self, draft: &mut Draft<'_>, resource: Resource, calls: &[&Check]) -> Result<(), Vec<Advice>> {
        let place = Place::Resource(resource.clone());
        let admission = Admission { arn: role_arn(draft.case, self.role), resource: &resource, calls };
        let document = match draft.read(&place) {
            Standing::Written(document) => self.admitted(document, &admission),
            Standing::Absent => Some(document::new(admission.statements())),
            Standing::Closed => None,
        };
        let by = calls.first().map(|call| credentials(&place, call)).unwrap_or_default();
        let actions: Vec<&str> = calls.iter().map(|call| call.permission.action.as_str()).collect();
        let title = format!(
            "Let {} admit the {} role {} for {}{by}",
            resource.told(),
            self.role.kind.name(),
            self.name(),
            actions.join(", ")
        );
        draft.edit(place, document.ok_or_else(Vec::new)?, title);
        Ok(())
    }

    fn admitted(&self, document: Value, admission: &Admission<'_>) -> Option<Value> {
        let joined = (self.manner == Manner::Smallest).then(|| admission.joined(&document)).flatten();
        joined.or_else(|| with_all(document, admission.statements()))
    }

    fn out_of_reach(&self, at: Layer, calls: &[&Check]) -> Advice {
        let title = format!(
            "No {} allows role {} {}: ask those who administer it to allow it",
            layer(at),
            self.name(),
            in_words(calls)
        );
        (title, self.docs())
    }

    fn closed_boundary(&self, policy: &str, calls: &[&Check]) -> Advice {
        let title = format!(
            "The permissions boundary {policy} of role {} does not allow {}, and cannot be edited from here: give the \
             role a boundary that does",
            self.name(),
            in_words(calls)
        );
        (title, self.docs())
    }

    pub fn docs(&self) -> Vec<String> {
        self.calls.first().map(|call| call.permission.reference.clone()).into_iter().collect()
    }
}

/// A call and the layers that still lack it.
type Lacking<'a> = (&'a Check, Vec<Layer>);

fn with_all(document: Value, statements: Vec<Value>) -> Option<Value> {
    statements.into_iter().try_fold(document, document::with_statement)
}

/// A role that is to be admitted by a resource's policy.
struct Admission<'a> {
    arn: String,
    resource: &'a Resource,
    calls: &'a [&'a Check],
}

impl Admission<'_> {
    /// Statements for the role alone, in the form that the resource's policy has.
    fn statements(&self) -> Vec<Value> {
        let groups = grouped(&permissions(self.calls)).into_iter();
        groups.map(|(actions, resources)| self.statement(&actions, &resources)).collect()
    }

    /// A repository's policy has no `Resource`; in a key's it is `*`, which is that key.
    fn statement(&self, actions: &[String], resources: &[String]) -> Value {
        let mut statement = json!({
            "Sid": sid(actions),
            "Effect": "Allow",
            "Principal": {"AWS": self.arn},
            "Action": document::one_or_many(actions)
        });
        let resource = match self.resource {
            Resource::Repository { .. } => None,
            Resource::Key { .. } => Some(json!("*")),
            Resource::Secret { .. } | Resource::Bucket { .. } => Some(document::one_or_many(resources)),
        };
        if let (Some(fields), Some(resource)) = (statement.as_object_mut(), resource) {
            fields.insert("Resource".to_owned(), resource);
        }
        statement
    }

    /// The document with the role beside the principals of a statement that grants exactly this.
    fn joined(&self, document: &Value) -> Option<Value> {
        let [(actions, resources)] = grouped(&permissions(self.calls)).try_into().ok()?;
        let count = document.get("Statement").map_or(0, |s| s.as_array().map_or(1, Vec::len));
        (0..count).find_map(|index| {
            let mut statement = document::statement(document, index)?.clone();
            if !self.grants(&statement, &actions, &resources) {
                return None;
            }
            let principals = statement.get_mut("Principal")?.get_mut("AWS")?;
            let mut named = document::texts(principals);
            named.push(self.arn.clone());
            *principals = json!(named);
            document::with_replaced(document.clone(), index, vec![Value::Object(statement)])
        })
    }

    fn grants(&self, statement: &Map<String, Value>, actions: &[String], resources: &[String]) -> bool {
        let texts = |key| statement.get(key).map(document::texts);
        let plain = texts("Effect").is_some_and(|e| e == ["Allow"]) && !statement.contains_key("Condition");
        let same = |a: &[String], b: &[String]| {
            let within = |a: &[String], b: &[String]| a.iter().all(|x| b.iter().any(|y| y.eq_ignore_ascii_case(x)));
            within(a, b) && within(b, a)
        };
        let resource = match (texts("Resource"), self.resource) {
            (None, Resource::Repository { .. }) => true,
            (Some(listed), Resource::Secret { .. } | Resource::Key { .. }) if listed == ["*"] => true,
            (Some(listed), _) => same(&listed, resources),
            (None, _) => false,
        };
        plain && resource && texts("Action").is_some_and(|listed| same(&listed, actions))
    }
}
