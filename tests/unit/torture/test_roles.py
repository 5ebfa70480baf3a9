"""Who says that it is active after another one has is found out; who says so before is not."""

from stockex.torture.kafka.roles import Roles

FIRST, SECOND = 11, 22


def test_one_after_the_other_is_no_fault() -> None:
    """The first was asked before the second had answered, however late its own answer came."""
    roles = Roles()
    roles.hear(FIRST, "active", asked=0.0, answered=0.1)
    roles.hear(SECOND, "standby", asked=0.2, answered=0.3)
    roles.hear(SECOND, "active", asked=1.0, answered=1.1)
    roles.hear(FIRST, "active", asked=1.05, answered=9.0)
    roles.hear(FIRST, "standby", asked=9.1, answered=9.2)
    roles.hear(SECOND, "active", asked=9.3, answered=9.4)
    assert (roles.faults, roles.changes) == ([], 1)


def test_two_at_a_time_are_a_fault() -> None:
    """The first was asked when the second had answered already."""
    roles = Roles()
    roles.hear(FIRST, "active", asked=0.0, answered=0.1)
    roles.hear(SECOND, "active", asked=1.0, answered=1.1)
    roles.hear(FIRST, "active", asked=1.2, answered=1.3)
    assert roles.faults == [f"process {FIRST} says that it is active, and {SECOND} is"]
