import type { FastifyInstance } from 'fastify'
import type { Config } from './config.ts'
import { StartProblem, systemCodeOf, systemWordsFor } from './start-problem.ts'

export interface Listening {
  host: string
  port: number
}

/**
 * Opens the port: on all interfaces where no address is configured, IPv6 and IPv4 together, or IPv4 alone
 * where the machine has no IPv6.
 * @throws StartProblem when the port is in use, not allowed, or the address is not this machine's.
 */
export async function listen(app: FastifyInstance, { host, port }: Pick<Config, 'host' | 'port'>): Promise<Listening> {
  if (host !== null) return listenAt(app, { host, port })
  try {
    return await listenAt(app, { host: '::', port })
  } catch (error) {
    const code = error instanceof StartProblem ? systemCodeOf(error.cause) : null
    if (code !== 'EAFNOSUPPORT' && code !== 'EADDRNOTAVAIL') throw error
    return listenAt(app, { host: '0.0.0.0', port })
  }
}

async function listenAt(app: FastifyInstance, { host, port }: Listening): Promise<Listening> {
  try {
    await app.listen({ host, port })
  } catch (error) {
    throw new StartProblem(sentenceFor(error, { host, port }), { cause: error })
  }
  const address = app.server.address()
  return { host, port: typeof address === 'object' && address !== null ? address.port : port }
}

function sentenceFor(error: unknown, { host, port }: Listening): string {
  switch (systemCodeOf(error)) {
    case 'EADDRINUSE':
      return `The port ${port} is in use by another program; end that, or set ENGAWA_PORT to another port.`
    case 'EACCES':
      return `The port ${port} may not be opened by this account (EACCES); set ENGAWA_PORT to one above 1023.`
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return `The address ${host} is not one of this machine; set ENGAWA_HOST to one that is, or leave it out.`
    default:
      return `The port ${port} cannot be opened: ${systemWordsFor(error)}.`
  }
}
