-- Prime numbers by two sieves: an array of bytes crossed out in steps and a table walked by hand.
local ffi = require("ffi")

local function by_steps(limit)
  local flags = ffi.new("uint8_t[?]", limit)
  ffi.fill(flags, limit, 1)
  flags[0], flags[1] = 0, 0
  for i = 2, math.floor(limit ^ 0.5) do
    if flags[i] ~= 0 then
      for j = i * i, limit - 1, i do flags[j] = 0 end
    end
  end
  local sum = 0
  for i = 0, limit - 1 do sum = sum + flags[i] end
  return sum
end

local function by_hand(limit)
  local flags, found = {}, {}
  for i = 0, limit - 1 do flags[i] = true end
  for i = 2, limit - 1 do
    if flags[i] then
      found[#found + 1] = i
      local j = i * i
      while j < limit do
        flags[j] = false
        j = j + i
      end
    end
  end
  return #found, found[#found]
end

return function(n)
  local first, second, third
  for _ = 1, n do
    first = by_steps(200000)
    second, third = by_hand(100000)
  end
  print(first .. " " .. second .. " " .. third)
end
