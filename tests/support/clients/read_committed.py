"""All committed records of a topic, by read_committed up to its end as of the start: one JSON array of
[partition, offset, key] on standard output. Arguments: bootstrap topic."""
import json
import sys

from confluent_kafka import Consumer, KafkaError, TopicPartition

bootstrap, topic = sys.argv[1:3]
consumer = Consumer({
    "bootstrap.servers": bootstrap,
    "group.id": "read-committed",
    "isolation.level": "read_committed",
    "enable.auto.commit": False,
    "enable.partition.eof": True,
})
partitions = consumer.list_topics(topic, 30).topics[topic].partitions
consumer.assign([TopicPartition(topic, p, 0) for p in partitions])
left = set(partitions)
records = []
while left:
    for message in consumer.consume(num_messages=1000, timeout=30):
        error = message.error()
        if error is None:
            key = message.key()
            records.append([message.partition(), message.offset(), key and key.decode()])
        elif error.code() == KafkaError._PARTITION_EOF:
            left.discard(message.partition())
        else:
            sys.exit(str(error))
consumer.close()
json.dump(records, sys.stdout)
