//! The network around a task, as EC2 (and EFS, Route 53) have it: VPC, subnets, routes, filters, gateways, interfaces.
//!
//! Holds facts alone; `net` says what they let through. A field that is an `Option` and is not there was not learnt,
//! unless its comment says otherwise. Shapes: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_Types.html>.

mod filter;
mod gateway;
mod interface;
mod route;
mod vpc;

pub use filter::{AclAssociation, AclEntry, GroupRule, IcmpTypeCode, NetworkAcl, PortRange, SecurityGroup};
pub use gateway::{EndpointDns, NatAddress, NatGateway, VpcEndpoint};
pub use interface::{Instance, MountTarget, NetworkInterface};
pub use route::{PrefixList, Route, RouteTable, RouteTableAssociation};
pub use vpc::{BlockPublicAccess, BlockPublicAccessExclusion, DhcpOptions, HostedZone, Subnet, Vpc, VpcAttribute};
