// The Next server as a child of the supervisor: ends with its parent, says when it serves.
import { createServer } from 'node:http'
import next from 'next'

const port = Number(process.env.PORT ?? 3000)
const hostname = process.env.HOST ?? '127.0.0.1'
const dev = process.env.EYRIE_DEV === '1'

// Brokers have joined or left.
process.on('message', (message) => {
  if (message?.type === 'environment') Object.assign(process.env, message.variables)
})
process.on('disconnect', () => process.exit(0))
process.on('SIGINT', () => undefined)

const server = createServer()
const app = next({ dev, hostname, port, dir: process.cwd(), turbopack: dev, httpServer: server })
await app.prepare()
const handle = app.getRequestHandler()
server.on('request', (request, response) => void handle(request, response))
server.on('error', (error) => {
  console.error(error.code === 'EADDRINUSE' ? `port ${port} is taken (PORT sets another)` : error)
  process.exit(1)
})
process.on('SIGTERM', () => {
  server.close(() => process.exit(0))
  server.closeAllConnections()
})
server.listen(port, hostname, () => process.send?.({ type: 'ready' }))
