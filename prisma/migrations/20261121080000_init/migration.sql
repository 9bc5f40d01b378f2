-- CreateTable
CREATE TABLE "User" (
    "id" TEXT NOT NULL PRIMARY KEY,
    "name" TEXT NOT NULL,
    "email" TEXT NOT NULL,
    "emailVerified" BOOLEAN NOT NULL DEFAULT false,
    "image" TEXT,
    "role" TEXT NOT NULL DEFAULT 'viewer',
    "createdAt" DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updatedAt" DATETIME NOT NULL
);

-- CreateTable
CREATE TABLE "Session" (
    "id" TEXT NOT NULL PRIMARY KEY,
    "userId" TEXT NOT NULL,
    "token" TEXT NOT NULL,
    "expiresAt" DATETIME NOT NULL,
    "ipAddress" TEXT,
    "userAgent" TEXT,
    "createdAt" DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updatedAt" DATETIME NOT NULL,
    CONSTRAINT "Session_userId_fkey" FOREIGN KEY ("userId") REFERENCES "User" ("id") ON DELETE CASCADE ON UPDATE CASCADE
);

-- CreateTable
CREATE TABLE "Account" (
    "id" TEXT NOT NULL PRIMARY KEY,
    "accountId" TEXT NOT NULL,
    "providerId" TEXT NOT NULL,
    "userId" TEXT NOT NULL,
    "accessToken" TEXT,
    "refreshToken" TEXT,
    "idToken" TEXT,
    "accessTokenExpiresAt" DATETIME,
    "refreshTokenExpiresAt" DATETIME,
    "scope" TEXT,
    "password" TEXT,
    "createdAt" DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updatedAt" DATETIME NOT NULL,
    CONSTRAINT "Account_userId_fkey" FOREIGN KEY ("userId") REFERENCES "User" ("id") ON DELETE CASCADE ON UPDATE CASCADE
);

-- CreateTable
CREATE TABLE "Verification" (
    "id" TEXT NOT NULL PRIMARY KEY,
    "identifier" TEXT NOT NULL,
    "value" TEXT NOT NULL,
    "expiresAt" DATETIME NOT NULL,
    "createdAt" DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updatedAt" DATETIME NOT NULL
);

-- CreateTable
CREATE TABLE "Setting" (
    "key" TEXT NOT NULL PRIMARY KEY,
    "value" TEXT NOT NULL,
    "updatedAt" DATETIME NOT NULL
);

-- CreateTable
CREATE TABLE "AuditEntry" (
    "id" TEXT NOT NULL PRIMARY KEY,
    "at" DATETIME NOT NULL,
    "actor" TEXT NOT NULL,
    "action" TEXT NOT NULL,
    "clusterId" TEXT,
    "subjectType" TEXT,
    "subject" TEXT,
    "outcome" TEXT NOT NULL,
    "detail" TEXT,
    "error" TEXT
);

-- CreateTable
CREATE TABLE "ConfigChange" (
    "id" TEXT NOT NULL PRIMARY KEY,
    "at" DATETIME NOT NULL,
    "actor" TEXT NOT NULL,
    "clusterId" TEXT NOT NULL,
    "entityType" TEXT NOT NULL,
    "entity" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "before" TEXT,
    "after" TEXT
);

-- CreateTable
CREATE TABLE "Chunk" (
    "clusterId" TEXT NOT NULL,
    "entity" TEXT NOT NULL,
    "family" INTEGER NOT NULL,
    "resolutionMs" INTEGER NOT NULL,
    "startMs" BIGINT NOT NULL,
    "endMs" BIGINT NOT NULL,
    "points" INTEGER NOT NULL,
    "data" BLOB NOT NULL,

    PRIMARY KEY ("clusterId", "entity", "family", "resolutionMs", "startMs")
);

-- CreateTable
CREATE TABLE "Journal" (
    "clusterId" TEXT NOT NULL,
    "tMs" BIGINT NOT NULL,
    "data" BLOB NOT NULL,

    PRIMARY KEY ("clusterId", "tMs")
);

-- CreateTable
CREATE TABLE "ClusterInventory" (
    "clusterId" TEXT NOT NULL PRIMARY KEY,
    "asOf" BIGINT,
    "error" TEXT,
    "data" TEXT NOT NULL
);

-- CreateTable
CREATE TABLE "TopicInventory" (
    "clusterId" TEXT NOT NULL,
    "topicKey" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "isInternal" BOOLEAN NOT NULL,
    "partitions" INTEGER NOT NULL,
    "replicationFactor" INTEGER NOT NULL,
    "isrRank" INTEGER NOT NULL,
    "offsetSpan" REAL,
    "sizeBytes" REAL,
    "messagesInRate" REAL,
    "bytesInRate" REAL,
    "item" TEXT NOT NULL,
    "detail" TEXT NOT NULL,
    "deletedAt" BIGINT,

    PRIMARY KEY ("clusterId", "topicKey")
);

-- CreateTable
CREATE TABLE "GroupInventory" (
    "clusterId" TEXT NOT NULL,
    "groupId" TEXT NOT NULL,
    "state" TEXT NOT NULL,
    "coordinator" INTEGER,
    "members" INTEGER NOT NULL,
    "totalLag" REAL,
    "item" TEXT NOT NULL,
    "detail" TEXT NOT NULL,
    "deletedAt" BIGINT,

    PRIMARY KEY ("clusterId", "groupId")
);

-- CreateTable
CREATE TABLE "BrokerInventory" (
    "clusterId" TEXT NOT NULL,
    "brokerId" INTEGER NOT NULL,
    "item" TEXT NOT NULL,
    "deletedAt" BIGINT,

    PRIMARY KEY ("clusterId", "brokerId")
);

-- CreateTable
CREATE TABLE "Watch" (
    "clusterId" TEXT NOT NULL PRIMARY KEY,
    "untilMs" BIGINT NOT NULL
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
