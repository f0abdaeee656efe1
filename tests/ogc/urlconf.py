"""A small API of the tests' own: the plumbing without the apps. Facts (`DomainEvent`) are its rows."""

from django.urls import include, path
from rest_framework import serializers

from ogc.api import fields
from ogc.api.endpoint import IGNORED, PUBLIC, REQUIRED, SELF, endpoint
from ogc.api.pagination import keyset_page
from ogc.api.responses import created, no_content, ok
from ogc.api.serializers import StrictSerializer
from ogc.api.views import ApiView, ApiViewSet
from ogc.db.transactions import transactional
from ogc.errors import DomainError, NotFound, PaymentError, PermissionDenied, ServiceUnavailable
from ogc.models import DomainEvent
from ogc.urls import handler400, handler404, handler500, not_found

__all__ = ["handler400", "handler404", "handler500"]


class TooPoor(PaymentError):
    code = "TOO_POOR"
    message = "Not enough."


class LimitReached(PermissionDenied):
    code = "LIMIT_REACHED"
    replayable = True


REFUSALS = {
    "payment": TooPoor,
    "not_found": NotFound,
    "limit": LimitReached,
    "permission": PermissionDenied,
    "unavailable": ServiceUnavailable,
}
calls: list[str] = []


@transactional
def fact_create(label: str, outcome: str = "done") -> DomainEvent:
    calls.append(label)
    row = DomainEvent.objects.create(name=label)
    if outcome == "crash":
        raise RuntimeError("secret detail")
    if outcome in REFUSALS:
        error: type[DomainError] = REFUSALS[outcome]
        raise error
    return row


class EveryFieldIn(StrictSerializer):
    text = fields.Text(max_length=10, min_length=2, required=False)
    note = fields.Text(max_length=20, multiline=True, min_length=0, required=False)
    code = fields.Text(max_length=4, pattern="[A-Z]{4}", required=False)
    number = fields.Int(minimum=-5, maximum=5, required=False)
    big = fields.Int(minimum=0, maximum=2**63 - 1, required=False)
    flag = fields.Bool(required=False)
    amount = fields.Amount(required=False)
    change = fields.Amount(signed=True, required=False)
    id = fields.PublicId(required=False)
    email = fields.Email(required=False)
    at = fields.Instant(required=False)
    choice = fields.Choice(["red", "blue"], required=False)
    address = fields.EthAddress(required=False)
    data = fields.JsonObject(max_items=5, max_depth=2, required=False)
    items = fields.ListOf(child=fields.Int(minimum=1, maximum=9), max_length=3, required=False)


class WorkIn(StrictSerializer):
    label = fields.Text(max_length=20)
    outcome = fields.Text(max_length=20, required=False)


class DryIn(StrictSerializer):
    dry_run = fields.Bool(default=False)


class FilterIn(StrictSerializer):
    name = fields.Text(max_length=20, required=False)
    count = fields.Int(minimum=1, maximum=9, required=False)
    deep = fields.Bool(required=False)


class EchoView(ApiView):
    @endpoint(summary="Echo", tags=["test"], scope=PUBLIC, request=EveryFieldIn, rate=None)
    def post(self, request, data):
        return ok({"type": str(type(data)), "values": {name: str(value) for name, value in data.items()}})

    @endpoint(summary="Ask", tags=["test"], scope=PUBLIC, query=FilterIn, rate=None)
    def get(self, request, query):
        return ok(dict(query))


class WorkView(ApiView):
    @endpoint(
        summary="Work", tags=["test"], scope=SELF, request=WorkIn, idempotency=REQUIRED, rate="money"
    )  # fmt: skip
    def post(self, request, data):
        row = fact_create(data["label"], data.get("outcome", "done"))
        return created({"id": row.public_id})


class OptionalView(ApiView):
    @endpoint(summary="Work", tags=["test"], scope=SELF, request=WorkIn, no_store=True)
    def post(self, request, data):
        return created({"id": fact_create(data["label"]).public_id})

    @endpoint(summary="Who", tags=["test"], scope=SELF)
    def get(self, request):
        return ok({"user": request.user.user_id})


class IgnoringView(ApiView):
    @endpoint(
        summary="Work", tags=["test"], scope=PUBLIC, request=WorkIn, idempotency=IGNORED, rate="register"
    )
    def post(self, request, data):
        return created({"id": fact_create(data["label"]).public_id})


class StaffView(ApiView):
    @endpoint(summary="Staff", tags=["test"], scope=("audit.read", "wallet.adjust"))
    def post(self, request):
        fact_create("staff")
        return no_content()


class MachineView(ApiView):
    @endpoint(summary="Machines", tags=["test"], scope="tx.system", request=WorkIn, idempotency=REQUIRED)
    def post(self, request, data):
        return created({"id": fact_create(data["label"]).public_id})


class ConfirmView(ApiView):
    @endpoint(summary="Undoable", tags=["test"], scope=SELF, confirm=True, rate=None)
    def post(self, request):
        fact_create("confirmed")
        return no_content()


class SometimesConfirmView(ApiView):
    @endpoint(
        summary="Dry or not", tags=["test"], scope=SELF, request=DryIn, rate=None,
        confirm=lambda data, query: not data["dry_run"],
    )  # fmt: skip
    def post(self, request, data):
        return created({"id": fact_create("maybe").public_id})


class UploadView(ApiView):
    class FormIn(StrictSerializer):
        text = fields.Text(max_length=5)
        file = serializers.FileField(required=False)

    @endpoint(summary="Upload", tags=["test"], scope=SELF, request=FormIn, multipart=True, rate=None)
    def post(self, request, data):
        return created({"id": fact_create(data["text"]).public_id})


class CrashView(ApiView):
    @endpoint(summary="Crash", tags=["test"], scope=PUBLIC, rate=None)
    def get(self, request):
        raise RuntimeError("password=hunter2")


class FactViewSet(ApiViewSet):
    @endpoint(summary="Facts", tags=["test"], scope=PUBLIC, query=FilterIn, paged=True, rate=None)
    def list(self, request, query):
        rows = DomainEvent.objects.all()
        if "name" in query:
            rows = rows.filter(name=query["name"])
        order = ("occurred_at", "id") if request.path.endswith("rising") else ("-occurred_at", "-id")
        return ok(
            keyset_page(
                request, rows, name="test.facts", order=order, filters=query, render=lambda row: row.pk
            )
        )

    @endpoint(summary="Others", tags=["test"], scope=PUBLIC, query=FilterIn, paged=True, rate=None)
    def others(self, request, query):
        rows = DomainEvent.objects.values("id", "occurred_at")
        return ok(keyset_page(request, rows, name="test.others", filters=query, render=lambda row: row["id"]))

    @endpoint(summary="Hidden", tags=["test"], scope=PUBLIC, idempotency=REQUIRED, rate=None)
    def publish(self, request):
        fact_create("published")
        return no_content()


urlpatterns = [
    path("api/v1/", include("ogc.api.urls")),
    path("echo", EchoView.as_view()),
    path("work", WorkView.as_view()),
    path("work/other", WorkView.as_view()),
    path("optional", OptionalView.as_view()),
    path("ignoring", IgnoringView.as_view()),
    path("staff", StaffView.as_view()),
    path("machines", MachineView.as_view()),
    path("confirm", ConfirmView.as_view()),
    path("sometimes", SometimesConfirmView.as_view()),
    path("upload", UploadView.as_view()),
    path("crash", CrashView.as_view()),
    path("facts", FactViewSet.as_view({"get": "list"})),
    path("facts/rising", FactViewSet.as_view({"get": "list"})),
    path("facts/others", FactViewSet.as_view({"get": "others"})),
    path("gone/<str:id>", not_found),
]
