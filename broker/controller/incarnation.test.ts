// What a new run of a broker knows of the one before: after a clean stop, a kill, a loss of power.
import { expect, test } from 'vitest'
import { createWorld } from '../../tests/support/memory-runtime.ts'
import { Incarnation } from './incarnation.ts'

function machine() {
  const world = createWorld({ seed: 1 })
  const open = async (directories = ['/data'], cleanShutdownEpoch = -1) => {
    const runtime = world.host('broker')
    for (const directory of directories) await world.run(runtime.disk.mkdir(directory))
    return world.run(Incarnation.open({ runtime, directories, cleanShutdownEpoch }))
  }
  return { world, open }
}

test('a killed process is known by its epoch, also when it is killed again before it registers', async () => {
  const { world, open } = machine()
  const first = await open()
  expect(first.previousBrokerEpoch).toBe(-1)
  await world.run(first.registered(40))
  world.crash('broker', { powerLoss: false })
  expect((await open()).previousBrokerEpoch).toBe(40)
  world.crash('broker', { powerLoss: false })
  expect((await open()).previousBrokerEpoch).toBe(40)
})

test('killed before the answer, it registers as the same incarnation, for it may be registered', async () => {
  const { world, open } = machine()
  const first = await open()
  world.crash('broker', { powerLoss: false })
  const second = await open()
  expect(second.id).toBe(first.id)
  await world.run(second.registered(41))
  world.crash('broker', { powerLoss: false })
  expect((await open()).id).not.toBe(first.id)
})

test('after a loss of power nothing is known, and the id is new', async () => {
  const { world, open } = machine()
  const first = await open()
  await world.run(first.registered(40))
  world.crash('broker', { powerLoss: true })
  const second = await open()
  expect(second.previousBrokerEpoch).toBe(-1)
  world.crash('broker', { powerLoss: true })
  expect((await open()).id).not.toBe(second.id)
})

test('a clean stop counts whatever became of the machine', async () => {
  const { world, open } = machine()
  await world.run((await open()).registered(40))
  world.crash('broker', { powerLoss: true })
  expect((await open(['/data'], 40)).previousBrokerEpoch).toBe(40)
})

test('directories that disagree, or a damaged file, tell nothing', async () => {
  const { world, open } = machine()
  await world.run((await open(['/a', '/b'])).registered(40))
  world.crash('broker', { powerLoss: false })
  expect((await open(['/a', '/b', '/new'])).previousBrokerEpoch).toBe(-1)
  const { disk } = world.host('broker')
  await world.run(disk.writeFileAtomic('/a/eyrie-incarnation.json', '{"bootId":'))
  expect((await open(['/a'])).previousBrokerEpoch).toBe(-1)
})

test('a kill in the middle of noting it in several directories forgets nothing', async () => {
  for (let operation = 1; operation <= 40; operation++) {
    const { world, open } = machine()
    const directories = ['/a', '/b', '/c']
    await world.run((await open(directories)).registered(40))
    world.crash('broker', { powerLoss: false })
    const second = await open(directories)
    world.crashAtDiskOperation('broker', operation, { powerLoss: false })
    // The controller has answered with 41.
    void second.registered(41)
    await world.runFor(1000)
    if (world.isRunning('broker')) world.crash('broker', { powerLoss: false })
    const third = await open(directories)
    const isKnown = third.previousBrokerEpoch === 41 || third.id === second.id
    expect(isKnown, `killed at operation ${operation}`).toBe(true)
    expect(third.previousBrokerEpoch).toBeGreaterThanOrEqual(40)
  }
})

test('a directory that could not be written tells nothing once it is back', async () => {
  const { world, open } = machine()
  const directories = ['/a', '/b', '/c']
  const first = await open(directories)
  const disk = world.disk('broker')
  disk.fault = ({ path }) => (path.startsWith('/b/') ? 'EIO' : null)
  await world.run(first.registered(40))
  disk.fault = null
  world.crash('broker', { powerLoss: false })
  expect((await open(directories)).previousBrokerEpoch).toBe(-1)
})
