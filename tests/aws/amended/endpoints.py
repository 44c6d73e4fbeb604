"""VPC endpoints: interfaces, groups and names of interface endpoints, routes of gateway endpoints, what AWS refuses.

https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateVpcEndpoint.html,
https://docs.aws.amazon.com/vpc/latest/privatelink/privatelink-access-aws-services.html,
https://docs.aws.amazon.com/vpc/latest/privatelink/gateway-endpoints.html
"""

import json

from moto.core.responses import ActionResult
from moto.ec2.exceptions import EC2ClientError
from moto.ec2.models.vpcs import VPCBackend, VPCEndPoint
from moto.ec2.responses import EC2Response


def amend():
    VPCBackend.create_vpc_endpoint = _create(VPCBackend.create_vpc_endpoint)
    VPCEndPoint.ip_address_type = "ipv4"
    EC2Response.modify_vpc_endpoint = _modify


def _create(create_vpc_endpoint):
    def create(self, vpc_id, service_name, endpoint_type, policy_document, route_table_ids, **more):
        kind = endpoint_type or "Gateway"
        interface = kind.lower() == "interface"
        subnets, private = more.pop("subnet_ids", None) or [], interface and more.pop("private_dns_enabled", True)
        more.pop("private_dns_enabled", None)
        groups = more.pop("security_group_ids", None) or []
        if interface:
            groups = groups or [self.get_default_security_group(vpc_id).id]
            _refuse(self, vpc_id, service_name, subnets, private)
        endpoint = create_vpc_endpoint(
            self, vpc_id, service_name, kind, policy_document, route_table_ids, security_group_ids=groups, **more
        )
        endpoint.private_dns_enabled, endpoint.subnet_ids = private, []
        if interface:
            _add_subnets(self, endpoint, subnets)
        return endpoint

    return create


def _refuse(backend, vpc, service, subnets, private):
    zones = [backend.get_subnet(subnet).availability_zone for subnet in subnets]
    if len(set(zones)) < len(zones):
        told = "Found another VPC endpoint subnet in the availability zone."
        raise EC2ClientError("DuplicateSubnetsInSameZone", told)
    if any(backend.get_subnet(subnet).vpc_id != vpc for subnet in subnets):
        raise EC2ClientError("InvalidParameter", "A subnet is not of the endpoint's VPC.")
    if private:
        _refuse_names(backend, vpc, service)


def _refuse_names(backend, vpc, service, but=None):
    """Two endpoints of one VPC cannot have the same private names, and none has any without the VPC's DNS."""
    attributes = backend.get_vpc(vpc)
    if not (_true(attributes.enable_dns_support) and _true(attributes.enable_dns_hostnames)):
        raise EC2ClientError(
            "InvalidParameter",
            "Enabling private DNS requires both enableDnsSupport and enableDnsHostnames VPC attributes set to true "
            f"for {vpc}",
        )
    others = [one for one in list(backend.vpc_end_points.values()) if one.vpc_id == vpc and one.id != but]
    if any(one.service_name == service and one.private_dns_enabled and one.state != "deleted" for one in others):
        raise EC2ClientError(
            "InvalidParameter",
            f"private-dns-enabled cannot be set because there is already a conflicting DNS domain for {service} in "
            f"the VPC {vpc}",
        )


def _true(value):
    return value in (True, "true")


def _add_subnets(backend, endpoint, subnets):
    for subnet in subnets:
        interface = backend.create_network_interface(
            subnet,
            [backend.get_subnet(subnet).get_available_subnet_ip(endpoint)],
            group_ids=endpoint.security_group_ids,
            description=f"VPC Endpoint Interface {endpoint.id}",
        )
        interface.interface_type = "vpc_endpoint"
        endpoint.subnet_ids.append(subnet)
        endpoint.network_interface_ids.append(interface.id)
    _name(backend, endpoint)


def _name(backend, endpoint):
    """The endpoint's own names, and with private DNS those of the service."""
    region = backend.region_name
    service = endpoint.service_name.split(f".{region}.")[-1]
    suffix = "amazonaws.com.cn" if region.startswith("cn-") else "amazonaws.com"
    names = [f"{endpoint.id}-0a1b2c3d.{service}.{region}.vpce.{suffix}"]
    if endpoint.private_dns_enabled:
        host = ".".join(reversed(service.split("."))) if "." in service else service
        names.append(f"*.{host}.{region}.{suffix}" if service == "ecr.dkr" else f"{host}.{region}.{suffix}")
    endpoint.dns_entries = [{"dns_name": name, "hosted_zone_id": "Z2IFOLAFXWLO4F"} for name in names]


def _modify(self):
    """As moto, and: private DNS, the policy's default, interfaces of new subnets, routes of a gateway endpoint."""
    backend = self.ec2_backend
    endpoint = backend.describe_vpc_endpoints([self._get_param("VpcEndpointId")])[0]
    private = self._get_param("PrivateDnsEnabled")
    if private is not None:
        if _true(private):
            _refuse_names(backend, endpoint.vpc_id, endpoint.service_name, but=endpoint.id)
        endpoint.private_dns_enabled = _true(private)
        _name(backend, endpoint)
    if self._get_param("ResetPolicy"):
        endpoint.policy_document = json.dumps(VPCEndPoint.DEFAULT_POLICY)
    _add_subnets(backend, endpoint, self._get_param("AddSubnetIds", []))
    added, removed = (self._get_param(f"{which}RouteTableIds", []) for which in ("Add", "Remove"))
    _change_routes(backend, endpoint, added, removed)
    endpoint.modify(
        self._get_param("PolicyDocument"),
        None,
        self._get_param("RemoveSubnetIds", []),
        None,
        None,
        self._get_param("AddSecurityGroupIds", []),
        self._get_param("RemoveSecurityGroupIds", []),
    )
    return ActionResult({"Return": True})


def _change_routes(backend, endpoint, added, removed):
    if endpoint.vpc_endpoint_type != "Gateway":
        return
    for table in added:
        if table not in endpoint.route_table_ids:
            prefixes = endpoint.destination_prefix_list_id
            backend.create_route(table, None, gateway_id=endpoint.id, destination_prefix_list_id=prefixes)
            endpoint.route_table_ids = [*endpoint.route_table_ids, table]
    for table in removed:
        backend.delete_route(table, endpoint.destination_prefix_list_id)
        endpoint.route_table_ids = [one for one in endpoint.route_table_ids if one != table]
