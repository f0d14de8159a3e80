# shellcheck shell=bash
# SPDX-License-Identifier: MIT
#
# One Kafka broker, KRaft, that is its own controller.

kafka_write()
{
    local data=$ALS_STATE/kafka id
    mkdir -p "$data"
    cat >"$data/server.properties" <<END
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:$KAFKA_CONTROLLER_PORT
listeners=PLAINTEXT://127.0.0.1:$KAFKA_PORT,CONTROLLER://127.0.0.1:$KAFKA_CONTROLLER_PORT
controller.listener.names=CONTROLLER
listener.security.protocol.map=CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT
log.dirs=$data/logs
auto.create.topics.enable=false
group.initial.rebalance.delay.ms=0
offsets.topic.replication.factor=1
offsets.topic.num.partitions=4
offsets.retention.minutes=43200
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
transaction.state.log.num.partitions=4
# An abandoned transaction holds readers back: look for one every second.
transaction.abort.timed.out.transaction.cleanup.interval.ms=1000
# A broker that was killed may register again once its old session has ended.
broker.session.timeout.ms=3000
broker.heartbeat.interval.ms=500
message.max.bytes=8388608
replica.fetch.max.bytes=8388608
END
    run_script kafka java -Xmx1g -cp "$ALS_CACHE/kafka/*" -Dorg.slf4j.simpleLogger.defaultLogLevel=warn \
        -Dorg.slf4j.simpleLogger.showDateTime=true kafka.Kafka "$data/server.properties"
    [[ -e $data/logs/meta.properties ]] && return
    rm -rf "$data/logs"
    id=$(head -c 16 /dev/urandom | base64 | tr '+/' 'AB' | tr -d =)
    job_start "Kafka's log folder" "$ALS_STATE/log/setup-kafka-format.log" \
        java -XX:TieredStopAtLevel=1 -cp "$ALS_CACHE/kafka/*" kafka.tools.StorageTool format -t "$id" \
        -c "$data/server.properties"
}

kafka_ready()
{
    tcp_open "$KAFKA_PORT" && kcat -L -b "127.0.0.1:$KAFKA_PORT" -m 2
}

tcp_open()
{
    (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null
}
