// SPDX-License-Identifier: MIT
//! The ingest endpoints as an Axum service would have them: parse, check, produce with an idempotent
//! librdkafka producer, and answer once every record is acknowledged by all in-sync replicas.
//!
//!     PORT=… KAFKA_BROKERS=… KAFKA_TOPIC=… peer-axum

use axum::{extract::State, http::StatusCode, routing::post, Json, Router};
use futures::future::try_join_all;
use rdkafka::message::{Header, OwnedHeaders};
use rdkafka::producer::{FutureProducer, FutureRecord};
use rdkafka::util::Timeout;
use rdkafka::ClientConfig;
use serde::Deserialize;
use serde_json::{json, value::RawValue, Value};
use std::{borrow::Cow, env, sync::Arc};
use uuid::Uuid;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

struct App {
    producer: FutureProducer,
    topic: String,
}

/// What is looked at; the record itself goes on as it came.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Record<'a> {
    #[serde(borrow)]
    service: Cow<'a, str>,
    #[serde(borrow)]
    action: Cow<'a, str>,
    #[serde(borrow)]
    user_id: Option<Cow<'a, str>>,
    #[serde(borrow)]
    severity: Option<Cow<'a, str>>,
    #[serde(borrow)]
    metadata: Option<&'a RawValue>,
}

type Refusal = (StatusCode, Json<Value>);

fn refuse(status: StatusCode, error: &str) -> Refusal {
    (status, Json(json!({"success": false, "error": error})))
}

fn check<'a>(json: &'a str) -> Result<Record<'a>, Refusal> {
    let record: Record = serde_json::from_str(json).map_err(|e| refuse(StatusCode::BAD_REQUEST, &e.to_string()))?;
    let severity_known = matches!(record.severity.as_deref(), None | Some("info" | "warn" | "error" | "critical"));
    let metadata_is_object = record.metadata.map_or(true, |m| m.get().starts_with('{'));
    if record.service.is_empty() || record.action.is_empty() || !severity_known || !metadata_is_object {
        return Err(refuse(StatusCode::BAD_REQUEST, "Validation Error"));
    }
    Ok(record)
}

async fn send(app: &App, json: &str, id: &str) -> Result<(), Refusal> {
    let record = check(json)?;
    let headers = OwnedHeaders::new_with_capacity(2)
        .insert(Header { key: "als.id", value: Some(id) })
        .insert(Header { key: "als.source", value: Some("http") });
    let message = FutureRecord::to(&app.topic).key(record.user_id.as_deref().unwrap_or(&record.service)).payload(json).headers(headers);
    match app.producer.send(message, Timeout::Never).await {
        Ok(_) => Ok(()),
        Err((e, _)) => Err(refuse(StatusCode::SERVICE_UNAVAILABLE, &e.to_string())),
    }
}

async fn one(State(app): State<Arc<App>>, body: String) -> Result<(StatusCode, Json<Value>), Refusal> {
    let id = Uuid::now_v7().to_string();
    send(&app, &body, &id).await?;
    Ok((StatusCode::ACCEPTED, Json(json!({"success": true, "logId": id, "message": "Log accepted for processing"}))))
}

async fn batch(State(app): State<Arc<App>>, body: String) -> Result<(StatusCode, Json<Value>), Refusal> {
    let records: Vec<&RawValue> =
        serde_json::from_str(&body).map_err(|e| refuse(StatusCode::BAD_REQUEST, &e.to_string()))?;
    for record in &records {
        check(record.get())?;
    }
    let ids: Vec<String> = records.iter().map(|_| Uuid::now_v7().to_string()).collect();
    try_join_all(records.iter().zip(&ids).map(|(record, id)| send(&app, record.get(), id))).await?;
    Ok((
        StatusCode::ACCEPTED,
        Json(json!({"success": true, "count": ids.len(), "logIds": ids, "message": "Logs accepted for processing"})),
    ))
}

#[tokio::main]
async fn main() {
    let variable = |name: &str| env::var(name).unwrap_or_else(|_| panic!("{name} is not set"));
    let producer: FutureProducer = ClientConfig::new()
        .set("bootstrap.servers", variable("KAFKA_BROKERS"))
        .set("enable.idempotence", "true")
        .set("compression.codec", "lz4")
        .set("linger.ms", env::var("LINGER_MS").unwrap_or_else(|_| "2".into()))
        .set("partitioner", "murmur2_random")
        .set("queue.buffering.max.messages", "500000")
        .create()
        .expect("a Kafka producer");
    let app = Arc::new(App { producer, topic: variable("KAFKA_TOPIC") });
    let routes = Router::new()
        .route("/api/v1/logs", post(one))
        .route("/api/v1/logs/batch", post(batch))
        .layer(axum::extract::DefaultBodyLimit::max(10 << 20))
        .with_state(app);
    let listener = tokio::net::TcpListener::bind(format!("127.0.0.1:{}", variable("PORT"))).await.expect("the port");
    axum::serve(listener, routes).await.expect("serving");
}
