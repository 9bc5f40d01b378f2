"""Writes with acks=all and idempotence while brokers are killed; reads in a group of three.

Arguments: bootstrap topic group. Obeys lines on standard input: `stop` ends the writing. Prints one
JSON object a line: {"acked": n} now and then, at the end {"acked": [...], "longestGapMs": ms, ...}.
"""
import json
import sys
import threading
import time

from confluent_kafka import Consumer, KafkaException, Producer

bootstrap, topic, group = sys.argv[1:4]
stop_writing = threading.Event()
stop_reading = threading.Event()
acked = {}
failed = []
longest_gap = 0.0
last_ack = None
lock = threading.Lock()
reads = []  # (partition, offset, key), in the order they came
commits = {}  # (consumer, partition) -> committed positions, as far as a commit was answered
regressions = []


def on_delivery(error, message):
    global longest_gap, last_ack
    if error is not None:
        failed.append(str(error))
        return
    now = time.monotonic()
    if last_ack is not None:
        longest_gap = max(longest_gap, now - last_ack)
    last_ack = now
    acked[message.key().decode()] = (message.partition(), message.offset())


def write():
    producer = Producer({
        "bootstrap.servers": bootstrap,
        "acks": "all",
        "enable.idempotence": True,
        "retry.backoff.ms": 50,
        "reconnect.backoff.ms": 50,
        "reconnect.backoff.max.ms": 500,
        "linger.ms": 5,
        "message.timeout.ms": 60000,
        "log_level": 2,
    })
    i = 0
    while not stop_writing.is_set():
        try:
            producer.produce(topic, key=f"k{i}", value=f"v{i}", on_delivery=on_delivery)
            i += 1
        except BufferError:
            pass
        producer.poll(0.002)
    producer.flush(60)


def read(number):
    consumer = Consumer({
        "bootstrap.servers": bootstrap,
        "group.id": group,
        "auto.offset.reset": "earliest",
        "enable.auto.commit": False,
        "session.timeout.ms": 10000,
        "log_level": 2,
        "reconnect.backoff.ms": 50,
        "reconnect.backoff.max.ms": 500,
    })
    positions = {}

    def on_assign(_consumer, partitions):
        for p in partitions:
            positions.pop(p.partition, None)

    consumer.subscribe([topic], on_assign=on_assign)
    uncommitted = 0
    while not stop_reading.is_set():
        message = consumer.poll(0.2)
        if message is None or message.error():
            continue
        partition, offset = message.partition(), message.offset()
        with lock:
            expected = positions.get(partition)
            if expected is not None and offset != expected:
                regressions.append([partition, expected, offset, "skipped within an assignment"])
            elif expected is None and offset > commits.get(partition, 0):
                regressions.append([partition, commits.get(partition, 0), offset, "started past the commit"])
            elif expected is None and offset < commits.get(partition, 0):
                regressions.append([partition, commits.get(partition, 0), offset, "redelivered below the commit"])
            positions[partition] = offset + 1
            reads.append((partition, offset, message.key().decode()))
        uncommitted += 1
        if uncommitted >= 200:
            try:
                for done in consumer.commit(asynchronous=False) or []:
                    if done.error is None:
                        with lock:
                            commits[done.partition] = max(commits.get(done.partition, 0), done.offset)
                uncommitted = 0
            except KafkaException:
                pass
    consumer.close()


writer = threading.Thread(target=write)
readers = [threading.Thread(target=read, args=(n,)) for n in range(3)]
writer.start()
for reader in readers:
    reader.start()


def report():
    while not stop_writing.is_set():
        print(json.dumps({"acked": len(acked), "read": len(reads)}), flush=True)
        time.sleep(0.2)


threading.Thread(target=report, daemon=True).start()
for line in sys.stdin:
    if line.strip() == "stop":
        break
stop_writing.set()
writer.join()
deadline = time.monotonic() + 180
while time.monotonic() < deadline:
    with lock:
        seen = {key for _, _, key in reads}
    if seen.issuperset(acked):
        break
    time.sleep(0.2)
stop_reading.set()
for reader in readers:
    reader.join()
seen = {key for _, _, key in reads}
print(json.dumps({
    "done": True,
    "acked": acked,
    "failed": failed,
    "unread": [key for key in acked if key not in seen],
    "violations": regressions,
    "longestGapMs": longest_gap * 1000,
}), flush=True)
