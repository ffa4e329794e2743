"""Limits towards paid targets: the request rate, and the end after refused credentials.

The budget is volcv_mock/recording/ledger.py.
"""
