// The eight queens in two ways: sets with backtracking and bit masks.
"use strict";

function* place(n, row, columns, rising, falling, placed) {
  if (row === n) {
    yield placed.slice();
    return;
  }
  for (let column = 0; column < n; column++) {
    if (columns.has(column) || rising.has(row + column) || falling.has(row - column)) continue;
    columns.add(column);
    rising.add(row + column);
    falling.add(row - column);
    placed.push(column);
    yield* place(n, row + 1, columns, rising, falling, placed);
    placed.pop();
    columns.delete(column);
    rising.delete(row + column);
    falling.delete(row - column);
  }
}

function count(full, columns, rising, falling) {
  if (columns === full) return 1;
  let total = 0;
  let free = full & ~(columns | rising | falling);
  while (free) {
    const bit = free & -free;
    free ^= bit;
    total += count(full, columns | bit, (rising | bit) << 1, (falling | bit) >> 1);
  }
  return total;
}

module.exports = function (n) {
  let solutions, number;
  for (let i = 0; i < n; i++) {
    solutions = [...place(7, 0, new Set(), new Set(), new Set(), [])];
    number = count((1 << 8) - 1, 0, 0, 0);
  }
  const tuple = (items) => `(${items.join(", ")})`;
  console.log(`${solutions.length} ${tuple(solutions[0])} ${tuple(solutions[solutions.length - 1])} ${number}`);
};
