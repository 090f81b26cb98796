-- Recursive functions of small integers: Fibonacci, Ackermann and Takeuchi.

local function fib(n)
  if n < 2 then return n end
  return fib(n - 1) + fib(n - 2)
end

local function ackermann(m, n)
  if m == 0 then return n + 1 end
  if n == 0 then return ackermann(m - 1, 1) end
  return ackermann(m - 1, ackermann(m, n - 1))
end

local function tak(x, y, z)
  if y >= x then return z end
  return tak(tak(x - 1, y, z), tak(y - 1, z, x), tak(z - 1, x, y))
end

return function(n)
  local a, b, c
  for _ = 1, n do
    a, b, c = fib(20), ackermann(2, 30), tak(12, 8, 4)
  end
  print(a .. " " .. b .. " " .. c)
end
