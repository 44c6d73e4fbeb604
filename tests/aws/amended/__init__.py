"""What moto 5.2.5 answers otherwise than AWS documents, or not at all, where the tool looks: one file a service.

Each file has a function `amend` that patches moto's classes once, before the first call.
"""

from . import ec2, endpoints, gateways, resources


def amend():
    for service in (ec2, endpoints, gateways, resources):
        service.amend()
