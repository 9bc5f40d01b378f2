"""Load under chaos, and the count afterwards, by librdkafka.

Arguments: bootstrap partitions. Makes the topics, prints {"ready": true, ...}, then writes until a line comes on
standard input: an idempotent producer numbers records in each partition of `plain`; a transactional one writes one
record with the transaction's number to each partition of `atomic`, and aborts every tenth. Then all is read again
from the start, read_committed, and one JSON object with the figures is printed.
"""
import json
import sys
import threading
import time

from confluent_kafka import Consumer, KafkaError, KafkaException, Producer, TopicPartition
from confluent_kafka.admin import AdminClient, NewTopic

bootstrap, partitions = sys.argv[1], int(sys.argv[2])
PLAIN, ATOMIC = "plain", "atomic"
RECORDS_PER_SECOND = 400
READ_TIMEOUT_S = 240
READY_TIMEOUT_S = 110
SETTLE_TIMEOUT_S = 120
common = {
    "bootstrap.servers": bootstrap,
    "reconnect.backoff.ms": 50,
    "reconnect.backoff.max.ms": 500,
    "retry.backoff.ms": 50,
    "socket.timeout.ms": 10000,
    "log_level": 1,
}
stop = threading.Event()
figures = {"acked": 0, "failed": [], "longestGapMs": 0, "committed": 0, "aborted": 0, "unknown": 0, "fatal": []}
acked = [set() for _ in range(partitions)]
sent = [0] * partitions
outcomes = {}  # transaction -> "committed", "aborted" or "unknown"
last_ack = [None]


def create_topics():
    admin = AdminClient(common)
    deadline = time.monotonic() + READY_TIMEOUT_S
    topics = [NewTopic(name, num_partitions=partitions, replication_factor=3) for name in (PLAIN, ATOMIC)]
    while True:
        for name, future in admin.create_topics(topics, request_timeout=10).items():
            try:
                future.result()
            except KafkaException as error:
                if error.args[0].code() != KafkaError.TOPIC_ALREADY_EXISTS and time.monotonic() > deadline:
                    raise
        try:
            found = admin.list_topics(timeout=10).topics
        except KafkaException:
            if time.monotonic() > deadline:
                raise
            continue
        if all(name in found and len(found[name].partitions) == partitions for name in (PLAIN, ATOMIC)):
            return
        time.sleep(0.2)


def write_plain():
    def delivered(error, message):
        if error is not None:
            figures["failed"].append(str(error))
            return
        now = time.monotonic()
        if last_ack[0] is not None:
            figures["longestGapMs"] = max(figures["longestGapMs"], round((now - last_ack[0]) * 1000))
        last_ack[0] = now
        acked[message.partition()].add(int(message.value()))
        figures["acked"] += 1

    producer = Producer({**common, "enable.idempotence": True, "linger.ms": 5, "message.timeout.ms": 300000})
    while not stop.is_set():
        for partition in range(partitions):
            try:
                producer.produce(PLAIN, value=str(sent[partition]), partition=partition, on_delivery=delivered)
                sent[partition] += 1
            except BufferError:
                pass
        producer.poll(partitions / RECORDS_PER_SECOND)
        time.sleep(partitions / RECORDS_PER_SECOND / 2)
    producer.flush(300)


def transactional_producer():
    settings = {"transactional.id": "chaos", "transaction.timeout.ms": 20000, "linger.ms": 0}
    while not stop.is_set():
        producer = Producer({**common, **settings})
        try:
            producer.init_transactions(30)
            return producer
        except KafkaException as error:
            if not error.args[0].retriable() and error.args[0].fatal():
                figures["fatal"].append(str(error))
    return None


def finish(producer, number, wants_commit):
    """True when the producer may go on with a new transaction."""
    for _ in range(20):
        try:
            if wants_commit:
                producer.commit_transaction(20)
                outcomes[number] = "committed"
            else:
                producer.abort_transaction(20)
                outcomes[number] = "aborted"
            return True
        except KafkaException as error:
            cause = error.args[0]
            if cause.retriable():
                continue
            if cause.txn_requires_abort() and wants_commit:
                wants_commit = False
                continue
            outcomes[number] = "unknown"
            return False
    outcomes[number] = "unknown"
    return False


def write_atomic():
    producer = transactional_producer()
    number = 0
    while producer is not None and not stop.is_set():
        number += 1
        outcomes[number] = "unknown"
        wants_commit = number % 10 != 0
        try:
            producer.begin_transaction()
            for partition in range(partitions):
                producer.produce(ATOMIC, value=str(number), partition=partition)
            if number % 10 == 5:
                producer.flush(5)
        except KafkaException as error:
            wants_commit = False
            if error.args[0].fatal():
                producer = transactional_producer()
                continue
        if not finish(producer, number, wants_commit):
            producer = transactional_producer()
        time.sleep(0.02)


def read_all(topic, isolation):
    """Values in each partition, in order, to the end that holds now."""
    consumer = Consumer({
        **common,
        "group.id": f"count-{topic}-{isolation}",
        "enable.auto.commit": False,
        "isolation.level": isolation,
        "auto.offset.reset": "earliest",
        "enable.partition.eof": True,
    })
    consumer.assign([TopicPartition(topic, p, 0) for p in range(partitions)])
    values = [[] for _ in range(partitions)]
    ended = set()
    deadline = time.monotonic() + READ_TIMEOUT_S
    while len(ended) < partitions:
        if time.monotonic() > deadline:
            raise TimeoutError(f"{topic}: the end was not reached in partitions {set(range(partitions)) - ended}")
        message = consumer.poll(1)
        if message is None:
            continue
        error = message.error()
        if error is None:
            values[message.partition()].append(int(message.value()))
            ended.discard(message.partition())
        elif error.code() == KafkaError._PARTITION_EOF:
            ended.add(message.partition())
    consumer.close()
    return values


def settle(topic):
    """Until no transaction is open: the outcome of one is told of before its markers are written in each partition."""
    def ends(isolation):
        consumer = Consumer({**common, "group.id": f"ends-{isolation}", "isolation.level": isolation})
        try:
            found = (consumer.get_watermark_offsets(TopicPartition(topic, p), 30) for p in range(partitions))
            return [high for _, high in found]
        finally:
            consumer.close()

    deadline = time.monotonic() + SETTLE_TIMEOUT_S
    while time.monotonic() < deadline:
        try:
            if ends("read_committed") == ends("read_uncommitted"):
                return
        except KafkaException:
            pass
        time.sleep(0.5)


def count_plain():
    lost = duplicated = disordered = 0
    for partition, values in enumerate(read_all(PLAIN, "read_committed")):
        there = set(values)
        lost += len(acked[partition] - there)
        duplicated += len(values) - len(there)
        disordered += sum(1 for a, b in zip(values, values[1:]) if b < a)
    return {"lost": lost, "duplicated": duplicated, "disordered": disordered, "records": sum(map(len, acked))}


def count_atomic():
    seen = [read for read in read_all(ATOMIC, "read_committed")]
    sets = [set(values) for values in seen]
    everywhere = set.intersection(*sets)
    anywhere = set.union(*sets)
    committed = {n for n, outcome in outcomes.items() if outcome == "committed"}
    aborted = {n for n, outcome in outcomes.items() if outcome == "aborted"}
    return {
        "transactionsSeen": len(everywhere),
        "halfSeen": len(anywhere - everywhere),
        "committedLost": len(committed - everywhere),
        "abortedSeen": len(aborted & anywhere),
        "transactionsTwice": sum(len(values) - len(set(values)) for values in seen),
        "committed": len(committed),
        "aborted": len(aborted),
        "unknown": len(outcomes) - len(committed) - len(aborted),
    }


create_topics()
threads = [threading.Thread(target=write_plain), threading.Thread(target=write_atomic)]
for thread in threads:
    thread.start()
print(json.dumps({"ready": True}), flush=True)
sys.stdin.readline()
stop.set()
for thread in threads:
    thread.join()
settle(ATOMIC)
figures.update(count_plain())
figures.update(count_atomic())
figures["failed"] = figures["failed"][:5]
print(json.dumps(figures), flush=True)
