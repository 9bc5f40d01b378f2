CREATE TABLE `User` (
    `id` VARCHAR(249) NOT NULL,
    `name` LONGTEXT NOT NULL,
    `email` VARCHAR(249) NOT NULL,
    `emailVerified` BOOLEAN NOT NULL DEFAULT false,
    `image` LONGTEXT NULL,
    `role` VARCHAR(249) NOT NULL DEFAULT 'viewer',
    `createdAt` DATETIME(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
    `updatedAt` DATETIME(3) NOT NULL,
    PRIMARY KEY (`id`)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE `Session` (
    `id` VARCHAR(249) NOT NULL,
    `userId` VARCHAR(249) NOT NULL,
    `token` VARCHAR(249) NOT NULL,
    `expiresAt` DATETIME(3) NOT NULL,
    `ipAddress` LONGTEXT NULL,
    `userAgent` LONGTEXT NULL,
    `createdAt` DATETIME(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
    `updatedAt` DATETIME(3) NOT NULL,
    PRIMARY KEY (`id`)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE `Account` (
    `id` VARCHAR(249) NOT NULL,
    `issuer` VARCHAR(249) NOT NULL,
    `accountId` VARCHAR(249) NOT NULL,
    `providerId` LONGTEXT NOT NULL,
    `userId` VARCHAR(249) NOT NULL,
    `accessToken` LONGTEXT NULL,
    `refreshToken` LONGTEXT NULL,
    `idToken` LONGTEXT NULL,
    `accessTokenExpiresAt` DATETIME(3) NULL,
    `refreshTokenExpiresAt` DATETIME(3) NULL,
    `scope` LONGTEXT NULL,
    `password` LONGTEXT NULL,
    `createdAt` DATETIME(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
    `updatedAt` DATETIME(3) NOT NULL,
    PRIMARY KEY (`id`)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE `Verification` (
    `id` VARCHAR(249) NOT NULL,
    `identifier` VARCHAR(249) NOT NULL,
    `value` LONGTEXT NOT NULL,
    `expiresAt` DATETIME(3) NOT NULL,
    `createdAt` DATETIME(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
    `updatedAt` DATETIME(3) NOT NULL,
    PRIMARY KEY (`id`)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE `Setting` (
    `key` VARCHAR(249) NOT NULL,
    `value` LONGTEXT NOT NULL,
    `updatedAt` DATETIME(3) NOT NULL,
    PRIMARY KEY (`key`)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE `AuditEntry` (
    `id` VARCHAR(249) NOT NULL,
    `at` DATETIME(3) NOT NULL,
    `actor` LONGTEXT NOT NULL,
    `action` LONGTEXT NOT NULL,
    `clusterId` VARCHAR(64) NULL,
    `subjectType` VARCHAR(32) NULL,
    `subject` VARCHAR(640) NULL,
    `outcome` LONGTEXT NOT NULL,
    `detail` LONGTEXT NULL,
    `error` LONGTEXT NULL,
    PRIMARY KEY (`id`)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE `ConfigChange` (
    `id` VARCHAR(249) NOT NULL,
    `at` DATETIME(3) NOT NULL,
    `actor` LONGTEXT NOT NULL,
    `clusterId` VARCHAR(64) NOT NULL,
    `entityType` VARCHAR(32) NOT NULL,
    `entity` VARCHAR(249) NOT NULL,
    `name` LONGTEXT NOT NULL,
    `before` LONGTEXT NULL,
    `after` LONGTEXT NULL,
    PRIMARY KEY (`id`)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE `Chunk` (
    `clusterId` VARCHAR(64) NOT NULL,
    `entity` VARCHAR(640) NOT NULL,
    `family` INTEGER NOT NULL,
    `resolutionMs` INTEGER NOT NULL,
    `startMs` BIGINT NOT NULL,
    `endMs` BIGINT NOT NULL,
    `points` INTEGER NOT NULL,
    `data` LONGBLOB NOT NULL,
    PRIMARY KEY (`clusterId`, `entity`, `family`, `resolutionMs`, `startMs`)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE `Journal` (
    `clusterId` VARCHAR(64) NOT NULL,
    `tMs` BIGINT NOT NULL,
    `data` LONGBLOB NOT NULL,
    PRIMARY KEY (`clusterId`, `tMs`)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE `ClusterInventory` (
    `clusterId` VARCHAR(64) NOT NULL,
    `asOf` BIGINT NULL,
    `error` LONGTEXT NULL,
    `data` LONGTEXT NOT NULL,
    PRIMARY KEY (`clusterId`)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE `TopicInventory` (
    `clusterId` VARCHAR(64) NOT NULL,
    `topicKey` VARCHAR(250) NOT NULL,
    `name` VARCHAR(249) NOT NULL,
    `isInternal` BOOLEAN NOT NULL,
    `partitions` INTEGER NOT NULL,
    `replicationFactor` INTEGER NOT NULL,
    `isrRank` INTEGER NOT NULL,
    `offsetSpan` DOUBLE NULL,
    `sizeBytes` DOUBLE NULL,
    `messagesInRate` DOUBLE NULL,
    `bytesInRate` DOUBLE NULL,
    `item` LONGTEXT NOT NULL,
    `detail` LONGTEXT NOT NULL,
    `deletedAt` BIGINT NULL,
    PRIMARY KEY (`clusterId`, `topicKey`)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE `GroupInventory` (
    `clusterId` VARCHAR(64) NOT NULL,
    `groupId` VARCHAR(640) NOT NULL,
    `state` LONGTEXT NOT NULL,
    `coordinator` INTEGER NULL,
    `members` INTEGER NOT NULL,
    `totalLag` DOUBLE NULL,
    `lagMs` DOUBLE NULL,
    `verdictRank` INTEGER NOT NULL DEFAULT 0,
    `item` LONGTEXT NOT NULL,
    `detail` LONGTEXT NOT NULL,
    `deletedAt` BIGINT NULL,
    PRIMARY KEY (`clusterId`, `groupId`)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE `BrokerInventory` (
    `clusterId` VARCHAR(64) NOT NULL,
    `brokerId` INTEGER NOT NULL,
    `item` LONGTEXT NOT NULL,
    `deletedAt` BIGINT NULL,
    PRIMARY KEY (`clusterId`, `brokerId`)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE `Watch` (
    `clusterId` VARCHAR(64) NOT NULL,
    `untilMs` BIGINT NOT NULL,
    `wantedMs` BIGINT NOT NULL DEFAULT 0,
    PRIMARY KEY (`clusterId`)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE `ClusterDefinition` (
    `id` VARCHAR(249) NOT NULL,
    `name` LONGTEXT NOT NULL,
    `color` LONGTEXT NULL,
    `isProduction` BOOLEAN NOT NULL,
    `bootstrap` LONGTEXT NOT NULL,
    `tls` LONGTEXT NULL,
    `sasl` LONGTEXT NULL,
    `metrics` LONGTEXT NOT NULL,
    `secrets` LONGTEXT NULL,
    `createdAt` DATETIME(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
    `updatedAt` DATETIME(3) NOT NULL,
    `removedAt` DATETIME(3) NULL,
    PRIMARY KEY (`id`)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE `ClusterHealth` (
    `clusterId` VARCHAR(64) NOT NULL,
    `state` LONGTEXT NOT NULL,
    `sinceMs` BIGINT NOT NULL,
    `nextMs` BIGINT NULL,
    `error` LONGTEXT NULL,
    `silent` LONGTEXT NOT NULL,
    PRIMARY KEY (`clusterId`)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE `ClusterEvent` (
    `clusterId` VARCHAR(64) NOT NULL,
    `seq` BIGINT NOT NULL,
    `atMs` BIGINT NOT NULL,
    `type` VARCHAR(249) NOT NULL,
    `subjectType` VARCHAR(32) NOT NULL,
    `subject` VARCHAR(640) NOT NULL,
    `level` INTEGER NOT NULL,
    `actor` VARCHAR(249) NULL,
    `action` LONGTEXT NULL,
    `data` LONGTEXT NOT NULL,
    PRIMARY KEY (`clusterId`, `seq`)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE `HistoryFrame` (
    `clusterId` VARCHAR(64) NOT NULL,
    `kind` INTEGER NOT NULL,
    `atMs` BIGINT NOT NULL,
    `data` LONGBLOB NOT NULL,
    PRIMARY KEY (`clusterId`, `kind`, `atMs`)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

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

CREATE UNIQUE INDEX `User_email_key` ON `User`(`email`);

CREATE UNIQUE INDEX `Session_token_key` ON `Session`(`token`);

CREATE INDEX `Session_userId_idx` ON `Session`(`userId`);

CREATE INDEX `Account_userId_idx` ON `Account`(`userId`);

CREATE UNIQUE INDEX `Account_issuer_accountId_key` ON `Account`(`issuer`, `accountId`);

CREATE INDEX `Verification_identifier_idx` ON `Verification`(`identifier`);

CREATE INDEX `AuditEntry_at_idx` ON `AuditEntry`(`at`);

CREATE INDEX `AuditEntry_clusterId_at_idx` ON `AuditEntry`(`clusterId`, `at`);

CREATE INDEX `AuditEntry_subjectType_subject_at_idx` ON `AuditEntry`(`subjectType`, `subject`, `at`);

CREATE INDEX `ConfigChange_clusterId_entityType_entity_at_idx` ON `ConfigChange`(`clusterId`, `entityType`, `entity`, `at`);

CREATE INDEX `ConfigChange_clusterId_at_idx` ON `ConfigChange`(`clusterId`, `at`);

CREATE INDEX `Chunk_clusterId_resolutionMs_endMs_idx` ON `Chunk`(`clusterId`, `resolutionMs`, `endMs`);

CREATE INDEX `TopicInventory_clusterId_name_idx` ON `TopicInventory`(`clusterId`, `name`);

CREATE INDEX `TopicInventory_list` ON `TopicInventory`(`clusterId`, `deletedAt`, `name`, `isInternal`, `partitions`, `replicationFactor`, `isrRank`, `offsetSpan`, `sizeBytes`, `messagesInRate`, `bytesInRate`, `topicKey`);

CREATE INDEX `ClusterEvent_clusterId_level_seq_idx` ON `ClusterEvent`(`clusterId`, `level`, `seq`);

CREATE INDEX `ClusterEvent_clusterId_level_type_seq_idx` ON `ClusterEvent`(`clusterId`, `level`, `type`, `seq`);

CREATE INDEX `ClusterEvent_clusterId_subjectType_subject_seq_idx` ON `ClusterEvent`(`clusterId`, `subjectType`, `subject`, `seq`);

CREATE INDEX `ClusterEvent_clusterId_actor_seq_idx` ON `ClusterEvent`(`clusterId`, `actor`, `seq`);

CREATE INDEX `ChartLayout_clusterId_userId_idx` ON `ChartLayout`(`clusterId`, `userId`);

ALTER TABLE `Session` ADD CONSTRAINT `Session_userId_fkey` FOREIGN KEY (`userId`) REFERENCES `User`(`id`) ON DELETE CASCADE ON UPDATE CASCADE;

ALTER TABLE `Account` ADD CONSTRAINT `Account_userId_fkey` FOREIGN KEY (`userId`) REFERENCES `User`(`id`) ON DELETE CASCADE ON UPDATE CASCADE;
