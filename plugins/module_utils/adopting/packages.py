"""Debian packages that Python packages need and their wheels do not bring."""

from __future__ import annotations

import ast

from .python_files import Module, dotted

#: Project to (Debian packages, why); the names are installable on Debian 12 and 13.
NEEDED: dict[str, tuple[tuple[str, ...], str]] = {
    "weasyprint": (
        ("libpango-1.0-0", "libpangoft2-1.0-0", "libharfbuzz-subset0", "fonts-dejavu-core"),
        "loads Pango and HarfBuzz when it renders",
    ),
    "python-magic": (("libmagic1",), "loads libmagic when it is imported"),
    "pdf2image": (("poppler-utils",), "runs pdftoppm"),
    "pytesseract": (("tesseract-ocr",), "runs tesseract"),
    "ocrmypdf": (("tesseract-ocr", "ghostscript"), "runs tesseract and gs"),
    "pyzbar": (("libzbar0",), "loads libzbar when it is imported"),
    "pydub": (("ffmpeg",), "runs ffmpeg"),
    "ffmpeg-python": (("ffmpeg",), "runs ffmpeg"),
    "moviepy": (("ffmpeg",), "runs ffmpeg"),
    "cairosvg": (("libcairo2",), "loads libcairo when it is imported"),
    "cairocffi": (("libcairo2",), "loads libcairo when it is imported"),
    "gitpython": (("git",), "runs git"),
    "pypandoc": (("pandoc",), "runs pandoc"),
    "graphviz": (("graphviz",), "runs dot"),
    "wand": (("libmagickwand-dev",), "loads ImageMagick when it is imported"),
    "python-gnupg": (("gnupg",), "runs gpg"),
    "psycopg": (("libpq5",), "loads libpq, unless psycopg[binary] or psycopg[c] brings it"),
    "xmlsec": (("libxmlsec1-openssl",), "its wheel may lack the OpenSSL backend"),
    "soundfile": (("libsndfile1",), "loads libsndfile"),
    "psycopg2": (("libpq5",), "loads libpq"),
    "mysqlclient": (("libmariadb3",), "loads the client library"),
    "pycairo": (("libcairo2",), "loads libcairo when it is imported"),
    # The typelibs of what is most often drawn with it bring their libraries. Its versions since 3.51 want Debian 13.
    "pygobject": (("libgirepository-2.0-0", "gir1.2-pango-1.0"), "loads GObject introspection; Pango is a guess"),
    # On Debian 12 and 13 the library itself has two names.
    "python-ldap": (("libldap-dev", "libsasl2-2"), "loads libldap"),
    "borgbackup": (("libacl1", "liblz4-1", "libxxhash0"), "loads them when it is imported"),
    "pygraphviz": (("libcgraph6", "graphviz"), "loads Graphviz"),
}
#: Project to the Debian packages that its build needs: it has no wheel for Linux.
BUILT: dict[str, tuple[str, ...]] = {
    "psycopg2": ("libpq-dev",),
    "mysqlclient": ("default-libmysqlclient-dev", "pkg-config"),
    "pycairo": ("libcairo2-dev", "pkg-config"),
    "pygobject": ("libgirepository-2.0-dev", "libcairo2-dev", "pkg-config"),
    "python-ldap": ("libldap-dev", "libsasl2-dev"),
    "borgbackup": ("libacl1-dev", "libssl-dev", "liblz4-dev", "libzstd-dev", "libxxhash-dev", "pkg-config"),
    "pygraphviz": ("libgraphviz-dev", "pkg-config"),
}
#: Asks for another one that stands above, and is often the only one that a project names.
_BRINGS = {"django-auth-ldap": "python-ldap", "pygobject": "pycairo"}
#: Replaced by another package that brings the library itself.
_BROUGHT = {"psycopg": ("psycopg[binary]", "psycopg-binary"), "python-magic": ("python-magic-bin",)}
GEO = "django.contrib.gis"
#: Brings GEOS and PROJ with it.
GEO_PACKAGES = (("gdal-bin",), "GeoDjango loads GDAL, GEOS and PROJ")


def packages(dependencies: dict[str, str], geo: bool) -> dict[str, str]:
    """Return Debian packages with the reason for each, for names as ``dependencies`` returns them."""
    found: dict[str, str] = {}
    dependencies = _brought_along(dependencies)
    for name, (needed, why) in NEEDED.items():
        if name in dependencies and not any(other in dependencies for other in _BROUGHT.get(name, ())):
            found |= {package: f"{name} ({dependencies[name]}) {why}" for package in needed if package not in found}
    if geo:
        names, why = GEO_PACKAGES
        found |= {package: why for package in names if package not in found}
    return found


def typelibs(modules: list[Module]) -> dict[str, str]:
    """Return the Debian packages of what modules ask of GObject introspection, with the reason for each."""
    found: dict[str, str] = {}
    for module in modules:
        for node in module.nodes:
            if isinstance(node, ast.Call) and dotted(node.func).endswith("require_version") and len(node.args) == 2:
                name, version = (getattr(argument, "value", None) for argument in node.args)
                if isinstance(name, str) and isinstance(version, str):
                    # Pango's own brings those of its parts, which bear its name.
                    library = "pango" if name.startswith("Pango") else name.lower()
                    found.setdefault(f"gir1.2-{library}-{version}", f"{module.place(node)} asks for {name} {version}")
    return found


def build_packages(dependencies: dict[str, str]) -> dict[str, str]:
    """Return Debian packages that builds need, with the reason for each."""
    dependencies = _brought_along(dependencies)
    return {
        package: f"{name} ({dependencies[name]}) is built from its source"
        for name, needed in BUILT.items()
        for package in needed
        if name in dependencies
    }


def _brought_along(dependencies: dict[str, str]) -> dict[str, str]:
    return {other: dependencies[name] for name, other in _BRINGS.items() if name in dependencies} | dependencies
