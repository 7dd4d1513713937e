"""Compile templates and modules once, not in every task of every run."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress
from functools import cache, partial
from hashlib import sha256
from pathlib import Path
from pickle import UnpicklingError
from typing import Any

from ansible import __version__
from ansible.plugins.callback import CallbackBase
from jinja2 import Environment, FileSystemBytecodeCache
from jinja2.bccache import Bucket

DOCUMENTATION = """
name: compiled
type: aggregate
short_description: Keeps what templates and modules compile to
description:
  - Each task runs in a fork that compiles some twenty templates, most of them those of other tasks and of the run
    before. Jinja's own cache of bytecode, which Ansible does not use for strings, keeps them below .cache/templates.
  - Before mitogen sends a module, it compiles all that the module imports, to see what to send along, and modules
    import much the same.
  - Both together take a quarter off a converged run. Where a later Ansible or mitogen has these places no more,
    nothing is kept and everything works as it would.
"""

#: What a template may set for itself.
SYNTAX = (
    *("block_start_string", "block_end_string", "variable_start_string", "variable_end_string", "comment_start_string"),
    *("comment_end_string", "line_statement_prefix", "line_comment_prefix", "trim_blocks", "lstrip_blocks"),
    *("newline_sequence", "keep_trailing_newline"),
)
CACHE = Path(__file__).resolve().parents[2] / ".cache" / "templates" / __version__


class Kept(FileSystemBytecodeCache):
    """Jinja's cache, which compiles anew what a power cut has left half written."""

    def load_bytecode(self, bucket: Bucket) -> None:
        try:
            super().load_bytecode(bucket)
        except (EOFError, TypeError, UnpicklingError, ValueError):
            bucket.reset()


def own_directory(path: Path) -> bool:
    """Make a directory that nobody else may write to; return whether it is one: code comes from there."""
    try:
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError:
        return False
    found = path.stat()
    return found.st_uid == os.getuid() and not found.st_mode & 0o022


def keep_templates(environment: type[Environment], state: Callable[[], object], directory: Path) -> None:
    """Have an environment's class look into a directory before it compiles a string, and leave there what it compiled.

    `state` tells what else than the string and the environment's syntax decides on what it compiles to.
    """
    kept = Kept(str(directory))
    compile_anew = environment.compile

    def compile_once(self: Environment, source: Any, *rest: Any, **options: Any) -> Any:
        if rest or options or not isinstance(source, str):
            return compile_anew(self, source, *rest, **options)
        syntax = [getattr(self, name) for name in SYNTAX]
        key = sha256(repr((source, syntax, state())).encode()).hexdigest()
        bucket = kept.get_bucket(self, key, None, source)
        if bucket.code is None:
            bucket.code = compile_anew(self, source)
            kept.set_bucket(bucket)
        return bucket.code

    environment.compile = compile_once


class CallbackModule(CallbackBase):
    """Put both caches into their places before anything is forked."""

    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "aggregate"
    CALLBACK_NAME = "compiled"
    CALLBACK_NEEDS_ENABLED = True

    def v2_playbook_on_start(self, playbook: object) -> None:
        with suppress(ImportError, AttributeError):
            from ansible._internal._templating import _jinja_bits as bits

            if own_directory(CACHE):
                keep_templates(
                    bits.AnsibleEnvironment, partial(bits._TemplateCompileContext.current, optional=True), CACHE
                )
        with suppress(ImportError):
            from ansible_mitogen import module_finder

            # Looked up in the module's own names before those of Python.
            module_finder.compile = cache(compile)
