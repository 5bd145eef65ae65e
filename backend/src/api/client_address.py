"""Who is at the other end: the peer, or the address that a trusted proxy forwards."""

from collections.abc import Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from starlette.datastructures import Headers
from starlette.types import Scope

Network = IPv4Network | IPv6Network
Address = IPv4Address | IPv6Address

UNKNOWN = "unknown"
SUBSCRIBER_BITS = 64


def client_address(scope: Scope, trusted: Sequence[Network]) -> str:
    """The rightmost address that no trusted proxy owns; everything left of it could be made up by the client.

    An IPv6 address stands for its /64, because that is what one subscriber gets.
    """
    peer = _parse(scope["client"][0]) if scope.get("client") else None
    if peer is None:
        return UNKNOWN
    forwarded = ",".join(Headers(scope=scope).getlist("x-forwarded-for"))
    for hop in reversed(forwarded.split(",")):
        address = _parse(hop)
        if address is None or not any(peer in network for network in trusted):
            break
        peer = address
    return str(peer if isinstance(peer, IPv4Address) else ip_network((peer, SUBSCRIBER_BITS), strict=False))


def _parse(text: str) -> Address | None:
    """An address, also with a port, in brackets, or an IPv4 address written as IPv6; None for anything else."""
    text = text.strip()
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        address = ip_address(text)
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address
