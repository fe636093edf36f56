"""What crosses a process boundary, once: messages, topics, codec, money, business day.

Imports only pydantic and the standard library, so that a point, a hub, a kiosk and the
simulator can all load it and none of them needs another.
"""

WIRE_VERSION = 1
"""The version every message carries as ``v``; a changed golden line needs a new one."""
