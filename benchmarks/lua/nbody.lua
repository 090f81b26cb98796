-- Five bodies under gravity: float arithmetic on lists.

local SUN = 4 * 3.141592653589793 ^ 2
local YEAR = 365.24
local BODIES = {
  { { 0.0, 0.0, 0.0 }, { 0.0, 0.0, 0.0 }, SUN },
  { { 4.8414314424647209, -1.16032004402742839, -0.103622044471123109 },
    { 0.00166007664274403694 * YEAR, 0.00769901118419740425 * YEAR, -0.0000690460016972063023 * YEAR },
    0.000954791938424326609 * SUN },
  { { 8.34336671824457987, 4.12479856412430479, -0.403523417114321381 },
    { -0.00276742510726411 * YEAR, 0.00499852801234917238 * YEAR, 0.0000230417297573763929 * YEAR },
    0.000285885980666130812 * SUN },
  { { 12.8943695621391310, -15.1111514016986312, -0.223307578892655734 },
    { 0.00296460137564761618 * YEAR, 0.0023784717395948095 * YEAR, -0.0000296589568540237556 * YEAR },
    0.0000436624404335156298 * SUN },
  { { 15.3796971148509165, -25.9193146099879641, 0.179258772950371181 },
    { 0.00268067772490389322 * YEAR, 0.00162824170038242295 * YEAR, -0.0000951592254519715870 * YEAR },
    0.0000515138902046611451 * SUN },
}

local function advance(bodies, pairs, dt)
  for i = 1, #pairs do
    local pair = pairs[i]
    local a, b = pair[1], pair[2]
    local r1, v1, m1 = a[1], a[2], a[3]
    local r2, v2, m2 = b[1], b[2], b[3]
    local dx = r1[1] - r2[1]
    local dy = r1[2] - r2[2]
    local dz = r1[3] - r2[3]
    local mag = dt * (dx * dx + dy * dy + dz * dz) ^ -1.5
    local b1 = m1 * mag
    local b2 = m2 * mag
    v1[1] = v1[1] - dx * b2
    v1[2] = v1[2] - dy * b2
    v1[3] = v1[3] - dz * b2
    v2[1] = v2[1] + dx * b1
    v2[2] = v2[2] + dy * b1
    v2[3] = v2[3] + dz * b1
  end
  for i = 1, #bodies do
    local r, v = bodies[i][1], bodies[i][2]
    r[1] = r[1] + dt * v[1]
    r[2] = r[2] + dt * v[2]
    r[3] = r[3] + dt * v[3]
  end
end

local function energy(bodies, pairs)
  local e = 0
  for _, body in ipairs(bodies) do
    local v, m = body[2], body[3]
    e = e + 0.5 * m * (v[1] ^ 2 + v[2] ^ 2 + v[3] ^ 2)
  end
  for _, pair in ipairs(pairs) do
    local r1, r2 = pair[1][1], pair[2][1]
    local distance = 0
    for k = 1, 3 do distance = distance + (r1[k] - r2[k]) ^ 2 end
    e = e - pair[1][3] * pair[2][3] / distance ^ 0.5
  end
  return e
end

return function(n)
  local bodies, pairs = {}, {}
  for i, body in ipairs(BODIES) do
    local r, v, m = unpack(body)
    bodies[i] = { { unpack(r) }, { unpack(v) }, m }
  end
  for i = 1, 5 do
    for j = i + 1, 5 do pairs[#pairs + 1] = { bodies[i], bodies[j] } end
  end
  local sun = bodies[1][2]
  for k = 1, 3 do
    local p = 0
    for _, body in ipairs(bodies) do p = p + body[2][k] * body[3] end
    sun[k] = -p / SUN
  end
  print(("%.9f"):format(energy(bodies, pairs)))
  for _ = 1, n do advance(bodies, pairs, 0.01) end
  print(("%.9f"):format(energy(bodies, pairs)))
end
