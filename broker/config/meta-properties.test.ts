// A data directory is bound to one node of one cluster, once and for good.
import { expect, test } from 'vitest'
import { createMemoryRuntime } from '../../tests/support/memory-runtime.ts'
import { openMetaProperties } from './meta-properties.ts'

function create() {
  const { runtime } = createMemoryRuntime({ seed: 1 })
  const { disk, random } = runtime
  const open = (nodeId: number, clusterId: string | null, ...directories: string[]) =>
    openMetaProperties({ disk, random, nodeId, clusterId, directories })
  return { disk, open }
}

test('formats new directories for the cluster and keeps their ids', async () => {
  const { disk, open } = create()
  const first = await open(1, 'the-cluster', '/a', '/b')
  const text = (await disk.readFile('/a/meta.properties')).toString()
  expect(text).toMatch(/^cluster\.id=the-cluster\ndirectory\.id=.{22}\nnode\.id=1\nversion=1\n$/)
  expect(await open(1, null, '/a', '/b')).toEqual(first)
  expect(first.byDirectory.get('/a')?.directoryId).not.toBe(
    first.byDirectory.get('/b')?.directoryId,
  )
})

test('a directory added later joins the cluster of the others', async () => {
  const { open } = create()
  await open(1, 'the-cluster', '/a')
  const { byDirectory } = await open(1, null, '/a', '/new')
  expect(byDirectory.get('/new')?.clusterId).toBe('the-cluster')
})

test('refuses the data of another node or cluster, and unformatted data without an id', async () => {
  const { disk, open } = create()
  await expect(open(1, null, '/a')).rejects.toThrow('not formatted')
  await open(1, 'the-cluster', '/a')
  await expect(open(2, 'the-cluster', '/a')).rejects.toThrow('this is the data of node 1')
  await expect(open(1, 'other', '/a')).rejects.toThrow('this is the data of cluster the-cluster')
  await disk.writeFileAtomic('/a/meta.properties', 'version=0\n')
  await expect(open(1, null, '/a')).rejects.toThrow('version: 0 is not known')
})
