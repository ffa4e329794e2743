"""A delayed answer waits on its scope's clock, in no worker, and notices a client that leaves."""

import time

from tests.server.scripted import until


def test_an_answer_is_not_sent_before_it_is_due(mock):
    with mock.client() as client:
        began_at = time.monotonic()
        client.ask("delay=0.05")
        client.answer()

        assert time.monotonic() - began_at >= 0.05

    delay_s = mock.world.ending().delay_s
    (_, arrived_s), (_, delivered_s) = mock.world.happened
    assert 0.05 <= delay_s <= delivered_s - arrived_s


def test_the_time_of_computing_counts_into_the_delay(mock):
    """The deadline counts from arrival: the world computes it, delivery only waits for it."""
    with mock.client() as client:
        client.ask("gate=1&delay=0.05")
        mock.world.wait_for(lambda: mock.world.computing)
        mock.world.gate.set()
        client.answer()

    facts = mock.world.ending()
    assert (facts.ending, facts.delay_s >= 0.05) == ("read_all", True)


def test_a_request_sent_ahead_of_its_turn_arrives_when_its_turn_comes(mock):
    mock.world.delays.freeze()
    with mock.client() as client:
        client.ask("delay=10")
        client.ask()
        assert until(lambda: mock.world.delays.is_awaited)
        mock.world.delays.advance(10)
        client.answer()
        client.answer()
        mock.world.wait_for(lambda: len(mock.world.endings) == 2)

    assert [name for name, _ in mock.world.happened] == ["arrived", "delivered"] * 2


def test_a_request_that_came_while_the_one_before_was_computed_arrives_when_its_turn_comes(mock):
    with mock.client() as client:
        client.ask("gate=1")
        mock.world.wait_for(lambda: mock.world.computing)
        client.ask()
        assert client.has_heard_nothing()
        mock.world.gate.set()
        client.answer()
        client.answer()
        mock.world.wait_for(lambda: len(mock.world.endings) == 2)

    assert [name for name, _ in mock.world.happened] == ["arrived", "delivered"] * 2


def test_the_time_between_two_requests_of_a_connection_is_nobodys_delay(mock):
    with mock.client() as client:
        client.ask()
        client.answer()
        mock.world.wait_for(lambda: len(mock.world.endings) == 1)
        asked_s = time.monotonic()
        client.ask()
        client.answer()
        mock.world.wait_for(lambda: len(mock.world.endings) == 2)

    _, _, (_, arrived_s), (_, delivered_s) = mock.world.happened
    assert asked_s <= arrived_s
    assert mock.world.endings[1].delay_s <= delivered_s - arrived_s


def test_advancing_the_clock_releases_the_answers_that_wait(mock):
    with mock.client() as first, mock.client() as second:
        first.ask("delay=3600")
        second.ask("delay=3600")
        mock.world.wait_for(lambda: mock.world.computing == 2)
        mock.world.delays.advance(3601)

        assert first.answer()[0] == second.answer()[0] == 200


def test_an_answer_on_a_frozen_clock_waits_until_it_is_moved(mock):
    mock.world.delays.freeze()
    with mock.client() as client:
        client.ask("delay=0.01")
        assert until(lambda: mock.world.delays.is_awaited)
        assert client.has_heard_nothing()
        mock.world.delays.advance(1)

        assert client.answer()[0] == 200


def test_a_thousand_moves_of_the_clock_lose_no_answer(mock):
    """Moving it while answers begin to wait is the race that would leave one asleep."""
    mock.world.delays.freeze()
    clients = [mock.client() for _ in range(50)]
    for client in clients:
        client.ask("delay=10")
        for _ in range(20):
            mock.world.delays.advance(1)
    mock.world.wait_for(lambda: mock.world.computing == 50)
    mock.world.delays.advance(10)

    assert [client.answer()[0] for client in clients] == [200] * 50
    for client in clients:
        client.socket.close()


def test_a_client_that_leaves_while_it_waits_is_noticed(mock):
    with mock.client() as client:
        client.ask("delay=3600")
        mock.world.wait_for(lambda: mock.world.computing)

    facts = mock.world.ending()
    assert (facts.ending, facts.sent_bytes) == ("left_early", 0)
    assert facts.delay_s < 3600


def test_a_client_that_resets_while_it_waits_is_noticed(mock):
    with mock.client() as client:
        client.ask("delay=3600")
        mock.world.wait_for(lambda: mock.world.computing)
        client.reset()

    assert mock.world.ending().ending == "left_early"


def test_a_request_sent_ahead_is_kept_while_the_first_waits(mock):
    with mock.client() as client:
        client.ask("delay=0.1", body=b"a")
        mock.world.wait_for(lambda: mock.world.computing)
        client.ask(body=b"bc")

        assert client.answer()[2] == b'{"read":1}'
        assert client.answer()[2] == b'{"read":2}'


def test_megabytes_sent_ahead_stay_in_the_kernel(mock):
    """What a client sends before its answer is taken up to a bound, then it is simply not read."""
    with mock.client() as client:
        client.ask("delay=0.2")
        mock.world.wait_for(lambda: mock.world.computing)
        client.ask(body=b"x" * 1_000_000)

        assert client.answer()[2] == b'{"read":0}'
        assert client.answer()[2] == b'{"read":1000000}'


def test_many_answers_wait_at_once_in_a_handful_of_threads(mock):
    clients = [mock.client() for _ in range(300)]
    for client in clients:
        client.ask("delay=3600")
    mock.world.wait_for(lambda: mock.world.computing == 300)

    assert until(lambda: mock.server.state.slots.counter == mock.server.state.timeouts.reading_at_once)
    mock.world.delays.advance(3601)
    assert [client.answer()[0] for client in clients] == [200] * 300
    for client in clients:
        client.socket.close()


def test_a_connection_that_ends_puts_off_what_is_written_in_a_pause(mock):
    """Thousands end together; who writes meanwhile would hold up the answers between them."""
    put_off = []
    mock.server.state.workers.put_off_pause = lambda: put_off.append(len(mock.server.state.connections))
    with mock.client() as client:
        client.ask()
        client.answer()

    assert until(lambda: put_off == [1, 0])  # its answer, then its end
