"""Debian packages that Python packages need and their wheels do not bring."""

from __future__ import annotations

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
}
#: Replaced by another package that brings the library itself.
_BROUGHT = {"psycopg": ("psycopg[binary]", "psycopg-binary"), "python-magic": ("python-magic-bin",)}
GEO = "django.contrib.gis"
#: Brings GEOS and PROJ with it.
GEO_PACKAGES = (("gdal-bin",), "GeoDjango loads GDAL, GEOS and PROJ")


def packages(dependencies: dict[str, str], geo: bool) -> dict[str, str]:
    """Return Debian packages with the reason for each, for names as ``dependencies`` returns them."""
    found: dict[str, str] = {}
    for name, (needed, why) in NEEDED.items():
        if name in dependencies and not any(other in dependencies for other in _BROUGHT.get(name, ())):
            found |= {package: f"{name} ({dependencies[name]}) {why}" for package in needed if package not in found}
    if geo:
        names, why = GEO_PACKAGES
        found |= {package: why for package in names if package not in found}
    return found
