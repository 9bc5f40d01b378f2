"""Consume, transform, produce, each batch in one transaction: every input record becomes one output record
whose key is "partition:offset" of the input.

Arguments: bootstrap input output group transactional-id. Ends when standard input does. Prints "ready", then
"done N" after each transaction. Exit code 3 when fenced, 4 on what it cannot get over. SIGUSR1: says where it is.
"""
import faulthandler
import os
import signal
import sys
import threading
import time

from confluent_kafka import Consumer, KafkaError, KafkaException, Producer, TopicPartition

bootstrap, input_topic, output_topic, group, transactional_id = sys.argv[1:6]
WAIT_S = 30
# librdkafka 2.16 can wait for ever where its own time is over: for a group's coordinator that it remembers and that has
# died, until some broker's state changes. Who waits so does not rejoin its group, which waits for it in turn.
LIMIT_S = WAIT_S + 15
step_began_s = None
stopping = threading.Event()
faulthandler.register(signal.SIGUSR1)


def watch_stdin():
    while sys.stdin.readline():
        pass
    stopping.set()


def watch_steps():
    while True:
        time.sleep(1)
        began_s = step_began_s
        if began_s is not None and time.monotonic() - began_s > LIMIT_S:
            print(f"ends: a call did not return within {LIMIT_S} s", file=sys.stderr, flush=True)
            os._exit(4)


def timed(step):
    global step_began_s
    step_began_s = time.monotonic()
    try:
        return step()
    finally:
        step_began_s = None


def say(text):
    print(text, flush=True)


def end(error):
    fenced = error.code() in (KafkaError._FENCED, KafkaError.PRODUCER_FENCED, KafkaError.INVALID_PRODUCER_EPOCH)
    print(f"ends: {error}", file=sys.stderr, flush=True)
    # Closing could wait for what will not come.
    os._exit(3 if fenced else 4)


def persist(step):
    """Repeats a call that may be repeated, for as long as the transaction's own time allows."""
    for _ in range(5):
        try:
            return timed(step)
        except KafkaException as failure:
            if not failure.args[0].retriable():
                raise
    return timed(step)


def rewind(consumer):
    assignment = consumer.assignment()
    if not assignment:
        return
    for committed in consumer.committed(assignment, WAIT_S):
        start = committed.offset if committed.offset >= 0 else 0
        consumer.seek(TopicPartition(committed.topic, committed.partition, start))


def transform(consumer, producer, messages, metadata):
    producer.begin_transaction()
    positions = {}
    for message in messages:
        key = f"{message.partition()}:{message.offset()}"
        while True:
            try:
                producer.produce(output_topic, key=key, value=message.value())
                break
            except BufferError:
                producer.poll(0.1)
        positions[message.partition()] = message.offset() + 1
    offsets = [TopicPartition(input_topic, p, offset) for p, offset in positions.items()]
    persist(lambda: producer.send_offsets_to_transaction(offsets, metadata, WAIT_S))
    persist(lambda: producer.commit_transaction(WAIT_S))


def main():
    threading.Thread(target=watch_stdin, daemon=True).start()
    threading.Thread(target=watch_steps, daemon=True).start()
    common = {
        "bootstrap.servers": bootstrap,
        "log_level": 2,
        "reconnect.backoff.ms": 50,
        "reconnect.backoff.max.ms": 500,
    }
    consumer = Consumer({
        **common,
        "group.id": group,
        "isolation.level": "read_committed",
        "auto.offset.reset": "earliest",
        "enable.auto.commit": False,
        "session.timeout.ms": 6000,
        "heartbeat.interval.ms": 1000,
    })
    producer = Producer({
        **common,
        "transactional.id": transactional_id,
        "transaction.timeout.ms": 10000,
        "linger.ms": 2,
    })
    persist(lambda: producer.init_transactions(WAIT_S))
    consumer.subscribe([input_topic])
    say("ready")
    while not stopping.is_set():
        polled = consumer.consume(num_messages=100, timeout=0.2)
        messages = [message for message in polled if message.error() is None]
        if not messages:
            continue
        try:
            # The generation in which they were polled: a rebalance waits for the next poll.
            metadata = consumer.consumer_group_metadata()
            transform(consumer, producer, messages, metadata)
            say(f"done {len(messages)}")
        except KafkaException as failure:
            error = failure.args[0]
            if not error.txn_requires_abort():
                raise
            print(f"aborts: {error}", file=sys.stderr, flush=True)
            persist(lambda: producer.abort_transaction(WAIT_S))
            rewind(consumer)
    consumer.close()


try:
    main()
except KafkaException as failure:
    end(failure.args[0])
