-- SPDX-License-Identifier: MIT
-- For wrk: the records of raw_produce.c, of about 250 bytes, BATCH of them a request (1: POST /logs); with SIZE, others of
-- that many bytes. BENCH is this folder.

dofile(os.getenv("BENCH") .. "/result.lua")

local batch = tonumber(os.getenv("BATCH") or "1")
local size = tonumber(os.getenv("SIZE") or "0")
local variety = math.min(20000, math.floor(16e6 / math.max(size, 250)))
local made = 0

local function record(n)
  return string.format('{"service":"auth-service","action":"user.login.%d","userId":"user-%d","severity":"info",' ..
    '"metadata":{"ip":"192.168.1.%d","userAgent":"Mozilla/5.0 (X11; Linux x86_64) Gecko/20100101","sessionId":"session-%08d"}}',
    n * 31 % 500, n * 7919 % 100000, n % 250, n)
end

-- Filled with letters of no pattern, so that they do not vanish in compression, in a field that is passed on and not kept.
local function sized(n)
  local head = string.format('{"service":"auth-service","action":"user.login","userId":"user-%d","filling":"', n * 7919 % 100000)
  local letters = {}
  for i = 1, math.max(0, size - #head - 2) do letters[i] = string.char(97 + math.random(0, 25)) end
  return head .. table.concat(letters) .. '"}'
end

local function next_record()
  local n = made
  made = made + 1
  return size > 0 and sized(n) or record(n)
end

local headers = { ["Content-Type"] = "application/json" }
local requests, at = {}, 0

-- Made beforehand, so that making them costs the machine nothing while it is measured.
function init()
  for n = 1, math.max(1, variety / batch) do
    local records = {}
    for i = 1, batch do records[i] = next_record() end
    local single = batch == 1
    requests[n] = wrk.format("POST", single and "/api/v1/logs" or "/api/v1/logs/batch", headers,
      single and records[1] or "[" .. table.concat(records, ",") .. "]")
  end
end

function request()
  at = at % #requests + 1
  return requests[at]
end
