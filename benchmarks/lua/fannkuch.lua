-- Flipping pancakes: over all permutations, how often a prefix has to be reversed.

-- All orders of 0..n-1 by single swaps, so that even and odd ones take turns (Heap's method).
local function permutations(n)
  return coroutine.wrap(function()
    local items, counters = {}, {}
    for i = 0, n - 1 do items[i], counters[i] = i, 0 end
    coroutine.yield(items)
    local level = 1
    while level < n do
      if counters[level] < level then
        local other = level % 2 == 1 and counters[level] or 0
        items[level], items[other] = items[other], items[level]
        coroutine.yield(items)
        counters[level] = counters[level] + 1
        level = 1
      else
        counters[level] = 0
        level = level + 1
      end
    end
  end)
end

local function flips(items)
  local count = 0
  local top = items[0]
  if top == 0 then return 0 end
  local work = {}
  for i = 0, #items do work[i] = items[i] end
  while top ~= 0 do
    local low, high = 0, top
    while low < high do
      work[low], work[high] = work[high], work[low]
      low, high = low + 1, high - 1
    end
    top = work[0]
    count = count + 1
  end
  return count
end

return function(n)
  local checksum, most
  for _ = 1, n do
    checksum, most = 0, 0
    local sign = 1
    for items in permutations(7) do
      local count = flips(items)
      checksum = checksum + sign * count
      if count > most then most = count end
      sign = -sign
    end
  end
  print(checksum .. " " .. most)
end
