"""The exchange on Kafka under load while its broker dies, its matcher dies or freezes, and a standby takes over.

Rule 1. Broker, matchers, dashboard, feeder, those who load them and the one who audits are processes of their own.
Rule 2. What clients were told is held against a replay of the log, as for the embedded one: `torture.kills.audit`.
Rule 3. Every matcher is asked all the time what it is: never may one say `active` after another one has.
Rule 4. The log proves it once more: the facts of one matcher stand together, and those of the next behind them.
"""
