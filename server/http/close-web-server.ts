import { setTimeout as delay } from 'node:timers/promises'
import type { FastifyInstance } from 'fastify'
import { DRAIN_TIMEOUT_MS } from '../limits.ts'

/** RFC 6455 §7.4.1 and the IANA registry: "Service Restart". Clients come back by themselves. */
const SERVICE_RESTART = 1012

/** Takes no more, says goodbye to WebSockets, waits for what runs, and cuts off what hangs. */
export async function closeWebServer(app: FastifyInstance): Promise<void> {
  for (const client of app.websocketServer.clients) client.close(SERVICE_RESTART, 'the server restarts')
  const closing = app.close()
  const late = delay(DRAIN_TIMEOUT_MS, 'late' as const, { ref: false })
  if ((await Promise.race([closing, late])) === 'late') {
    for (const client of app.websocketServer.clients) client.terminate()
    app.server.closeAllConnections()
  }
  await closing
}
