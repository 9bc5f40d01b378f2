import { expect, test } from 'vitest'
import { createMemoryRuntime } from '../../tests/support/memory-runtime.ts'
import { FileHandles } from './file-handles.ts'

async function files(count: number) {
  const { runtime } = createMemoryRuntime({ seed: 1 })
  await runtime.disk.mkdir('/d')
  for (let i = 0; i < count; i++) await (await runtime.disk.open(`/d/${i}`, 'rw')).close()
  return runtime.disk
}

test('keeps only so many files open, the least recently used go', async () => {
  const handles = new FileHandles(await files(10), 4)
  for (let i = 0; i < 10; i++) await handles.use(`/d/${i}`, (h) => h.write([Buffer.from('x')], 0))
  expect(handles.openCount).toBe(4)
  await handles.use('/d/0', (handle) => handle.sizeBytes())
  expect(handles.openCount).toBe(4)
  await handles.closeAll()
  expect(handles.openCount).toBe(0)
})

test('a file in use is closed only after its last user', async () => {
  const handles = new FileHandles(await files(1), 4)
  await handles.use('/d/0', async (handle) => {
    await handles.forget('/d/0')
    await handle.write([Buffer.from('still open')], 0)
  })
  expect(handles.openCount).toBe(0)
})

test('uses at once share one handle, a rename keeps it', async () => {
  const disk = await files(1)
  let opened = 0
  const counting = {
    ...disk,
    open(...args: Parameters<typeof disk.open>) {
      opened++
      return disk.open(...args)
    },
  }
  const handles = new FileHandles(counting, 4)
  await Promise.all([1, 2, 3].map(() => handles.use('/d/0', (handle) => handle.sizeBytes())))
  await disk.rename('/d/0', '/d/moved')
  handles.renamed('/d/0', '/d/moved')
  await handles.use('/d/moved', (handle) => handle.sizeBytes())
  expect(opened).toBe(1)
})

test('a file that is not there is told each time', async () => {
  const handles = new FileHandles(await files(0), 4)
  for (let i = 0; i < 2; i++) {
    await expect(handles.use('/d/none', (h) => h.sizeBytes())).rejects.toMatchObject({
      code: 'ENOENT',
    })
  }
  expect(handles.openCount).toBe(0)
})
