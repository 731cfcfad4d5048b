"""Quotas are accepted by whom they are asked of: once per person and fiscal year, and anew where they change."""

from typing import Any

import pytest
from django.urls import reverse

from common.access import Reach
from common.errors import Conflict, Forbidden, NotInReach
from common.models import Period
from common.transaction import work
from quotas.selectors.acceptance import acceptance_effects, acceptances, year_acceptance
from quotas.services import apply_quotas, set_quota
from quotas.services.acceptance import accept_quotas
from quotas.services.quotas import replace_quotas
from tests.cast import Cast
from workspace import services
from workspace.models import Approval, Message


def asked(state: str = "waiting") -> list[Approval]:
    with work(by=None, why="look", reach=Reach.everything()):
        return list(Approval.objects.filter(state=state).order_by("id").select_related("approver"))


def put(cast: Cast, acting: Any, amount: int, period: Period | None = None, **changes: Any) -> Any:
    with acting(cast.director):
        values = {"person_id": cast.rep.pk, "reason": "Plan", "period_id": (period or cast.q2).pk, **changes}
        return set_quota(by=cast.director.pk, amount_minor=amount, **values)


def answer(cast: Cast, acting: Any, *, is_granted: bool, note: str = "") -> None:
    row = asked()[0]
    with acting(cast.rep):
        services.answer(
            by=cast.rep.pk, approval_id=row.pk, version=row.version, is_granted=is_granted, answer=note
        )


def test_a_rep_accepts_the_quotas_of_their_year(cast: Cast, acting: Any, browse: Any) -> None:
    put(cast, acting, 1_000_00, cast.q1)
    put(cast, acting, 2_000_00)
    [row] = asked()
    assert (row.about, row.approver, len(asked("withdrawn"))) == ("Quotas for 2026", cast.rep, 1)
    client, url = browse(cast.rep), reverse("approval_answer", args=[row.pk])
    effect = "2026-Q1 $1,000.00, 2026-Q2 $2,000.00; $3,000.00 in all. Accepting changes no figure."
    assert effect in client.get(reverse("inbox")).content.decode()
    page = client.get(reverse("my_attainment")).content.decode()
    assert "Your quotas for 2026: waits for acceptance since May 20, 2026" in page
    assert client.post(url, {"version": "1", "is_granted": "grant"}).status_code == 302
    page = client.get(reverse("my_attainment")).content.decode()
    assert "Your quotas for 2026: accepted on May 20, 2026" in page
    assert " by Rita Rep" in page
    director = browse(cast.director)
    assert "accepted on May 20, 2026" in director.get(reverse("quota_list")).content.decode()
    assert "Accepted by Rita Rep on " in director.get(reverse("inbox")).content.decode()
    with work(by=None, why="look", reach=Reach.everything()):
        text = "".join(Message.objects.values_list("about", flat=True))
    assert "$" not in text


def test_what_changes_after_it_was_accepted_is_asked_anew(cast: Cast, acting: Any, browse: Any) -> None:
    put(cast, acting, 1_000_00)
    answer(cast, acting, is_granted=True)
    put(cast, acting, 1_000_00)
    assert asked() == []
    put(cast, acting, 1_500_00)
    assert len(asked()) == 1
    assert len(asked("granted")) == 1
    page = browse(cast.rep).get(reverse("my_attainment")).content.decode()
    assert "waits for acceptance since" in page


def test_who_does_not_accept_says_why(cast: Cast, acting: Any, browse: Any) -> None:
    quota = put(cast, acting, 1_000_00)
    answer(cast, acting, is_granted=False, note="East 1 lost a customer")
    page = browse(cast.director).get(reverse("quota_detail", args=[quota.pk])).content.decode()
    assert "not accepted: East 1 lost a customer" in page
    with work(by=None, why="look", reach=Reach.everything()):
        assert Message.objects.get(person=cast.director).event == "approval_answered"


def test_nobody_accepts_for_another(cast: Cast, acting: Any) -> None:
    put(cast, acting, 1_000_00)
    row = asked()[0]
    people = ((cast.director, Forbidden), (cast.admin, Forbidden), (cast.manager, NotInReach))
    for person, refusal in people:
        with acting(person), pytest.raises(refusal):
            services.answer(by=person.pk, approval_id=row.pk, version=1, is_granted=True)
    with acting(cast.rep), pytest.raises(Forbidden, match=r"This takes the approval of a second person."):
        accept_quotas(by=cast.rep.pk, approval_id=row.pk, **row.payload)


def test_nobody_is_asked_about_territories_by_jobs_or_by_themselves(cast: Cast, acting: Any) -> None:
    put(cast, acting, 1_000_00, person_id=None, territory_id=cast.territories["East 1"].pk)
    with acting(cast.admin):
        set_quota(by=cast.admin.pk, period_id=cast.q2.pk, person_id=cast.admin.pk, amount_minor=1_00)
    with work(by=None, why="a job", reach=Reach.everything()):
        set_quota(by=None, period_id=cast.q2.pk, person_id=cast.rep.pk, amount_minor=1_00)  # type: ignore[arg-type]
    assert asked() == []


def test_what_a_job_changed_is_not_accepted_unseen(cast: Cast, acting: Any, browse: Any) -> None:
    quota = put(cast, acting, 1_000_00)
    with work(by=None, why="a job", reach=Reach.everything()):
        replace_quotas(None, {quota.key: (2_000_00, "job")})
    with pytest.raises(Conflict, match=r"These quotas changed after you were asked."):
        answer(cast, acting, is_granted=True)
    with acting(cast.rep):
        found = year_acceptance(cast.rep.pk, Period.objects.get(code="2026"))
        assert found
        assert (found.words, found.level) == ("changed since it was asked", "warn")
    answer(cast, acting, is_granted=False, note="Changed")
    with acting(cast.rep):
        found = year_acceptance(cast.rep.pk, Period.objects.get(code="2026"))
        assert found
        assert found.words == "changed since it was answered"


def test_a_file_asks_each_person_once_a_year(cast: Cast, acting: Any) -> None:
    lines = ["person,territory,period,family,kind,amount"]
    for key in ("rep", "peer", "manager"):
        lines += [f"{key}@example.com,,2026-Q{quarter},,assigned,{quarter}00.00" for quarter in range(1, 5)]
    with acting(cast.admin):
        apply_quotas(by=cast.admin.pk, content="\n".join(lines))
    assert sorted(str(row.approver) for row in asked()) == ["Mona Manager", "Paul Peer", "Rita Rep"]
    with work(by=None, why="look", reach=Reach.everything()):
        assert Message.objects.filter(event="approval_asked").count() == 3
        row = next(row for row in asked() if row.approver == cast.rep)
        assert "; $1,000.00 in all." in acceptance_effects([row.payload])[0]


def test_families_and_own_quotas_stand_apart(cast: Cast, acting: Any) -> None:
    first = put(cast, acting, 1_00, family_id=cast.families["Hardware"].pk)
    second = put(cast, acting, 2_00, kind="own")
    with acting(cast.director):
        words = acceptance_effects([{"quota_ids": [first.pk, second.pk]}])[0]
        assert words == (
            "own selling quota: 2026-Q2 $2.00. Hardware: 2026-Q2 $1.00. Accepting changes no figure."
        )
        assert set(acceptances([first, second])) == {first.pk, second.pk}
        assert acceptances([]) == {}
