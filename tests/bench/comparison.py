"""For benches in Python: the same arguments and rows as comparison.h has."""

import argparse
import statistics


def parse_options():
    """Options of the command line: pairs, smoke, directory."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--pairs", type=int, default=5, help="of runs that are compared")
    parser.add_argument("--smoke", action="store_true", help="tiny numbers: does it work")
    parser.add_argument("--directory", default="/var/tmp/davit-bench", help="where files are put")
    options = parser.parse_args()
    if options.smoke:
        options.pairs = 1
    return options


def text(value):
    """Three digits that count, whatever the size."""
    if value >= 1000:
        return f"{value:,.0f}"
    return f"{value:.{0 if value >= 100 else 1 if value >= 10 else 2}f}"


def row(what, unit, ours, against, ratios, goal, at_least):
    """One line of the table."""
    ratio = statistics.median(ratios)
    met = ratio >= goal if at_least else ratio <= goal
    cells = [what, f"{text(ours)} {unit}", f"{text(against)} {unit}",
             f"{text(ratio)} ({text(min(ratios))} to {text(max(ratios))})",
             f"{'>=' if at_least else '<='} {goal:g}", "yes" if met else "NO"]
    return " | ".join(cells)


def compare(what, unit, goal, ours, against, options, at_least=True):
    """Calls `ours` and `against`, which return figures, in turns, and prints the row."""
    if not options.smoke:
        ours()
        against()
    pairs = []
    for number in range(options.pairs):
        if number % 2 == 0:
            first = ours()
            pairs.append((first, against()))
        else:
            first = against()
            pairs.append((ours(), first))
    ratios = [a / b for a, b in pairs]
    print(row(what, unit, statistics.median(a for a, _ in pairs),
              statistics.median(b for _, b in pairs), ratios, goal, at_least), flush=True)
