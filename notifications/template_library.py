"""All that a notification template can do: one tag and a few filters that can neither run long nor reach out.

No loops (a nested one never ends), no includes, no `safe`, no `autoescape off`, no padding filters
(`center:"999999999"` fills the memory).
"""

from django.template import Library, defaultfilters, defaulttags

register = Library()

register.tag("if", defaulttags.do_if)

for _name in ("capfirst", "default", "linebreaksbr", "lower", "title", "truncatechars", "upper", "urlencode"):
    register.filter(_name, getattr(defaultfilters, _name))
