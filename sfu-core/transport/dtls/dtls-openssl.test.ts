import { spawn, spawnSync } from 'node:child_process'
import { X509Certificate } from 'node:crypto'
import { createSocket, type Socket } from 'node:dgram'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { systemClock } from '../../clock.ts'
import { createDtlsCertificate, type DtlsCertificate } from './dtls-certificate.ts'
import { createDtlsSession, type DtlsSession } from './dtls-session.ts'
import { HandshakeQueue } from './handshake-queue.ts'
import type { SecuredMedia } from './server-handshake.ts'

const hasOpenSsl = spawnSync('openssl', ['version']).status === 0
if (!hasOpenSsl) process.stderr.write('SKIPPED DTLS with OpenSSL: there is no openssl on this machine.\n')

const PROFILES = 'SRTP_AES128_CM_SHA1_80:SRTP_AEAD_AES_128_GCM'
/** Two keys and two salts of AEAD_AES_128_GCM. */
const EXPORTED_BYTES = 2 * (16 + 12)

/** GStreamer is OpenSSL inside, and so are many others: this is what they do, without their media. */
describe.skipIf(!hasOpenSsl)('A DTLS session with OpenSSL, over UDP', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'engawa-openssl-'))
  let ours: DtlsCertificate
  let socket: Socket
  let session: DtlsSession | null = null
  let secured: SecuredMedia[]
  let ended: string[]

  beforeAll(async () => {
    ours = await createDtlsCertificate()
    const theirs = await createDtlsCertificate()
    writeFileSync(path.join(folder, 'ecdsa.pem'), `${theirs.certPem}\n${theirs.keyPem}`)
    const subject = ['-subj', '/CN=rsa', '-days', '2', '-nodes']
    const files = ['-keyout', path.join(folder, 'key.pem'), '-out', path.join(folder, 'cert.pem')]
    spawnSync('openssl', ['req', '-x509', '-newkey', 'rsa:2048', ...subject, ...files])
    const [key, cert] = ['key.pem', 'cert.pem'].map((name) => readFileSync(path.join(folder, name), 'utf8'))
    writeFileSync(path.join(folder, 'rsa.pem'), `${cert}\n${key}`)
  })

  afterEach(() => {
    session?.close()
    session = null
    socket.close()
  })

  afterAll(() => rmSync(folder, { recursive: true }))

  async function listen(fingerprint: string): Promise<number> {
    secured = []
    ended = []
    const queue = new HandshakeQueue({ clock: systemClock })
    socket = createSocket('udp4')
    socket.on('message', (datagram, { port, address }) => {
      session ??= createDtlsSession({
        certificate: ours,
        fingerprints: [{ algorithm: 'sha-256', value: fingerprint }],
        clock: systemClock,
        queue,
        send: (answer) => socket.send(answer, port, address),
        onSecured: (media) => secured.push(media),
        onEnded: (why) => ended.push(why),
      })
      session.onDatagram(datagram)
    })
    await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve))
    return socket.address().port
  }

  interface Run {
    certificate: 'ecdsa.pem' | 'rsa.pem'
    options?: readonly string[]
    fingerprint?: string
  }

  /** Connects once; gives all that OpenSSL says, when it has ended by itself or `until` holds and its input is over. */
  async function connect({ certificate, options = [], fingerprint }: Run, until: () => boolean): Promise<string> {
    const file = path.join(folder, certificate)
    const port = await listen(fingerprint ?? new X509Certificate(readFileSync(file)).fingerprint256)
    const exporter = ['-keymatexport', 'EXTRACTOR-dtls_srtp', '-keymatexportlen', String(EXPORTED_BYTES)]
    const identity = ['-cert', file, '-key', file]
    const child = spawn('openssl', [
      ...['s_client', '-dtls1_2', '-connect', `127.0.0.1:${port}`, '-use_srtp', PROFILES],
      ...[...exporter, ...identity, ...options],
    ])
    let said = ''
    const hear = (chunk: Buffer) => {
      said += chunk.toString()
    }
    child.stdout.on('data', hear)
    child.stderr.on('data', hear)
    const exited = new Promise<void>((resolve) => child.on('close', () => resolve()))
    await expect.poll(() => until() || child.exitCode !== null, { timeout: 10_000 }).toBe(true)
    if (until()) await expect.poll(() => said, { timeout: 10_000 }).toMatch(/Keying material: |alert/)
    child.stdin.end('Q\n')
    await exited
    return said
  }

  const runs: [string, Run][] = [
    ['X25519', { certificate: 'ecdsa.pem' }],
    ['P-256', { certificate: 'ecdsa.pem', options: ['-groups', 'P-256'] }],
    ['an RSA certificate', { certificate: 'rsa.pem' }],
    ['a path that takes 300 bytes', { certificate: 'rsa.pem', options: ['-mtu', '300'] }],
  ]
  it.each(runs)('agrees on the same keys: %s', async (_, run) => {
    const said = await connect(run, () => secured.length > 0)
    expect(said).toContain('Cipher is ECDHE-ECDSA-AES128-GCM-SHA256')
    expect(said).toContain('profile=SRTP_AEAD_AES_128_GCM')
    expect(said).toMatch(/Extended master secret: yes/)
    const { incoming, outgoing } = secured[0] ?? {}
    const parts = [incoming?.masterKey, outgoing?.masterKey, incoming?.masterSalt, outgoing?.masterSalt]
    const [, material = ''] = /Keying material: ([0-9A-F]+)/.exec(said) ?? []
    expect(parts.map((part) => part?.toString('hex')).join('')).toBe(material.toLowerCase())
    await expect.poll(() => ended).toEqual(['the peer closed DTLS'])
  })

  it('refuses a certificate that is not the one of the offer, and says so', async () => {
    const run: Run = { certificate: 'ecdsa.pem', fingerprint: ours.fingerprint }
    const said = await connect(run, () => ended.length > 0)
    expect(ended).toEqual(['the peer does not own the certificate of its offer'])
    expect(said).toContain('bad certificate')
    expect(secured).toEqual([])
  })
})
