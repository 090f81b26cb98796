"""A hierarchy of one-way constraints kept satisfied as values change, in the manner of spreadsheets."""
import sys

DEFAULT = 300


class Variable:
    def __init__(self, name, value=0):
        self.name = name
        self.value = value
        self.source = None
        self.users = []
        self.mark = 0

    def __repr__(self):
        return f"{self.name}={self.value}"


class Constraint:
    def __init__(self, strength, output, *inputs):
        self.strength = strength
        self.output = output
        self.inputs = inputs
        self.satisfied = False

    def compute(self):
        raise NotImplementedError

    def execute(self):
        self.output.value = self.compute()


class Equal(Constraint):
    def compute(self):
        return self.inputs[0].value


class Scale(Constraint):
    def compute(self):
        source, factor, offset = self.inputs
        return source.value * factor.value + offset.value


class Maximum(Constraint):
    def compute(self):
        return max(variable.value for variable in self.inputs)


class Fixed(Constraint):
    def __init__(self, strength, output, value):
        super().__init__(strength, output)
        self.value = value

    def compute(self):
        return self.value


class Planner:
    def __init__(self):
        self.mark = 0

    def add(self, constraint):
        output = constraint.output
        current = output.source
        if current is not None:
            if current.strength >= constraint.strength:
                return False
            self.remove(current)
        output.source = constraint
        constraint.satisfied = True
        for variable in constraint.inputs:
            variable.users.append(constraint)
        self.propagate([constraint])
        return True

    def remove(self, constraint):
        constraint.output.source = None
        constraint.satisfied = False
        for variable in constraint.inputs:
            variable.users.remove(constraint)

    def plan(self, sources):
        """The constraints downstream of `sources` in an order that computes inputs first."""
        self.mark += 1
        order = []
        stack = [(constraint, False) for constraint in sources]
        while stack:
            constraint, ready = stack.pop()
            if ready:
                order.append(constraint)
                continue
            output = constraint.output
            if output.mark == self.mark:
                continue
            output.mark = self.mark
            stack.append((constraint, True))
            stack.extend((user, False) for user in output.users)
        order.reverse()
        return order

    def propagate(self, sources):
        for constraint in self.plan(sources):
            constraint.execute()


def chain(planner, length):
    variables = [Variable(f"v{i}") for i in range(length)]
    for left, right in zip(variables, variables[1:]):
        planner.add(Equal(2, right, left))
    total = 0
    for value in range(20):
        edit = Fixed(5 + value, variables[0], value * 3)
        planner.add(edit)
        total += variables[-1].value
    return total


def projection(planner, length):
    factor, offset = Variable("factor", 10), Variable("offset", 1000)
    sources = [Variable(f"s{i}", i) for i in range(length)]
    targets = [Variable(f"t{i}") for i in range(length)]
    for source, target in zip(sources, targets):
        planner.add(Scale(1, target, source, factor, offset))
    highest = Variable("highest")
    planner.add(Maximum(1, highest, *targets))
    results = []
    for value in (5, 7, 11):
        planner.add(Fixed(3 + value, factor, value))
        planner.add(Fixed(3 + value, offset, value * 100))
        results.append((sum(target.value for target in targets), highest.value))
    return results


def main(n):
    for _ in range(n):
        planner = Planner()
        result = chain(planner, 200), projection(planner, 150)
    print(*result)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else DEFAULT)
