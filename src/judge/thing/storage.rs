//! Objects of S3, file systems and access points of EFS.

use super::{Verdict, absent};
use crate::{case::Case, judge::policies::unread, require::ObjectUse};

const EFS: &str = "efs-not-found";

/// Only who may list the bucket is told that there is no such key; to others S3 says that it refuses
/// (<https://docs.aws.amazon.com/AmazonS3/latest/API/API_HeadObject.html>).
pub fn object(case: &Case, [region, bucket, key]: [&String; 3], of: ObjectUse) -> Verdict {
    let cause = match of {
        ObjectUse::EnvironmentFile => "env-file-not-found",
        ObjectUse::LogRouter => "firelens-config",
    };
    match case.object(region, bucket, key) {
        Ok(_) => Verdict::Holds,
        Err(gap) => absent(gap, cause, &format!("object {key} of bucket {bucket}"), "s3:GetObject"),
    }
}

pub fn file_system(case: &Case, region: &str, file_system: &str) -> Verdict {
    match case.file_system(region, file_system) {
        Ok(found) => available(&format!("file system {file_system}"), &found.life_cycle_state),
        Err(gap) if gap.is_not_found() => missing(&format!("file system {file_system}"), region),
        Err(gap) => Verdict::Undecided(unread("the file system", "elasticfilesystem:DescribeFileSystems", gap)),
    }
}

pub fn access_point(case: &Case, region: &str, access_point: &str, file_system: &str) -> Verdict {
    match case.access_point(region, access_point) {
        Ok(found) if !found.file_system_id.is_empty() && found.file_system_id != file_system => Verdict::Broken {
            cause: EFS,
            shows: format!(
                "access point {access_point} is one of file system {}, and the volume names {file_system}",
                found.file_system_id
            ),
        },
        Ok(found) => available(&format!("access point {access_point}"), &found.life_cycle_state),
        Err(gap) if gap.is_not_found() => missing(&format!("access point {access_point}"), region),
        Err(gap) => Verdict::Undecided(unread("the access point", "elasticfilesystem:DescribeAccessPoints", gap)),
    }
}

fn missing(what: &str, region: &str) -> Verdict {
    Verdict::Broken { cause: EFS, shows: format!("there is no {what} in {region}") }
}

/// While it is updated it can be mounted.
fn available(what: &str, state: &str) -> Verdict {
    match state {
        "" | "available" | "updating" => Verdict::Holds,
        state => Verdict::Broken { cause: EFS, shows: format!("{what} is {state}, so it cannot be mounted") },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::case::{AccessPoint, Answer, Fact, Gap, Need, Origin, Target};

    fn of(fact: Fact) -> Verdict {
        let mut case = Case::new(Target::default(), jiff::Timestamp::UNIX_EPOCH);
        case.admit(Need::AccessPoint { region: "r".into(), access_point: "fsap-1".into() }, fact);
        access_point(&case, "r", "fsap-1", "fs-1")
    }

    #[test]
    fn access_points_are_of_one_file_system() {
        let found = |file_system_id: &str, life_cycle_state: &str| {
            let (file_system_id, life_cycle_state) = (file_system_id.to_owned(), life_cycle_state.to_owned());
            let point = AccessPoint { access_point_id: "fsap-1".into(), file_system_id, life_cycle_state };
            of(Fact::Known(Answer::AccessPoint(point), Origin::Aws))
        };
        assert_eq!(found("fs-1", "available"), Verdict::Holds);
        assert_eq!(found("fs-1", "updating"), Verdict::Holds);
        assert!(matches!(found("fs-2", "available"), Verdict::Broken { .. }));
        assert!(matches!(found("fs-1", "deleting"), Verdict::Broken { .. }));
        assert!(matches!(of(Fact::Missing(Gap::NotFound { message: "x".into() })), Verdict::Broken { .. }));
        assert!(matches!(of(Fact::Missing(Gap::TimedOut)), Verdict::Undecided(_)));
    }
}
