"""Mail: files under OGC_VAR by default, SMTP with EMAIL_URL."""

from urllib.parse import unquote, urlsplit

from ogc.settings.environment import env

_url = urlsplit(env.EMAIL_URL)

EMAIL_URL, DEFAULT_FROM_EMAIL = env.EMAIL_URL, env.EMAIL_FROM
EMAIL_BACKEND = (
    "django.core.mail.backends.smtp.EmailBackend"
    if env.EMAIL_URL
    else "notifications.clients.mail_files.EmailBackend"
)
EMAIL_HOST = _url.hostname or "localhost"
EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = unquote(_url.username or ""), unquote(_url.password or "")
EMAIL_USE_SSL, EMAIL_USE_TLS = _url.scheme == "smtps", _url.scheme == "smtp+tls"
EMAIL_PORT = _url.port or {"smtps": 465, "smtp+tls": 587}.get(_url.scheme, 25)
# Less than the lease of a delivery, so that nobody else starts while a server is slow.
EMAIL_TIMEOUT = 10
EMAIL_SUBJECT_PREFIX = ""
