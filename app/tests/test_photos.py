"""The newest photo of a public feed."""

import re
import threading

import pytest
from celery.exceptions import Retry
from django.db import connection
from upstream_server import Reply, as_json

from files.models import StoredFile
from photos import services
from photos.images import extension_of
from photos.models import FeedStatus, Photo
from photos.tasks import task_save_latest_flickr_image
from upstream.errors import PermanentError, TemporaryError

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("media")]

JPEG = b"\xff\xd8\xff\xe0" + b"x" * 50


@pytest.fixture
def feed(upstream):
    """Return a function that sets what the feed holds: ids, the newest first."""

    def show(*ids, image=None, **more):
        items = [
            {
                "title": f"Rose {n}",
                "link": f"https://photos.test/photos/ann/{n}/",
                "media": {"m": f"{upstream.url}/i/{n}_m.jpg"},
                **more,
            }
            for n in ids
        ]
        upstream.answer("/feed", as_json({"title": "Uploads", "items": items}))
        for n in ids:
            upstream.answer(f"/i/{n}_m.jpg", image or Reply(JPEG, content_type="image/jpeg"))
        return upstream

    return show


def run(**request):
    task = task_save_latest_flickr_image
    task.push_request(id="x", called_directly=False, args=(), kwargs={}, delivery_info={}, **request)
    try:
        return task.run()
    finally:
        task.pop_request()


def test_the_newest_photo_is_saved_with_its_image(feed, media):
    feed("52", "51")
    assert run() == "52"
    photo = Photo.objects.get()
    assert (photo.photo_id, photo.title, photo.page_url) == ("52", "Rose 52", "https://photos.test/photos/ann/52/")
    assert photo.image_url == "/media/photos/52.jpg"
    assert (media / "photos/52.jpg").read_bytes() == JPEG


def test_a_photo_that_is_there_is_neither_fetched_nor_saved_again(feed):
    upstream = feed("52")
    assert [run(), run()] == ["52", None]
    assert Photo.objects.count() == 1
    assert [seen.path for seen in upstream.seen] == ["/feed", "/i/52_m.jpg", "/feed"]


@pytest.mark.django_db(transaction=True)
def test_two_runs_at_once_save_one(feed):
    feed("52", image=Reply(JPEG, wait=0.3))
    results = []

    def save():
        try:
            results.append(services.save_latest())
        finally:
            connection.close()

    threads = [threading.Thread(target=save) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(results, key=str) == ["52", None, None]
    assert (Photo.objects.count(), StoredFile.objects.count()) == (1, 1)


def test_an_empty_feed_is_no_error(feed):
    feed()
    assert run() is None
    assert FeedStatus.objects.get().problem == ""


def test_the_apostrophes_of_flickr_are_understood(feed, upstream):
    feed("52")
    link, image = "https://photos.test/52/", f"{upstream.url}/i/52_m.jpg"
    body = rf'{{"items": [{{"title": "Ann\'s \\ \"best\" \\\\", "link": "{link}", "media": {{"m": "{image}"}}}}]}}'
    upstream.answer("/feed", Reply(body.encode(), content_type="application/x-javascript"))
    run()
    assert Photo.objects.get().title == 'Ann\'s \\ "best" \\\\'


@pytest.mark.parametrize(("title", "shown"), [(None, ""), (" ", ""), ("x" * 300, "x" * 200), ("a\0\ud800b", "a?b")])
def test_any_title_can_be_kept(feed, title, shown):
    feed("52", title=title)
    run()
    assert Photo.objects.get().title == shown


BAD_FEEDS = {
    "slow down": Reply(status=429, headers={"Retry-After": "30"}),
    "an error": Reply(status=500),
    "half of it": Reply(b'{"items": [{"link"'),
    "a web page": Reply(b"<html>", content_type="text/html"),
    "no items": as_json({"stat": "fail"}),
    "no image": as_json({"items": [{"link": "https://photos.test/1"}]}),
    "a path for an id": as_json({"items": [{"link": "https://photos.test/..%2f", "media": {"m": "x"}}]}),
    "a script for a link": as_json({"items": [{"link": "javascript:x/1", "media": {"m": "x"}}]}),
}


@pytest.mark.parametrize("reply", BAD_FEEDS.values(), ids=BAD_FEEDS)
def test_what_may_pass_is_tried_again_and_told_on_the_page(upstream, published, client, reply):
    upstream.answer("/feed", reply)
    with pytest.raises(Retry):
        run(retries=0)
    assert published[0]["name"] == "photos.task_save_latest_flickr_image"
    with pytest.raises(TemporaryError):
        run(retries=task_save_latest_flickr_image.max_retries)
    page = client.get("/photos/").text
    assert re.search(r"The feed could not be read at \d\d:\d\d UTC: 127\.0\.0\.1 ", page)


def test_without_a_network_the_page_says_so_until_the_feed_is_back(client, published, feed, settings):
    url = settings.PHOTOS_FEED_URL
    settings.PHOTOS_FEED_URL = "http://127.0.0.1:9/feed"
    with pytest.raises(Retry):
        run(retries=0)
    assert "127.0.0.1 can&#x27;t be reached." in client.get("/photos/").text
    settings.PHOTOS_FEED_URL = url
    feed("52")
    run(retries=1)
    assert "could not be read" not in client.get("/photos/").text


@pytest.mark.parametrize(
    "image",
    [
        Reply(b"<svg xmlns='http://www.w3.org/2000/svg'><script>1</script></svg>", content_type="image/svg+xml"),
        Reply(b"<html>", content_type="image/jpeg"),
        Reply(b"", content_type="image/jpeg"),
        Reply(JPEG + b"x" * 5_000_000, content_type="image/jpeg"),
        Reply(status=404),
    ],
)
def test_what_is_no_image_is_not_kept(feed, image, media, published):
    feed("52", image=image)
    with pytest.raises(PermanentError):
        run(retries=0)
    assert not Photo.objects.exists()
    assert not StoredFile.objects.exists()
    assert FeedStatus.objects.get().problem
    assert published == []


def test_an_image_that_comes_in_too_slowly_is_tried_again(feed, published, monkeypatch):
    monkeypatch.setattr("photos.services.IMAGE_LIMITS", services.Limits(total=0.3))
    feed("52", image=Reply(JPEG, drip=0.1))
    with pytest.raises(Retry):
        run(retries=0)
    assert not Photo.objects.exists()


@pytest.mark.parametrize("address", ["http://169.254.169.254/x.jpg", "http://localhost:9/x.jpg", "file:///etc/passwd"])
def test_the_feed_can_not_send_the_worker_into_its_own_network(feed, address):
    feed("52", media={"m": address})
    with pytest.raises(PermanentError):
        run(retries=0)


@pytest.mark.parametrize(
    ("content", "extension"),
    [(JPEG, "jpg"), (b"\x89PNG\r\n\x1a\n.", "png"), (b"GIF89a.", "gif"), (b"RIFF\n\0\0\0WEBPVP8 ", "webp")],
)
def test_an_image_is_known_by_its_first_bytes(content, extension):
    assert extension_of(content) == extension
