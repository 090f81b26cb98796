// The spectral norm of an infinite matrix: nested float loops.
"use strict";

function element(i, j) {
  return 1 / (((i + j) * (i + j + 1)) / 2 + i + 1); // the product is even
}

function times(v, n) {
  const result = new Array(n);
  for (let i = 0; i < n; i++) {
    let sum = 0;
    for (let j = 0; j < n; j++) sum += element(i, j) * v[j];
    result[i] = sum;
  }
  return result;
}

function timesTransposed(v, n) {
  const result = new Array(n);
  for (let i = 0; i < n; i++) {
    let sum = 0;
    for (let j = 0; j < n; j++) sum += element(j, i) * v[j];
    result[i] = sum;
  }
  return result;
}

module.exports = function (n) {
  let u = new Array(n).fill(1);
  let v = u;
  for (let i = 0; i < 4; i++) {
    v = timesTransposed(times(u, n), n);
    u = timesTransposed(times(v, n), n);
  }
  let dot = 0, square = 0;
  for (let i = 0; i < n; i++) {
    dot += u[i] * v[i];
    square += v[i] * v[i];
  }
  console.log(((dot / square) ** 0.5).toFixed(9));
};
