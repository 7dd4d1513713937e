"""Addresses as an operator types them: a slip is found before a host sees it."""

from __future__ import annotations

import importlib.util

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


@pytest.mark.parametrize("text", ["1.2.3", "office", "10.0.0.1/8", "fe80::1%eth0", "0.0.0.0/33", "1;", "default"])
def test_anything_else_is_not(text):
    """The last two would reach nginx's own syntax."""
    assert networks.invalid_networks(["::1", text]) == [text]
