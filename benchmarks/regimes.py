"""Draw the flows that the books are measured with, and tell what each came to."""

import argparse

from flows.catalogue import FLOWS, SEED, flow


def main() -> None:
    """Draw the flows that are named, or all, and print their shares."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", metavar="FLOW", help=f"of {', '.join(FLOWS)}; all when none is named")
    parser.add_argument("--messages", type=int, help="fewer than a whole run: its beginning")
    parser.add_argument("--seed", type=int, default=SEED)
    options = parser.parse_args()
    for name in options.names or FLOWS:
        print(name)
        for line in flow(name, options.messages, seed=options.seed).counts.lines():
            print("  " + line)


if __name__ == "__main__":
    main()
