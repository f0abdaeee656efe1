"""Keyset pages against a model: rows come and go between pages, and nothing is shown twice or left out."""

import base64
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, quote, urlsplit

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ogc.models import DomainEvent
from tests.api_client import error_code

pytestmark = pytest.mark.mariadb

START = datetime(2026, 1, 1, tzinfo=UTC)


def facts(count, name="a", start=0, every=1):
    """Rows of which `every` share an instant each."""
    return DomainEvent.objects.bulk_create(
        DomainEvent(name=name, occurred_at=START + timedelta(microseconds=start + n // every))
        for n in range(count)
    )


def path_of(url):
    parts = urlsplit(url)
    return f"{parts.path}?{parts.query}"


def page(api, path):
    response = api.get(path)
    assert response.status_code == 200, response.content
    body = response.json()
    assert list(body) == ["results", "next", "previous"]
    return body


def newest_first():
    return list(DomainEvent.objects.order_by("-occurred_at", "-id").values_list("id", flat=True))


def test_the_first_page_has_twenty_rows_and_a_next_link_only(small_api):
    facts(21)
    body = page(small_api, "/facts")
    assert body["results"] == newest_first()[:20]
    assert body["previous"] is None
    assert body["next"].startswith("http://testserver/facts?cursor=")
    assert page(small_api, path_of(body["next"]))["results"] == newest_first()[20:]


def test_an_empty_list_and_an_exact_page_have_no_links(small_api):
    assert page(small_api, "/facts") == {"results": [], "next": None, "previous": None}
    facts(20)
    body = page(small_api, "/facts")
    assert (len(body["results"]), body["next"], body["previous"]) == (20, None, None)


@pytest.mark.parametrize("every", [1, 3, 100])
@pytest.mark.parametrize("path", ["/facts?page_size=7", "/facts/rising?page_size=7"])
def test_forward_and_back_through_all_pages_shows_each_row_once(small_api, path, every):
    facts(50, every=every)
    order = newest_first() if "rising" not in path else newest_first()[::-1]
    forward, link, last = [], path, None
    while link:
        body = page(small_api, link)
        forward.append(body["results"])
        last, link = body, body["next"] and path_of(body["next"])
    assert [row for rows in forward for row in rows] == order
    assert [len(rows) for rows in forward] == [7] * 7 + [1]
    backward = [last["results"]]
    while last["previous"]:
        last = page(small_api, path_of(last["previous"]))
        backward.insert(0, last["results"])
    assert [row for rows in backward for row in rows] == order
    assert last["next"] is not None


def test_a_link_keeps_page_size_and_filters(small_api):
    facts(6, name="a")
    facts(6, name="b")
    body = page(small_api, "/facts?name=b&page_size=4&utm=ä")
    query = parse_qs(urlsplit(body["next"]).query)
    assert query.keys() == {"name", "page_size", "utm", "cursor"}
    assert (query["name"], query["page_size"], query["utm"]) == (["b"], ["4"], ["ä"])
    assert len(page(small_api, path_of(body["next"]))["results"]) == 2


@pytest.mark.parametrize(
    "size", ["0", "-1", "101", "1000", "x", "1.5", "", " 5", "+5", "٥", "05x", "1e1", "0" * 5000]
)
def test_a_page_size_is_1_to_100(small_api, size):
    facts(1)
    response = small_api.get("/facts", QUERY_STRING=f"page_size={quote(size)}")
    assert (response.status_code, error_code(response)) == (400, "VALIDATION_ERROR")
    assert response.json()["error"]["details"]["page_size"][0]["code"] == "bounds"


def test_a_page_takes_one_query_at_any_size_and_depth(small_api, django_assert_num_queries):
    facts(1)
    with django_assert_num_queries(1):
        page(small_api, "/facts")
    facts(250, start=10)
    with django_assert_num_queries(1):
        body = page(small_api, "/facts?page_size=100")
    with django_assert_num_queries(1):
        body = page(small_api, path_of(body["next"]))
    with django_assert_num_queries(1):
        assert len(page(small_api, path_of(body["next"]))["results"]) == 51
    with django_assert_num_queries(1):
        page(small_api, path_of(body["previous"]))


@pytest.fixture
def cursor(small_api):
    facts(12, name="a")
    body = page(small_api, "/facts?name=a&page_size=5")
    return parse_qs(urlsplit(body["next"]).query)["cursor"][0]


def test_a_cursor_opens_its_own_list(small_api, cursor):
    assert len(page(small_api, f"/facts?name=a&page_size=5&cursor={cursor}")["results"]) == 5
    # How many rows to show is not what a cursor is about.
    assert len(page(small_api, f"/facts?name=a&page_size=2&cursor={cursor}")["results"]) == 2


@pytest.mark.parametrize(
    "path",
    [
        "/facts?name=b",
        "/facts?page_size=5",
        "/facts?name=a&count=1",
        "/facts/rising?name=a",
        "/facts/others?name=a",
    ],
)
def test_a_cursor_of_another_list_filter_or_ordering_is_invalid(small_api, cursor, path):
    response = small_api.get(f"{path}&cursor={cursor}")
    assert (response.status_code, error_code(response)) == (400, "CURSOR_INVALID")


def test_a_cursor_changed_anywhere_or_cut_anywhere_is_invalid(small_api, cursor):
    for position in range(0, len(cursor), 3):
        other = "A" if cursor[position] != "A" else "B"
        changed = cursor[:position] + other + cursor[position + 1 :]
        for text in (changed, cursor[:position] + "~" + cursor[position:]):
            response = small_api.get(f"/facts?name=a&cursor={text}")
            assert (response.status_code, error_code(response)) == (400, "CURSOR_INVALID"), position
        if position:
            response = small_api.get(f"/facts?name=a&cursor={cursor[:position]}")
            assert error_code(response) == "CURSOR_INVALID"


@pytest.mark.parametrize(
    "garbage",
    ["x", "=", "====", "%00", "%C3%A9", "a" * 5000, "..", "null", "eyJ0IjogMX0", "%ED%A0%80", "+", "-_-_"],
)
def test_a_garbage_cursor_is_invalid(small_api, garbage):
    response = small_api.get(f"/facts?cursor={garbage}")
    assert (response.status_code, error_code(response)) == (400, "CURSOR_INVALID")


def test_a_cursor_tells_nothing(small_api, cursor):
    raw = base64.urlsafe_b64decode(cursor + "==")
    assert b"2026" not in raw
    assert str(DomainEvent.objects.first().pk).encode() not in raw or len(raw) > 60
    again = page(small_api, "/facts?name=a&page_size=5")
    assert parse_qs(urlsplit(again["next"]).query)["cursor"][0] != cursor


def test_orderings_in_two_directions_are_a_mistake_of_ours(rf):
    from ogc.api.pagination import keyset_page

    with pytest.raises(ValueError, match="one direction"):
        keyset_page(rf.get("/"), DomainEvent.objects.all(), name="x", order=("-occurred_at", "id"), render=id)


changes = st.lists(
    st.tuples(st.sampled_from(["insert", "delete", "next", "next", "previous"]), st.integers(0, 30)),
    max_size=25,
)


@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(instants=st.lists(st.integers(0, 8), max_size=25), size=st.integers(1, 6), steps=changes)
def test_pages_follow_a_model_while_rows_come_and_go(small_api, instants, size, steps):
    DomainEvent.objects.all().delete()
    model = {}

    def insert(instant):
        row = DomainEvent.objects.create(name="a", occurred_at=START + timedelta(seconds=instant))
        model[row.pk] = (row.occurred_at, row.pk)

    def expected(after=None, before=None):
        """What a page after (before) a key holds, newest first."""
        keys = sorted(model.values(), reverse=True)
        if after is not None:
            return [key[1] for key in keys if key < after][:size]
        if before is not None:
            return [key[1] for key in keys if key > before][-size:]
        return [key[1] for key in keys][:size]

    for instant in instants:
        insert(instant)
    body = page(small_api, f"/facts?page_size={size}")
    assert body["results"] == expected()
    edges = [model[row] for row in body["results"]]
    for verb, number in steps:
        if verb == "insert":
            insert(number % 9)
        elif verb == "delete" and model:
            pk = sorted(model)[number % len(model)]
            DomainEvent.objects.filter(pk=pk).delete()
            del model[pk]
        elif verb in ("next", "previous") and body[verb] and edges:
            wanted = expected(after=edges[-1]) if verb == "next" else expected(before=edges[0])
            body = page(small_api, path_of(body[verb]))
            assert body["results"] == wanted
            keys = sorted(model.values(), reverse=True)
            if wanted and verb == "next":
                assert bool(body["next"]) == (model[wanted[-1]] > keys[-1])
                assert body["previous"] is not None
            elif wanted:
                assert bool(body["previous"]) == (model[wanted[0]] < keys[0])
                assert body["next"] is not None
            edges = [model[row] for row in wanted]
