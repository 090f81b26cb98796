// Flipping pancakes: over all permutations, how often a prefix has to be reversed.
"use strict";

// All orders of 0..n-1 by single swaps, so that even and odd ones take turns (Heap's method).
function* permutations(n) {
  const items = Array.from({ length: n }, (_, i) => i);
  yield items;
  const counters = new Array(n).fill(0);
  let level = 1;
  while (level < n) {
    if (counters[level] < level) {
      const other = level % 2 ? counters[level] : 0;
      const item = items[level];
      items[level] = items[other];
      items[other] = item;
      yield items;
      counters[level] += 1;
      level = 1;
    } else {
      counters[level] = 0;
      level += 1;
    }
  }
}

function flips(items) {
  let count = 0;
  let top = items[0];
  if (top === 0) return 0;
  const work = items.slice();
  while (top) {
    for (let low = 0, high = top; low < high; low++, high--) {
      const item = work[low];
      work[low] = work[high];
      work[high] = item;
    }
    top = work[0];
    count += 1;
  }
  return count;
}

module.exports = function (n) {
  let checksum, most;
  for (let i = 0; i < n; i++) {
    checksum = most = 0;
    let sign = 1;
    for (const items of permutations(7)) {
      const count = flips(items);
      checksum += sign * count;
      if (count > most) most = count;
      sign = -sign;
    }
  }
  console.log(`${checksum} ${most}`);
};
