"""Quotas: requests per second and in flight, per key, on a clock that is handed in."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from volcv_mock.simulation.quotas import BadQuota, QuotaRefusal, Quotas, QuotaSettings, Ticket


def test_without_limits_everyone_is_admitted() -> None:
    quotas = Quotas()

    assert all(isinstance(quotas.admit("key", 0.0), Ticket) for _ in range(1000))


def test_the_request_over_the_rate_gets_50429_with_http_429() -> None:
    quotas = Quotas(QuotaSettings(requests_per_second=2))
    quotas.admit("key", 10.0)
    quotas.admit("key", 10.5)

    refusal = quotas.admit("key", 10.9)

    assert isinstance(refusal, QuotaRefusal)
    assert (refusal.row.code, refusal.row.http_status) == (50429, 429)
    assert refusal.window["requests_in_window"] == 2


def test_the_window_slides_with_the_clock() -> None:
    quotas = Quotas(QuotaSettings(requests_per_second=2))
    quotas.admit("key", 10.0)
    quotas.admit("key", 10.5)

    assert isinstance(quotas.admit("key", 10.99), QuotaRefusal)
    assert isinstance(quotas.admit("key", 11.0), Ticket)
    assert isinstance(quotas.admit("key", 11.4), QuotaRefusal)
    assert isinstance(quotas.admit("key", 11.5), Ticket)


def test_a_frozen_clock_never_empties_the_window() -> None:
    quotas = Quotas(QuotaSettings(requests_per_second=1))
    quotas.admit("key", 10.0)

    assert all(isinstance(quotas.admit("key", 10.0), QuotaRefusal) for _ in range(10))


def test_a_clock_set_back_does_not_lock_the_key_out() -> None:
    quotas = Quotas(QuotaSettings(requests_per_second=1))
    quotas.admit("key", 1000.0)

    assert isinstance(quotas.admit("key", 10.0), Ticket)


def test_a_request_that_another_has_overtaken_counts_with_that_one() -> None:
    """Workers check requests in nearly the order of arrival; a burst is refused in either order."""
    quotas = Quotas(QuotaSettings(requests_per_second=2))
    quotas.admit("key", 10.002, 10.003)
    quotas.admit("key", 10.001, 10.003)

    assert isinstance(quotas.admit("key", 10.0, 10.003), QuotaRefusal)
    assert isinstance(quotas.admit("key", 11.1, 11.1), Ticket)


def test_a_slow_upload_does_not_empty_the_window() -> None:
    """Its head arrived long before those that were checked in the meantime; the clock was not set back."""
    quotas = Quotas(QuotaSettings(requests_per_second=1))
    quotas.admit("key", 645.0, 645.0)

    assert isinstance(quotas.admit("key", 642.0, 645.3), QuotaRefusal)
    assert isinstance(quotas.admit("key", 645.4, 645.4), QuotaRefusal)


def test_half_a_request_per_second_is_one_in_two_seconds() -> None:
    quotas = Quotas(QuotaSettings(requests_per_second=0.5))
    quotas.admit("key", 0.0)

    assert isinstance(quotas.admit("key", 1.9), QuotaRefusal)
    assert isinstance(quotas.admit("key", 2.0), Ticket)


def test_the_request_over_the_concurrency_gets_50430_until_one_leaves() -> None:
    quotas = Quotas(QuotaSettings(in_flight=1))
    ticket = quotas.admit("key", 0.0)
    assert isinstance(ticket, Ticket)

    refusal = quotas.admit("key", 0.0)
    quotas.release(ticket)

    assert isinstance(refusal, QuotaRefusal)
    assert (refusal.row.code, refusal.row.http_status) == (50430, 429)
    assert isinstance(quotas.admit("key", 0.0), Ticket)


def test_releasing_a_ticket_twice_frees_one_slot() -> None:
    quotas = Quotas(QuotaSettings(in_flight=2))
    first, second = quotas.admit("key", 0.0), quotas.admit("key", 0.0)
    assert isinstance(first, Ticket)
    assert isinstance(second, Ticket)

    quotas.release(first)
    quotas.release(first)

    assert quotas.in_flight("key") == 1


def test_a_refused_request_takes_neither_a_slot_nor_a_place_in_the_window() -> None:
    quotas = Quotas(QuotaSettings(requests_per_second=2, in_flight=1))
    ticket = quotas.admit("key", 0.0)
    assert isinstance(ticket, Ticket)
    for _ in range(5):
        assert isinstance(quotas.admit("key", 0.0), QuotaRefusal)

    quotas.release(ticket)

    assert isinstance(quotas.admit("key", 0.0), Ticket)


def test_keys_do_not_share_their_quotas() -> None:
    quotas = Quotas(QuotaSettings(requests_per_second=1, in_flight=1))

    assert isinstance(quotas.admit("one", 0.0), Ticket)
    assert isinstance(quotas.admit("other", 0.0), Ticket)


def test_nothing_of_a_quota_prints_the_key() -> None:
    quotas = Quotas(QuotaSettings(in_flight=1))

    assert "sk-secret" not in repr([quotas.admit("sk-secret", 0.0), quotas.admit("sk-secret", 0.0)])


def test_the_number_of_keys_is_bounded_and_the_idle_leave_first() -> None:
    quotas = Quotas(QuotaSettings(in_flight=1), max_keys=10)
    busy = quotas.admit("busy", 0.0)
    for index in range(100):
        ticket = quotas.admit(f"key-{index}", 0.0)
        assert isinstance(ticket, Ticket)
        quotas.release(ticket)

    assert isinstance(busy, Ticket)
    assert len(quotas) <= 10
    assert quotas.in_flight("busy") == 1


def test_reset_forgets_the_window_and_keeps_who_is_in_flight() -> None:
    quotas = Quotas(QuotaSettings(requests_per_second=1, in_flight=2))
    quotas.admit("key", 0.0)

    quotas.reset()

    assert quotas.in_flight("key") == 1
    assert isinstance(quotas.admit("key", 0.0), Ticket)


def test_fifty_threads_get_exactly_as_many_slots_as_there_are() -> None:
    quotas = Quotas(QuotaSettings(in_flight=7))
    admitted: list[Ticket | QuotaRefusal] = []
    start = threading.Barrier(50)

    def ask() -> None:
        start.wait()
        admitted.append(quotas.admit("key", 0.0))

    threads = [threading.Thread(target=ask) for _ in range(50)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sum(isinstance(each, Ticket) for each in admitted) == 7


@given(rate=st.integers(1, 20), times=st.lists(st.floats(0, 10), max_size=200))
def test_no_window_of_a_second_holds_more_than_the_rate(rate: int, times: list[float]) -> None:
    quotas = Quotas(QuotaSettings(requests_per_second=rate))
    admitted = [moment for moment in sorted(times) if isinstance(quotas.admit("key", moment), Ticket)]

    assert all(sum(start <= moment < start + 1 for moment in admitted) <= rate + 1e-9 for start in admitted)


@pytest.mark.parametrize(
    ("spec", "words"),
    [
        ({"requests_per_second": 0}, "requests_per_second"),
        ({"requests_per_second": True}, "true|True"),
        ({"requests_per_second": "7"}, "a number"),
        ({"requests_per_second": float("nan")}, "nan"),
        ({"requests_per_second": float("inf")}, "inf"),
        ({"in_flight": 1.5}, "a whole number"),
        ({"in_flight": -1}, "in_flight"),
        ({"retry_after_s": "soon"}, "retry_after_s"),
    ],
)
def test_a_bad_quota_is_refused_and_says_why(spec: dict[str, Any], words: str) -> None:
    with pytest.raises(BadQuota, match=words):
        QuotaSettings(**spec)


def test_no_key_is_kept() -> None:
    """A key may be secret, and as long as a header: four thousand long ones would be hundreds of megabytes."""
    quotas = Quotas(QuotaSettings(in_flight=1))

    ticket = quotas.admit("sk-secret" * 1000, 0.0)

    assert isinstance(ticket, Ticket)
    assert len(ticket.key) == 16
    assert quotas.in_flight("sk-secret" * 1000) == 1
