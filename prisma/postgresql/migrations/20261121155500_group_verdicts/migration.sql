-- AlterTable
ALTER TABLE "GroupInventory" ADD COLUMN     "lagMs" DOUBLE PRECISION,
ADD COLUMN     "verdictRank" INTEGER NOT NULL DEFAULT 0;

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
CREATE INDEX "ChartLayout_clusterId_userId_idx" ON "ChartLayout"("clusterId", "userId");
