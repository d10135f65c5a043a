"""Hunt for an expression that passes the measure and yet takes much memory or time: ``python tests/regex/hunt.py COUNT SEED``.

Each expression is made by chance of nested and counted repeats, groups, looks, alternatives, sets of characters and references.
Those that are not refused are compiled by both engines, matched against texts of up to 32,768 characters, and looked at as
``ways check`` does, each in a process of its own, of which the greatest memory is asked for afterwards.
"""

from __future__ import annotations

import os
import resource
import sys
from random import Random
from time import process_time

from ways.errors import MatchTimeoutError
from ways.regex.automata import language_of
from ways.regex.backtracking import degree_of
from ways.regex.expression import read
from ways.regex.guard import _suits_regex, cost_pieces, guarded_match
from ways.regex.parse_tree import fault_of
from ways.regex.timed_engine import compiled_by_regex

#: Megabytes that a process may take more than before, and seconds of one expression.
MOST_MEGABYTES, MOST_SECONDS = 300, 8
OPENINGS = ["(", "(?:", "(?:", "(?>", "(?=", "(?!", "(?<=", "(?i:", "(?:x|", "(a|", "(?:a*", "(a)("]
CLOSINGS = [")", ")*", ")+", ")?", ")*?", ")+?", ")*+", ")++", "){0,9}", "){1,50}", "){2}", "){7,}", ")a*", "|)*", "b?)*", r"\b)*"]
LEAVES = ["a", "(a)", "a*", "[ab]+", "(a)*", r"\w", "a{50}", "(a|b)*", "(?=(a))a", "(a)|b", r"(a)(?=a)", ".*", "(?>(a))", "a{1,500}"]
LEAVES += [r"[^\W\u4e00]*", r"\w{1,9}x", "(?=.*b)", "(?!.*[b-d]c)", r"[^\W\d]?\w*", "(?i:[k-s]+)", "[a-z]?"]
TEXTS = ["a" * 8, "a" * 32, "ab" * 500, "a" * 32_768, "ab" * 16_384, "aé" * 16_384]


def made(chooser: Random) -> str:
    """Return an expression by chance."""
    parts = []
    for _ in range(chooser.choice([1, 1, 2, 3])):
        depth = chooser.choice([0, 1, 2, 3, 5, 8, 14, 25, 45])
        # The same groups again and again, or others.
        pairs = [(chooser.choice(OPENINGS), chooser.choice(CLOSINGS)) for _ in range(chooser.choice([1, 2, depth or 1]))]
        inner = chooser.choice(LEAVES) * chooser.choice([1, 1, 2, 10, 50, 1000])
        for level in range(depth):
            opening, closing = pairs[level % len(pairs)]
            inner = f"{opening}{inner}{closing}"
        parts.append(inner)
    if len(parts[-1]) < 60 and chooser.random() < 0.3:
        # Many that differ a little, side by side or as alternatives.
        part, count = parts[-1], chooser.choice([10, 60, 170])
        joint = chooser.choice(["", "|"])
        many = joint.join(part + chooser.choice(["x", f"x{number}", f"[^\\W{chr(0x4E00 + number)}]", ""]) for number in range(count))
        parts.append(f"(?:{many}){chooser.choice(['', '*', '+', '{1,9}'])}")
    return "".join(parts) + chooser.choice(["[!?]", "", "b", r"(?!\1)" if "(" in parts[0] else ""])


def tried(expression: str) -> str:
    """Return the worst of what both engines do with an expression, in words; raises nothing."""
    try:
        regex = read(expression)
    except Exception as error:
        return f"unreadable: {error!r:.60}"
    if _suits_regex(expression, True):
        compiled_by_regex(expression)
    match = guarded_match(regex, cost_pieces(expression))
    for text in TEXTS:
        try:
            match(text)
        except MatchTimeoutError:
            pass
    language_of(expression)
    degree_of(expression)
    return "read"


def in_a_process(expression: str) -> tuple[str, float, float]:
    """Return what came of an expression, the megabytes it took and the seconds."""
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    reads, writes = os.pipe()
    child = os.fork()
    if not child:
        try:
            os.write(writes, tried(expression).encode())
        except BaseException as error:
            os.write(writes, f"FAILED {error!r:.80}".encode())
        os._exit(0)
    os.close(writes)
    _, status, used = os.wait4(child, 0)
    outcome = os.read(reads, 1000).decode() or f"FAILED with {status}"
    os.close(reads)
    return outcome, (used.ru_maxrss - before) / 1024, used.ru_utime + used.ru_stime


def main(count: int, seed: int) -> int:
    """Try so many expressions; print those that take too much, and return how many these are."""
    chooser = Random(seed)
    read_count = wrong = 0
    most, longest, started = 0.0, 0.0, process_time()
    while read_count < count:
        expression = made(chooser)
        if len(expression) > 32_768 or fault_of(expression) is not None:
            continue
        outcome, megabytes, seconds = in_a_process(expression)
        read_count += outcome == "read"
        most, longest = max(most, megabytes), max(longest, seconds)
        if outcome.startswith("FAILED") or megabytes > MOST_MEGABYTES or seconds > MOST_SECONDS:
            wrong += 1
            print(f"{outcome} {megabytes:.0f} MB {seconds:.1f} s: {expression[:300]!r} ({len(expression)} characters)", flush=True)
    print(f"tried {read_count}: at most {most:.0f} MB and {longest:.1f} s each; {wrong} too much; {process_time() - started:.0f} s")
    return wrong


if __name__ == "__main__":
    sys.exit(bool(main(int(sys.argv[1]), int(sys.argv[2]))))
