"""Dataclasses: construction, comparison, replace, frozen keys, fields and asdict."""
import sys
from dataclasses import asdict, dataclass, field, fields, replace

DEFAULT = 80000


@dataclass(frozen=True, order=True)
class Sku:
    group: str
    number: int


@dataclass
class Line:
    sku: Sku
    quantity: int
    price: float
    notes: list = field(default_factory=list)

    @property
    def total(self):
        return self.quantity * self.price


@dataclass
class Order:
    customer: str
    lines: list[Line] = field(default_factory=list)
    discount: float = 0.0
    total: float = field(init=False, default=0.0)

    def __post_init__(self):
        self.total = sum(line.total for line in self.lines) * (1 - self.discount)


def main(n):
    checksum = 0.0
    stock = {}
    for i in range(n):
        lines = [Line(Sku("ABC"[j % 3], (i * j) % 50), j + 1, j * 2.5) for j in range(6)]
        order = Order(f"customer {i % 10}", lines, 0.1 if i % 4 == 0 else 0.0)
        checksum += order.total
        for line in order.lines:
            stock[line.sku] = stock.get(line.sku, 0) + line.quantity
        bigger = replace(order, discount=0.2)
        if bigger != order:
            checksum -= bigger.total / 2
        if i % 20 == 0:
            data = asdict(order)
            checksum += len(data["lines"]) + len(fields(order)) + len(repr(order)) % 7
            lines.sort(key=lambda line: (line.sku, line.total))
            checksum += lines[0].sku.number
    best = max(stock.items(), key=lambda item: (item[1], item[0]))
    print(f"{checksum:.3f}", len(stock), best)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else DEFAULT)
