// SPDX-License-Identifier: MIT
// The ingest endpoints as an Express service would have them: one process a core, an idempotent kafkajs
// producer each, and an answer once every record is acknowledged by all in-sync replicas.
// kafkajs does not gather records by itself. LINGER_MS=0 sends each request by itself, as its documentation shows;
// more gathers what comes within that time into one send, which is what one does for speed.
//
//     PORT=… KAFKA_BROKERS=… KAFKA_TOPIC=… [LINGER_MS=5] [WORKERS=2] node server.js

import cluster from "node:cluster";
import { randomUUID } from "node:crypto";
import { availableParallelism } from "node:os";
import express from "express";
import { Kafka, logLevel, Partitioners } from "kafkajs";

const topic = process.env.KAFKA_TOPIC;
const lingerMs = Number(process.env.LINGER_MS ?? 5);
const severities = new Set(["info", "warn", "error", "critical"]);

function valid(record) {
  return record !== null && typeof record === "object" && typeof record.service === "string" && record.service !== "" &&
    typeof record.action === "string" && record.action !== "" &&
    (record.severity === undefined || severities.has(record.severity)) &&
    (record.metadata === undefined || (record.metadata !== null && typeof record.metadata === "object"));
}

function message(record, id) {
  return { key: record.userId ?? record.service, value: JSON.stringify(record), headers: { "als.id": id, "als.source": "http" } };
}

// Sends, and resolves once all is acknowledged.
function sender(producer) {
  const send = (messages) => producer.send({ topic, acks: -1, messages });
  if (lingerMs === 0) return send;
  let waiting = [], timer = null;
  const flush = () => {
    const batch = waiting;
    waiting = [];
    timer = null;
    send(batch.flatMap((entry) => entry.messages)).then(
      () => batch.forEach((entry) => entry.resolve()), (error) => batch.forEach((entry) => entry.reject(error)));
  };
  return (messages) => new Promise((resolve, reject) => {
    waiting.push({ messages, resolve, reject });
    timer ??= setTimeout(flush, lingerMs);
  });
}

async function serve() {
  const kafka = new Kafka({ clientId: "peer-express", brokers: process.env.KAFKA_BROKERS.split(","), logLevel: logLevel.ERROR });
  const producer = kafka.producer({ idempotent: true, maxInFlightRequests: 5, createPartitioner: Partitioners.DefaultPartitioner });
  await producer.connect();
  const send = sender(producer);
  const app = express();
  app.disable("x-powered-by");
  app.disable("etag");
  app.use(express.json({ limit: "10mb" }));
  const unavailable = (response) => (error) => response.status(503).json({ success: false, error: error.message });
  app.post("/api/v1/logs", (request, response) => {
    if (!valid(request.body)) return response.status(400).json({ success: false, error: "Validation Error" });
    const logId = randomUUID();
    send([message(request.body, logId)]).then(
      () => response.status(202).json({ success: true, logId, message: "Log accepted for processing" }), unavailable(response));
  });
  app.post("/api/v1/logs/batch", (request, response) => {
    if (!Array.isArray(request.body) || !request.body.every(valid))
      return response.status(400).json({ success: false, error: "Validation Error" });
    const logIds = request.body.map(() => randomUUID());
    send(request.body.map((record, i) => message(record, logIds[i]))).then(
      () => response.status(202).json({ success: true, logIds, count: logIds.length, message: "Logs accepted for processing" }),
      unavailable(response));
  });
  app.listen(Number(process.env.PORT), "127.0.0.1");
}

if (cluster.isPrimary) {
  for (let n = Number(process.env.WORKERS ?? availableParallelism()); n > 0; n--) cluster.fork();
  cluster.on("exit", () => process.exit(1));
} else {
  await serve();
}
