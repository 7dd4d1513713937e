"""The mail that a submission becomes."""

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string

from feedback.models import Submission


def recipients() -> list[str]:
    """Return who gets the feedback: FEEDBACK_TO, else the admins, else the address that mails come from."""
    return settings.FEEDBACK_TO or [address for _, address in settings.ADMINS] or [settings.DEFAULT_FROM_EMAIL]


def compose(submission: Submission) -> EmailMultiAlternatives:
    """Return the mail: subject, text and HTML from templates; an answer to it goes to the visitor.

    Raises ValueError or MessageError where an address or a header can't be written.
    """
    context = {"submission": submission}
    # One line, whatever the template or the address contains: a line break would begin another header.
    subject = " ".join(render_to_string("feedback/mail/subject.txt", context).split())
    mail = EmailMultiAlternatives(
        subject=subject,
        body=render_to_string("feedback/mail/body.txt", context),
        to=recipients(),
        reply_to=[submission.email],
    )
    mail.attach_alternative(render_to_string("feedback/mail/body.html", context), "text/html")
    # What can't be written is found here, and not when the server already listens.
    mail.message().as_bytes()
    return mail
