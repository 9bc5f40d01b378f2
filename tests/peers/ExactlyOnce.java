import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.ProducerFencedException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * Consume, transform, produce, each poll in one transaction: every input record becomes one output record whose
 * key is "partition:offset" of the input. Arguments: bootstrap input output group transactional-id. Prints
 * "ready", then "done N" after each transaction. Ends with 3 when fenced, with 4 on what it cannot get over.
 */
public final class ExactlyOnce {
    private static volatile boolean isStopping = false;

    public static void main(String[] args) {
        Thread watcher = new Thread(() -> {
            try {
                while (System.in.read() >= 0) continue;
            } catch (java.io.IOException e) {
                // The other end is gone: as good as its end.
            }
            isStopping = true;
        });
        watcher.setDaemon(true);
        watcher.start();
        try {
            run(args[0], args[1], args[2], args[3], args[4]);
        } catch (ProducerFencedException e) {
            end(3, e);
        } catch (RuntimeException e) {
            end(4, e);
        }
    }

    private static void end(int code, Exception reason) {
        System.err.println(reason);
        // close() could wait for what will not come.
        Runtime.getRuntime().halt(code);
    }

    private static void run(String bootstrap, String input, String output, String group, String id) {
        Properties consuming = new Properties();
        consuming.put("bootstrap.servers", bootstrap);
        consuming.put("group.id", group);
        consuming.put("isolation.level", "read_committed");
        consuming.put("auto.offset.reset", "earliest");
        consuming.put("enable.auto.commit", "false");
        consuming.put("session.timeout.ms", "6000");
        consuming.put("heartbeat.interval.ms", "1000");
        consuming.put("max.poll.records", "100");
        Properties producing = new Properties();
        producing.put("bootstrap.servers", bootstrap);
        producing.put("transactional.id", id);
        producing.put("transaction.timeout.ms", "10000");
        try (KafkaConsumer<byte[], byte[]> consumer =
                 new KafkaConsumer<>(consuming, new ByteArrayDeserializer(), new ByteArrayDeserializer());
             KafkaProducer<byte[], byte[]> producer =
                 new KafkaProducer<>(producing, new ByteArraySerializer(), new ByteArraySerializer())) {
            producer.initTransactions();
            consumer.subscribe(List.of(input));
            System.out.println("ready");
            while (!isStopping) {
                ConsumerRecords<byte[], byte[]> records = consumer.poll(Duration.ofMillis(200));
                if (!records.isEmpty()) transform(consumer, producer, records, output);
            }
        }
    }

    private static void transform(
        KafkaConsumer<byte[], byte[]> consumer,
        KafkaProducer<byte[], byte[]> producer,
        ConsumerRecords<byte[], byte[]> records,
        String output
    ) {
        try {
            producer.beginTransaction();
            Map<TopicPartition, OffsetAndMetadata> offsets = new HashMap<>();
            for (ConsumerRecord<byte[], byte[]> record : records) {
                String key = record.partition() + ":" + record.offset();
                producer.send(new ProducerRecord<>(output, key.getBytes(), record.value()));
                TopicPartition partition = new TopicPartition(record.topic(), record.partition());
                offsets.put(partition, new OffsetAndMetadata(record.offset() + 1));
            }
            producer.sendOffsetsToTransaction(offsets, consumer.groupMetadata());
        } catch (ProducerFencedException e) {
            throw e;
        } catch (KafkaException e) {
            System.err.println("aborts: " + e);
            producer.abortTransaction();
            rewind(consumer);
            return;
        }
        try {
            producer.commitTransaction();
        } catch (ProducerFencedException e) {
            throw e;
        } catch (org.apache.kafka.common.errors.TimeoutException e) {
            producer.commitTransaction();
        } catch (KafkaException e) {
            System.err.println("aborts: " + e);
            producer.abortTransaction();
            rewind(consumer);
            return;
        }
        System.out.println("done " + records.count());
    }

    /** What was read in an aborted transaction is read again. */
    private static void rewind(KafkaConsumer<byte[], byte[]> consumer) {
        Map<TopicPartition, OffsetAndMetadata> committed = consumer.committed(consumer.assignment());
        for (TopicPartition partition : consumer.assignment()) {
            OffsetAndMetadata position = committed.get(partition);
            if (position == null) consumer.seekToBeginning(List.of(partition));
            else consumer.seek(partition, position.offset());
        }
    }
}
