import { expect, test } from 'vitest'
import {
  CheckpointError,
  decodeCleanShutdown,
  decodeEpochs,
  decodeMetaProperties,
  decodeOffsets,
  decodePartitionMetadata,
  encodeCleanShutdown,
  encodeEpochs,
  encodeMetaProperties,
  encodeOffsets,
  encodePartitionMetadata,
} from './checkpoints.ts'
import {
  deletedDirectoryName,
  isDeletedDirectory,
  offsetName,
  offsetOfFile,
  parseDirectoryName,
} from './names.ts'

test('offset checkpoints are version, count and a line a partition', () => {
  const text = encodeOffsets([
    { topic: 'a-b', partition: 0, offset: 5 },
    { topic: 'c', partition: 12, offset: 0 },
  ])
  expect(text).toBe('0\n2\na-b 0 5\nc 12 0\n')
  expect([...decodeOffsets(text)]).toEqual([
    ['a-b-0', 5],
    ['c-12', 0],
  ])
})

test('a damaged checkpoint is refused as a whole', () => {
  for (const text of ['', '1\n0\n', '0\n2\na 0 5\n', '0\n1\na 0 x\n', '0\n1\na 0\n']) {
    expect(() => decodeOffsets(text)).toThrow(CheckpointError)
  }
  expect(() => decodeEpochs('0\n1\n7\n')).toThrow(CheckpointError)
})

test('epochs are a line each', () => {
  const epochs = [
    { epoch: 0, startOffset: 0 },
    { epoch: 7, startOffset: 120 },
  ]
  expect(encodeEpochs(epochs)).toBe('0\n2\n0 0\n7 120\n')
  expect(decodeEpochs(encodeEpochs(epochs))).toEqual(epochs)
})

test('partition.metadata, meta.properties and the clean marker read back', () => {
  const id = 'Zkd1Ozw6QYq3aTUX8Kd5Aw'
  expect(decodePartitionMetadata(encodePartitionMetadata(id))).toBe(id)
  expect(decodePartitionMetadata('')).toBeNull()
  const meta = { clusterId: 'abc', nodeId: 3, directoryId: id }
  expect(decodeMetaProperties(encodeMetaProperties(meta))).toEqual(meta)
  expect(decodeMetaProperties('#Sat Nov 21\ncluster.id=x\\=y\nbroker.id=1\nversion=0\n')).toEqual({
    clusterId: 'x=y',
    nodeId: 1,
    directoryId: '',
  })
  expect(() => decodeMetaProperties('version=1\n')).toThrow(/cluster\.id/)
  expect(decodeCleanShutdown(encodeCleanShutdown(77))).toBe(77)
  expect(decodeCleanShutdown('')).toBe(-1)
})

test('names are those of Apache Kafka', () => {
  expect(offsetName(42)).toBe('00000000000000000042')
  expect(offsetOfFile('00000000000000000042.log', '.log')).toBe(42)
  expect(offsetOfFile('00000000000000000042.log.swap', '.log')).toBeNull()
  expect(offsetOfFile('leader-epoch-checkpoint', '.log')).toBeNull()
  expect(parseDirectoryName('a-b.c-7')).toEqual({ topic: 'a-b.c', partition: 7 })
  expect(parseDirectoryName('a-7.0123456789abcdef0123456789abcdef-delete')).toBeNull()
  const name = deletedDirectoryName(
    { topic: 'x'.repeat(249), partition: 5 },
    'Zkd1Ozw6QYq3aTUX8Kd5Aw',
  )
  expect(name.length).toBe(255)
  expect(isDeletedDirectory(name)).toBe(true)
})
