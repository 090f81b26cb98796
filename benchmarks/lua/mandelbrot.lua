-- The Mandelbrot set on a square grid: complex numbers (here their two parts) in a tight loop.

local function escape(c_real, c_imag, limit)
  local real, imag = 0, 0
  for i = 0, limit - 1 do
    if real * real + imag * imag > 4 then return i end
    real, imag = real * real - imag * imag + c_real, real * imag + imag * real + c_imag
  end
  return limit
end

return function(n)
  local total, inside = 0, 0
  for row = 0, n - 1 do
    for column = 0, n - 1 do
      local count = escape(3.0 * column / n - 2.2, 2.4 * row / n - 1.2, 60)
      total = total + count
      if count == 60 then inside = inside + 1 end
    end
  end
  print(total .. " " .. inside)
end
