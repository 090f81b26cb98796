-- The spectral norm of an infinite matrix: nested float loops.

local function element(i, j)
  return 1 / ((i + j) * (i + j + 1) / 2 + i + 1) -- the product is even
end

local function times(v, n)
  local result = {}
  for i = 0, n - 1 do
    local sum = 0
    for j = 0, n - 1 do sum = sum + element(i, j) * v[j] end
    result[i] = sum
  end
  return result
end

local function times_transposed(v, n)
  local result = {}
  for i = 0, n - 1 do
    local sum = 0
    for j = 0, n - 1 do sum = sum + element(j, i) * v[j] end
    result[i] = sum
  end
  return result
end

return function(n)
  local u = {}
  for i = 0, n - 1 do u[i] = 1 end
  local v = u
  for _ = 1, 4 do
    v = times_transposed(times(u, n), n)
    u = times_transposed(times(v, n), n)
  end
  local dot, square = 0, 0
  for i = 0, n - 1 do
    dot = dot + u[i] * v[i]
    square = square + v[i] * v[i]
  end
  print(("%.9f"):format((dot / square) ^ 0.5))
end
