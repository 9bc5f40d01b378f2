-- CreateTable
CREATE TABLE "ClusterDefinition" (
    "id" TEXT NOT NULL PRIMARY KEY,
    "name" TEXT NOT NULL,
    "color" TEXT,
    "isProduction" BOOLEAN NOT NULL,
    "bootstrap" TEXT NOT NULL,
    "tls" TEXT,
    "sasl" TEXT,
    "metrics" TEXT NOT NULL,
    "secrets" TEXT,
    "createdAt" DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updatedAt" DATETIME NOT NULL,
    "removedAt" DATETIME
);

-- CreateTable
CREATE TABLE "ClusterHealth" (
    "clusterId" TEXT NOT NULL PRIMARY KEY,
    "state" TEXT NOT NULL,
    "sinceMs" BIGINT NOT NULL,
    "nextMs" BIGINT,
    "error" TEXT,
    "silent" TEXT NOT NULL
);
