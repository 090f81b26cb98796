// Five bodies under gravity: float arithmetic on lists.
"use strict";

const SUN = 4 * 3.141592653589793 ** 2;
const YEAR = 365.24;
const BODIES = [
  [[0.0, 0.0, 0.0], [0.0, 0.0, 0.0], SUN],
  [[4.8414314424647209, -1.16032004402742839, -0.103622044471123109],
    [0.00166007664274403694 * YEAR, 0.00769901118419740425 * YEAR, -0.0000690460016972063023 * YEAR],
    0.000954791938424326609 * SUN],
  [[8.34336671824457987, 4.12479856412430479, -0.403523417114321381],
    [-0.00276742510726411 * YEAR, 0.00499852801234917238 * YEAR, 0.0000230417297573763929 * YEAR],
    0.000285885980666130812 * SUN],
  [[12.8943695621391310, -15.1111514016986312, -0.223307578892655734],
    [0.00296460137564761618 * YEAR, 0.0023784717395948095 * YEAR, -0.0000296589568540237556 * YEAR],
    0.0000436624404335156298 * SUN],
  [[15.3796971148509165, -25.9193146099879641, 0.179258772950371181],
    [0.00268067772490389322 * YEAR, 0.00162824170038242295 * YEAR, -0.0000951592254519715870 * YEAR],
    0.0000515138902046611451 * SUN],
];

function advance(bodies, pairs, dt) {
  for (let i = 0; i < pairs.length; i++) {
    const pair = pairs[i];
    const a = pair[0], b = pair[1];
    const r1 = a[0], v1 = a[1], m1 = a[2];
    const r2 = b[0], v2 = b[1], m2 = b[2];
    const dx = r1[0] - r2[0];
    const dy = r1[1] - r2[1];
    const dz = r1[2] - r2[2];
    const mag = dt * (dx * dx + dy * dy + dz * dz) ** -1.5;
    const b1 = m1 * mag;
    const b2 = m2 * mag;
    v1[0] -= dx * b2;
    v1[1] -= dy * b2;
    v1[2] -= dz * b2;
    v2[0] += dx * b1;
    v2[1] += dy * b1;
    v2[2] += dz * b1;
  }
  for (let i = 0; i < bodies.length; i++) {
    const r = bodies[i][0], v = bodies[i][1];
    r[0] += dt * v[0];
    r[1] += dt * v[1];
    r[2] += dt * v[2];
  }
}

function energy(bodies, pairs) {
  let e = 0;
  for (const [, v, m] of bodies) e += 0.5 * m * (v[0] ** 2 + v[1] ** 2 + v[2] ** 2);
  for (const [[r1, , m1], [r2, , m2]] of pairs) {
    let distance = 0;
    for (let k = 0; k < 3; k++) distance += (r1[k] - r2[k]) ** 2;
    e -= (m1 * m2) / distance ** 0.5;
  }
  return e;
}

module.exports = function (n) {
  const bodies = BODIES.map(([r, v, m]) => [r.slice(), v.slice(), m]);
  const pairs = [];
  for (let i = 0; i < 5; i++) {
    for (let j = i + 1; j < 5; j++) pairs.push([bodies[i], bodies[j]]);
  }
  for (let k = 0; k < 3; k++) {
    let p = 0;
    for (const [, v, m] of bodies) p += v[k] * m;
    bodies[0][1][k] = -p / SUN;
  }
  console.log(energy(bodies, pairs).toFixed(9));
  for (let i = 0; i < n; i++) advance(bodies, pairs, 0.01);
  console.log(energy(bodies, pairs).toFixed(9));
};
