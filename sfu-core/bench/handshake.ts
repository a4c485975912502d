/**
 * What a DTLS handshake costs the node: `node sfu-core/bench/handshake.ts [handshakes]`. Clients are werift's, in
 * a process of their own, over UDP on loopback, two at a time; the server's process does nothing else, so its whole CPU
 * time is counted, receiving and sending included.
 */
import { type ChildProcess, fork } from 'node:child_process'
import { createSocket, type RemoteInfo } from 'node:dgram'
import { once } from 'node:events'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { DtlsClient, DtlsServer } from 'werift'
import { systemClock } from '../clock.ts'
import { createDtlsCertificate, type DtlsCertificate } from '../transport/dtls/dtls-certificate.ts'
import { rehearseDtls } from '../transport/dtls/dtls-rehearsal.ts'
import { createDtlsSession } from '../transport/dtls/dtls-session.ts'
import { HandshakeQueue } from '../transport/dtls/handshake-queue.ts'
import { SRTP_PROFILE } from '../transport/srtp/profile.ts'

export interface HandshakeRow {
  server: string
  handshakes: number
  /** Of the server's process, all threads, user and system. */
  cpuMsPerHandshake: number
  /** Turns of the event loop that a datagram of a handshake took. */
  turnP50Ms: number
  turnP99Ms: number
  turnMaxMs: number
  /** What a session keeps after its handshake: heap and buffers. */
  retainedKb: number
}

interface Peer {
  fingerprint: string
  send(datagram: Buffer): void
  onSecured(): void
}
/** Makes the server's side of one handshake: takes the peer's datagrams, and may be kept for what it retains. */
type Server = (certificate: DtlsCertificate, peer: Peer) => { onDatagram(datagram: Buffer): void }

const PROFILES = [SRTP_PROFILE.aeadAes128Gcm, SRTP_PROFILE.aesCm128HmacSha1With80]
/** ECDSA with SHA-256, as werift numbers it. */
const WERIFT_SIGNATURE = { hash: 4, signature: 3 } as const
const WARM_UP = 60
const AT_A_TIME = 2
const CLIENTS_ARGUMENT = 'clients'

const queue = new HandshakeQueue({ clock: systemClock })

const SERVERS: Record<string, Server> = {
  ours: (certificate, { fingerprint, send, onSecured }) =>
    createDtlsSession({
      certificate,
      fingerprints: [{ algorithm: 'sha-256', value: fingerprint }],
      clock: systemClock,
      queue,
      send,
      onSecured,
      onEnded: () => {},
    }),
  "werift's DtlsServer": (certificate, { send, onSecured }) => {
    const transport = memoryTransport(send)
    const server = new DtlsServer({ transport, ...weriftIdentity(certificate), certificateRequest: true })
    server.onConnect.subscribe(onSecured)
    return { onDatagram: (datagram) => transport.onData(datagram, ['', 0]) }
  },
}

function weriftIdentity({ certPem, keyPem }: DtlsCertificate) {
  const identity = { cert: certPem, key: keyPem, signatureHash: WERIFT_SIGNATURE }
  return { ...identity, srtpProfiles: PROFILES, extendedMasterSecret: true }
}

type WeriftTransport = ConstructorParameters<typeof DtlsServer>[0]['transport']

function memoryTransport(send: (datagram: Buffer) => void): WeriftTransport {
  return {
    type: 'udp',
    address: { address: '', family: '', port: 0 },
    closed: false,
    onData: () => {},
    send: async (datagram) => send(datagram),
    close: async () => {},
  }
}

/** One row a server, ours first. */
export async function benchHandshakes(handshakes: number): Promise<HandshakeRow[]> {
  const certificate = await createDtlsCertificate()
  await rehearseDtls(certificate)
  const rows: HandshakeRow[] = []
  for (const [server, create] of Object.entries(SERVERS)) {
    const measured = await measure(create, certificate, handshakes)
    rows.push({ server, handshakes, ...measured })
  }
  return rows
}

async function measure(
  create: Server,
  certificate: DtlsCertificate,
  handshakes: number,
): Promise<Omit<HandshakeRow, 'server' | 'handshakes'>> {
  const clients = fork(import.meta.filename, [CLIENTS_ARGUMENT])
  const [fingerprint] = await once(clients, 'message')
  const host = await createHost((send, onSecured) => create(certificate, { fingerprint, send, onSecured }))
  await shake(clients, host, WARM_UP)
  host.turnsMs.length = 0
  const collect = garbageCollector()
  collect()
  const before = { memory: process.memoryUsage(), cpu: process.cpuUsage() }
  await shake(clients, host, handshakes)
  const cpu = process.cpuUsage(before.cpu)
  // Datagrams that are out, and timers of werift's that find the handshake done.
  await new Promise((resolve) => setTimeout(resolve, 1_500))
  collect()
  const memory = process.memoryUsage()
  const retainedBytes = memory.heapUsed + memory.external - before.memory.heapUsed - before.memory.external
  const sorted = host.turnsMs.toSorted((a, b) => a - b)
  const at = (share: number) => round(sorted[Math.floor(share * (sorted.length - 1))] ?? 0)
  host.close()
  clients.kill()
  return {
    cpuMsPerHandshake: round((cpu.user + cpu.system) / 1_000 / handshakes),
    turnP50Ms: at(0.5),
    turnP99Ms: at(0.99),
    turnMaxMs: at(1),
    retainedKb: round(retainedBytes / 1_024 / handshakes),
  }
}

interface Host {
  port: number
  /** Called at the end of each handshake. */
  onSecured(): void
  turnsMs: number[]
  close(): void
}

/** A UDP port with a session for each address that writes to it; sessions are kept. */
async function createHost(
  accept: (send: (datagram: Buffer) => void, onSecured: () => void) => { onDatagram(datagram: Buffer): void },
): Promise<Host> {
  const socket = createSocket({ type: 'udp4', lookup: (address, _, done) => done(null, address, 4) })
  const sessions = new Map<number, { onDatagram(datagram: Buffer): void }>()
  const host: Host = { port: 0, onSecured: () => {}, turnsMs: [], close: () => socket.close() }
  let turnStartedMs: number | null = null
  const endTurn = () => {
    if (turnStartedMs !== null) host.turnsMs.push(performance.now() - turnStartedMs)
    turnStartedMs = null
  }
  const onMessage = (datagram: Buffer, { port, address }: RemoteInfo) => {
    const begins = turnStartedMs === null
    turnStartedMs ??= performance.now()
    let session = sessions.get(port)
    if (!session) {
      session = accept(
        (answer) => socket.send(answer, port, address),
        () => host.onSecured(),
      )
      sessions.set(port, session)
    }
    session.onDatagram(datagram)
    // After what the queue deferred.
    if (begins) setImmediate(endTurn)
  }
  socket.on('message', onMessage)
  // With a lookup that does not wait, 'listening' is told inside bind.
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve))
  host.port = socket.address().port
  return host
}

function shake(clients: ChildProcess, host: Host, handshakes: number): Promise<void> {
  return new Promise((resolve) => {
    let secured = 0
    host.onSecured = () => {
      secured += 1
      if (secured === handshakes) resolve()
    }
    clients.send({ port: host.port, handshakes })
  })
}

function garbageCollector(): () => void {
  setFlagsFromString('--expose-gc')
  return runInNewContext('gc')
}

function round(value: number): number {
  return Number(value.toFixed(2))
}

/** The other process: werift's clients, one after the other on each of a few lines. */
async function runClients(): Promise<void> {
  const certificate = await createDtlsCertificate()
  process.on('message', async ({ port, handshakes }: { port: number; handshakes: number }) => {
    const line = async (count: number) => {
      for (let i = 0; i < count; i++) await connectOnce(certificate, port)
    }
    const share = Math.floor(handshakes / AT_A_TIME)
    await Promise.all([line(handshakes - share), ...Array.from({ length: AT_A_TIME - 1 }, () => line(share))])
  })
  process.send?.(certificate.fingerprint)
}

async function connectOnce(certificate: DtlsCertificate, port: number): Promise<void> {
  const socket = createSocket('udp4')
  const transport = memoryTransport((datagram) => socket.send(datagram, port, '127.0.0.1'))
  socket.on('message', (datagram) => transport.onData(datagram, ['', 0]))
  const client = new DtlsClient({ transport, ...weriftIdentity(certificate) })
  const connected = new Promise<void>((resolve) => client.onConnect.subscribe(() => resolve()))
  client.connect().catch(() => {})
  // The socket stays open, so that its port is not the next one's, whom the server would take for this one.
  await connected
}

if (import.meta.main) {
  if (process.argv[2] === CLIENTS_ARGUMENT) {
    await runClients()
  } else {
    const rows = await benchHandshakes(Number(process.argv[2] ?? 400))
    process.stdout.write(`${rows.map((row) => JSON.stringify(row)).join('\n')}\n${JSON.stringify(queue.dump())}\n`)
  }
}
