/** Made-up shop traffic. Ids are 64-bit, beyond what a double holds, as real systems' are. */

export interface SampleRecord {
  readonly key: string
  readonly value: string
  readonly headers: Record<string, string>
}

export type Random = () => number

const EPOCH_MS = 1_577_836_800_000
const COUNTRIES = ['DE', 'FR', 'JP', 'CN', 'US', 'BR', 'IN', 'GB', 'SE', 'PL'] as const
const CURRENCIES = ['EUR', 'USD', 'CNY', 'JPY', 'GBP'] as const
const PRODUCTS = [
  ['binoculars-8x42', 24900],
  ['field-guide', 2950],
  ['nest-box', 3990],
  ['spotting-scope', 119000],
  ['feeder-camera', 8950],
  ['rain-shell', 15900],
  ['thermos-1l', 3450],
  ['tripod', 12900],
] as const
const METHODS = ['card', 'transfer', 'wallet', 'invoice'] as const
const PATHS = ['/', '/search', '/product', '/cart', '/checkout', '/account', '/help'] as const
const AGENTS = ['Firefox/141', 'Chrome/139', 'Safari/18', 'Edge/139'] as const

function pick<T>(random: Random, items: readonly T[]): T {
  // Safe because the lists above are not empty and random() is below 1.
  return items[Math.floor(random() * items.length)] as T
}

/** Time, machine and a running number in one 63-bit integer. */
export class IdSource {
  #sequence = 0n
  readonly #machine: bigint

  constructor(machine: number) {
    this.#machine = BigInt(machine % 1024)
  }

  next(nowMs: number): bigint {
    this.#sequence = (this.#sequence + 1n) % 4096n
    return (BigInt(nowMs - EPOCH_MS) << 22n) | (this.#machine << 12n) | this.#sequence
  }
}

interface Moment {
  readonly nowMs: number
  readonly random: Random
  readonly ids: IdSource
}

export interface Order {
  readonly orderId: bigint
  readonly customerId: bigint
  readonly totalCents: number
  readonly currency: string
}

/** Numbers of 64 bits are written as JSON numbers: what reads them must keep every digit. */
export function makeOrder(moment: Moment): { order: Order; record: SampleRecord } {
  const { nowMs, random, ids } = moment
  const orderId = ids.next(nowMs)
  const customerId = 9_007_199_254_740_993n + BigInt(Math.floor(random() * 50_000)) * 7n
  const lines = Array.from({ length: 1 + Math.floor(random() * 3) }, () => {
    const [sku, priceCents] = pick(random, PRODUCTS)
    return { sku, quantity: 1 + Math.floor(random() * 2), priceCents }
  })
  const totalCents = lines.reduce((sum, line) => sum + line.quantity * line.priceCents, 0)
  const currency = pick(random, CURRENCIES)
  const rest = {
    placedAt: new Date(nowMs).toISOString(),
    country: pick(random, COUNTRIES),
    currency,
    totalCents,
    lines,
    isGift: random() < 0.08,
  }
  return {
    order: { orderId, customerId, totalCents, currency },
    record: {
      key: String(customerId),
      value: withIds({ orderId, customerId }, rest),
      headers: { source: 'shop', schema: 'order.v3' },
    },
  }
}

export function makePayment(moment: Moment, order: Order): SampleRecord {
  const { nowMs, random, ids } = moment
  const hasFailed = random() < 0.03
  const rest = {
    at: new Date(nowMs).toISOString(),
    method: pick(random, METHODS),
    amountCents: order.totalCents,
    currency: order.currency,
    status: hasFailed ? 'declined' : 'captured',
    ...(hasFailed && { reason: 'insufficient funds' }),
  }
  return {
    key: String(order.orderId),
    value: withIds({ paymentId: ids.next(nowMs), orderId: order.orderId }, rest),
    headers: { source: 'payments', attempt: '1' },
  }
}

export function makePageView(moment: Moment): SampleRecord {
  const { nowMs, random, ids } = moment
  const sessionId = 9_100_000_000_000_000_000n + BigInt(Math.floor(random() * 4_000))
  const path = pick(random, PATHS)
  const rest = {
    at: new Date(nowMs).toISOString(),
    path: path === '/product' ? `/product/${pick(random, PRODUCTS)[0]}` : path,
    country: pick(random, COUNTRIES),
    agent: pick(random, AGENTS),
    durationMs: Math.round(20 + random() ** 3 * 4_000),
  }
  return {
    key: String(sessionId),
    value: withIds({ viewId: ids.next(nowMs), sessionId }, rest),
    headers: { source: 'web' },
  }
}

function withIds(ids: Record<string, bigint>, rest: object): string {
  const head = Object.entries(ids).map(([name, id]) => `"${name}":${id}`)
  return `{${head.join(',')},${JSON.stringify(rest).slice(1)}`
}
