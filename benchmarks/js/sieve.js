// Prime numbers by two sieves: an array of bytes crossed out in steps and a list walked by hand.
"use strict";

function bySteps(limit) {
  const flags = new Uint8Array(limit).fill(1);
  flags[0] = flags[1] = 0;
  for (let i = 2; i <= Math.floor(limit ** 0.5); i++) {
    if (flags[i]) {
      for (let j = i * i; j < limit; j += i) flags[j] = 0;
    }
  }
  let sum = 0;
  for (let i = 0; i < limit; i++) sum += flags[i];
  return sum;
}

function byHand(limit) {
  const flags = new Array(limit).fill(true);
  const found = [];
  for (let i = 2; i < limit; i++) {
    if (flags[i]) {
      found.push(i);
      let j = i * i;
      while (j < limit) {
        flags[j] = false;
        j += i;
      }
    }
  }
  return [found.length, found[found.length - 1]];
}

module.exports = function (n) {
  let first, second;
  for (let i = 0; i < n; i++) {
    first = bySteps(200000);
    second = byHand(100000);
  }
  console.log(`${first} ${second.join(" ")}`);
};
