-- CreateTable
CREATE TABLE "User" (
    "id" TEXT COLLATE "C" NOT NULL,
    "name" TEXT COLLATE "C" NOT NULL,
    "email" TEXT COLLATE "C" NOT NULL,
    "emailVerified" BOOLEAN NOT NULL DEFAULT false,
    "image" TEXT COLLATE "C",
    "role" TEXT COLLATE "C" NOT NULL DEFAULT 'viewer',
    "createdAt" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updatedAt" TIMESTAMP(3) NOT NULL,

    CONSTRAINT "User_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "Session" (
    "id" TEXT COLLATE "C" NOT NULL,
    "userId" TEXT COLLATE "C" NOT NULL,
    "token" TEXT COLLATE "C" NOT NULL,
    "expiresAt" TIMESTAMP(3) NOT NULL,
    "ipAddress" TEXT COLLATE "C",
    "userAgent" TEXT COLLATE "C",
    "createdAt" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updatedAt" TIMESTAMP(3) NOT NULL,

    CONSTRAINT "Session_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "Account" (
    "id" TEXT COLLATE "C" NOT NULL,
    "issuer" TEXT COLLATE "C" NOT NULL,
    "accountId" TEXT COLLATE "C" NOT NULL,
    "providerId" TEXT COLLATE "C" NOT NULL,
    "userId" TEXT COLLATE "C" NOT NULL,
    "accessToken" TEXT COLLATE "C",
    "refreshToken" TEXT COLLATE "C",
    "idToken" TEXT COLLATE "C",
    "accessTokenExpiresAt" TIMESTAMP(3),
    "refreshTokenExpiresAt" TIMESTAMP(3),
    "scope" TEXT COLLATE "C",
    "password" TEXT COLLATE "C",
    "createdAt" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updatedAt" TIMESTAMP(3) NOT NULL,

    CONSTRAINT "Account_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "Verification" (
    "id" TEXT COLLATE "C" NOT NULL,
    "identifier" TEXT COLLATE "C" NOT NULL,
    "value" TEXT COLLATE "C" NOT NULL,
    "expiresAt" TIMESTAMP(3) NOT NULL,
    "createdAt" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updatedAt" TIMESTAMP(3) NOT NULL,

    CONSTRAINT "Verification_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "Setting" (
    "key" TEXT COLLATE "C" NOT NULL,
    "value" TEXT COLLATE "C" NOT NULL,
    "updatedAt" TIMESTAMP(3) NOT NULL,

    CONSTRAINT "Setting_pkey" PRIMARY KEY ("key")
);

-- CreateTable
CREATE TABLE "AuditEntry" (
    "id" TEXT COLLATE "C" NOT NULL,
    "at" TIMESTAMP(3) NOT NULL,
    "actor" TEXT COLLATE "C" NOT NULL,
    "action" TEXT COLLATE "C" NOT NULL,
    "clusterId" TEXT COLLATE "C",
    "subjectType" TEXT COLLATE "C",
    "subject" TEXT COLLATE "C",
    "outcome" TEXT COLLATE "C" NOT NULL,
    "detail" TEXT COLLATE "C",
    "error" TEXT COLLATE "C",

    CONSTRAINT "AuditEntry_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "ConfigChange" (
    "id" TEXT COLLATE "C" NOT NULL,
    "at" TIMESTAMP(3) NOT NULL,
    "actor" TEXT COLLATE "C" NOT NULL,
    "clusterId" TEXT COLLATE "C" NOT NULL,
    "entityType" TEXT COLLATE "C" NOT NULL,
    "entity" TEXT COLLATE "C" NOT NULL,
    "name" TEXT COLLATE "C" NOT NULL,
    "before" TEXT COLLATE "C",
    "after" TEXT COLLATE "C",

    CONSTRAINT "ConfigChange_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "Chunk" (
    "clusterId" TEXT COLLATE "C" NOT NULL,
    "entity" TEXT COLLATE "C" NOT NULL,
    "family" INTEGER NOT NULL,
    "resolutionMs" INTEGER NOT NULL,
    "startMs" BIGINT NOT NULL,
    "endMs" BIGINT NOT NULL,
    "points" INTEGER NOT NULL,
    "data" BYTEA NOT NULL,

    CONSTRAINT "Chunk_pkey" PRIMARY KEY ("clusterId","entity","family","resolutionMs","startMs")
);

-- CreateTable
CREATE TABLE "Journal" (
    "clusterId" TEXT COLLATE "C" NOT NULL,
    "tMs" BIGINT NOT NULL,
    "data" BYTEA NOT NULL,

    CONSTRAINT "Journal_pkey" PRIMARY KEY ("clusterId","tMs")
);

-- CreateTable
CREATE TABLE "ClusterInventory" (
    "clusterId" TEXT COLLATE "C" NOT NULL,
    "asOf" BIGINT,
    "error" TEXT COLLATE "C",
    "data" TEXT COLLATE "C" NOT NULL,

    CONSTRAINT "ClusterInventory_pkey" PRIMARY KEY ("clusterId")
);

-- CreateTable
CREATE TABLE "TopicInventory" (
    "clusterId" TEXT COLLATE "C" NOT NULL,
    "topicKey" TEXT COLLATE "C" NOT NULL,
    "name" TEXT COLLATE "C" NOT NULL,
    "isInternal" BOOLEAN NOT NULL,
    "partitions" INTEGER NOT NULL,
    "replicationFactor" INTEGER NOT NULL,
    "isrRank" INTEGER NOT NULL,
    "offsetSpan" DOUBLE PRECISION,
    "sizeBytes" DOUBLE PRECISION,
    "messagesInRate" DOUBLE PRECISION,
    "bytesInRate" DOUBLE PRECISION,
    "item" TEXT COLLATE "C" NOT NULL,
    "detail" TEXT COLLATE "C" NOT NULL,
    "deletedAt" BIGINT,

    CONSTRAINT "TopicInventory_pkey" PRIMARY KEY ("clusterId","topicKey")
);

-- CreateTable
CREATE TABLE "GroupInventory" (
    "clusterId" TEXT COLLATE "C" NOT NULL,
    "groupId" TEXT COLLATE "C" NOT NULL,
    "state" TEXT COLLATE "C" NOT NULL,
    "coordinator" INTEGER,
    "members" INTEGER NOT NULL,
    "totalLag" DOUBLE PRECISION,
    "lagMs" DOUBLE PRECISION,
    "verdictRank" INTEGER NOT NULL DEFAULT 0,
    "item" TEXT COLLATE "C" NOT NULL,
    "detail" TEXT COLLATE "C" NOT NULL,
    "deletedAt" BIGINT,

    CONSTRAINT "GroupInventory_pkey" PRIMARY KEY ("clusterId","groupId")
);

-- CreateTable
CREATE TABLE "BrokerInventory" (
    "clusterId" TEXT COLLATE "C" NOT NULL,
    "brokerId" INTEGER NOT NULL,
    "item" TEXT COLLATE "C" NOT NULL,
    "deletedAt" BIGINT,

    CONSTRAINT "BrokerInventory_pkey" PRIMARY KEY ("clusterId","brokerId")
);

-- CreateTable
CREATE TABLE "Watch" (
    "clusterId" TEXT COLLATE "C" NOT NULL,
    "untilMs" BIGINT NOT NULL,
    "wantedMs" BIGINT NOT NULL DEFAULT 0,

    CONSTRAINT "Watch_pkey" PRIMARY KEY ("clusterId")
);

-- CreateTable
CREATE TABLE "ClusterDefinition" (
    "id" TEXT COLLATE "C" NOT NULL,
    "name" TEXT COLLATE "C" NOT NULL,
    "color" TEXT COLLATE "C",
    "isProduction" BOOLEAN NOT NULL,
    "bootstrap" TEXT COLLATE "C" NOT NULL,
    "tls" TEXT COLLATE "C",
    "sasl" TEXT COLLATE "C",
    "metrics" TEXT COLLATE "C" NOT NULL,
    "secrets" TEXT COLLATE "C",
    "createdAt" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updatedAt" TIMESTAMP(3) NOT NULL,
    "removedAt" TIMESTAMP(3),

    CONSTRAINT "ClusterDefinition_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "ClusterHealth" (
    "clusterId" TEXT COLLATE "C" NOT NULL,
    "state" TEXT COLLATE "C" NOT NULL,
    "sinceMs" BIGINT NOT NULL,
    "nextMs" BIGINT,
    "error" TEXT COLLATE "C",
    "silent" TEXT COLLATE "C" NOT NULL,

    CONSTRAINT "ClusterHealth_pkey" PRIMARY KEY ("clusterId")
);

-- CreateTable
CREATE TABLE "ClusterEvent" (
    "clusterId" TEXT COLLATE "C" NOT NULL,
    "seq" BIGINT NOT NULL,
    "atMs" BIGINT NOT NULL,
    "type" TEXT COLLATE "C" NOT NULL,
    "subjectType" TEXT COLLATE "C" NOT NULL,
    "subject" TEXT COLLATE "C" NOT NULL,
    "level" INTEGER NOT NULL,
    "actor" TEXT COLLATE "C",
    "action" TEXT COLLATE "C",
    "data" TEXT COLLATE "C" NOT NULL,

    CONSTRAINT "ClusterEvent_pkey" PRIMARY KEY ("clusterId","seq")
);

-- CreateTable
CREATE TABLE "HistoryFrame" (
    "clusterId" TEXT COLLATE "C" NOT NULL,
    "kind" INTEGER NOT NULL,
    "atMs" BIGINT NOT NULL,
    "data" BYTEA NOT NULL,

    CONSTRAINT "HistoryFrame_pkey" PRIMARY KEY ("clusterId","kind","atMs")
);

-- CreateTable
CREATE TABLE "PinnedAttribute" (
    "clusterId" TEXT COLLATE "C" NOT NULL,
    "slot" INTEGER NOT NULL,
    "mbean" TEXT COLLATE "C" NOT NULL,
    "attribute" TEXT COLLATE "C" NOT NULL,
    "path" TEXT COLLATE "C" NOT NULL,
    "stored" TEXT COLLATE "C" NOT NULL,
    "createdBy" TEXT COLLATE "C" NOT NULL,
    "createdAt" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "removedAt" TIMESTAMP(3),

    CONSTRAINT "PinnedAttribute_pkey" PRIMARY KEY ("clusterId","slot")
);

-- CreateTable
CREATE TABLE "ChartLayout" (
    "id" TEXT COLLATE "C" NOT NULL,
    "clusterId" TEXT COLLATE "C" NOT NULL,
    "userId" TEXT COLLATE "C" NOT NULL,
    "owner" TEXT COLLATE "C" NOT NULL,
    "name" TEXT COLLATE "C" NOT NULL,
    "content" TEXT COLLATE "C" NOT NULL,
    "updatedAt" TIMESTAMP(3) NOT NULL,

    CONSTRAINT "ChartLayout_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE UNIQUE INDEX "User_email_key" ON "User"("email");

-- CreateIndex
CREATE UNIQUE INDEX "Session_token_key" ON "Session"("token");

-- CreateIndex
CREATE INDEX "Session_userId_idx" ON "Session"("userId");

-- CreateIndex
CREATE INDEX "Account_userId_idx" ON "Account"("userId");

-- CreateIndex
CREATE UNIQUE INDEX "Account_issuer_accountId_key" ON "Account"("issuer", "accountId");

-- CreateIndex
CREATE INDEX "Verification_identifier_idx" ON "Verification"("identifier");

-- CreateIndex
CREATE INDEX "AuditEntry_at_idx" ON "AuditEntry"("at");

-- CreateIndex
CREATE INDEX "AuditEntry_clusterId_at_idx" ON "AuditEntry"("clusterId", "at");

-- CreateIndex
CREATE INDEX "AuditEntry_subjectType_subject_at_idx" ON "AuditEntry"("subjectType", "subject", "at");

-- CreateIndex
CREATE INDEX "ConfigChange_clusterId_entityType_entity_at_idx" ON "ConfigChange"("clusterId", "entityType", "entity", "at");

-- CreateIndex
CREATE INDEX "ConfigChange_clusterId_at_idx" ON "ConfigChange"("clusterId", "at");

-- CreateIndex
CREATE INDEX "Chunk_clusterId_resolutionMs_endMs_idx" ON "Chunk"("clusterId", "resolutionMs", "endMs");

-- CreateIndex
CREATE INDEX "TopicInventory_clusterId_name_idx" ON "TopicInventory"("clusterId", "name");

-- CreateIndex
CREATE INDEX "TopicInventory_list" ON "TopicInventory"("clusterId", "deletedAt", "name", "isInternal", "partitions", "replicationFactor", "isrRank", "offsetSpan", "sizeBytes", "messagesInRate", "bytesInRate", "topicKey");

-- CreateIndex
CREATE INDEX "ClusterEvent_clusterId_level_seq_idx" ON "ClusterEvent"("clusterId", "level", "seq");

-- CreateIndex
CREATE INDEX "ClusterEvent_clusterId_level_type_seq_idx" ON "ClusterEvent"("clusterId", "level", "type", "seq");

-- CreateIndex
CREATE INDEX "ClusterEvent_clusterId_subjectType_subject_seq_idx" ON "ClusterEvent"("clusterId", "subjectType", "subject", "seq");

-- CreateIndex
CREATE INDEX "ClusterEvent_clusterId_actor_seq_idx" ON "ClusterEvent"("clusterId", "actor", "seq");

-- CreateIndex
CREATE INDEX "ChartLayout_clusterId_userId_idx" ON "ChartLayout"("clusterId", "userId");

-- AddForeignKey
ALTER TABLE "Session" ADD CONSTRAINT "Session_userId_fkey" FOREIGN KEY ("userId") REFERENCES "User"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Account" ADD CONSTRAINT "Account_userId_fkey" FOREIGN KEY ("userId") REFERENCES "User"("id") ON DELETE CASCADE ON UPDATE CASCADE;
