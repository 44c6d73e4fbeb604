"""NAT gateways and the routes to what is gone.

A NAT gateway has an address of its subnet, is public unless asked otherwise, and fails in a VPC without an internet
gateway; a route whose target is gone is a black hole.
https://docs.aws.amazon.com/vpc/latest/userguide/nat-gateway-troubleshooting.html,
https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_Route.html
"""

from moto.ec2.models.nat_gateways import NatGateway, NatGatewayBackend
from moto.ec2.models.route_tables import Route

GONE = ("deleting", "deleted")


def amend():
    NatGatewayBackend.create_nat_gateway = _create(NatGatewayBackend.create_nat_gateway)
    NatGatewayBackend.delete_nat_gateway = _delete
    NatGateway.failure_code = NatGateway.failure_message = None
    Route.state = property(_state)


def _create(create_nat_gateway):
    def create(self, subnet_id, allocation_id, tags=None, connectivity_type=None):
        kind = connectivity_type or "public"
        nat = create_nat_gateway(self, subnet_id, allocation_id, tags, kind)
        address = self.get_subnet(subnet_id).get_available_subnet_ip(nat._eni)
        _readdress(nat._eni, address)
        nat.private_ip = nat.address_set[0]["privateIp"] = address
        if kind == "public" and not _internet_gateways(self, nat.vpc_id):
            nat.state, nat.failure_code = "failed", "Gateway.NotAttached"
            nat.failure_message = f"Network {nat.vpc_id} has no Internet gateway attached"
        return nat

    return create


def _readdress(interface, address):
    interface.private_ip_address = address
    interface.private_ip_addresses = [{"Primary": True, "PrivateIpAddress": address}]


def _internet_gateways(backend, vpc):
    return [gateway for gateway in list(backend.internet_gateways.values()) if gateway.vpc and gateway.vpc.id == vpc]


def _delete(self, nat_gateway_id):
    nat = self.nat_gateways[nat_gateway_id]
    nat.state = "deleted"
    self.enis.pop(nat._eni.id, None)
    return nat


def _state(route):
    """`blackhole` as soon as the target is not there any more, or not in this VPC."""
    backend = route.route_table.ec2_backend
    gateway = route.gateway
    dead = (
        (route.nat_gateway is not None and route.nat_gateway.state in GONE)
        or (route.interface is not None and route.interface.id not in backend.enis)
        or (gateway is not None and gateway.id.startswith("igw-") and not _attached(backend, route))
        or (gateway is not None and gateway.id.startswith("vpce-") and gateway.state in GONE)
    )
    return "blackhole" if dead else "active"


def _attached(backend, route):
    return route.gateway in _internet_gateways(backend, route.route_table.vpc_id)
