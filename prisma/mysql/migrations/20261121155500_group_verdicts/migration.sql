ALTER TABLE `GroupInventory` ADD COLUMN `lagMs` DOUBLE NULL,
ADD COLUMN `verdictRank` INTEGER NOT NULL DEFAULT 0;

CREATE TABLE `PinnedAttribute` (
    `clusterId` VARCHAR(64) NOT NULL,
    `slot` INTEGER NOT NULL,
    `mbean` LONGTEXT NOT NULL,
    `attribute` LONGTEXT NOT NULL,
    `path` LONGTEXT NOT NULL,
    `stored` LONGTEXT NOT NULL,
    `createdBy` LONGTEXT NOT NULL,
    `createdAt` DATETIME(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
    `removedAt` DATETIME(3) NULL,
    PRIMARY KEY (`clusterId`, `slot`)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE `ChartLayout` (
    `id` VARCHAR(249) NOT NULL,
    `clusterId` VARCHAR(64) NOT NULL,
    `userId` VARCHAR(249) NOT NULL,
    `owner` LONGTEXT NOT NULL,
    `name` LONGTEXT NOT NULL,
    `content` LONGTEXT NOT NULL,
    `updatedAt` DATETIME(3) NOT NULL,
    PRIMARY KEY (`id`)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE INDEX `ChartLayout_clusterId_userId_idx` ON `ChartLayout`(`clusterId`, `userId`);
