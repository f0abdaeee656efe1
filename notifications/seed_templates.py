"""The templates that `seed` creates, and the names that each may use.

`message` is what shows in the app; empty: the notification has no in-app row. Those about accounts, with
the mails that carry a one-time token, are in `account_templates`.
"""

from notifications.account_templates import ACCOUNT_TEMPLATES
from notifications.constants import NotificationType
from notifications.seeding import SeedTemplate, html
from notifications.templating import TemplateSources
from notifications.wallet_templates import WALLET_TEMPLATES

SUBMISSION_APPROVED = "challenges.submission_approved"
SUBMISSION_REJECTED = "challenges.submission_rejected"
REWARD_PAID = "wallets.reward_paid"
WITHDRAWAL_SETTLED = "wallets.withdrawal_settled"
PLAIN_MESSAGE = "notifications.message"


SEED_TEMPLATES = (
    *ACCOUNT_TEMPLATES,
    *WALLET_TEMPLATES,
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
            mail_html=html(
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
            mail_html=html(
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
            mail_html=html(
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
            mail_html=html(
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
            mail_html=html("Hello {{ name }},", "{{ message|linebreaksbr }}"),
        ),
    ),
)

TEMPLATE_VARIABLES = {template.name: template.variables for template in SEED_TEMPLATES}
