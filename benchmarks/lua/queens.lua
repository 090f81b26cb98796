-- The eight queens in two ways: sets with backtracking and bit masks.
local band, bnot, bor, bxor = bit.band, bit.bnot, bit.bor, bit.bxor
local lshift, rshift = bit.lshift, bit.rshift

local function place(n, row, columns, rising, falling, placed)
  if row == n then
    coroutine.yield({ unpack(placed) })
    return
  end
  for column = 0, n - 1 do
    if not (columns[column] or rising[row + column] or falling[row - column]) then
      columns[column] = true
      rising[row + column] = true
      falling[row - column] = true
      placed[#placed + 1] = column
      place(n, row + 1, columns, rising, falling, placed)
      placed[#placed] = nil
      columns[column] = nil
      rising[row + column] = nil
      falling[row - column] = nil
    end
  end
end

local function count(full, columns, rising, falling)
  if columns == full then return 1 end
  local total = 0
  local free = band(full, bnot(bor(columns, rising, falling)))
  while free ~= 0 do
    local last = band(free, -free)
    free = bxor(free, last)
    total = total + count(full, bor(columns, last), lshift(bor(rising, last), 1), rshift(bor(falling, last), 1))
  end
  return total
end

local function tuple(items)
  return "(" .. table.concat(items, ", ") .. ")"
end

return function(n)
  local solutions, number
  for _ = 1, n do
    solutions = {}
    for solution in coroutine.wrap(function() place(7, 0, {}, {}, {}, {}) end) do
      solutions[#solutions + 1] = solution
    end
    number = count(lshift(1, 8) - 1, 0, 0, 0)
  end
  print(#solutions .. " " .. tuple(solutions[1]) .. " " .. tuple(solutions[#solutions]) .. " " .. number)
end
