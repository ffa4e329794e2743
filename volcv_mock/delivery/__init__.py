"""Delivery: how a reply reaches its client, by a socket in real time or in process in virtual time."""
