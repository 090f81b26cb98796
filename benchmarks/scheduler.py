"""A small operating system simulated: tasks of several classes, queues of packets, a scheduler."""
import sys
from collections import deque

DEFAULT = 170


class Packet:
    __slots__ = ("kind", "payload", "owner", "hops")

    def __init__(self, kind, payload, owner):
        self.kind = kind
        self.payload = payload
        self.owner = owner
        self.hops = 0


class Task:
    def __init__(self, name, priority):
        self.name = name
        self.priority = priority
        self.inbox = deque()
        self.held = False
        self.runs = 0

    def runnable(self):
        return not self.held and bool(self.inbox)

    def step(self, system):
        raise NotImplementedError


class Producer(Task):
    def __init__(self, name, priority, targets, seed):
        super().__init__(name, priority)
        self.targets = targets
        self.state = seed

    def runnable(self):
        return not self.held

    def step(self, system):
        self.state = (self.state * 75 + 74) % 65537
        if self.inbox:
            system.done += self.inbox.popleft().payload & 15
        elif system.budget > 0:
            system.budget -= 1
            target = self.targets[self.state % len(self.targets)]
            system.send(target, Packet("work", self.state, self.name))
        else:
            self.held = True


class Worker(Task):
    def __init__(self, name, priority, device):
        super().__init__(name, priority)
        self.device = device

    def step(self, system):
        packet = self.inbox.popleft()
        packet.hops += 1
        if packet.kind == "work":
            packet.payload = packet.payload * 31 % 1009
            packet.kind = "io"
            system.send(self.device, packet)
        else:
            packet.kind = "done"
            system.send(packet.owner, packet)


class Device(Task):
    def __init__(self, name, priority, workers):
        super().__init__(name, priority)
        self.workers = workers
        self.turn = 0

    def step(self, system):
        packet = self.inbox.popleft()
        packet.hops += 1
        packet.payload ^= 0x2A
        self.turn = (self.turn + 1) % len(self.workers)
        system.send(self.workers[self.turn], packet)


class System:
    def __init__(self, budget):
        self.tasks = {}
        self.order = []
        self.budget = budget
        self.done = 0
        self.sent = 0

    def add(self, task):
        self.tasks[task.name] = task
        self.order = sorted(self.tasks.values(), key=lambda t: -t.priority)

    def send(self, name, packet):
        task = self.tasks[name]
        task.held = False
        task.inbox.append(packet)
        self.sent += 1

    def run(self):
        while True:
            for task in self.order:
                if task.runnable():
                    task.runs += 1
                    task.step(self)
                    break
            else:
                return


def main(n):
    for _ in range(n):
        system = System(1500)
        system.add(Producer("p1", 1, ["w1", "w2"], 7))
        system.add(Producer("p2", 2, ["w2", "w3"], 11))
        for index, name in enumerate(["w1", "w2", "w3"]):
            system.add(Worker(name, 10 + index, "d1" if index % 2 else "d2"))
        system.add(Device("d1", 30, ["w1", "w3"]))
        system.add(Device("d2", 31, ["w2", "w3"]))
        system.run()
    print(system.sent, system.done, [task.runs for task in system.order])


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else DEFAULT)
