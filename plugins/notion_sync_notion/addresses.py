"""Which IP addresses belong to the public internet, the same on every Python.

``ipaddress.is_global`` follows the registries as they were when that Python was made, and calls some
networks global that no file host has. So the networks stand here.

Sources: https://www.iana.org/assignments/iana-ipv4-special-registry,
https://www.iana.org/assignments/iana-ipv6-special-registry, and the documents named below.
"""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

_REFUSED_4 = tuple(
    map(
        IPv4Network,
        (
            *("0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12"),
            *("192.0.0.0/24", "192.0.2.0/24", "192.31.196.0/24", "192.52.193.0/24", "192.88.99.0/24", "192.168.0.0/16"),
            *("192.175.48.0/24", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4"),
            # Platforms that answer their own machines at public-looking addresses: Azure's host, IBM Cloud's services.
            *("168.63.129.16/32", "161.26.0.0/16", "166.8.0.0/14"),
        ),
    )
)
_UNICAST = IPv6Network("2000::/3")
"""All that was ever given out as global unicast (RFC 4291, 2.4); site-local, unique local and multicast are outside."""
_REFUSED_6 = tuple(
    map(
        IPv6Network,
        # For protocols (Teredo, benchmarks, ORCHID …), documentation, 6to4, the old test network.
        ("2001::/23", "2001:db8::/32", "3fff::/20", "2002::/16", "3ffe::/16", "2620:4f:8000::/48"),
    )
)
_MAPPED = IPv6Network("::ffff:0:0/96")
_NAT64 = IPv6Network("64:ff9b::/96")
"""IPv4 as networks without it are told of it (RFC 6052): as public as what is inside."""
_ISATAP = (0x00005EFE, 0x02005EFE)
"""Before an IPv4 address that lies inside a site (RFC 5214, 6.1)."""


def is_public(address: str) -> bool:
    """Whether an IP address is a global unicast one, whatever it is wrapped in.

    :param address: as text; what is none, or names an interface (``%eth0``), is not public.
    """
    try:
        found = ip_address(address)
    except ValueError:
        return False
    if isinstance(found, IPv4Address):
        return _is_public_4(found)
    return getattr(found, "scope_id", None) is None and _is_public_6(found)


def _is_public_4(address: IPv4Address) -> bool:
    return not any(address in network for network in _REFUSED_4)


def _is_public_6(address: IPv6Address) -> bool:
    if address in _MAPPED or address in _NAT64:
        return _is_public_4(IPv4Address(int(address) & 0xFFFFFFFF))
    if address not in _UNICAST or any(address in network for network in _REFUSED_6):
        return False
    return int(address) >> 32 & 0xFFFFFFFF not in _ISATAP
