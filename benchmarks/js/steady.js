// Run by scripts/steady: calls what PROGRAM exports again and again with N until SECONDS have passed, at
// least 12 times, and prints the times as JSON, then what the first call printed.
"use strict";

const [path, count, seconds] = [process.argv[2], Number(process.argv[3]), Number(process.argv[4])];
const write = console.log;
const printed = [];
const times = [];
console.log = (line) => {
  if (times.length === 0) printed.push(line);
};
const main = require(require("path").resolve(path));
const begin = performance.now();
while (times.length < 12 || performance.now() - begin < seconds * 1000) {
  const start = performance.now();
  main(count);
  times.push((performance.now() - start) / 1000);
}
write(JSON.stringify(times));
write(printed.join("\n"));
