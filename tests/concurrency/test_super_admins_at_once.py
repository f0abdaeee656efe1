"""Super admins who throw each other out at the same instant, on real connections."""

from collections import Counter
from itertools import product

import pytest

from accounts.models import User
from accounts.services import user_suspend
from accounts.services.claims import actor_for
from governance.services import role_remove
from ogc.errors import LastSuperAdmin
from tests.accounts.test_concurrency import at_once
from tests.factories.governance import staff

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.concurrency]


def suspend(actor, user) -> str:
    user_suspend(actor=actor, user_id=user.public_id, reason="out")
    return "done"


def remove(actor, user) -> str:
    role_remove(actor=actor, user_id=user.public_id, role="super_admin")
    return "done"


@pytest.mark.parametrize(("first", "second"), list(product([suspend, remove], repeat=2)))
def test_one_of_two_stays(first, second):
    owners = [staff("super_admin"), staff("super_admin")]
    actors = [actor_for(owner) for owner in owners]
    answers = at_once(2, lambda n: (first, second)[n](actors[n], owners[1 - n]))
    assert Counter(answers) == {"done": 1, LastSuperAdmin: 1}
    assert User.objects.filter(groups__name="super_admin", status="active").count() == 1
