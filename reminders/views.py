"""Pages of the post: what was sent and why not, how it is running, and the way out of a list."""

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.core.paginator import Paginator
from django.db.models import Count, Min
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from clinic import audit
from clinic.access import can_open_patients, require
from clinic.models import Heartbeat
from clinic.requests import ClinicRequest
from patients import preferences
from reminders import mailbox
from reminders.models import Message, Relay, Subscription
from reminders.reasons import REASONS

A_PAGE = 50


@require_safe
def outbox(request: ClinicRequest) -> HttpResponse:
    """Every mail of the clinic: its kind, its state, how often it was tried, and why somebody got none."""
    require(can_open_patients(request.membership))
    state = _chosen(request, "state", Message.State.values)
    kind = _chosen(request, "kind", Message.Kind.values)
    mails = Message.objects.visible_to(request.user).of(request.clinic)
    mails = mails.filter(state=state) if state else mails
    mails = mails.filter(kind=kind) if kind else mails
    people = mails.select_related("patient__identity", "user", "trial_request")
    page = Paginator(people.order_by("-planned_at", "-pk"), A_PAGE).get_page(request.GET.get("page"))
    audit.note("list_mails", request.clinic, clinic=request.clinic, actor=request.user, now=request.now)
    context = {
        "page": page,
        "rows": [_row(message) for message in page],
        "states": Message.State.choices,
        "kinds": Message.Kind.choices,
        "state": state,
        "kind": kind,
        "is_local": settings.LOCAL_MODE,
    }
    return render(request, "workspace/outbox.html", context)


def _chosen(request: HttpRequest, name: str, known: list[str]) -> str:
    value = request.GET.get(name, "")
    return value if value in known else ""


def _row(message: Message) -> dict[str, Any]:
    """A mail as staff read it. The address and the text are not theirs to see: the text is not even kept."""
    if message.patient:
        whom = message.patient.identity.name
    elif message.trial_request:
        whom = message.trial_request.name
    else:
        whom = message.user.name if message.user else ""
    return {
        "message": message,
        "whom": whom,
        "why": REASONS.get(message.reason, message.reason),
        "when": message.sent_at or (None if message.state in Message.State.final else message.due_at),
        "look": LOOKS[Message.State(message.state)],
    }


# Shape and word as well as colour: the icon and the badge of each state.
LOOKS = {
    Message.State.PENDING: ("clock", ""),
    Message.State.LEASED: ("arrow-path", ""),
    Message.State.RETRY: ("arrow-path", "badge-warn"),
    Message.State.SENT: ("check", "badge-good"),
    Message.State.DEAD: ("x-mark", "badge-danger"),
    Message.State.EXPIRED: ("clock", "badge-warn"),
    Message.State.CANCELLED: ("minus-circle", "badge-outline"),
}


# What must go round, as staff read it. Each is due every minute at most; five minutes without one is a fault.
ROUNDS = {
    "raise_flags": _("Turn reports into flags"),
    "tick": _("Close the day of each patient"),
    "plan_messages": _("Plan the mails of the day"),
    "plan_alerts": _("Tell staff about flags"),
    "send_messages": _("Send mails"),
    "seal_audit": _("Seal the audit"),
}
LATE = timedelta(minutes=5)


@require_safe
def status(request: ClinicRequest) -> HttpResponse:
    """Whether the machine runs: heartbeats of the ticks, what waits and since when, what was given up, the relay."""
    require(can_open_patients(request.membership))
    mine = Message.objects.visible_to(request.user).of(request.clinic)
    by_state = mine.order_by().values("state").annotate(n=Count("pk"), oldest=Min("due_at"))
    counts = {state: (count, oldest) for state, count, oldest in by_state.values_list("state", "n", "oldest")}
    context = {
        "rounds": _rounds(now=request.now),
        "queue": [
            {"label": label, "count": counts[state][0], "oldest": _oldest(state, counts[state][1], request.now)}
            for state, label in Message.State.choices
            if state in counts
        ],
        "dead": [
            _row(message)
            for message in mine.filter(state=Message.State.DEAD)
            .select_related("patient__identity", "user", "trial_request")
            .order_by("-planned_at")[:A_PAGE]
        ],
        "relay": Relay.objects.first(),
        "now": request.now,
    }
    return render(request, "workspace/mail_status.html", context)


def _rounds(*, now: datetime) -> list[dict[str, Any]]:
    last = dict(Heartbeat.objects.values_list("name", "at"))
    return [
        {"label": label, "at": last.get(name), "runs": name in last and now - last[name] < LATE}
        for name, label in ROUNDS.items()
    ]


def _oldest(state: str, oldest: datetime | None, now: datetime) -> datetime | None:
    """When the first that waits was due; nothing for what waits for its own time."""
    return oldest if state in Message.State.claimable and oldest and oldest <= now else None


@login_not_required
@require_safe
def local_mails(request: HttpRequest) -> HttpResponse:
    """Local mode only: the mails kept as files, as text. The HTML part is not drawn: the page's policy forbids it."""
    if not settings.LOCAL_MODE:
        raise Http404
    return render(
        request, "public/local_mails.html", {"mails": mailbox.newest(getattr(settings, "EMAIL_FILE_PATH", None) or "")}
    )


@csrf_exempt  # RFC 8058: the mail program posts here by itself, without a cookie; the token is the proof
@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def unsubscribe(request: HttpRequest, token: str) -> HttpResponse:
    """GET shows a button, since mail scanners open every link; POST switches that kind of mail off, once or again."""
    # Nobody is signed in here: the token is the proof, and it opens nothing else.
    subscription = get_object_or_404(
        Subscription.objects.select_related(
            "patient__clinic", "patient__preferences", "patient__merged_into__preferences"
        ),
        token=token,
    )
    done = request.method == "POST"
    if done:
        preferences.unsubscribe(
            subscription.patient.merged_into or subscription.patient,  # an old link of somebody who was here twice
            subscription.list_name,
            actor=None,
            now=request.now,  # type: ignore[attr-defined]
        )
    context = {"done": done, "list_name": subscription.list_name, "sender": subscription.patient.clinic.short_name}
    return render(request, "public/unsubscribe.html", context)
