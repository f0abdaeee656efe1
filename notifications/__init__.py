"""Telling people.

Owns: templates, preferences, notifications, deliveries, devices, providers, broadcasts, the stream.
Not here: deciding what happened: it only consumes domain events.
"""
