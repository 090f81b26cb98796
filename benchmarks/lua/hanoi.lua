-- The towers of Hanoi: recursion and lists as stacks.

local Towers = {}
Towers.__index = Towers

function Towers.new(height)
  local first = {}
  for disc = height, 1, -1 do first[#first + 1] = disc end
  return setmetatable({ pegs = { [0] = first, {}, {} }, moves = 0 }, Towers)
end

function Towers:move(source, target)
  local disc = table.remove(self.pegs[source])
  local peg = self.pegs[target]
  if #peg > 0 and peg[#peg] < disc then error("a larger disc on a smaller one") end
  peg[#peg + 1] = disc
  self.moves = self.moves + 1
end

function Towers:solve(height, source, target, spare)
  if height == 0 then return end
  self:solve(height - 1, source, spare, target)
  self:move(source, target)
  self:solve(height - 1, spare, target, source)
end

return function(n)
  local towers
  for _ = 1, n do
    towers = Towers.new(14)
    towers:solve(14, 0, 2, 1)
  end
  local pegs = {}
  for i = 0, 2 do pegs[#pegs + 1] = "[" .. table.concat(towers.pegs[i], ", ") .. "]" end
  print(towers.moves .. " [" .. table.concat(pegs, ", ") .. "]")
end
