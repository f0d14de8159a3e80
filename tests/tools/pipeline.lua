-- SPDX-License-Identifier: MIT
-- For wrk: ten different records of about 250 bytes, sent without waiting for the answers.

local services = { "auth-service", "order-service", "mail-service", "billing-service", "search-service" }
local severities = { "info", "info", "info", "warn", "error" }

local function record(n)
  local body = string.format('{"service":"%s","action":"user.login.%d","userId":"user-%d","severity":"%s",' ..
    '"metadata":{"ip":"192.168.1.%d","userAgent":"Mozilla/5.0 (X11; Linux x86_64) Gecko/20100101",' ..
    '"sessionId":"session-%08d","attempt":%d}}',
    services[n % 5 + 1], n % 20, n * 7919 % 10000, severities[n % 5 + 1], n % 250, n, n % 3)
  return wrk.format("POST", nil, { ["Content-Type"] = "application/json", ["X-Tenant-Id"] = "load" }, body)
end

local ten

function init()
  local requests = {}
  for n = 1, 10 do
    requests[n] = record(n)
  end
  ten = table.concat(requests)
end

function request()
  return ten
end
