"""Files that a task makes on one host and a visitor gets from another."""

import os
import stat

import pytest
from django.core.exceptions import SuspiciousFileOperation

from files import services
from files.models import StoredFile
from files.paths import path_of
from files.selectors import local_path

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("media")]


def test_a_file_is_written_whole_and_in_place_of_the_former_one(media):
    services.save("photos/1.jpg", b"old")
    services.save("photos/1.jpg", b"new")
    assert local_path("photos/1.jpg").read_bytes() == b"new"
    assert os.listdir(media / "photos") == ["1.jpg"]
    assert StoredFile.objects.count() == 1


def test_a_write_that_fails_leaves_the_former_file_and_no_rest(media, monkeypatch):
    services.save("photos/1.jpg", b"old")

    def fail(*_):
        raise OSError("disk full")

    monkeypatch.setattr("files.paths.Path.replace", fail)
    with pytest.raises(OSError):
        services.save("photos/1.jpg", b"new")
    assert (media / "photos/1.jpg").read_bytes() == b"old"
    assert os.listdir(media / "photos") == ["1.jpg"]


def test_another_host_gets_its_copy_from_the_database(media):
    services.save("photos/1.jpg", b"image")
    path_of("photos/1.jpg").unlink()
    assert local_path("photos/1.jpg").read_bytes() == b"image"
    assert (media / "photos/1.jpg").is_file()


def test_private_files_are_the_applications_own_and_public_ones_the_web_servers_too(media):
    services.save(".private/reports/1.csv", b"x")
    services.save("photos/1.jpg", b"x")

    def mode(name):
        return stat.S_IMODE((media / name).stat().st_mode)

    assert (mode(".private"), mode(".private/reports/1.csv")) == (0o700, 0o600)
    assert mode("photos/1.jpg") == 0o644


def test_a_deleted_file_is_gone(media):
    services.save("photos/1.jpg", b"x")
    services.delete("photos/1.jpg")
    services.delete("photos/1.jpg")
    with pytest.raises(FileNotFoundError):
        local_path("photos/1.jpg")
    assert not (media / "photos/1.jpg").exists()


@pytest.mark.parametrize("name", ["../x", "/etc/passwd", "a/../../x"])
def test_no_name_leads_out_of_the_media(name):
    with pytest.raises(SuspiciousFileOperation):
        local_path(name)


def test_a_public_file_is_served_to_be_shown_and_never_run(client):
    services.save("photos/1.png", b"\x89PNG")
    response = client.get("/media/photos/1.png")
    assert response.getvalue() == b"\x89PNG"
    assert response["Content-Type"] == "image/png"
    assert "sandbox" in response["Content-Security-Policy"]
    assert "immutable" in response["Cache-Control"]


@pytest.mark.parametrize(
    "path",
    [".private/reports/1.csv", "photos/../.private/reports/1.csv", "../db.sqlite3", "photos", "none.jpg", "a%00b"],
)
def test_nothing_else_is_served(client, media, path):
    services.save(".private/reports/1.csv", b"secret")
    services.save("photos/1.png", b"x")
    (media.parent / "db.sqlite3").write_bytes(b"secret")
    assert client.get(f"/media/{path}").status_code == 404


def test_the_admin_shows_files_without_their_content(admin_client):
    services.save("photos/1.png", b"the-content")
    file = StoredFile.objects.get()
    assert "photos/1.png" in admin_client.get("/admin/files/storedfile/").text
    page = admin_client.get(f"/admin/files/storedfile/{file.pk}/change/")
    assert page.status_code == 200
    assert "the-content" not in page.text
    assert admin_client.post(f"/admin/files/storedfile/{file.pk}/delete/", {"post": "yes"}).status_code == 403
