"""Five bodies under gravity: float arithmetic on lists and tuples."""
import sys

DEFAULT = 180000
SUN = 4 * 3.141592653589793 ** 2
YEAR = 365.24
BODIES = [
    ([0.0, 0.0, 0.0], [0.0, 0.0, 0.0], SUN),
    ([4.8414314424647209, -1.16032004402742839, -0.103622044471123109],
     [0.00166007664274403694 * YEAR, 0.00769901118419740425 * YEAR, -0.0000690460016972063023 * YEAR],
     0.000954791938424326609 * SUN),
    ([8.34336671824457987, 4.12479856412430479, -0.403523417114321381],
     [-0.00276742510726411 * YEAR, 0.00499852801234917238 * YEAR, 0.0000230417297573763929 * YEAR],
     0.000285885980666130812 * SUN),
    ([12.8943695621391310, -15.1111514016986312, -0.223307578892655734],
     [0.00296460137564761618 * YEAR, 0.0023784717395948095 * YEAR, -0.0000296589568540237556 * YEAR],
     0.0000436624404335156298 * SUN),
    ([15.3796971148509165, -25.9193146099879641, 0.179258772950371181],
     [0.00268067772490389322 * YEAR, 0.00162824170038242295 * YEAR, -0.0000951592254519715870 * YEAR],
     0.0000515138902046611451 * SUN),
]


def advance(bodies, pairs, dt):
    for (r1, v1, m1), (r2, v2, m2) in pairs:
        dx = r1[0] - r2[0]
        dy = r1[1] - r2[1]
        dz = r1[2] - r2[2]
        mag = dt * (dx * dx + dy * dy + dz * dz) ** -1.5
        b1 = m1 * mag
        b2 = m2 * mag
        v1[0] -= dx * b2
        v1[1] -= dy * b2
        v1[2] -= dz * b2
        v2[0] += dx * b1
        v2[1] += dy * b1
        v2[2] += dz * b1
    for r, (vx, vy, vz), _ in bodies:
        r[0] += dt * vx
        r[1] += dt * vy
        r[2] += dt * vz


def energy(bodies, pairs):
    e = sum(0.5 * m * (v[0] ** 2 + v[1] ** 2 + v[2] ** 2) for _, v, m in bodies)
    for (r1, _, m1), (r2, _, m2) in pairs:
        distance = sum((a - b) ** 2 for a, b in zip(r1, r2)) ** 0.5
        e -= m1 * m2 / distance
    return e


def main(n):
    bodies = [(list(r), list(v), m) for r, v, m in BODIES]
    pairs = [(bodies[i], bodies[j]) for i in range(5) for j in range(i + 1, 5)]
    px, py, pz = (sum(v[k] * m for _, v, m in bodies) for k in range(3))
    bodies[0][1][:] = [-px / SUN, -py / SUN, -pz / SUN]
    print(f"{energy(bodies, pairs):.9f}")
    for _ in range(n):
        advance(bodies, pairs, 0.01)
    print(f"{energy(bodies, pairs):.9f}")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else DEFAULT)
