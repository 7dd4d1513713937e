"""Addresses as an operator types them: a slip is found before a host sees it."""

from __future__ import annotations

import importlib.util
import json

import pytest
from conftest import ROOT

_SPEC = importlib.util.spec_from_file_location("networks", ROOT / "plugins/filter/networks.py")
networks = importlib.util.module_from_spec(_SPEC)
_SPEC.loader.exec_module(networks)


@pytest.mark.parametrize("text", ["192.0.2.7,2001:db8::1", " 192.0.2.7, 2001:db8::1 ", "192.0.2.7 2001:db8::1,"])
def test_commas_and_blanks_separate(text):
    assert networks.split_networks(text) == ["192.0.2.7", "2001:db8::1"]


@pytest.mark.parametrize("text", ["192.0.2.7", "10.0.0.0/8", "2001:db8::/48", "::1"])
def test_addresses_and_networks_are_valid(text):
    assert networks.invalid_networks([text]) == []


SHOWN = json.dumps(
    [
        {"ifname": "lo", "addr_info": [{"local": "127.0.0.1", "prefixlen": 8}]},
        {"ifname": "eth1", "addr_info": [{"local": "192.0.2.41", "prefixlen": 24}]},
    ]
)


def test_an_address_moves_within_the_network_of_a_host_s_own():
    assert networks.address_link(SHOWN, "192.0.2.41", "192.0.2.10") == {"dev": "eth1", "prefix": 24, "fault": ""}


@pytest.mark.parametrize(
    ("own", "moving", "words"),
    [
        ("192.0.2.42", "192.0.2.10", "no interface of the host has 192.0.2.42"),
        ("192.0.2.41", "198.51.100.10", "192.0.2.41 is in 192.0.2.0/24"),
        ("192.0.2.41", "192.0.2.41", "the host's own"),
        ("192.0.2.41", "192.0.2.10/24", "that is no address"),
        ("192.0.2.41", "somewhere", "that is no address"),
        ("192.0.2.41", "2001:db8::10", "192.0.2.41 is in 192.0.2.0/24"),
    ],
)
def test_elsewhere_it_cannot_be(own, moving, words):
    assert words in networks.address_link(SHOWN, own, moving)["fault"]


@pytest.mark.parametrize("text", ["1.2.3", "office", "10.0.0.1/8", "fe80::1%eth0", "0.0.0.0/33", "1;", "default"])
def test_anything_else_is_not(text):
    """The last two would reach nginx's own syntax."""
    assert networks.invalid_networks(["::1", text]) == [text]
