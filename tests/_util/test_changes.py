"""Changes: a number that grows, and listeners."""

from __future__ import annotations

from volcv_mock._util.changes import Changes


def test_each_touch_is_another_revision() -> None:
    changes = Changes()
    seen = [changes.revision]

    for _ in range(3):
        changes.touch()
        seen.append(changes.revision)

    assert len(set(seen)) == 4


def test_a_listener_is_called_until_it_unsubscribes() -> None:
    changes, heard = Changes(), list[int]()
    unsubscribe = changes.subscribe(lambda: heard.append(changes.revision))

    changes.touch()
    unsubscribe()
    changes.touch()

    assert heard == [1]
    assert changes.listeners == 0
