"""The topics of the log."""

from stockex.vocabulary.enums import Word


class Topic(Word):
    """One ordered, durable stream of records. The names are the seed's, and five more."""

    ORDERS = "orders"
    EXECUTIONS = "executions"
    TRADES = "trades"
    BOOK = "book"
    SNAPSHOTS = "snapshots"
    CONTROL = "control"
    LEDGER = "ledger"
    DECISIONS = "decisions"
    AI_INSIGHTS = "ai_insights"
    FIX = "fix"


TOPIC_NOTES: dict[Topic, str] = {
    Topic.ORDERS: "The journal: every command, in the order in which the engine obeys them.",
    Topic.EXECUTIONS: "What became of each order: accepted, rejected, rested, traded, cancelled and so on.",
    Topic.TRADES: "The public tape: one record a trade, and one for each that is undone or corrected.",
    Topic.BOOK: "Price levels that a command changed, with their new quantity.",
    Topic.SNAPSHOTS: "Best bid and offer with technical indicators and the feeder's regime.",
    Topic.CONTROL: "Session signals, listings, and who trades by hand.",
    Topic.LEDGER: "Money and shares that enter accounts, and the settlement of each day.",
    Topic.DECISIONS: "What each member decided, and why.",
    Topic.AI_INSIGHTS: "The analyst's commentary.",
    Topic.FIX: "Where each FIX session stands: its numbers, and what it was answered beyond facts.",
}
"""One sentence a topic, for the reference page."""

FACT_TOPICS = (Topic.EXECUTIONS, Topic.TRADES, Topic.BOOK, Topic.CONTROL, Topic.LEDGER)
"""The topics that hold facts of the engine; `control` and `ledger` hold others too."""
