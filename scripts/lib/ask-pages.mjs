// Asks what pages ask of the database, from a process of its own, until its parent disconnects (scripts/lag-cycle.mjs).
const { askPages } = await import('../../dist/lag-cycle.mjs')
await askPages()
