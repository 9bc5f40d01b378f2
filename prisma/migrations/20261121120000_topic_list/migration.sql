-- CreateIndex
CREATE INDEX "TopicInventory_list" ON "TopicInventory"("clusterId", "deletedAt", "name", "isInternal", "partitions", "replicationFactor", "isrRank", "offsetSpan", "sizeBytes", "messagesInRate", "bytesInRate", "topicKey");
