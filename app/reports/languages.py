"""The languages to choose from, as the code host names them."""

from typing import Any

from core.http import BadInput

LANGUAGES = (
    *("C", "C#", "C++", "Clojure", "Dart", "Elixir", "Erlang", "Go", "Haskell", "Java", "JavaScript", "Kotlin", "Lua"),
    *("Perl", "PHP", "Python", "R", "Ruby", "Rust", "Scala", "Shell", "Swift", "TypeScript", "Zig"),
)
_BY_LOWER_CASE = {language.lower(): language for language in LANGUAGES}


def parse_language(value: Any) -> str:
    """Return the language meant, whatever its case. Raises BadInput."""
    if isinstance(value, str) and (language := _BY_LOWER_CASE.get(value.strip().lower())):
        return language
    raise BadInput(f"language must be one of {', '.join(LANGUAGES)}")
