"""What belongs to an application's source, what identifies it."""

from __future__ import annotations

import re

import pytest
from ansible.module_utils.release import source
from release_samples import git, project


@pytest.fixture
def tree(tmp_path):
    """Return a committed project with an untracked, an ignored and a deleted file."""
    root = project(tmp_path / "garden", "core/views.py", "gone.py")
    (root / ".gitignore").write_text(".env\n*.log\n")
    git(root, "init", "-q")
    git(root, "add", ".")
    git(root, "commit", "-qm", "first")
    (root / "gone.py").unlink()
    (root / "new.py").write_text("x = 2\n")
    (root / ".env").write_text("SECRET_KEY=x\n")
    (root / "core" / "debug.log").touch()
    return root


def test_untracked_files_are_in_and_ignored_ones_out(tree):
    expected = (".gitignore", "core/views.py", "manage.py", "new.py", "requirements.txt")
    assert source.read_tree(tree).files == expected


def test_a_tree_that_git_refuses_is_an_error_not_a_tree_with_its_ignored_files(tree, monkeypatch):
    """A checkout of another owner: taking every file would put .env into the bundle."""
    monkeypatch.setenv("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1")
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", "/dev/null")
    with pytest.raises(source.SourceError, match=r"safe\.directory"):
        source.read_tree(tree)


def test_revision_is_the_commit_only_where_the_commit_says_all(tree):
    dirty = source.read_tree(tree)
    assert dirty.revision == dirty.digest[:7]
    git(tree, "add", "-A")
    git(tree, "commit", "-qm", "second")
    clean = source.read_tree(tree)
    assert clean.digest == dirty.digest
    assert source.run("git", "rev-parse", "HEAD", cwd=tree).startswith(clean.revision)
    (tree / ".env").write_text("SECRET_KEY=other\n")
    assert source.read_tree(tree) == clean


def test_commits_elsewhere_in_a_repository_do_not_change_the_revision(tmp_path):
    project(tmp_path / "app")
    git(tmp_path, "init", "-q")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "-qm", "first")
    before = source.read_tree(tmp_path / "app")
    (tmp_path / "README.md").touch()
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "-qm", "second")
    assert source.read_tree(tmp_path / "app") == before


def test_without_git_every_file_counts_but_for_what_tools_leave(tmp_path):
    root = project(tmp_path / "garden", "node_modules/left.py", "core/__pycache__/views.py", "core/views.py")
    (root / "core" / "views.pyc").touch()
    (root / ".#manage.py").symlink_to("editor@host.4711")
    assert source.read_tree(root).files == ("core/views.py", "manage.py", "requirements.txt")


@pytest.mark.parametrize(
    "change",
    [
        lambda root: (root / "manage.py").write_text("print('changed')\n"),
        lambda root: (root / "manage.py").chmod(0o755),
        lambda root: (root / "manage.py").rename(root / "run.py"),
        lambda root: (root / "manage.py").unlink(),
        lambda root: (root / "more.py").touch(),
    ],
    ids=["content", "mode", "name", "removal", "addition"],
)
def test_every_change_is_another_digest(tmp_path, change):
    root = project(tmp_path / "garden")
    before = source.read_tree(root).digest
    assert source.read_tree(root).digest == before
    change(root)
    assert source.read_tree(root).digest != before


@pytest.mark.parametrize(("make", "message"), [(False, "is not a directory; set app_source"), (True, "holds no files")])
def test_no_source_is_an_error_that_names_it(tmp_path, make, message):
    if make:
        (tmp_path / "garden").mkdir()
    with (
        pytest.raises(source.SourceError, match=f"garden {message}"),
        source.open_source({"path": "garden"}, tmp_path, "r"),
    ):
        pytest.fail("there is no source")


def test_a_repository_is_read_at_its_version_and_leaves_nothing_behind(tree):
    git(tree, "tag", "v1")
    git(tree, "add", "-A")
    git(tree, "commit", "-qm", "second")
    with source.open_source({"git": str(tree), "version": "v1", "subdirectory": "core"}, tree, "r") as found:
        assert found.files == ("views.py",)
    with source.open_source({"git": str(tree)}, tree, "r") as found:
        assert "new.py" in found.files
    assert not found.root.exists()
    unknown = {"git": str(tree), "version": "v9"}
    with (
        pytest.raises(source.SourceError, match="v9"),
        source.open_source(unknown, tree, "r"),
    ):
        pytest.fail("there is no v9")


@pytest.fixture
def nested(tmp_path, tree, monkeypatch):
    """Return a repository whose `theme` is a submodule; git trusts directories of this machine."""
    for number, setting in enumerate([("protocol.file.allow", "always")]):
        monkeypatch.setenv(f"GIT_CONFIG_KEY_{number}", setting[0])
        monkeypatch.setenv(f"GIT_CONFIG_VALUE_{number}", setting[1])
    monkeypatch.setenv("GIT_CONFIG_COUNT", "1")
    theme = project(tmp_path / "theme", "static/theme.css")
    git(theme, "init", "-q")
    git(theme, "add", ".")
    git(theme, "commit", "-qm", "first")
    git(tree, "submodule", "--quiet", "add", str(theme), "theme")
    git(tree, "commit", "-qm", "theme")
    return tree


def test_submodules_belong_to_the_source(nested):
    with source.open_source({"git": str(nested)}, nested, "r") as found:
        assert "theme/static/theme.css" in found.files
    assert "theme/static/theme.css" in source.read_tree(nested).files
    before = source.read_tree(nested).digest
    (nested / "theme" / "static" / "theme.css").write_text("body {}\n")
    assert source.read_tree(nested).digest != before


def test_a_submodule_that_was_not_brought_is_an_error(nested, tmp_path):
    git(tmp_path, "clone", "-q", str(nested), "copy")
    with pytest.raises(source.SourceError, match="theme, a submodule, is empty: `git submodule update"):
        source.read_tree(tmp_path / "copy")


def test_an_application_may_lie_in_a_folder_of_its_source(tmp_path):
    project(tmp_path / "shop" / "backend")
    with source.open_source({"path": "shop", "subdirectory": "backend"}, tmp_path, "r") as found:
        assert found.files == ("manage.py", "requirements.txt")


@pytest.mark.parametrize(
    ("tag", "commits", "expected"),
    [("v1.2", 0, "1.2"), ("v1.2", 2, r"1\.2\.post2\+g[0-9a-f]+"), ("", 0, r"0\.0\.7\+abc")],
)
def test_the_projects_own_package_has_the_version_of_its_last_tag(tree, tag, commits, expected):
    if tag:
        git(tree, "tag", tag)
    for number in range(commits):
        git(tree, "commit", "--allow-empty", "-qm", str(number))
    assert re.fullmatch(expected, source.described(tree, 7, "abc"))


def test_a_package_is_a_source_of_its_requirement(tmp_path):
    with source.open_source({"package": "trowel[all]==5.*"}, tmp_path, "requirements/base.txt") as found:
        assert found.files == ("requirements/base.txt",)
        assert (found.root / found.files[0]).read_text() == "trowel[all]==5.*\n"


def test_build_commands_run_in_a_copy_and_what_they_made_is_in(tmp_path):
    root = project(tmp_path / "garden")
    tree = source.read_tree(root)
    with source.built(tree, ["mkdir made", "cp manage.py made/app.js"]) as result:
        assert result.files == ("made/app.js", "manage.py", "requirements.txt")
        assert (result.revision, result.digest) == (tree.revision, tree.digest)
    assert not (root / "made").exists()


@pytest.mark.parametrize("command", ["echo no bundler >&2; false; true", "{ echo no bundler >&2; false; } | cat"])
def test_a_build_command_that_fails_anywhere_fails_the_build(tmp_path, command):
    tree = source.read_tree(project(tmp_path / "garden"))
    with pytest.raises(source.SourceError, match="no bundler"), source.built(tree, [command, "true"]):
        pytest.fail("a failed command makes no source")
