"""What the web process shows and accepts: apps, middleware, headers, templates, static files, API."""

from urllib.parse import urlsplit

from ogc.settings.environment import ROOT, env

INSTALLED_APPS = [
    "ogc",
    "accounts",
    "governance",
    "wallets",
    "challenges",
    "notifications",
    "analytics",
    "unfold",
    "unfold.contrib.filters",
    "unfold.contrib.forms",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "rest_framework",
    "corsheaders",
    "django_rq",
    "auditlog",
    "drf_spectacular",
    "drf_spectacular_sidecar",
]

MIDDLEWARE = [
    "ogc.middleware.platform.PlatformMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "ogc.middleware.platform.KnownHostMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "ogc.middleware.cors.OriginMiddleware",
    "ogc.middleware.admin_site.AdminSessionMiddleware",
    "ogc.middleware.admin_site.AdminCsrfMiddleware",
    "accounts.middleware.StaffSessionMiddleware",
    "ogc.middleware.admin_site.AdminMessageMiddleware",
    "governance.middleware.AuditlogMiddleware",
]

ROOT_URLCONF = "ogc.urls"
APPEND_SLASH = False
WSGI_APPLICATION = "ogc.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [ROOT / "ogc" / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]

PORT = env.PORT
PUBLIC_URL = env.public_url
_public = urlsplit(PUBLIC_URL)
STREAM_URL = env.STREAM_URL or (
    f"{_public.scheme}://{_public.hostname}:{env.PORT + 1}/api/v1/notifications/stream"
)
ALLOWED_HOSTS = env.ALLOWED_HOSTS
TRUSTED_PROXIES = env.TRUSTED_PROXIES
METRICS_NETWORKS = env.METRICS_NETWORKS

CORS_ALLOWED_ORIGINS = env.CORS_ORIGINS
CORS_ALLOW_CREDENTIALS = True
CORS_ALLOW_HEADERS = ["authorization", "content-type", "idempotency-key", "x-request-id", "last-event-id"]
CORS_EXPOSE_HEADERS = [
    "x-request-id", "ratelimit-limit", "ratelimit-remaining", "ratelimit-reset", "retry-after",
    "idempotent-replayed",
]  # fmt: skip

SECURE_HSTS_SECONDS = 31_536_000
SECURE_HSTS_INCLUDE_SUBDOMAINS = True
SECURE_HSTS_PRELOAD = True
# "no-referrer" would send `Origin: null` with the forms of the admin site, which the CSRF check refuses.
SECURE_REFERRER_POLICY = "same-origin"
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if env.TRUSTED_PROXIES else None
X_FRAME_OPTIONS = "DENY"
CSRF_TRUSTED_ORIGINS = [PUBLIC_URL]
# As long as a login into the admin site lasts at most (accounts.constants.ADMIN_SESSION_SECONDS).
SESSION_ENGINE = "ogc.middleware.session_store"
SESSION_COOKIE_AGE = 12 * 3600
SESSION_COOKIE_PATH = CSRF_COOKIE_PATH = "/admin/"

DATA_UPLOAD_MAX_MEMORY_SIZE = 1_048_576
STATIC_URL = "/static/"
STATIC_ROOT = env.OGC_VAR / "static"
STATIC_ROOT.mkdir(parents=True, exist_ok=True)
WHITENOISE_USE_FINDERS = env.DEBUG
MEDIA_ROOT = env.OGC_VAR / "media"
MEDIA_URL = "/media/"

LANGUAGE_CODE = "en"
USE_I18N = False
USE_TZ = True
TIME_ZONE = "UTC"

# Who checks `Authorization: Bearer …` for our views: an object with `authenticate(request)`.
BEARER_AUTHENTICATION = "accounts.authentication.BearerAuthentication"

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [],
    "DEFAULT_PERMISSION_CLASSES": [],
    "DEFAULT_RENDERER_CLASSES": ["ogc.api.rendering.JsonRenderer"],
    "DEFAULT_PARSER_CLASSES": ["ogc.api.rendering.JsonParser"],
    "DEFAULT_CONTENT_NEGOTIATION_CLASS": "ogc.api.rendering.LenientNegotiation",
    "DEFAULT_SCHEMA_CLASS": "ogc.api.schema.EndpointSchema",
    "EXCEPTION_HANDLER": "ogc.api.errors.handle",
    "UNAUTHENTICATED_USER": "ogc.api.authentication.anonymous",
}
