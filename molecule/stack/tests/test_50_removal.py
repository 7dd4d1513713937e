"""One application goes with all its data; the other serves throughout."""

import re
from types import SimpleNamespace

import httpx
import pytest
from programs import EXPECTED, supervised
from stack import Application, play, polling

SERVICES = ["supervisor", "nginx", "rabbitmq-server", "postgresql"]


@pytest.mark.parametrize("confirmed", [[], ["-e", "remove_confirmed=garden"]])
def test_an_unconfirmed_removal_is_refused_and_changes_nothing(host, orchard, confirmed):
    before = host.check_output(state_of_orchard())
    result = play("remove_app", "-e", "remove_application=orchard", *confirmed)
    assert result.returncode != 0
    assert "remove_confirmed=NAME" in result.stdout
    assert set(re.findall(r"changed=(\d+)", result.stdout)) == {"0"}
    assert host.check_output(state_of_orchard()) == before
    assert orchard.ready() == 200


def state_of_orchard() -> str:
    """Return a command that lists what orchard has."""
    return "getent passwd orchard; cd /etc; ls supervisor/conf.d nginx/sites-enabled redis /srv; supervisorctl pid"


@pytest.fixture(scope="module")
def removal():
    """What orchard's removal said, and what garden answered meanwhile."""
    with polling(Application("garden")) as answers:
        result = play("remove_app", "-e", "remove_application=orchard", "-e", "remove_confirmed=orchard")
    assert result.returncode == 0, result.stdout + result.stderr
    return SimpleNamespace(said=result.stdout, answers=answers)


def test_the_other_application_served_throughout(removal):
    assert len(removal.answers) > 20
    assert set(removal.answers) == {200}


def test_its_data_is_kept_for_root_alone(host, removal):
    [place] = host.check_output("ls -d /var/backups/cloche/orchard-*").split()
    assert place in removal.said
    directory = host.file(place)
    assert (directory.user, directory.group, directory.mode) == ("root", "root", 0o700)
    tables = host.check_output("pg_restore --list %s/database.pgc", place)
    assert re.search(r"TABLE DATA public django_migrations", tables)
    files = host.check_output("tar --list --file %s/files.tar", place).splitlines()
    assert {"srv/orchard/shared/", "etc/cloche/orchard.env"} <= set(files)


def test_its_user_and_group_are_gone(host, removal):
    assert not host.user("orchard").exists
    assert not host.group("orchard").exists
    assert "orchard" not in host.check_output("ps -ww -eo user:32,args")


def test_its_files_are_gone(host, removal):
    # systemd removes the private directories of a boot that ended in a loss of power with the next boot; a container's
    # boots share the machine's boot id, by which it tells them apart.
    find = "find /etc /srv /run /var /tmp -xdev -path '*orchard*' -not -path '/var/tmp/systemd-private-*'"
    find += " -not -path '/var/backups/cloche/*'"
    assert host.check_output(find) == ""


def test_its_programs_are_gone(host, removal):
    assert supervised(host) == {"garden": EXPECTED["garden"], "orchard": []}
    assert "orchard" not in host.run("supervisorctl avail").stdout


def test_its_database_and_role_are_gone(host, removal):
    query = "select datname from pg_database union all select rolname from pg_roles"
    names = host.check_output("runuser -u postgres -- psql -AtXc %s", query).split()
    assert "garden" in names
    assert "orchard" not in names


def test_its_vhost_and_user_are_gone(host, removal):
    for kind in ("list_vhosts", "list_users"):
        names = [line.split()[0] for line in host.check_output("rabbitmqctl -q %s", kind).splitlines()]
        assert "garden" in names
        assert "orchard" not in names


def test_its_redis_units_are_gone(host, removal):
    units = host.check_output("systemctl list-units --all --plain --no-legend 'redis-server@*'")
    assert "garden-state" in units
    assert "orchard" not in units
    assert not {"6390", "6391"} & set(re.findall(r":(\d+) ", host.check_output("ss -Hltn")))


def test_its_site_is_gone(orchard, removal):
    with pytest.raises(httpx.ConnectError):
        orchard.ready()


def test_the_other_application_works(garden, removal):
    garden.check_works(15)
