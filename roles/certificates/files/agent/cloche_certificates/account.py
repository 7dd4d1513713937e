"""The account of a given key: told to the directory once, and kept where certbot keeps its own."""

from __future__ import annotations

import hashlib
import json
import os
import socket
import time
from pathlib import Path
from urllib.parse import urlsplit

from cryptography.hazmat.primitives import serialization

from .places import Places, Settings


def identify(places: Places) -> str:
    """Return certbot's name for the account whose key the role has written; empty where it has written none."""
    pem = _given(places)
    if not pem:
        return ""
    public = serialization.load_pem_private_key(pem, password=None).public_key()
    text = public.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    return hashlib.md5(text, usedforsecurity=False).hexdigest()


def _given(places: Places) -> bytes:
    path = places.configuration / "account.pem"
    return path.read_bytes() if path.exists() else b""


def directory_of(places: Places, settings: Settings) -> Path:
    """Return where certbot keeps the accounts of the directory."""
    url = urlsplit(settings.directory)
    return places.certbot / "accounts" / f"{url.netloc}{url.path}"


def adopt(places: Places, settings: Settings) -> str:
    """Let certbot have the given account; return its name, empty where none is. Raises what acme does."""
    name = identify(places)
    home = directory_of(places, settings) / name
    if not name or (home / "private_key.json").exists():
        return name
    key, uri = _register(_given(places), settings)
    home.mkdir(parents=True, mode=0o700)
    stamp = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    (home / "meta.json").write_text(json.dumps({"creation_dt": stamp, "creation_host": socket.getfqdn()}))
    (home / "regr.json").write_text(json.dumps({"body": {}, "uri": uri}))
    with os.fdopen(os.open(home / "private_key.json", os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o400), "w") as file:
        file.write(key)
    return name


def _register(pem: bytes, settings: Settings) -> tuple[str, str]:
    """Return the key as certbot writes it, and the URL of its account, which a key that is known has already."""
    # certbot's own libraries; only who gives a key needs them.
    import josepy
    from acme import client, errors, messages

    key = josepy.JWK.load(pem)
    algorithm = josepy.RS256 if key.typ == "RSA" else {256: josepy.ES256, 384: josepy.ES384}[key.key.key_size]
    if settings.authority:
        os.environ["REQUESTS_CA_BUNDLE"] = settings.authority
    network = client.ClientNetwork(key, alg=algorithm, user_agent="cloche")
    authority = client.ClientV2(client.ClientV2.get_directory(settings.directory, network), net=network)
    wanted = messages.NewRegistration.from_data(
        email=settings.email or None, terms_of_service_agreed=settings.terms_agreed
    )
    try:
        return key.json_dumps(), authority.new_account(wanted).uri
    except errors.ConflictError as known:
        return key.json_dumps(), known.location
