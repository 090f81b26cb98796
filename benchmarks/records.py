"""namedtuple, enum and match statements: a small machine for playing cards and for commands."""
import sys
from collections import namedtuple
from enum import Enum, Flag, IntEnum, auto

DEFAULT = 74000


class Suit(Enum):
    CLUBS = "c"
    DIAMONDS = "d"
    HEARTS = "h"
    SPADES = "s"


class Hand(IntEnum):
    HIGH = auto()
    PAIR = auto()
    TWO_PAIRS = auto()
    THREE = auto()
    STRAIGHT = auto()
    FLUSH = auto()
    FULL = auto()
    FOUR = auto()


class Permission(Flag):
    READ = auto()
    WRITE = auto()
    RUN = auto()


Card = namedtuple("Card", "rank suit")
Point = namedtuple("Point", ["x", "y"], defaults=[0])
DECK = [Card(rank, suit) for suit in Suit for rank in range(2, 15)]


def classify(cards):
    ranks = sorted(card.rank for card in cards)
    counts = sorted((ranks.count(rank) for rank in set(ranks)), reverse=True)
    match counts:
        case [4, *_]:
            return Hand.FOUR
        case [3, 2]:
            return Hand.FULL
        case [3, *_]:
            return Hand.THREE
        case [2, 2, _]:
            return Hand.TWO_PAIRS
        case [2, *_]:
            return Hand.PAIR
    if len({card.suit for card in cards}) == 1:
        return Hand.FLUSH
    if ranks[4] - ranks[0] == 4:
        return Hand.STRAIGHT
    return Hand.HIGH


def run(commands):
    here, facing, allowed = Point(0), 0, Permission.READ
    for command in commands:
        match command:
            case ("go", int(steps)) if steps > 0:
                dx, dy = ((0, 1), (1, 0), (0, -1), (-1, 0))[facing]
                here = here._replace(x=here.x + dx * steps, y=here.y + dy * steps)
            case ("turn", "left" | "right" as side):
                facing = (facing + (1 if side == "right" else -1)) % 4
            case {"grant": Permission() as more}:
                allowed |= more
            case Point(x=0, y=y):
                here = Point(y, 0)
            case Point():
                here = command
            case _:
                allowed &= ~Permission.WRITE
    return here, allowed


def main(n):
    state, tally = 99, {hand: 0 for hand in Hand}
    commands = [("go", 3), ("turn", "left"), ("go", 2), {"grant": Permission.WRITE}, ("turn", "right"), ("go", 0),
                Point(0, 4), ("go", 1), {"grant": Permission.RUN}, Point(5, 6), ("turn", "left"), ("go", 7)]
    for _ in range(n):
        cards = []
        while len(cards) < 5:
            state = state * 16807 % 2147483647
            card = DECK[state % 52]
            if card not in cards:
                cards.append(card)
        tally[classify(cards)] += 1
        here, allowed = run(commands)
    print([tally[hand] for hand in Hand], here, allowed == Permission.READ | Permission.RUN, Suit("h").name)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else DEFAULT)
