import type { PinAttributeInput, PinItem, UnpinAttributeInput } from '../../contracts/charts.ts'
import { clusterOf } from '../clusters/registry.ts'
import type { ServiceContext } from '../context.ts'
import { type Database, database } from '../db/client.ts'
import { refusal } from '../errors.ts'
import type { BeanSeries } from './catalogue/types.ts'

/** So many attributes of a cluster beside the catalogue: each costs every cycle and the history. */
export const PINS_MAX = 50

interface PinRow {
  readonly slot: number
  readonly mbean: string
  readonly attribute: string
  readonly path: string
  readonly stored: string
  readonly createdBy: string
}

function seriesOf(row: PinRow): BeanSeries {
  const { slot, mbean, attribute, path } = row
  return {
    family: 'pinned',
    slot,
    mbean,
    attribute,
    stored: row.stored === 'counter' ? 'counter' : 'gauge',
    ...(path === '' ? {} : { path }),
  }
}

function itemOf(row: PinRow): PinItem {
  const { mbean, attribute, path, createdBy } = row
  const stored = row.stored === 'counter' ? 'counter' : 'gauge'
  return { id: `p${row.slot}`, mbean, attribute, path, stored, createdBy }
}

async function livePins(db: Database, clusterId: string): Promise<PinRow[]> {
  return db.pinnedAttribute.findMany({
    where: { clusterId, removedAt: null },
    orderBy: { slot: 'asc' },
  })
}

/** What the collector reads beside the catalogue. */
export async function pinnedSeries(db: Database, clusterId: string): Promise<BeanSeries[]> {
  return (await livePins(db, clusterId)).map(seriesOf)
}

/** Removed ones too: what they left can still be looked at. */
export async function pinsBySlot(
  db: Database,
  clusterId: string,
  slots: readonly number[],
): Promise<BeanSeries[]> {
  const where = { clusterId, slot: { in: [...slots] } }
  return (await db.pinnedAttribute.findMany({ where, orderBy: { slot: 'asc' } })).map(seriesOf)
}

export async function listPins(clusterId: string): Promise<PinItem[]> {
  return (await livePins(await database(), clusterId)).map(itemOf)
}

/** The same attribute is not collected twice. Throws ServiceError `pins-full`. */
export async function pinAttribute({
  ctx,
  input,
}: {
  ctx: ServiceContext
  input: PinAttributeInput
}): Promise<PinItem> {
  const cluster = clusterOf(input.cluster)
  const db = await database()
  const live = await livePins(db, cluster.id)
  const { mbean, attribute, path, stored } = input
  const known = live.find(
    (row) => row.mbean === mbean && row.attribute === attribute && row.path === path,
  )
  if (known !== undefined) return itemOf(known)
  if (live.length >= PINS_MAX) throw refusal('pins-full', { count: PINS_MAX })
  const newest = await db.pinnedAttribute.aggregate({
    where: { clusterId: cluster.id },
    _max: { slot: true },
  })
  // Two at once would want the same slot: the second is refused by the key and may be tried again.
  const slot = (newest._max.slot ?? 0) + 1
  const row = await db.pinnedAttribute.create({
    data: {
      clusterId: cluster.id,
      slot,
      mbean,
      attribute,
      path,
      stored,
      createdBy: ctx.actor.name,
    },
  })
  return itemOf(row)
}

/** Throws ServiceError `pin-unknown`. */
export async function unpinAttribute({
  ctx,
  input,
}: {
  ctx: ServiceContext
  input: UnpinAttributeInput
}): Promise<{ ok: true }> {
  const db = await database()
  const where = { clusterId: input.cluster, slot: Number(input.pin.slice(1)), removedAt: null }
  const { count } = await db.pinnedAttribute.updateMany({
    where,
    data: { removedAt: new Date(ctx.nowMs()) },
  })
  if (count === 0) throw refusal('pin-unknown')
  return { ok: true }
}
