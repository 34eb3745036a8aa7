"""Only global unicast addresses are public, on every Python the same."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notion_sync_notion.addresses import is_public

PRIVATE_4 = [
    *("0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24"),
    *("192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24"),
    *("224.0.0.0/4", "240.0.0.0/4", "168.63.129.16/32"),
]
PRIVATE_6 = [
    *("::/96", "::1/128", "64:ff9b:1::/48", "100::/64", "2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20"),
    *("5f00::/16", "fc00::/7", "fe80::/10", "fec0::/10", "ff00::/8", "4000::/2", "8000::/1"),
]
PLATFORM = [
    *("169.254.169.254", "169.254.170.2", "168.63.129.16", "100.100.100.200", "192.0.0.192", "192.0.0.8", "192.0.0.10"),
    *("fd00:ec2::254", "fd20:ce::254", "fe80::a9fe:a9fe", "fd00:42::42", "161.26.0.10", "166.9.1.1"),
]
PUBLIC = [
    *("93.184.216.34", "8.8.8.8", "1.1.1.1", "52.92.0.1", "172.15.255.255", "172.32.0.0", "192.0.1.0", "11.0.0.1"),
    *("100.63.255.255", "100.128.0.1", "168.63.129.17", "198.17.255.255", "223.255.255.255", "192.169.0.1"),
    *("2606:2800:220:1:248:1893:25c8:1946", "2a00:1450:4001:82a::200e", "2600:1f00::1", "2400:cb00::1", "2c0f:fb50::1"),
    *("::ffff:93.184.216.34", "64:ff9b::8.8.8.8"),
]
NO_ADDRESSES = [
    *(
        "",
        "not an address",
        "1",
        "127.1",
        "0x7f000001",
        "2130706433",
        "010.0.0.1",
        "8.8.8.8.",
        " 8.8.8.8",
        "8.8.8.8/32",
    ),
    *("1.2.3", "256.1.1.1", "[2606::1]", "2606::1%eth0", "2606::1%", "fe80::1%1", ":::", "1::2::3", "8.8.8.8\x00"),
    *("\uff18.8.8.8", "8\u30028.8.8", "\ud800", "9" * 5000),
]
_4 = st.integers(0, 2**32 - 1).map(IPv4Address)
_6 = st.integers(0, 2**128 - 1).map(IPv6Address)


def inside_4(network: IPv4Network) -> st.SearchStrategy[IPv4Address]:
    return st.integers(int(network[0]), int(network[-1])).map(IPv4Address)


def inside_6(network: IPv6Network) -> st.SearchStrategy[IPv6Address]:
    return st.integers(int(network[0]), int(network[-1])).map(IPv6Address)


PRIVATE_ONES = st.sampled_from([IPv4Network(each) for each in PRIVATE_4]).flatmap(inside_4)


@pytest.mark.parametrize("address", PLATFORM)
def test_no_address_at_which_a_platform_answers_its_machines_is_public(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", PUBLIC)
def test_addresses_of_the_internet_are_public(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize("text", NO_ADDRESSES)
def test_what_is_no_address_is_not_public(text: str) -> None:
    assert not is_public(text)


@pytest.mark.parametrize("network", [*PRIVATE_4, *PRIVATE_6])
def test_no_end_of_a_private_network_is_public(network: str) -> None:
    found = IPv6Network(network) if ":" in network else IPv4Network(network)
    assert not is_public(str(found[0]))
    assert not is_public(str(found[-1]))


@given(PRIVATE_ONES)
def test_a_private_address_is_not_public_in_any_wrapping(inner: IPv4Address) -> None:
    number = int(inner)
    wrappings = [
        number,
        0xFFFF << 32 | number,  # mapped
        0x64FF9B << 96 | number,  # NAT64
        0x64FF9B0001 << 80 | number,
        0x2002 << 112 | number << 80 | 1,  # 6to4
        0x20010000 << 96 | number << 64 | (number ^ 0xFFFFFFFF),  # Teredo
        0x2606280002200001 << 64 | 0x5EFE << 32 | number,  # ISATAP
        0x2606280002200001 << 64 | 0x2005EFE << 32 | number,
    ]
    assert not is_public(str(inner))
    assert [str(each) for each in map(IPv6Address, wrappings) if is_public(str(each))] == []


@given(st.sampled_from([IPv6Network(each) for each in PRIVATE_6]).flatmap(inside_6))
def test_no_address_of_a_private_network_is_public(address: IPv6Address) -> None:
    assert not is_public(str(address))
    assert not is_public(address.exploded.upper())


@given(_6)
def test_what_is_public_is_global_unicast_or_ipv4_in_a_wrapping_that_networks_understand(address: IPv6Address) -> None:
    if is_public(str(address)):
        wrapped = any(address in IPv6Network(each) for each in ("::ffff:0:0/96", "64:ff9b::/96"))
        assert wrapped or address in IPv6Network("2000::/3")
        assert not any(address in IPv6Network(each) for each in PRIVATE_6)


@given(_4)
def test_an_ipv4_address_is_public_unless_a_registry_or_a_platform_took_it(address: IPv4Address) -> None:
    taken = any(address in IPv4Network(each) for each in PRIVATE_4)
    assert not (taken and is_public(str(address)))
    assert is_public(str(address)) is is_public(f"::ffff:{address}") is is_public(f"64:ff9b::{address}")
    if not taken and not is_public(str(address)):
        few = ("192.31.196.0/24", "192.52.193.0/24", "192.175.48.0/24", "161.26.0.0/16", "166.8.0.0/14")
        assert any(address in IPv4Network(each) for each in few)


@given(st.text())
def test_any_text_is_answered(text: str) -> None:
    assert is_public(text) in (True, False)
