"""Telling the owner that a report is ready."""

from django.core.mail import send_mail
from django.template.loader import render_to_string
from django.utils import timezone

from reports.models import Report


def send_ready_mail(report_id: int, dashboard_url: str) -> bool:
    """Send the mail and return True; False where it was sent before or nobody can get it. Raises SMTP's errors.

    The mark is made before sending, and taken back where sending fails: a worker that dies in between costs the
    mail, and never sends a second one.
    """
    report = Report.objects.filter(pk=report_id).select_related("owner").first()
    if report is None or report.owner is None or not report.owner.email:
        return False
    unsent = Report.objects.filter(pk=report_id, mailed_at=None)
    if not unsent.update(mailed_at=timezone.now()):
        return False
    context = {"report": report, "dashboard_url": dashboard_url}
    subject = render_to_string("reports/ready_subject.txt", context).strip()
    try:
        send_mail(subject, render_to_string("reports/ready_body.txt", context), None, [report.owner.email])
    except Exception:
        Report.objects.filter(pk=report_id).update(mailed_at=None)
        raise
    return True
