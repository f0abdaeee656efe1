"""The templates that `seed` creates, and the names that each may use.

`message` is what shows in the app; empty: the notification has no in-app row. Mail that carries a one-time
token names its purpose in SECRET_TEMPLATES: link and token are derived when it is rendered and are stored
nowhere.
"""

from dataclasses import dataclass

from notifications.constants import NotificationType
from notifications.templating import TemplateSources

VERIFICATION = "accounts.verification"
REFRESH_REUSED = "accounts.refresh_reused"
SUBMISSION_APPROVED = "challenges.submission_approved"
SUBMISSION_REJECTED = "challenges.submission_rejected"
REWARD_PAID = "wallets.reward_paid"
WITHDRAWAL_SETTLED = "wallets.withdrawal_settled"
PLAIN_MESSAGE = "notifications.message"

# Template → path of the page, in the client, that takes the token.
SECRET_TEMPLATES = {VERIFICATION: "/verify-email"}


@dataclass(frozen=True, slots=True)
class SeedTemplate:
    """One template as it comes with the platform."""

    name: str
    type: NotificationType
    variables: frozenset[str]
    sources: TemplateSources


def _html(*paragraphs: str) -> str:
    body = "\n".join(f"<p>{paragraph}</p>" for paragraph in paragraphs)
    return f'<!doctype html>\n<html lang="en"><body>\n{body}\n</body></html>\n'


SEED_TEMPLATES = (
    SeedTemplate(
        name=VERIFICATION,
        type=NotificationType.SECURITY,
        variables=frozenset({"name", "link", "token"}),
        sources=TemplateSources(
            title="Confirm your e-mail address",
            message="",
            mail_text=(
                "Hello {{ name }},\n\n"
                "please confirm this address for your OGC NewFinity account. Open this link:\n\n"
                "{{ link }}\n\n"
                "or give this token to the app:\n\n"
                "Token: {{ token }}\n\n"
                "If you did not register, ignore this message.\n"
            ),
            mail_html=_html(
                "Hello {{ name }},",
                "please confirm this address for your OGC NewFinity account.",
                '<a href="{{ link }}">Confirm the address</a>',
                "If you did not register, ignore this message.",
            ),
        ),
    ),
    SeedTemplate(
        name=REFRESH_REUSED,
        type=NotificationType.SECURITY,
        variables=frozenset({"name"}),
        sources=TemplateSources(
            title="A session of yours was ended",
            message=(
                "A sign-in token of yours was used twice, so we ended that session. "
                "If it wasn't you, change your password."
            ),
            mail_text=(
                "Hello {{ name }},\n\n"
                "a sign-in token of your account was used a second time. It may have been copied, so we "
                "ended that session.\n\nIf you did not expect this, change your password now.\n"
            ),
            mail_html=_html(
                "Hello {{ name }},",
                "a sign-in token of your account was used a second time. It may have been copied, so we "
                "ended that session.",
                "If you did not expect this, change your password now.",
            ),
        ),
    ),
    SeedTemplate(
        name=SUBMISSION_APPROVED,
        type=NotificationType.SUBMISSION,
        variables=frozenset({"name", "challenge"}),
        sources=TemplateSources(
            title="Your submission was approved",
            message="Your submission to “{{ challenge }}” was approved.",
            mail_text=(
                "Hello {{ name }},\n\nyour submission to “{{ challenge }}” was approved. "
                "It takes part in the results.\n"
            ),
            mail_html=_html(
                "Hello {{ name }},",
                "your submission to “{{ challenge }}” was approved. It takes part in the results.",
            ),
        ),
    ),
    SeedTemplate(
        name=SUBMISSION_REJECTED,
        type=NotificationType.SUBMISSION,
        variables=frozenset({"name", "challenge", "reason"}),
        sources=TemplateSources(
            title="Your submission was not accepted",
            message="Your submission to “{{ challenge }}” was not accepted: {{ reason }}",
            mail_text=(
                "Hello {{ name }},\n\nyour submission to “{{ challenge }}” was not accepted:\n\n"
                "{{ reason }}\n\n"
                "Until the deadline you can hand in a new version.\n"
            ),
            mail_html=_html(
                "Hello {{ name }},",
                "your submission to “{{ challenge }}” was not accepted:",
                "{{ reason|linebreaksbr }}",
                "Until the deadline you can hand in a new version.",
            ),
        ),
    ),
    SeedTemplate(
        name=REWARD_PAID,
        type=NotificationType.WALLET,
        variables=frozenset({"name", "challenge", "amount", "rank"}),
        sources=TemplateSources(
            title="You received {{ amount }} OGC",
            message=(
                "{{ amount }} OGC for {% if rank %}rank {{ rank }} in {% endif %}“{{ challenge }}” "
                "went to your wallet."
            ),
            mail_text=(
                "Hello {{ name }},\n\ncongratulations: {{ amount }} OGC for "
                "{% if rank %}rank {{ rank }} in {% endif %}“{{ challenge }}” went to your wallet.\n"
            ),
            mail_html=_html(
                "Hello {{ name }},",
                "congratulations: {{ amount }} OGC for {% if rank %}rank {{ rank }} in {% endif %}"
                "“{{ challenge }}” went to your wallet.",
            ),
        ),
    ),
    SeedTemplate(
        name=WITHDRAWAL_SETTLED,
        type=NotificationType.WALLET,
        variables=frozenset({"name", "amount", "tx_hash"}),
        sources=TemplateSources(
            title="Your withdrawal of {{ amount }} OGC is final",
            message="Your withdrawal of {{ amount }} OGC is final on the chain: {{ tx_hash }}",
            mail_text=(
                "Hello {{ name }},\n\nyour withdrawal of {{ amount }} OGC is final on the chain.\n\n"
                "Transaction: {{ tx_hash }}\n\nIf you did not ask for it, write to us at once.\n"
            ),
            mail_html=_html(
                "Hello {{ name }},",
                "your withdrawal of {{ amount }} OGC is final on the chain.",
                "Transaction: <code>{{ tx_hash }}</code>",
                "If you did not ask for it, write to us at once.",
            ),
        ),
    ),
    SeedTemplate(
        name=PLAIN_MESSAGE,
        type=NotificationType.SYSTEM,
        variables=frozenset({"name", "title", "message"}),
        sources=TemplateSources(
            title="{{ title }}",
            message="{{ message }}",
            mail_text="Hello {{ name }},\n\n{{ message }}\n",
            mail_html=_html("Hello {{ name }},", "{{ message|linebreaksbr }}"),
        ),
    ),
)

TEMPLATE_VARIABLES = {template.name: template.variables for template in SEED_TEMPLATES}
