-- SPDX-License-Identifier: MIT
-- For wrk: records of about 250 bytes, BATCH of them a request (1: POST /logs), each longer by PADDING bytes.
-- BENCH is this folder.

dofile(os.getenv("BENCH") .. "/result.lua")

local batch = tonumber(os.getenv("BATCH") or "1")
local padding = tonumber(os.getenv("PADDING") or "0")
local made = 0

-- Of no pattern, so that it does not vanish in compression.
local function noise(length)
  local letters = {}
  for i = 1, length do letters[i] = string.char(97 + math.random(0, 25)) end
  return length > 0 and ',"padding":"' .. table.concat(letters) .. '"' or ""
end

local function record()
  made = made + 1
  return string.format('{"service":"auth-service","action":"user.login.%d","userId":"user-%d","severity":"info",' ..
    '"metadata":{"ip":"192.168.1.%d","userAgent":"Mozilla/5.0 (X11; Linux x86_64) Gecko/20100101","sessionId":"session-%08d"%s}}',
    made * 31 % 500, made * 7919 % 100000, made % 250, made, noise(padding))
end

local headers = { ["Content-Type"] = "application/json" }
local requests, at = {}, 0

-- Made beforehand, so that making them costs the machine nothing while it is measured.
function init()
  for n = 1, batch == 1 and 1000 or 20 do
    local records = {}
    for i = 1, batch do records[i] = record() end
    local single = batch == 1
    requests[n] = wrk.format("POST", single and "/api/v1/logs" or "/api/v1/logs/batch", headers,
      single and records[1] or "[" .. table.concat(records, ",") .. "]")
  end
end

function request()
  at = at % #requests + 1
  return requests[at]
end
