"""From a signature to nodes, and from nodes and states to the tree: nothing runs."""

import itertools
import uuid
from datetime import UTC, datetime, timedelta

import pytest
from celery import chain, group, states

from canvas import canvases, tree
from canvas.models import Role
from canvas.plan import plan
from canvas.tasks import add, mul, take_turn, xsum
from core.results import State
from tests.canvases import lines

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


def planned(signature):
    return plan("test", signature, NOW).nodes


def build(nodes, *known):
    """The tree, with the states of the first tasks in their order."""
    ids = [str(node.id) for node in nodes if node.task]
    return tree.build(nodes, dict(zip(ids, known, strict=False)))


def done(result):
    return State(states.SUCCESS, result)


FAILED = State(states.FAILURE, "Oops: no")


def test_each_task_knows_its_id_before_it_is_sent():
    signature = canvases.fan_demo(1, 1)
    made = plan("fan", signature, NOW)
    first, fan = signature.tasks
    ids = [str(node.id) for node in made.nodes]
    assert first.options["task_id"] == ids[0]
    assert [member.options["task_id"] for member in fan.tasks] == ids[2:5]
    assert [step.options["task_id"] for step in fan.body.tasks] == ids[5:]
    assert str(made.run.id) == signature.freeze().id == ids[-1]
    assert len(set(ids)) == len(ids) == 7


def test_parents_stand_before_their_children_and_the_run_holds_all():
    made = plan("fan", canvases.fan_demo(1, 1), NOW)
    assert [node.position for node in made.nodes] == list(range(7))
    assert {node.run_id for node in made.nodes} == {made.run.id}
    for node in made.nodes:
        assert node.parent is None or node.parent.position < node.position


def test_roles_tell_what_ties_the_tasks_together():
    assert [node.role for node in planned(canvases.fan_demo(1, 1))] == [
        Role.FIRST,
        Role.NEXT,
        Role.MEMBER,
        Role.MEMBER,
        Role.MEMBER,
        Role.BODY,
        Role.NEXT,
    ]
    assert [node.role for node in planned(canvases.link_error_demo(1, 0))] == [Role.FIRST, Role.LINK, Role.LINK_ERROR]


def test_the_run_has_the_id_of_its_result():
    for signature, index in (
        (canvases.chain_demo(1, 1), 2),
        (canvases.group_demo(3), 0),
        (canvases.chord_demo(3), -1),
        (canvases.link_demo(1, 1, 1), 0),
    ):
        made = plan("test", signature, NOW)
        assert made.run.id == made.nodes[index].id


def test_an_immutable_signature_gets_nothing_from_before():
    assert [node.call for node in planned(chain(add.s(1, 1), mul.s(10), add.si(2, 2)))] == [
        "add(1, 1)",
        "mul(…, 10)",
        "add(2, 2)",
    ]


def test_a_long_call_is_cut():
    (node,) = planned(xsum.s(list(range(500))))
    assert len(node.call) == 200
    assert node.call.endswith("…")


def test_waiting_has_a_reason():
    eta = NOW + timedelta(seconds=30)
    for signature, reason in (
        (add.s(1, 1), ""),
        (add.s(1, 1).set(countdown=1.5), "begins at 03:04:07 UTC"),
        (add.s(1, 1).set(eta=eta), "begins at 03:04:35 UTC"),
        (take_turn.s(1), "takes its turn, at most 10/m on each worker"),
    ):
        nodes = planned(signature)
        assert build(nodes)[0]["note"] == reason
        assert build(nodes, done(1))[0]["note"] == ""


def test_an_expiry_is_remembered():
    (node,) = planned(add.s(1, 1).set(expires=10))
    assert (node.expires_at, node.awaits_expiry) == (NOW + timedelta(seconds=10), True)
    (view,) = build([node], State(states.REVOKED, "TaskRevokedError: expired"))
    assert view["note"] == "expired at 03:04:15 UTC, before a worker began it"
    (other,) = planned(add.s(1, 1))
    assert build([other], State(states.REVOKED))[0]["note"] == ""


def test_the_tree_of_a_run_is_known_from_the_beginning():
    assert lines(build(planned(canvases.chain_demo(1, 1)))) == [
        "add(1, 1) PENDING",
        "  mul(…, 10) PENDING",
        "    save(…) PENDING",
    ]


def test_what_stands_behind_a_failure_never_runs_whatever_was_stored_for_it():
    views = build(planned(canvases.chain_demo(1, 1)), FAILED, FAILED, FAILED)
    assert lines(views) == ["add(1, 1) FAILURE Oops: no", "  mul(…, 10) SKIPPED", "    save(…) SKIPPED"]
    assert [view["note"] for view in tree.flat(views)] == ["", "never runs", "never runs"]


def test_a_chord_behind_a_failure_never_runs():
    views = build(planned(canvases.fan_demo(1, 1)), FAILED)
    assert [view["status"] for view in tree.flat(views)] == ["FAILURE"] + ["SKIPPED"] * 5


def test_a_chord_waits_for_what_its_body_is_told():
    nodes = planned(canvases.chord_failure_demo(1))
    assert lines(build(nodes, done(1.0), FAILED)) == [
        "group of 2 FAILURE",
        "  divide(1, 1) SUCCESS 1.0",
        "  divide(1, 0) FAILURE Oops: no",
        "  xsum(…) PENDING",
        "    report_failure(…) PENDING",
    ]


def test_callbacks_of_a_revoked_task_never_run():
    views = build(planned(canvases.link_error_demo(1, 0)), State(states.REVOKED))
    assert [view["status"] for view in tree.flat(views)] == ["REVOKED", "SKIPPED", "SKIPPED"]


@pytest.mark.parametrize(
    ("statuses", "together"),
    [
        (["PENDING", "PENDING"], "PENDING"),
        (["SUCCESS", "PENDING"], "STARTED"),
        (["FAILURE", "RETRY"], "STARTED"),
        (["SUCCESS", "SUCCESS"], "SUCCESS"),
        (["SUCCESS", "SKIPPED"], "SUCCESS"),
        (["SUCCESS", "REVOKED"], "REVOKED"),
        (["REVOKED", "FAILURE", "SUCCESS"], "FAILURE"),
        (["SKIPPED", "SKIPPED"], "SKIPPED"),
    ],
)
def test_one_status_for_several(statuses, together):
    assert {tree.combined(list(order)) for order in itertools.permutations(statuses)} == {together}


def test_a_group_counts_its_successes():
    nodes = planned(group(add.s(i, i) for i in range(3)))
    (view,) = build(nodes, done(0), FAILED, State(states.STARTED))
    assert (view["status"], view["note"], view["task"]) == ("STARTED", "1 of 3 succeeded", "")
    assert uuid.UUID(view["task_id"])
