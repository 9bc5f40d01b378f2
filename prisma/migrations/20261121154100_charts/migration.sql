-- CreateTable
CREATE TABLE "PinnedAttribute" (
    "clusterId" TEXT NOT NULL,
    "slot" INTEGER NOT NULL,
    "mbean" TEXT NOT NULL,
    "attribute" TEXT NOT NULL,
    "path" TEXT NOT NULL,
    "stored" TEXT NOT NULL,
    "createdBy" TEXT NOT NULL,
    "createdAt" DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "removedAt" DATETIME,

    PRIMARY KEY ("clusterId", "slot")
);

-- CreateTable
CREATE TABLE "ChartLayout" (
    "id" TEXT NOT NULL PRIMARY KEY,
    "clusterId" TEXT NOT NULL,
    "userId" TEXT NOT NULL,
    "owner" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "content" TEXT NOT NULL,
    "updatedAt" DATETIME NOT NULL
);

-- CreateIndex
CREATE INDEX "ChartLayout_clusterId_userId_idx" ON "ChartLayout"("clusterId", "userId");
