"""Random cases for `ecs-why iam eval`, the same for the same seed.

Policies are drawn around one request, so that each part of a statement hits or narrowly misses it. What services have
for actions and resources comes from knowledge/services/*.toml.
"""

import pathlib
import random
import re
import tomllib

from words import (
    ABROAD,
    ASKED,
    FAVOURITES,
    FULL,
    HOME,
    KIND,
    KNOWN,
    LISTS,
    NO_RESOURCE_ELEMENT,
    OF_SERVICE,
    OPERATORS,
    REGION,
    VALUES,
    WEIGHTS,
    WITH_RESOURCE_POLICY,
)

KNOWLEDGE = pathlib.Path(__file__).parents[2] / "knowledge"
SERVICES = KNOWLEDGE / "services"
RESOURCE_CONTROL = tomllib.loads((KNOWLEDGE / "policies.toml").read_text(encoding="utf-8"))["resource_control"]


def services():
    return {path.stem: tomllib.loads(path.read_text(encoding="utf-8")) for path in sorted(SERVICES.glob("*.toml"))}


class Generator:
    """One stream of cases."""

    def __init__(self, seed):
        self.random = random.Random(seed)
        self.services = services()

    def chance(self, share):
        return self.random.random() < share

    def pick(self, values, weights=None):
        return self.random.choices(list(values), weights)[0]

    def some(self, draw, most=3):
        """One to `most` values, mostly one; a single one mostly without its list."""
        values = [draw() for _ in range(self.pick(range(1, most + 1), [7, 2, 1][:most]))]
        return values[0] if len(values) == 1 and self.chance(0.8) else values

    # The request

    def case(self):
        self.request = self.draw_request()
        self.known = KNOWN | (OF_SERVICE.get(self.service, {}) if not self.request["wildcard_only_action"] else {})
        case = self.layers()
        self.request["context"], self.request["multivalued"] = self.context(case)
        return {**case, "request": self.request}

    def draw_request(self):
        service = self.pick(self.services, [WEIGHTS.get(s, 1) for s in self.services])
        action, template = self.draw_action(self.services[service], FAVOURITES[service])
        across = self.chance(0.35)
        owner = ABROAD if across else HOME
        self.service = service
        return {
            "principal": self.draw_principal(),
            "action": f"{service}:{action}",
            "resource": self.fill(template, owner) if template else "*",
            "resource_account": owner if template else HOME,
            "wildcard_only_action": template is None,
        }

    def draw_action(self, facts, favourites):
        """An action, and the ARN shape of a resource that it may name; none if it names none."""
        action = self.pick(favourites)
        if self.chance(0.15):
            action = self.pick(sorted(set(facts["wildcard_only"]).union(*facts["actions"].values())))
        types = [t for t, names in facts["actions"].items() if action in names]
        return action, facts["resources"][self.pick(types)] if types else None

    def fill(self, template, owner):
        fixed = {"Partition": "aws", "Region": REGION, "Account": owner}
        return re.sub(r"\$\{(\w+)\}", lambda m: fixed.get(m[1]) or self.pick(VALUES.get(m[1], ["thing"])), template)

    def draw_principal(self):
        principals = {
            f"arn:aws:iam::{HOME}:role/exec": 4,
            f"arn:aws:sts::{HOME}:assumed-role/exec/task": 7,
            f"arn:aws:iam::{HOME}:role/svc/exec": 1,
            f"arn:aws:iam::{HOME}:user/ann": 4,
            f"arn:aws:iam::{HOME}:root": 0.1,
            f"arn:aws:sts::{HOME}:federated-user/fed": 0.6,
            "ecs-tasks.amazonaws.com": 1.2,
            "anonymous": 0.8,
        }
        return self.pick(principals, principals.values())

    # The layers

    def layers(self):
        principal = self.request["principal"]
        signed = principal.startswith("arn:")
        identity = signed and not principal.endswith(":root")
        session = "assumed-role/" in principal or "federated-user/" in principal
        return {
            "identity_policies": self.documents("identity") if identity else [],
            "permission_boundary_policies": self.maybe(identity, 0.2, lambda: [self.document("boundary")]),
            "session_policy": self.maybe(session, 0.25, lambda: self.document("session")),
            "resource_policy": self.resource_policy(),
            "endpoint_policies": self.maybe(True, 0.08, lambda: [self.document("endpoint")]),
            "scps": self.maybe(signed, 0.2, lambda: self.levels("scp")),
            "rcps": self.maybe(True, 0.15 if self.service in RESOURCE_CONTROL else 0.01, lambda: self.levels("rcp")),
        }

    def maybe(self, possible, share, draw):
        return draw() if possible and self.chance(share) else None

    def resource_policy(self):
        shares = {"kms": 0.9, "sts": 0.9}
        possible = self.service in WITH_RESOURCE_POLICY and not self.request["wildcard_only_action"]
        return self.maybe(possible, shares.get(self.service, 0.6), lambda: self.document("resource"))

    def documents(self, layer):
        return [self.document(layer) for _ in range(self.pick((1, 2, 0), (8, 2, 0.5)))]

    def levels(self, layer):
        def level():
            drawn = [self.document(layer)] if layer == "rcp" or self.chance(0.4) else [FULL]
            return drawn + ([self.document(layer)] if self.chance(0.3) else [])

        return [level() for _ in range(self.pick((1, 2, 3), (5, 3, 1)))]

    def document(self, layer):
        older = 0 if layer == "rcp" else 1
        version = self.pick(({"Version": "2012-10-17"}, {"Version": "2008-10-17"}, {}), (20, older, older))
        statements = [self.statement(layer) for _ in range(self.pick((1, 2, 3), (6, 3, 1)))]
        return {**version, "Statement": statements[0] if len(statements) == 1 and self.chance(0.1) else statements}

    def statement(self, layer):
        deny = layer == "rcp" or self.chance(0.2)
        statement = {"Effect": "Deny" if deny else "Allow", **self.principals(layer, deny), **self.actions(layer)}
        if not (layer == "resource" and self.service in NO_RESOURCE_ELEMENT):
            statement.update(self.resources())
        if self.chance(0.35):
            statement["Condition"] = self.condition()
        return statement

    # The elements of a statement

    def principals(self, layer, deny):
        if layer in ("identity", "boundary", "session", "scp"):
            return {}
        if layer in ("rcp", "endpoint"):
            return {"Principal": "*"}
        if deny and self.chance(0.25):
            return {"NotPrincipal": {"AWS": self.some(self.aws_principal)}}
        if self.chance(0.12):
            return {"Principal": self.pick(("*", {"AWS": "*"}))}
        if self.chance(0.12) or not self.request["principal"].startswith("arn:") and self.chance(0.6):
            services = ("ecs-tasks.amazonaws.com", "ecs.amazonaws.com")
            return {"Principal": {"Service": self.some(lambda: self.pick(services, (3, 1)))}}
        return {"Principal": {"AWS": self.some(self.aws_principal)}}

    def aws_principal(self):
        principal = self.request["principal"]
        itself = principal if principal.startswith("arn:") else f"arn:aws:iam::{HOME}:role/exec"
        choices = {
            itself: 6,
            f"arn:aws:iam::{HOME}:role/exec": 3,
            HOME: 2,
            f"arn:aws:iam::{HOME}:root": 3,
            f"arn:aws:iam::{ABROAD}:root": 1,
            f"arn:aws:iam::{HOME}:user/bob": 0.5,
            f"arn:aws:iam::{HOME}:role/svc/exec": 0.5,
            "*": 0.7,
        }
        return self.pick(choices, choices.values())

    def actions(self, layer):
        if layer == "rcp":  # one with NotAction or a mere "*" cannot be saved
            return {"Action": self.some(self.named_action_pattern)}
        negated = self.chance(0.1)
        return {"NotAction" if negated else "Action": self.some(self.action_pattern)}

    def action_pattern(self):
        service, name = self.request["action"].split(":")
        choices = {
            f"{service}:{name}": 8,
            f"{service}:*": 4,
            "*": 4,
            f"{service}:{name[:4]}*": 2,
            f"{service}:?{name[1:]}": 1,
            f"{service}:{name.lower()}": 1,
            f"{service.upper()}:{name}": 1,
            f"{service}:*{name[-3:]}": 1,
            f"{service}:{name}?": 0.5,
            f"{service}:Describe*": 1,
            "s3:GetObject": 1,
            f"{service}:Get*": 1,
            f"{service}:{name}*": 1,
        }
        return self.pick(choices, choices.values())

    def named_action_pattern(self):
        pattern = self.action_pattern()
        return f"{self.service}:*" if pattern == "*" else pattern

    def resources(self):
        negated = self.chance(0.1)
        return {"NotResource" if negated else "Resource": self.some(self.resource_pattern)}

    def resource_pattern(self):
        resource = self.request["resource"]
        if resource == "*" or self.chance(0.25):
            return self.pick(("*", f"arn:aws:{self.service}:*:*:*", f"arn:aws:{self.service}:*", "arn:*"), (8, 1, 1, 1))
        return self.near(resource)

    def near(self, resource):
        """A pattern that covers this ARN, or misses it by little."""
        parts = resource.split(":", 5)
        service, tail = parts[2], parts[5]
        cut = self.random.randrange(1, len(tail))
        begin, end = tail[:cut], tail[cut:].replace("'", "")
        full = {  # the part after the fifth colon
            tail: 6,
            "*": 3,
            f"{begin}*": 3,
            f"{begin}?{tail[cut + 1 :]}": 1,
            f"{tail[:-1]}?": 1,
            f"{tail}*": 0.5,
            f"{tail}/more": 0.5,
            f"{tail.split('/')[0]}/*": 1.5,
            tail.upper(): 0.7,
            f"{begin}${{aws:PrincipalTag/team}}": 0.6,
            f"{begin}${{aws:PrincipalTag/none, '{end}'}}": 0.5,
            f"{begin}${{*}}": 0.3,
            "alias/*" if service == "kms" else tail: 0.2,
        }
        short = [f"arn:aws:{service}", f"arn:aws:{service}:*", ":".join(parts[:4] + ["*"]), ":".join(parts[:5])]
        short += ["arn:aws:*", "arn:*", f"arn:aws:{service}:*:{tail}"]
        if self.chance(0.12):
            return self.pick(short)
        return ":".join([*self.pick(self.heads(parts), (20, 2, 1, 0.4, 0.4)), self.pick(full, full.values())])

    def heads(self, parts):
        """The first five segments in several spellings."""
        partition, service = parts[1], parts[2]
        wide, wider = ["arn", partition, service, "*", "*"], ["arn", "*", "*", "*", "*"]
        return (
            parts[:5],
            wide,
            wider,
            parts[:4] + ["${aws:PrincipalAccount}"],
            ["arn", partition, f"{service}*", *parts[3:5]],
        )

    # Conditions and their keys

    def condition(self):
        condition = {}
        for _ in range(self.pick((1, 2), (4, 1))):
            key = self.pick(self.known)
            condition.setdefault(self.operator(key), {})[self.spelling(key)] = self.asked(key)
        return {op: self.null_values(keys) if op.endswith("Null") else keys for op, keys in condition.items()}

    def operator(self, key):
        kinds = [KIND.get(key, "string")] if self.chance(0.93) else list(OPERATORS)
        operator = self.pick(OPERATORS[self.pick(kinds)])
        if self.chance(0.08):
            operator = "Null"
        quantified = self.chance(0.75 if key in LISTS else 0.06)
        prefix = self.pick(("ForAnyValue:", "ForAllValues:")) if quantified else ""
        suffix = "IfExists" if operator != "Null" and self.chance(0.2) else ""
        return f"{prefix}{operator}{suffix}"

    def null_values(self, keys):
        return {key: self.pick(("true", "false")) for key in keys}

    def asked(self, key):
        literals = self.known[key]

        def draw():
            return self.pick(literals) if self.chance(0.65) else self.pick(ASKED[KIND.get(key, "string")])

        return self.some(draw, 2)

    def spelling(self, key):
        return self.pick((key.lower(), key.upper())) if self.chance(0.06) else key

    def context(self, case):
        """Values for most keys that the policies ask for, and now and then for one that they do not."""
        text = str(case).lower()
        asked = [key for key in self.known if key.lower() in text]
        held = [key for key in asked if self.chance(0.75)] + [key for key in self.known if self.chance(0.02)]
        context = {}
        for key in dict.fromkeys(held):
            context[key] = (
                self.random.sample(LISTS[key], self.pick(range(len(LISTS[key]) + 1)))
                if key in LISTS
                else [self.single(key)]
            )
        return context, [key for key in context if key in LISTS]

    def single(self, key):
        values = self.known[key]
        return self.pick(values, [5, 3, *[1] * (len(values) - 2)][: len(values)])


def cases(count, seed):
    generator = Generator(seed)
    return [generator.case() for _ in range(count)]
