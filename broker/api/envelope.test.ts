// What a broker forwards is checked before the controller hears of it.
import { expect, test } from 'vitest'
import { ErrorCode } from '../../protocol/errors.ts'
import { requestFrame } from '../../protocol/frames.ts'
import { CreateTopics } from '../../protocol/schemas/19-create-topics.ts'
import type { RequestContext } from '../network/types.ts'
import { envelope } from './58-envelope.ts'
import type { BrokerServices } from './types.ts'

test('a request that cannot be read is INVALID_REQUEST, whatever is wrong with it', async () => {
  const topic = {
    name: 'a',
    numPartitions: 1,
    replicationFactor: 1,
    configs: [{ name: 'retention.ms', value: '1' }],
  }
  const header = { version: 7, correlationId: 1, clientId: 'c' }
  const whole = Buffer.concat(requestFrame(CreateTopics, header, { topics: [topic] })).subarray(4)
  const handled: string[] = []
  const services = {
    authorize: () => true,
    localController: {
      handle: async (api: { name: string }) => {
        handled.push(api.name)
        return { topics: [] }
      },
    },
  } as unknown as BrokerServices
  const ask = (requestData: Buffer) =>
    envelope.handle(services, {} as RequestContext, {
      requestData,
      requestPrincipal: null,
      clientHostAddress: Buffer.alloc(4),
    })
  expect((await ask(whole))?.errorCode).toBe(ErrorCode.NONE)
  for (let length = 0; length < whole.length; length++) {
    const answer = await ask(whole.subarray(0, length))
    expect(answer?.errorCode, `${length} bytes`).toBe(ErrorCode.INVALID_REQUEST)
  }
  const nameless = Buffer.from(whole)
  // The config's name, compact: its length 0 says null.
  nameless[whole.indexOf('retention.ms') - 1] = 0
  expect((await ask(nameless))?.errorCode).toBe(ErrorCode.INVALID_REQUEST)
  expect(handled).toEqual(['CreateTopics'])
})
