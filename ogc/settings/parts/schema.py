"""The OpenAPI document."""

SPECTACULAR_SETTINGS = {
    "TITLE": "OGC NewFinity",
    "DESCRIPTION": "Token-powered challenges: people, money, contests, messages, governance, figures.",
    "VERSION": "1.0.0",
    "OAS_VERSION": "3.1.0",
    "SERVE_INCLUDE_SCHEMA": False,
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "COMPONENT_SPLIT_REQUEST": False,
    "ENUM_GENERATE_CHOICE_DESCRIPTION": False,
    # Enumerations stay where they are used: no names have to be invented for them.
    "SORT_OPERATIONS": True,
    "POSTPROCESSING_HOOKS": ["ogc.api.schema_hooks.share_error_answers"],
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "APPEND_COMPONENTS": {
        "securitySchemes": {"bearer": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}}
    },
    "AUTHENTICATION_WHITELIST": [],
}
