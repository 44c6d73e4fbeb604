"""What cases are made of: actions, names, condition keys with their values, operators."""

HOME, ABROAD, REGION = "111122223333", "444455556666", "eu-west-1"
FAVOURITES = {
    "ecr": ["BatchGetImage", "GetDownloadUrlForLayer", "GetAuthorizationToken", "BatchCheckLayerAvailability"],
    "secretsmanager": ["GetSecretValue", "ListSecrets"],
    "ssm": ["GetParameters", "DescribeParameters"],
    "kms": ["Decrypt", "GenerateDataKey", "GenerateRandom"],
    "logs": ["PutLogEvents", "CreateLogStream", "CreateLogGroup", "DescribeLogGroups"],
    "s3": ["GetObject", "GetBucketLocation", "ListBucket", "ListAllMyBuckets"],
    "elasticfilesystem": ["ClientMount", "ClientWrite"],
    "sts": ["AssumeRole", "GetSessionToken", "TagSession"],
    "iam": ["PassRole", "ListRoles"],
    "ecr-public": ["GetAuthorizationToken", "DescribeRepositories"],
    "ssmmessages": ["OpenDataChannel"],
}
WEIGHTS = {"ecr": 4, "secretsmanager": 5, "kms": 5, "s3": 5, "ssm": 3, "logs": 3, "sts": 3}
VALUES = {
    "RepositoryName": ["web", "team/web"],
    "SecretId": ["db-AbCdEf"],
    "ParameterNameWithoutLeadingSlash": ["prod/db"],
    "LogGroupName": ["/ecs/web"],
    "LogStreamName": ["web/web/0123"],
    "BucketName": ["env"],
    "ObjectName": ["web/prod.env"],
    "KeyId": ["0a1b2c3d-1111-2222-3333-0123456789ab"],
    "Alias": ["app"],
    "RoleNameWithPath": ["target", "svc/target"],
    "FileSystemId": ["fs-0123"],
}
# Keys with values that they may have; the first values of a list are the likeliest.
SINGLE = {
    "string": {
        "aws:PrincipalTag/team": ["core", "Core", "web", "*", ""],
        "aws:PrincipalOrgID": ["o-abc", "o-xyz"],
        "aws:SourceAccount": [HOME, ABROAD],
        "aws:PrincipalAccount": [HOME, ABROAD],
        "aws:SourceVpce": ["vpce-1", "vpce-2"],
        "aws:username": ["ann", "bob"],
        "aws:userid": ["AROA1:task", "AIDA2"],
        "aws:UserAgent": ["sdk/1.0", "sdk/2.0"],
        "aws:RequestedRegion": [REGION, "us-east-1"],
        "aws:PrincipalType": ["AssumedRole", "User"],
    },
    "arn": {
        "aws:PrincipalArn": [
            f"arn:aws:iam::{HOME}:role/exec",
            f"arn:aws:iam::{HOME}:role/svc/exec",
            f"arn:aws:iam::{HOME}:user/ann",
        ],
        "aws:SourceArn": [
            f"arn:aws:ecs:{REGION}:{HOME}:task/prod/0123",
            f"arn:aws:ecs:{REGION}:{HOME}:cluster/prod",
            "no-arn",
        ],
    },
    "bool": {
        "aws:SecureTransport": ["true", "false"],
        "aws:ViaAWSService": ["false", "true"],
        "aws:MultiFactorAuthPresent": ["true", "false"],
    },
    "number": {"aws:MultiFactorAuthAge": ["300", "3600", "0", "12.5", "many"]},
    "date": {
        "aws:CurrentTime": ["2026-01-02T03:04:05Z", "2025-06-01T00:00:00Z", "1767323045", "soon"],
        "aws:TokenIssueTime": ["2026-01-02T03:04:05Z", "2026-01-02T03:04:05+01:00", "2024-01-01"],
        "aws:EpochTime": ["1767323045", "1700000000"],
    },
    "ip": {
        "aws:SourceIp": ["10.1.2.3", "192.0.2.7", "2001:db8::1", "nowhere"],
        "aws:VpcSourceIp": ["10.1.2.3", "172.16.0.1"],
    },
}
LISTS = {
    "aws:PrincipalOrgPaths": ["o-abc/r-1/ou-1/", "o-abc/r-1/ou-2/"],
    "aws:CalledVia": ["ecs.amazonaws.com", "kms.amazonaws.com"],
    "aws:TagKeys": ["team", "cost", "Team"],
    "aws:PrincipalServiceNamesList": ["ecs-tasks.amazonaws.com", "ecs.amazonaws.com"],
}
# Keys that the other evaluator takes for one service alone.
OF_SERVICE = {
    "kms": {
        "kms:ViaService": ["secretsmanager.eu-west-1.amazonaws.com", "ssm.eu-west-1.amazonaws.com"],
        "kms:CallerAccount": [HOME, ABROAD],
    },
}
ASKED = {  # what a statement asks beside the values themselves
    "string": [
        "c*",
        "*",
        "??re",
        "${aws:PrincipalTag/team}",
        "${aws:PrincipalTag/none, 'core'}",
        "${aws:username}",
        "${*}",
        "o-*",
        "AROA*:*",
    ],
    "arn": [
        "arn:aws:iam::*:role/*",
        "arn:aws:ecs:*:*:*",
        f"arn:aws:ecs:{REGION}:{HOME}:*",
        "arn:aws:iam::*",
        "*",
        "arn:*:iam::*:role/*/exec",
        "arn:aws:iam::${aws:PrincipalAccount}:role/exec",
    ],
    "bool": ["TRUE"],
    "number": ["299", "300.0", "3e2"],
    "date": ["2026-01-02T04:04:05+01:00", "2030-01-01T00:00:00Z", "1767323045", "2020-01-01"],
    "ip": ["10.0.0.0/8", "192.0.2.7/32", "2001:db8::/32", "0.0.0.0/0", "10.1.2.4"],
}
OPERATORS = {
    "string": [
        "StringEquals",
        "StringNotEquals",
        "StringEqualsIgnoreCase",
        "StringNotEqualsIgnoreCase",
        "StringLike",
        "StringNotLike",
    ],
    "arn": ["ArnEquals", "ArnNotEquals", "ArnLike", "ArnNotLike", "StringEquals", "StringLike", "StringNotLike"],
    "bool": ["Bool"],
    "number": [
        "NumericEquals",
        "NumericNotEquals",
        "NumericLessThan",
        "NumericLessThanEquals",
        "NumericGreaterThan",
        "NumericGreaterThanEquals",
    ],
    "date": [
        "DateEquals",
        "DateNotEquals",
        "DateLessThan",
        "DateLessThanEquals",
        "DateGreaterThan",
        "DateGreaterThanEquals",
    ],
    "ip": ["IpAddress", "NotIpAddress"],
}
KIND = {key: kind for kind, keys in SINGLE.items() for key in keys}
KNOWN = {key: values for keys in SINGLE.values() for key, values in keys.items()} | LISTS
# A case without any policy.
EMPTY = {
    "identity_policies": [],
    "permission_boundary_policies": None,
    "session_policy": None,
    "resource_policy": None,
    "endpoint_policies": None,
    "scps": None,
    "rcps": None,
}
WITH_RESOURCE_POLICY = {"ecr", "ecr-public", "secretsmanager", "kms", "s3", "sts", "elasticfilesystem", "logs", "ssm"}
NO_RESOURCE_ELEMENT = {"ecr", "ecr-public", "sts"}
FULL = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
