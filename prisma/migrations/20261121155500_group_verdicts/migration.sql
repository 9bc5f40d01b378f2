-- How far groups are behind in time, and the verdict on them.
ALTER TABLE "GroupInventory" ADD COLUMN "lagMs" REAL;
ALTER TABLE "GroupInventory" ADD COLUMN "verdictRank" INTEGER NOT NULL DEFAULT 0;
