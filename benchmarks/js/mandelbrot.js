// The Mandelbrot set on a square grid: complex numbers (here their two parts) in a tight loop.
"use strict";

function escape(cReal, cImag, limit) {
  let real = 0, imag = 0;
  for (let i = 0; i < limit; i++) {
    const realSquare = real * real, imagSquare = imag * imag;
    if (realSquare + imagSquare > 4) return i;
    imag = real * imag + imag * real + cImag;
    real = realSquare - imagSquare + cReal;
  }
  return limit;
}

module.exports = function (n) {
  let total = 0, inside = 0;
  for (let row = 0; row < n; row++) {
    for (let column = 0; column < n; column++) {
      const count = escape((3.0 * column) / n - 2.2, (2.4 * row) / n - 1.2, 60);
      total += count;
      if (count === 60) inside += 1;
    }
  }
  console.log(`${total} ${inside}`);
};
