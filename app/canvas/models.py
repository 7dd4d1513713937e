"""What was run, and what the tasks work on. States and results stay in Celery's result backend."""

import uuid

from django.db import models

#: Characters of a call as it is shown; a longer one is cut.
CALL_LENGTH = 200


class Run(models.Model):
    """One canvas that somebody started; its id is that of the task (or group) with the canvas's result."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    kind = models.CharField(max_length=30)
    created_at = models.DateTimeField(auto_now_add=True, db_index=True)
    # Null: the broker did not confirm every task, so *perhaps* some of them run.
    confirmed_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"


class Role(models.TextChoices):
    """What a node is to its parent."""

    FIRST = "first"
    #: Of a chain.
    NEXT = "next"
    #: Of a group, or a chord's header.
    MEMBER = "member"
    #: Of a chord; its parent is the header.
    BODY = "body"
    LINK = "link"
    LINK_ERROR = "link_error"


class Node(models.Model):
    """One task of a run, or a group of tasks; its id is the task's (or group's), known before anything is sent."""

    id = models.UUIDField(primary_key=True)
    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="nodes")
    parent = models.ForeignKey("self", on_delete=models.CASCADE, null=True, related_name="children")
    # Parents before their children.
    position = models.PositiveSmallIntegerField()
    role = models.CharField(max_length=10, choices=Role)
    # Empty for a group.
    task = models.CharField(max_length=100, blank=True)
    call = models.CharField(max_length=CALL_LENGTH)
    waits_for = models.CharField(max_length=100, blank=True, help_text="why it may be waiting, in words")
    expires_at = models.DateTimeField(null=True)
    # Until somebody has looked after the expiry whether a worker began it.
    awaits_expiry = models.BooleanField(default=False)

    class Meta:
        ordering = ("position",)
        indexes = (
            models.Index(fields=["expires_at"], condition=models.Q(awaits_expiry=True), name="canvas_node_awaiting"),
        )

    def __str__(self) -> str:
        return self.call


class Widget(models.Model):
    """Something to be counted and renamed."""

    name = models.CharField(max_length=50)

    def __str__(self) -> str:
        return self.name


class Saved(models.Model):
    """What a chain's last task saved."""

    task_id = models.UUIDField(unique=True)
    value = models.FloatField()
    saved_at = models.DateTimeField(auto_now_add=True, db_index=True)

    class Meta:
        verbose_name_plural = "saved"

    def __str__(self) -> str:
        return str(self.value)
