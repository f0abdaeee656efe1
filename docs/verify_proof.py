#!/usr/bin/env python3
"""Check that a balance is counted in what the platform says that it owes. Needs Python 3.9 and nothing else.

    python3 verify_proof.py proof.json reserves.json [--balance 12.5]

`proof.json` is the answer of GET /api/v1/wallet/proof (signed in), `reserves.json` the one of GET
/api/v1/reserves. Fetch reserves.json from more than one network, or compare its root with what others got: a
platform that shows each person another root can't be found out by one of them alone.

`--balance` is the total that you know you had when the proof was made (your own notes, or the statement).

Exit code 0: everything holds. 1: something does not, and a line says what. 2: the files can't be read.
"""

import argparse
import hashlib
import json
import sys
from pathlib import Path

DIGITS = 9
LEAF, NODE = b"\x00", b"\x01"


class Broken(Exception):
    """Something that should hold does not."""


def units(text, what):
    """Base units of a decimal string; refuses what is negative, or no number."""
    whole, _, rest = str(text).partition(".")
    if not (whole.isdigit() and whole.isascii() and len(rest) <= DIGITS and (rest.isdigit() or not rest)):
        raise Broken(f"{what} is {text!r}: not an amount of zero or more")
    return int(whole) * 10**DIGITS + int(rest.ljust(DIGITS, "0") or 0)


def eight(amount, what):
    """Eight bytes, big end first."""
    try:
        return amount.to_bytes(8, "big")
    except OverflowError:
        raise Broken(f"{what} is larger than any balance can be") from None


def digest(hexadecimal, what):
    """32 bytes from 64 hex digits."""
    try:
        raw = bytes.fromhex(hexadecimal)
    except (TypeError, ValueError):
        raw = b""
    if len(raw) != 32:
        raise Broken(f"{what} is not 32 bytes of hex")
    return raw


def leaf_hash(user_id, salt, amount):
    """SHA-256 of 0x00, salt, amount, user id."""
    return hashlib.sha256(LEAF + salt + eight(amount, "a leaf") + user_id.encode()).digest()


def climb(leaf, user_id, size, number):
    """From a leaf to the root: its hash and sum."""
    what = f"leaf {number}"
    position, path = leaf["position"], leaf["path"]
    if not isinstance(position, int) or not 0 <= position < size:
        raise Broken(f"{what}: position {position!r} is outside the tree")
    if len(path) != size.bit_length() - 1:
        raise Broken(f"{what}: the path has {len(path)} steps, the tree {size.bit_length() - 1} levels")
    total = units(leaf["amount"], f"{what}: the amount")
    hashed = leaf_hash(user_id, digest(leaf["salt"], f"{what}: the salt"), total)
    for level, sibling in enumerate(path):
        other_sum = units(sibling["sum"], f"{what}: the sum beside level {level}")
        own = hashed + eight(total, what)
        other = digest(sibling["hash"], f"{what}: the hash beside level {level}") + eight(other_sum, what)
        hashed = hashlib.sha256(NODE + (other + own if position >> level & 1 else own + other)).digest()
        total += other_sum
    return hashed, total


def check(proof, reserves, balance=None):
    """Raise Broken for the first thing that does not hold; else the lines that say what was checked."""
    head = proof["proof"]
    for name in ("id", "root", "total", "leaf_count"):
        if head[name] != reserves[name]:
            raise Broken(f"{name}: your proof says {head[name]}, everybody is shown {reserves[name]}")
    size, total = reserves["leaf_count"], units(reserves["total"], "the total")
    if not isinstance(size, int) or size < 1 or size & (size - 1):
        raise Broken(f"{size!r} leaves: not a power of two")
    root = digest(reserves["root"], "the root")
    positions = [leaf["position"] for leaf in proof["leaves"]]
    if len(set(positions)) != len(positions):
        raise Broken("one leaf is shown twice")
    for number, leaf in enumerate(proof["leaves"]):
        hashed, summed = climb(leaf, proof["user_id"], size, number)
        if hashed != root:
            raise Broken(f"leaf {number} does not lead to the published root: altered, or not in the tree")
        if summed != total:
            raise Broken(f"leaf {number} leads to the sum {summed}, the published total is {total}")
    mine = sum(units(leaf["amount"], "a leaf") for leaf in proof["leaves"])
    if mine != units(proof["balance"], "the balance"):
        raise Broken(
            f"your leaves come to {mine} base units, the proof says {proof['balance']}: a part is hidden"
        )
    if balance is not None and mine != units(balance, "--balance"):
        raise Broken(f"your leaves come to {mine} base units, you had {balance}: a part is hidden")
    lines = [f"{len(positions)} leaves lead to the published root; together {proof['balance']}"]
    return [*lines, *covered(reserves, total)]


def covered(reserves, total):
    """Whether the parts come to the total, and the holdings cover it."""
    shares = reserves["totals"]
    parts = sum(units(amount, name) for name, amount in shares.items() if name != "losses")
    if parts != total:
        raise Broken(f"the totals come to {parts} base units, the root to {total}")
    losses = str(shares["losses"])
    lost = -units(losses[1:], "losses") if losses.startswith("-") else units(losses, "losses")
    holdings = reserves["holdings"]
    if holdings is None:
        return ["what is held on chain could not be read when the proof was made: not checked"]
    held = sum(units(holdings[place], place) for place in ("hot", "cold", "vault"))
    if held != units(holdings["total"], "holdings"):
        raise Broken("the holdings do not come to their total")
    if held < total + lost:
        raise Broken(f"{total + lost} base units are owed, {held} are held")
    lines = [
        f"holdings at block {holdings['block']} cover what is owed; look them up at the addresses yourself"
    ]
    return lines if lost >= 0 else [*lines, f"but {-lost} base units are booked as lost"]


def main():
    """Read the two files, check, say what was found."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("proof")
    parser.add_argument("reserves")
    parser.add_argument("--balance", help="what you had when the proof was made")
    options = parser.parse_args()
    try:
        proof, reserves = (json.loads(Path(name).read_text()) for name in (options.proof, options.reserves))
        lines = check(proof, reserves, options.balance)
    except Broken as broken:
        sys.stdout.write(f"BROKEN: {broken}\n")
        return 1
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        sys.stdout.write(f"The files are not what the platform answers: {type(error).__name__}: {error}\n")
        return 2
    sys.stdout.writelines(f"ok: {line}\n" for line in lines)
    return 0


if __name__ == "__main__":
    sys.exit(main())
