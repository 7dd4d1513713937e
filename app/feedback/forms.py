"""What a visitor may send."""

from django import forms
from django.core.exceptions import ValidationError

MESSAGE_LIMIT = 5000


class FeedbackForm(forms.Form):
    """An address to answer to, and a message. ``topic`` is a honeypot: people don't see it, robots fill it in."""

    email = forms.EmailField(
        label="Your e-mail address",
        max_length=254,
        error_messages={
            "required": "Please enter your e-mail address, so that we can answer.",
            "invalid": "This is not an e-mail address. It looks like name@example.com.",
        },
        widget=forms.EmailInput({"autocomplete": "email"}),
    )
    # No maxlength: a browser would cut off a long text that is pasted, and not say so.
    message = forms.CharField(
        label="Your message",
        error_messages={"required": "Please write a message."},
        widget=forms.Textarea({"rows": 8}),
    )
    topic = forms.CharField(required=False, widget=forms.TextInput({"tabindex": "-1", "autocomplete": "off"}))

    def clean_email(self) -> str:
        """Refuse control characters, which quoted addresses may hold: the address stands in the mail's header."""
        email: str = self.cleaned_data["email"]
        if not email.isprintable():
            raise ValidationError("This address contains characters that can't be sent.")
        return email

    def clean_message(self) -> str:
        """Return the message with plain line ends, at most MESSAGE_LIMIT characters long."""
        message: str = self.cleaned_data["message"].replace("\r\n", "\n")
        if len(message) > MESSAGE_LIMIT:
            raise ValidationError(
                f"Please shorten your message to {MESSAGE_LIMIT:,} characters; it has {len(message):,}."
            )
        return message

    def is_from_robot(self) -> bool:
        """Whether the field that people don't see was filled in."""
        return bool(self.data.get(self.add_prefix("topic")))
