"""The seeded templates about accounts: mails with tokens, and what people hear of their own security.

Wording: what happened, where and when, and what to do if it was somebody else. Calm, and no link that asks
for a password: the one to the timeline opens the client, which knows its own session. Opening the one with
the token does nothing yet, since mail scanners open links: the page asks, and posts the token.
"""

from notifications.constants import NotificationType
from notifications.seeding import SeedTemplate, html, plain
from notifications.templating import TemplateSources

VERIFICATION = "accounts.verification"
RESET_PASSWORD = "accounts.reset_password"
CONFIRM_EMAIL = "accounts.confirm_email"
EMAIL_TAKEN = "accounts.email_taken"
EMAIL_CHANGE_ASKED = "accounts.email_change_asked"
EMAIL_CHANGED = "accounts.email_changed"
SECURITY_ALERT = "accounts.security_alert"
ACTIVITY_DENIED = "accounts.activity_denied"
DENIAL_FOR_STAFF = "accounts.denial_for_staff"
REFRESH_REUSED = "accounts.refresh_reused"

# Template → path of the page, in the client, that takes the token.
SECRET_TEMPLATES = {
    VERIFICATION: "/verify-email",
    RESET_PASSWORD: "/reset-password",
    CONFIRM_EMAIL: "/confirm-email",
}

# Mails about a line of the timeline; what only the line holds is looked up when they are rendered.
ACTIVITY_TEMPLATES = frozenset({SECURITY_ALERT, EMAIL_CHANGE_ASKED, EMAIL_CHANGED})
# Of these, those that go to the address that the line names as the old one.
OLD_ADDRESS_TEMPLATES = frozenset({EMAIL_CHANGE_ASKED, EMAIL_CHANGED})

_FACTS = frozenset({"when", "device", "ip", "activity_link", "reset_link", "link", "token"})
_FACTS_TEXT = (
    "When: {{ when }}\n"
    "{% if device %}Device: {{ device }}\n{% endif %}"
    "{% if ip %}IP address: {{ ip }}\n{% endif %}"
)
_FACTS_HTML = (
    "When: {{ when }}"
    "{% if device %}<br>Device: {{ device }}{% endif %}"
    "{% if ip %}<br>IP address: {{ ip }}{% endif %}"
)
# Empty for lines that nobody else can have caused, and once the line is denied.
_DENY_TEXT = (
    "{% if token %}If this wasn't you, say so here, no login needed. It ends all sessions, stops outgoing "
    "tokens and takes back what was added:\n\n"
    "{{ link }}\n\n"
    "or give this token to the app:\n\n"
    "Token: {{ token }}\n\n"
    "The token is good once and for 7 days.\n\n{% endif %}"
)
_DENY_HTML = (
    '{% if token %}If this wasn\'t you, <a href="{{ link }}">say so here</a>, no login needed. '
    "It ends all sessions, stops outgoing tokens and takes back what was added. "
    "The link is good once and for 7 days.{% endif %}"
)
_NOT_YOU_TEXT = (
    "Your security timeline, when you are logged in:\n\n"
    "{{ activity_link }}\n\n"
    "If you can't log in any more, choose a new password:\n\n"
    "{{ reset_link }}\n"
)
_NOT_YOU_HTML = (
    'When you are logged in: <a href="{{ activity_link }}">your security timeline</a>.',
    'If you can\'t log in any more, <a href="{{ reset_link }}">choose a new password</a>.',
)


def _with_token(name: str, title: str, please: str, button: str, closing: str, *more: str) -> SeedTemplate:
    """A mail that carries a token; it has no twin in the app."""
    return SeedTemplate(
        name=name,
        type=NotificationType.SECURITY,
        variables=frozenset({"name", "link", "token"}),
        sources=TemplateSources(
            title=title,
            message="",
            mail_text=(
                f"Hello {{{{ name }}}},\n\n{please} Open this link:\n\n"
                "{{ link }}\n\n"
                "or give this token to the app:\n\n"
                "Token: {{ token }}\n\n" + "".join(f"{text}\n\n" for text in more) + f"{closing}\n"
            ),
            mail_html=html(
                "Hello {{ name }},", please, f'<a href="{{{{ link }}}}">{button}</a>', *more, closing
            ),
        ),
    )


def _about_activity(
    name: str, title: str, message: str, happened: str, *instead: str, variables: frozenset[str]
) -> SeedTemplate:
    """A mail about a line of the timeline, with its facts and what to do (or what stands `instead`)."""
    return SeedTemplate(
        name=name,
        type=NotificationType.SECURITY,
        variables=frozenset({"name"}) | variables | _FACTS,
        sources=TemplateSources(
            title=title,
            message=message,
            mail_text=(
                f"Hello {{{{ name }}}},\n\n{happened}\n\n{_FACTS_TEXT}\n"
                + _DENY_TEXT
                + ("\n\n".join(instead) + "\n" if instead else _NOT_YOU_TEXT)
            ),
            mail_html=html(
                "Hello {{ name }},", happened, _FACTS_HTML, _DENY_HTML, *(instead or _NOT_YOU_HTML)
            ),
        ),
    )


ACCOUNT_TEMPLATES = (
    _with_token(
        VERIFICATION,
        "Confirm your e-mail address",
        "please confirm this address for your OGC NewFinity account.",
        "Confirm the address",
        "If you did not register, ignore this message.",
    ),
    _with_token(
        RESET_PASSWORD,
        "Choose a new password",
        "somebody asked for a new password for your OGC NewFinity account.",
        "Choose a new password",
        "If it wasn't you, ignore this message: your password stays as it is.",
        "The token is good once and for 30 minutes. All sessions end when the new password is set.",
    ),
    _with_token(
        CONFIRM_EMAIL,
        "Confirm your new e-mail address",
        "please confirm that your OGC NewFinity account shall use this address.",
        "Use this address",
        "If you did not ask for this, ignore this message: nothing changes.",
        "The token is good once and for 24 hours. Log in first, then confirm.",
    ),
    plain(
        EMAIL_TAKEN,
        NotificationType.SECURITY,
        "Your address was named for another account",
        "",
        "somebody who is logged in to another OGC NewFinity account asked to use your address for it. "
        "An address belongs to one account, so nothing happened.",
        "If that was you, you have two accounts: change the address of this one first. "
        "If not, there is nothing to do.",
        variables=frozenset(),
    ),
    _about_activity(
        EMAIL_CHANGE_ASKED,
        "A change of your e-mail address was asked for",
        "Somebody asked to use another address for your account. It changes once that address is confirmed. "
        "If it wasn't you, say so in your security timeline.",
        "somebody gave your password and asked to use the address {{ new_address }} for your OGC NewFinity "
        "account. It changes once that address is confirmed.",
        variables=frozenset({"new_address"}),
    ),
    _about_activity(
        EMAIL_CHANGED,
        "Your e-mail address was changed",
        "Your account uses another address from now on. All other sessions were ended.",
        "your OGC NewFinity account uses the address {{ new_address }} from now on. This address, where you "
        "read this, no longer belongs to it. All other sessions were ended.",
        "If this wasn't you and you can't say so here, write to us at once: mails for a new password go to "
        "the new address.",
        variables=frozenset({"new_address"}),
    ),
    _about_activity(
        SECURITY_ALERT,
        "{{ what }}",
        "{{ happened|capfirst }} If it wasn't you, say so in your security timeline.",
        "{{ happened }}",
        variables=frozenset({"what", "happened"}),
    ),
    plain(
        ACTIVITY_DENIED,
        NotificationType.SECURITY,
        "We secured your account",
        "You told us that something wasn't you. All sessions were ended and outgoing tokens are stopped. "
        "Choose a new password with the mail that we sent.",
        "you told us that something in your account wasn't you. This is what we did:",
        "All sessions were ended. Outgoing tokens are stopped until our staff let them go again. "
        "You get another mail to choose a new password.",
        "Our staff were told and look into it.",
        variables=frozenset(),
    ),
    plain(
        DENIAL_FOR_STAFF,
        NotificationType.GOVERNANCE,
        "Somebody said “this wasn't me”",
        "User {{ user }} denied a line of their timeline ({{ what }}). Their outgoing tokens are stopped "
        "until somebody looked into it.",
        "user {{ user }} denied a line of their security timeline: {{ what }}.",
        "Their sessions were ended and their outgoing tokens are stopped until somebody looked into it.",
        variables=frozenset({"user", "what"}),
    ),
    plain(
        REFRESH_REUSED,
        NotificationType.SECURITY,
        "A session of yours was ended",
        "A sign-in token of yours was used twice, so we ended that session. "
        "If it wasn't you, change your password.",
        "a sign-in token of your account was used a second time. It may have been copied, so we "
        "ended that session.",
        "If you did not expect this, change your password now.",
        variables=frozenset(),
    ),
)
