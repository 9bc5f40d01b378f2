-- CreateTable
CREATE TABLE "ClusterEvent" (
    "clusterId" TEXT NOT NULL,
    "seq" BIGINT NOT NULL,
    "atMs" BIGINT NOT NULL,
    "type" TEXT NOT NULL,
    "subjectType" TEXT NOT NULL,
    "subject" TEXT NOT NULL,
    "level" INTEGER NOT NULL,
    "actor" TEXT,
    "action" TEXT,
    "data" TEXT NOT NULL,

    PRIMARY KEY ("clusterId", "seq")
);

-- CreateTable
CREATE TABLE "HistoryFrame" (
    "clusterId" TEXT NOT NULL,
    "kind" INTEGER NOT NULL,
    "atMs" BIGINT NOT NULL,
    "data" BLOB NOT NULL,

    PRIMARY KEY ("clusterId", "kind", "atMs")
);

-- CreateIndex
CREATE INDEX "ClusterEvent_clusterId_level_seq_idx" ON "ClusterEvent"("clusterId", "level", "seq");

-- CreateIndex
CREATE INDEX "ClusterEvent_clusterId_level_type_seq_idx" ON "ClusterEvent"("clusterId", "level", "type", "seq");

-- CreateIndex
CREATE INDEX "ClusterEvent_clusterId_subjectType_subject_seq_idx" ON "ClusterEvent"("clusterId", "subjectType", "subject", "seq");

-- CreateIndex
CREATE INDEX "ClusterEvent_clusterId_actor_seq_idx" ON "ClusterEvent"("clusterId", "actor", "seq");
