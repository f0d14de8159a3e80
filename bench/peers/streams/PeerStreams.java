// SPDX-License-Identifier: MIT
// Our processor's work as a Kafka Streams application would do it: parse, check, enrich, and count by tenant, service and action
// in windows of a minute, an hour and a day, exactly once. Duplicates are not looked for, dead letters not written: less than ours does.
//
//     java -cp … PeerStreams BROKERS TOPIC OUTPUT_PREFIX APPLICATION_ID STATE_DIR

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.Properties;
import java.util.Set;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.kstream.Consumed;
import org.apache.kafka.streams.kstream.KStream;
import org.apache.kafka.streams.kstream.Produced;
import org.apache.kafka.streams.processor.PunctuationType;
import org.apache.kafka.streams.processor.api.ContextualFixedKeyProcessor;
import org.apache.kafka.streams.processor.api.FixedKeyRecord;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.Stores;

public final class PeerStreams {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Serde<String> TEXT = Serdes.String();
    private static final Serde<byte[]> BYTES = Serdes.ByteArray();

    /** One record: its bytes as enriched, and what it is counted under. */
    private static final class Enrich extends ContextualFixedKeyProcessor<byte[], byte[], ObjectNode> {
        @Override
        public void process(FixedKeyRecord<byte[], byte[]> record) {
            ObjectNode log;
            try {
                JsonNode parsed = JSON.readTree(record.value());
                if (!parsed.isObject() || !parsed.path("service").isTextual() || !parsed.path("action").isTextual()) return;
                log = (ObjectNode) parsed;
            } catch (IOException e) {
                return;
            }
            Header id = record.headers().lastHeader("als.id");
            String place = context().recordMetadata().map(m -> m.partition() + ":" + m.offset()).orElse("");
            ObjectNode enriched = JSON.createObjectNode();
            enriched.put("_id", id != null ? new String(id.value()) : place).put("src", place).put("tenant", "default");
            enriched.setAll(log);
            if (!enriched.has("severity")) enriched.put("severity", "info");
            if (!enriched.has("timestamp")) enriched.put("timestamp", Instant.ofEpochMilli(record.timestamp()).toString());
            enriched.put("createdAt", Instant.ofEpochMilli(record.timestamp()).toString());
            String[] verb = log.get("action").textValue().split("\\.", 2);
            enriched.putObject("enriched").put("object", verb[0]).put("verb", verb.length > 1 ? verb[1] : "");
            context().forward(record.withValue(enriched));
        }
    }

    /** Counts where the record lies, as ours does: no repartition topic. Changed buckets go on every 100 ms. */
    private static final class Count implements Processor<byte[], ObjectNode, String, long[]> {
        private static final String[] NAMES = {"minute", "hour", "day"};
        private static final long[] SIZES_MS = {60_000, 3_600_000, 86_400_000};
        private final Set<String> changed = new HashSet<>();
        private ProcessorContext<String, long[]> context;
        private KeyValueStore<String, long[]> buckets;

        @Override
        public void init(ProcessorContext<String, long[]> context) {
            this.context = context;
            buckets = context.getStateStore("buckets");
            context.schedule(Duration.ofMillis(100), PunctuationType.WALL_CLOCK_TIME, now -> emit(now));
        }

        @Override
        public void process(Record<byte[], ObjectNode> record) {
            ObjectNode log = record.value();
            String name = log.get("tenant").textValue() + "|" + log.get("service").textValue() + "|" + log.get("action").textValue();
            int cell = cellOf(log);
            long at = Instant.parse(log.get("timestamp").textValue()).toEpochMilli();
            for (int i = 0; i < NAMES.length; i++) {
                String key = name + "|" + NAMES[i] + "|" + (at - at % SIZES_MS[i]);
                long[] cells = buckets.get(key);
                if (cells == null) cells = new long[12];
                cells[cell]++;
                buckets.put(key, cells);
                changed.add(key);
            }
        }

        private void emit(long now) {
            for (String key : changed) context.forward(new Record<>(key, buckets.get(key), now));
            changed.clear();
        }
    }

    private static int cellOf(ObjectNode log) {
        int severity = switch (log.get("severity").asText()) { case "warn" -> 1; case "error" -> 2; case "critical" -> 3; default -> 0; };
        int outcome = switch (log.path("outcome").asText("")) { case "success" -> 0; case "failure" -> 1; default -> 2; };
        return severity * 3 + outcome;
    }

    public static void main(String[] arguments) throws InterruptedException {
        Properties settings = new Properties();
        settings.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, arguments[0]);
        settings.put(StreamsConfig.APPLICATION_ID_CONFIG, arguments[3]);
        settings.put(StreamsConfig.STATE_DIR_CONFIG, arguments[4]);
        settings.put(StreamsConfig.PROCESSING_GUARANTEE_CONFIG, StreamsConfig.EXACTLY_ONCE_V2);
        settings.put(StreamsConfig.COMMIT_INTERVAL_MS_CONFIG, 100);
        settings.put(StreamsConfig.NUM_STREAM_THREADS_CONFIG, 2);
        settings.put(StreamsConfig.STATESTORE_CACHE_MAX_BYTES_CONFIG, 256L << 20);
        settings.put(StreamsConfig.producerPrefix("compression.type"), "lz4");
        settings.put(StreamsConfig.producerPrefix("linger.ms"), 5);
        settings.put(StreamsConfig.producerPrefix("batch.size"), 256 << 10);
        settings.put(StreamsConfig.consumerPrefix("auto.offset.reset"), "earliest");
        settings.put(StreamsConfig.consumerPrefix("max.poll.records"), 5000);
        StreamsBuilder builder = new StreamsBuilder();
        KStream<byte[], ObjectNode> enriched = builder.stream(arguments[1], Consumed.with(BYTES, BYTES)).processValues(Enrich::new);
        enriched.to(arguments[2] + "-enriched", Produced.with(BYTES, new NodeSerde()));
        builder.addStateStore(Stores.keyValueStoreBuilder(Stores.persistentKeyValueStore("buckets"), TEXT, new CellsSerde())
            .withCachingEnabled());
        enriched.process(Count::new, "buckets").to(arguments[2] + "-stats", Produced.with(TEXT, new CellsSerde()));
        KafkaStreams streams = new KafkaStreams(builder.build(settings), settings);
        Runtime.getRuntime().addShutdownHook(new Thread(() -> streams.close(Duration.ofSeconds(10))));
        streams.start();
        Thread.currentThread().join();
    }

    private static final class NodeSerde extends Serdes.WrapperSerde<ObjectNode> {
        NodeSerde() {
            super((topic, node) -> {
                try {
                    return node == null ? null : JSON.writeValueAsBytes(node);
                } catch (IOException e) {
                    throw new IllegalStateException(e);
                }
            }, (topic, bytes) -> {
                try {
                    return bytes == null ? null : (ObjectNode) JSON.readTree(bytes);
                } catch (IOException e) {
                    throw new IllegalStateException(e);
                }
            });
        }
    }

    private static final class CellsSerde extends Serdes.WrapperSerde<long[]> {
        CellsSerde() {
            super((topic, cells) -> {
                if (cells == null) return null;
                ByteBuffer bytes = ByteBuffer.allocate(12 * 8);
                for (long cell : cells) bytes.putLong(cell);
                return bytes.array();
            }, (topic, bytes) -> {
                if (bytes == null) return null;
                long[] cells = new long[12];
                ByteBuffer from = ByteBuffer.wrap(bytes);
                for (int i = 0; i < 12; i++) cells[i] = from.getLong();
                return cells;
            });
        }
    }
}
