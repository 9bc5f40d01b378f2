// A process belongs to one cluster: that of its data.
import { expect, test } from 'vitest'
import { createMemoryRuntime } from '../../tests/support/memory-runtime.ts'
import { findClusterId } from './meta-properties.ts'

async function diskWith(files: Record<string, string>) {
  const { disk } = createMemoryRuntime({ seed: 1 }).runtime
  for (const [directory, clusterId] of Object.entries(files)) {
    await disk.mkdir(directory)
    const text = `version=1\ncluster.id=${clusterId}\nnode.id=1\ndirectory.id=${'d'.repeat(22)}\n`
    await disk.writeFileAtomic(`${directory}/meta.properties`, text)
  }
  return disk
}

test('the data says which cluster it is of; new data takes what is configured', async () => {
  const disk = await diskWith({ '/a': 'the-cluster' })
  expect(await findClusterId(disk, ['/new', '/a'], null)).toBe('the-cluster')
  expect(await findClusterId(disk, ['/new'], 'configured')).toBe('configured')
})

test('refuses data of another cluster, of two clusters, and unformatted data without an id', async () => {
  const disk = await diskWith({ '/a': 'one', '/b': 'two' })
  await expect(findClusterId(disk, ['/a'], 'other')).rejects.toThrow('data of cluster one')
  await expect(findClusterId(disk, ['/a', '/b'], null)).rejects.toThrow('data of cluster two')
  await expect(findClusterId(disk, ['/new'], null)).rejects.toThrow('not formatted')
})
