-- Run by scripts/steady: calls what PROGRAM returns again and again with N until SECONDS have passed, at
-- least 12 times, and prints the times as JSON, then what the first call printed.
local ffi = require("ffi")
ffi.cdef("typedef struct { long sec, nsec; } timespec_t; int clock_gettime(int, timespec_t *);")
local MONOTONIC = 1

local now_buffer = ffi.new("timespec_t")
local function now()
  ffi.C.clock_gettime(MONOTONIC, now_buffer)
  return tonumber(now_buffer.sec) + tonumber(now_buffer.nsec) * 1e-9
end

local path, count, seconds = arg[1], tonumber(arg[2]), tonumber(arg[3])
local write, printed, times = print, {}, {}
function print(line)
  if #times == 0 then printed[#printed + 1] = line end
end
local main = dofile(path)
local begin = now()
while #times < 12 or now() - begin < seconds do
  local start = now()
  main(count)
  times[#times + 1] = now() - start
end
write("[" .. table.concat(times, ", ") .. "]")
write(table.concat(printed, "\n"))
