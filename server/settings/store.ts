import { database } from '../db/client.ts'

/** Null when it was never set. */
export async function readSetting(key: string): Promise<unknown> {
  const row = await (await database()).setting.findUnique({ where: { key } })
  return row === null ? null : (JSON.parse(row.value) as unknown)
}

export async function writeSetting(key: string, value: unknown): Promise<void> {
  const text = JSON.stringify(value)
  await (await database()).setting.upsert({
    where: { key },
    create: { key, value: text },
    update: { value: text },
  })
}

/** True for the one caller that removed it: of several at once, only one gets true. */
export async function takeSetting(key: string, value: unknown): Promise<boolean> {
  const where = { key, value: JSON.stringify(value) }
  const { count } = await (await database()).setting.deleteMany({ where })
  return count === 1
}
