"""Used client ids are remembered by account, the newest ones."""

from stockex.core.matching.ids import REMEMBERED, UsedIds


def test_an_id_is_used_by_its_account_alone() -> None:
    """Another account has not used it."""
    used = UsedIds()
    used.add("A", "x1")
    assert ("A", "x1") in used
    assert ("B", "x1") not in used
    assert ("A", "x2") not in used


def test_the_oldest_id_is_forgotten() -> None:
    """One more than fit pushes out the first, and only that."""
    used = UsedIds()
    for number in range(REMEMBERED + 1):
        used.add("A", f"x{number}")
    assert ("A", "x0") not in used
    assert ("A", "x1") in used
    assert ("A", f"x{REMEMBERED}") in used


def test_lists_give_the_ids_back_in_their_order() -> None:
    """What is forgotten next is the same after storing."""
    used = UsedIds()
    for number in range(3):
        used.add("A", f"x{number}")
    assert used.as_lists() == {"A": ["x0", "x1", "x2"]}
    assert UsedIds.of(used.as_lists()).as_lists() == used.as_lists()
