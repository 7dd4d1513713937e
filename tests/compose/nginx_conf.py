"""nginx's whole configuration as settings: ``nginx -T`` read into a flat dictionary."""

from __future__ import annotations

import re

_TOKEN = re.compile(r"""\s*(?:\#[^\n]*|("(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|[{};]|(?:\$\{|[^\s{};])+))""")
#: Directives that may stand more than once in a block and all count.
_MANY = {
    "add_header",
    "error_page",
    "include",
    "listen",
    "proxy_set_header",
    "return",
    "server",
    "set",
    "proxy_hide_header",
}


def settings(text: str) -> dict[str, str]:
    """Return ``{path: values}``: a path such as ``server :443 / location / / proxy_pass``.

    Files that nginx includes are put where it includes them. Blocks of one name are told apart by their arguments,
    servers by what they answer for.
    """
    files = _files(text)
    main = next(iter(files))
    tokens = _expanded(files, main, main.rsplit("/", 1)[0])
    flat: dict[str, list[str]] = {}
    _walk(tokens, "", flat)
    return {path: "; ".join(values) for path, values in flat.items()}


def _files(text: str) -> dict[str, str]:
    parts = re.split(r"^# configuration file (\S+):\n", text, flags=re.MULTILINE)[1:]
    return dict(zip(parts[::2], parts[1::2], strict=True))


def _tokens(text: str) -> list[str]:
    return [match[1] for match in _TOKEN.finditer(text) if match[1]]


def _expanded(files: dict[str, str], name: str, prefix: str) -> list[str]:
    """Return the tokens of a file, with those of the included ones in their places."""
    tokens, result = _tokens(files[name]), []
    while tokens:
        if tokens[0] != "include" or (result and result[-1] not in "{};"):
            result.append(tokens.pop(0))
            continue
        pattern = tokens[1] if tokens[1].startswith("/") else f"{prefix}/{tokens[1]}"
        tokens = tokens[3:]
        regex = re.escape(pattern).replace(r"\*", "[^/]*").replace(r"\[", "[").replace(r"\]", "]")
        for found in sorted(file for file in files if re.fullmatch(regex, file)):
            # Types of files by their suffix: the package's own list.
            result += [] if found.endswith("mime.types") else _expanded(files, found, prefix)
    return result


def _walk(tokens: list[str], path: str, flat: dict[str, list[str]]) -> None:
    """Take the statements of one block off the tokens and put them under the path of the block."""
    statement: list[str] = []
    while tokens:
        token = tokens.pop(0)
        if token == "}":
            return
        if token == ";":
            name, values = statement[0], " ".join(_bare(word) for word in statement[1:])
            key = f"{name} {values.split(' ')[0]}" if name in _MANY - {"listen", "return"} else name
            flat.setdefault(path + key, []).append(values)
            statement = []
        elif token == "{":
            _block(statement, tokens, path, flat)
            statement = []
        else:
            statement.append(token)


def _block(statement: list[str], tokens: list[str], path: str, flat: dict[str, list[str]]) -> None:
    title = " ".join(_bare(word) for word in statement)
    if title in ("http", "events"):
        return _walk(tokens, path, flat)
    inner: dict[str, list[str]] = {}
    _walk(tokens, "", inner)
    if title == "server":
        listens = " ".join(inner.get("listen", []))
        kind = "health" if "8081" in listens else "https" if "ssl" in listens else "http"
        title = f"server {kind}{' default' if 'default_server' in listens else ''}"
    for key, values in inner.items():
        flat.setdefault(f"{path}{title} / {key}", []).extend(values)
    return None


def _bare(word: str) -> str:
    return word[1:-1] if len(word) > 1 and word[0] in "\"'" and word[-1] == word[0] else word
