"""Reports and photos are removed with their files once they were kept long enough."""

from datetime import timedelta

import pytest
import report_parts
from django.utils import timezone

from files import services as files
from files.models import StoredFile
from photos.models import Photo
from photos.tasks import remove_old_photos
from reports.models import CrawledPage, Report
from reports.tasks import remove_old_reports

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("media")]


def aged(rows, moment, days):
    """Have the rows made so many days ago, and a minute."""
    rows.update(**{moment: timezone.now() - timedelta(days=days, minutes=1)})


def photo(number, days):
    name = f"photos/{number}.jpg"
    files.save(name, b"\xff\xd8\xff")
    made = Photo.objects.create(photo_id=str(number), page_url="https://photos.test/", image_name=name)
    aged(Photo.objects.filter(pk=made.pk), "saved_at", days)
    return made


def report(days, **fields):
    made = report_parts.ready(**fields)
    aged(Report.objects.filter(pk=made.pk), "requested_at", days)
    return made


def test_old_photos_go_with_their_images(settings, media):
    settings.PHOTOS_KEPT_DAYS = 7
    photo(1, days=7)
    kept = photo(2, days=6)
    assert remove_old_photos.run() == 1
    assert Photo.objects.get() == kept
    assert [file.name for file in StoredFile.objects.all()] == [kept.image_name]
    assert [path.name for path in media.glob("photos/*")] == ["2.jpg"]
    assert remove_old_photos.run() == 0


def test_old_reports_go_with_their_files_and_what_was_crawled_for_them(settings, media):
    settings.REPORTS_KEPT_DAYS = 7
    report(days=7)
    kept = report(days=6)
    lost = report_parts.make()
    CrawledPage.objects.create(report=lost, number=1, repositories=[], is_last=False)
    aged(Report.objects.filter(pk=lost.pk), "requested_at", 8)
    assert remove_old_reports.run() == 2
    assert Report.objects.get() == kept
    assert not CrawledPage.objects.exists()
    assert [path.name for path in media.glob(".private/reports/*")] == [kept.file_name]


def test_with_no_days_everything_is_kept(settings):
    settings.PHOTOS_KEPT_DAYS = settings.REPORTS_KEPT_DAYS = 0
    photo(1, days=999)
    report(days=999)
    assert (remove_old_photos.run(), remove_old_reports.run()) == (0, 0)
    assert (Photo.objects.count(), Report.objects.count(), StoredFile.objects.count()) == (1, 1, 2)
