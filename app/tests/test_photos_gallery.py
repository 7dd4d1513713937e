"""The gallery and the admin of photos."""

import re

import pytest
from django.contrib.staticfiles import finders

from files import services as files
from photos import services
from photos.models import FeedStatus, Photo

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("media")]


def make(number, title="Rose"):
    return Photo.objects.create(
        photo_id=str(number), title=title, page_url=f"https://photos.test/{number}", image_name=f"photos/{number}.jpg"
    )


def test_the_gallery_is_public_paged_and_newest_first(client, django_assert_max_num_queries):
    for number in range(27):
        make(number)
    page = client.get("/photos/").text
    assert re.findall(r'src="/media/photos/(\d+)\.jpg"', page) == [str(n) for n in range(26, 14, -1)]
    assert "1 to 12 of 27" in page
    assert 'rel="next" href="?page=2"' in page
    with django_assert_max_num_queries(3):
        page = client.get("/photos/?page=3").text
    assert len(re.findall(r"<figure", page)) == 3
    assert 'rel="next"' not in page
    assert client.get("/photos/?page=x").status_code == 200


def test_each_image_has_a_text_and_nothing_is_inline(client):
    make(1, title="")
    make(2, title='"><script>')
    page = client.get("/photos/").text
    assert 'alt="Photo without a title"' in page
    assert 'alt="&quot;&gt;&lt;script&gt;"' in page
    assert not re.search(r"<script(?![^>]*\bsrc=)|<style|\son\w+=|\sstyle=", page)
    assert all(finders.find(asset) for asset in re.findall(r'(?:src|href)="/static/([^"]+)"', page))
    assert 'aria-current="page">Photos' in page


def test_an_empty_gallery_says_what_to_wait_for(client):
    page = client.get("/photos/").text
    assert "No photo yet." in page
    assert "next quarter of an hour" in page


def test_a_saved_photo_is_served_under_its_address(client):
    files.save(make(52).image_name, b"image")
    source = re.search(r'<img src="(/media/[^"]+)"', client.get("/photos/").text)[1]
    response = client.get(source)
    assert response["Content-Type"] == "image/jpeg"
    assert response.getvalue() == b"image"


def test_the_admin_deletes_a_photo_with_its_image(admin_client, media):
    photo = make(52)
    files.save(photo.image_name, b"image")
    assert "photos/52.jpg" in admin_client.get("/admin/photos/photo/").text
    assert admin_client.get("/admin/photos/feedstatus/").status_code == 200
    admin_client.post(
        "/admin/photos/photo/", {"action": "delete_selected", "_selected_action": [photo.pk], "post": "yes"}
    )
    assert not Photo.objects.exists()
    assert not (media / "photos/52.jpg").exists()


def test_the_admin_deletes_a_status_alone(admin_client):
    services.record_check("x")
    status = FeedStatus.objects.get()
    admin_client.post(f"/admin/photos/feedstatus/{status.pk}/delete/", {"post": "yes"})
    assert not FeedStatus.objects.exists()
