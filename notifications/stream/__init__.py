"""The stream process: server-sent events, fed by Redis.

`application` is the ASGI application that `ogc.asgi` mounts; `callers` says who connects, `feed` what they
get.
"""

from notifications.stream.app import application

__all__ = ["application"]
