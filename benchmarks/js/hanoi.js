// The towers of Hanoi: recursion and lists as stacks.
"use strict";

class Towers {
  constructor(height) {
    this.pegs = [Array.from({ length: height }, (_, i) => height - i), [], []];
    this.moves = 0;
  }

  move(source, target) {
    const disc = this.pegs[source].pop();
    const peg = this.pegs[target];
    if (peg.length > 0 && peg[peg.length - 1] < disc) throw new Error("a larger disc on a smaller one");
    peg.push(disc);
    this.moves += 1;
  }

  solve(height, source, target, spare) {
    if (height === 0) return;
    this.solve(height - 1, source, spare, target);
    this.move(source, target);
    this.solve(height - 1, spare, target, source);
  }
}

module.exports = function (n) {
  let towers;
  for (let i = 0; i < n; i++) {
    towers = new Towers(14);
    towers.solve(14, 0, 2, 1);
  }
  const pegs = towers.pegs.map((peg) => `[${peg.join(", ")}]`);
  console.log(`${towers.moves} [${pegs.join(", ")}]`);
};
