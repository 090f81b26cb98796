// Recursive functions of small integers: Fibonacci, Ackermann and Takeuchi.
"use strict";

function fib(n) {
  return n < 2 ? n : fib(n - 1) + fib(n - 2);
}

function ackermann(m, n) {
  if (m === 0) return n + 1;
  if (n === 0) return ackermann(m - 1, 1);
  return ackermann(m - 1, ackermann(m, n - 1));
}

function tak(x, y, z) {
  if (y >= x) return z;
  return tak(tak(x - 1, y, z), tak(y - 1, z, x), tak(z - 1, x, y));
}

module.exports = function (n) {
  let result;
  for (let i = 0; i < n; i++) result = [fib(20), ackermann(2, 30), tak(12, 8, 4)];
  console.log(result.join(" "));
};
