"""Limits for targets whose calls cost money: the daily budget, the request rate, the end after refused credentials."""
