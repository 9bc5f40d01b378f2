import { randomBytes } from 'node:crypto'
import {
  type DeleteLayoutInput,
  type GetLayoutInput,
  type LayoutItem,
  type ListLayoutsInput,
  type ListLayoutsOutput,
  layoutContent,
  type SaveLayoutInput,
} from '../../contracts/charts.ts'
import { clusterOf } from '../clusters/registry.ts'
import type { ServiceContext } from '../context.ts'
import { database } from '../db/client.ts'
import { refusal } from '../errors.ts'

/** So many layouts a user and cluster: they are looked through by eye. */
const LAYOUTS_MAX = 50

interface LayoutRow {
  readonly id: string
  readonly userId: string
  readonly owner: string
  readonly name: string
  readonly content: string
}

function itemOf(row: LayoutRow, userId: string | null): LayoutItem {
  const { id, owner, name } = row
  const content = layoutContent.parse(JSON.parse(row.content))
  return { id, owner, name, isOwn: row.userId === userId, content }
}

function userIdOf(ctx: ServiceContext): string {
  const { userId } = ctx.actor
  if (userId !== null) return userId
  throw refusal('token-without-account')
}

export async function listLayouts({
  ctx,
  input,
}: {
  ctx: ServiceContext
  input: ListLayoutsInput
}): Promise<ListLayoutsOutput> {
  const { userId } = ctx.actor
  if (userId === null) return { items: [] }
  const where = { clusterId: clusterOf(input.cluster).id, userId }
  const rows = await (await database()).chartLayout.findMany({ where, orderBy: { name: 'asc' } })
  return { items: rows.map((row) => itemOf(row, userId)) }
}

/** Throws ServiceError `layout-unknown`. */
export async function getLayout({
  ctx,
  input,
}: {
  ctx: ServiceContext
  input: GetLayoutInput
}): Promise<LayoutItem> {
  const where = { id: input.layout, clusterId: input.cluster }
  const row = await (await database()).chartLayout.findFirst({ where })
  if (row === null) throw refusal('layout-unknown')
  return itemOf(row, ctx.actor.userId)
}

/** Replaces the caller's layout of that name, which keeps its id: links to it stay good. */
export async function saveLayout({
  ctx,
  input,
}: {
  ctx: ServiceContext
  input: SaveLayoutInput
}): Promise<LayoutItem> {
  const userId = userIdOf(ctx)
  const clusterId = clusterOf(input.cluster).id
  const db = await database()
  const own = await db.chartLayout.findMany({ where: { clusterId, userId } })
  const { name } = input
  const content = JSON.stringify(input.content)
  const known = own.find((row) => row.name === name)
  if (known !== undefined) {
    const row = await db.chartLayout.update({ where: { id: known.id }, data: { content } })
    return itemOf(row, userId)
  }
  if (own.length >= LAYOUTS_MAX) throw refusal('layouts-full', { count: LAYOUTS_MAX })
  const id = randomBytes(9).toString('base64url')
  const data = { id, clusterId, userId, owner: ctx.actor.name, name, content }
  return itemOf(await db.chartLayout.create({ data }), userId)
}

/** Throws ServiceError `layout-unknown`, also for somebody else's. */
export async function deleteLayout({
  ctx,
  input,
}: {
  ctx: ServiceContext
  input: DeleteLayoutInput
}): Promise<{ ok: true }> {
  const where = { id: input.layout, clusterId: input.cluster, userId: userIdOf(ctx) }
  const { count } = await (await database()).chartLayout.deleteMany({ where })
  if (count === 0) throw refusal('layout-unknown')
  return { ok: true }
}
