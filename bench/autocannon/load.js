// SPDX-License-Identifier: MIT
// The load shape that the old service was tested with: 1,000 connections, each with 10 requests under way.
//
//     node load.js URL SECONDS   prints {"requests":…,"seconds":…,"p50_ms":…,"p99_ms":…,"failed":…}

import autocannon from "autocannon";

function record(n) {
  return JSON.stringify({
    service: "auth-service", action: `user.login.${n * 31 % 500}`, userId: `user-${n * 7919 % 100000}`, severity: "info",
    metadata: { ip: `192.168.1.${n % 250}`, userAgent: "Mozilla/5.0 (X11; Linux x86_64) Gecko/20100101", sessionId: `session-${String(n).padStart(8, "0")}` },
  });
}

const [url, seconds] = process.argv.slice(2);
const result = await autocannon({
  url, connections: 1000, pipelining: 10, duration: Number(seconds),
  requests: Array.from({ length: 100 }, (_, n) => ({
    method: "POST", path: "/api/v1/logs", headers: { "content-type": "application/json" }, body: record(n),
  })),
});
console.log(JSON.stringify({
  requests: result.requests.total, seconds: result.duration, p50_ms: result.latency.p50, p99_ms: result.latency.p99,
  failed: result.errors + result.timeouts + result.non2xx,
}));
