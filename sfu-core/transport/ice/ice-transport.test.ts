import { createSocket, type Socket } from 'node:dgram'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { CHROMIUM_OFFER } from '../sdp/offers.fixture.ts'
import { createWebRtcTransport, type WebRtcTransport } from '../webrtc-transport.ts'
import { parseStun, STUN_BINDING_ERROR, STUN_BINDING_REQUEST, STUN_BINDING_SUCCESS, type StunMessage } from './stun.ts'
import { browserCheck } from './stun-check.fixture.ts'

const EVENTS = {
  onConnected: () => undefined,
  onDisconnected: () => undefined,
  onClosed: () => undefined,
  wantsUplink: () => true,
  onUplink: () => undefined,
}
const [, THEIR_UFRAG = ''] = /^a=ice-ufrag:(\S+)/m.exec(CHROMIUM_OFFER) ?? []
/** As far as routing reads it: the first byte of a DTLS handshake record (RFC 7983). */
const DTLS = Buffer.alloc(60, 22)

/** A browser's socket, real, at one address. */
class Browser {
  readonly socket: Socket
  readonly heard: StunMessage[] = []
  readonly #to: { port: number; address: string }

  constructor(address: '127.0.0.1' | '::1', port: number) {
    this.socket = createSocket(address === '::1' ? { type: 'udp6' } : { type: 'udp4' })
    this.#to = { port, address }
    this.socket.on('message', (datagram) => {
      const message = parseStun(datagram)
      if (message) this.heard.push(message)
    })
  }

  send(datagram: Buffer): void {
    this.socket.send(datagram, this.#to.port, this.#to.address)
  }
}

describe.each(['127.0.0.1', '::1'] as const)('ICE on real sockets at %s', (address) => {
  let transport: WebRtcTransport
  let answerSdp: string
  let browser: Browser
  let credentials: { username: string; pwd: string }

  beforeEach(async () => {
    transport = createWebRtcTransport({ interfaceAddresses: ['127.0.0.1', '::1'] })
    answerSdp = (await transport.accept(CHROMIUM_OFFER, EVENTS)).answerSdp
    const [, ufrag = ''] = /^a=ice-ufrag:(\S+)/m.exec(answerSdp) ?? []
    const [, pwd = ''] = /^a=ice-pwd:(\S+)/m.exec(answerSdp) ?? []
    credentials = { username: `${ufrag}:${THEIR_UFRAG}`, pwd }
    browser = new Browser(address, candidatePort())
  })

  afterEach(async () => {
    browser.socket.close()
    await transport.close()
  })

  /** Of the answer's candidate at this address. */
  function candidatePort(): number {
    const pattern = new RegExp(`^a=candidate:\\d+ 1 udp \\d+ ${address.replaceAll('.', '\\.')} (\\d+) typ host`, 'm')
    return Number(pattern.exec(answerSdp)?.[1])
  }

  const dump = () => transport.dump()

  it('has one port for both families in its answer, and answers a check where it came from', async () => {
    expect(new Set(dump().bound.map(({ port }) => port)).size).toBe(1)
    browser.send(browserCheck({ ...credentials, nominated: true }))
    await expect.poll(() => browser.heard.map(({ type }) => type)).toContain(STUN_BINDING_SUCCESS)
    const answer = browser.heard.find(({ type }) => type === STUN_BINDING_SUCCESS)
    expect(answer?.mappedAddress?.port).toBe(browser.socket.address().port)
    expect(dump().paths).toBe(1)
    // Consent for the path that was just taken (RFC 7675).
    await expect.poll(() => browser.heard.map(({ type }) => type)).toContain(STUN_BINDING_REQUEST)
  })

  it('takes DTLS and media only from an address that has proved itself', async () => {
    browser.send(DTLS)
    await expect.poll(() => dump().strays).toBe(1)
    browser.send(browserCheck({ ...credentials, pwd: 'a-wrong-password-of-22-ch', nominated: true }))
    browser.send(DTLS)
    await expect.poll(() => dump().strays).toBe(2)
    expect(dump()).toMatchObject({ paths: 0, stunForged: 1 })
    expect(browser.heard).toEqual([])
    browser.send(browserCheck({ ...credentials, nominated: false }))
    await expect.poll(() => dump().paths).toBe(1)
    const before = dump().datagrams
    browser.send(DTLS)
    await expect.poll(() => dump().datagrams).toBe(before + 1)
    expect(dump().strays).toBe(2)
  })

  it('refuses the role of the controlling agent', async () => {
    browser.send(browserCheck({ ...credentials, controlled: true }))
    await expect.poll(() => browser.heard.map(({ type }) => type)).toEqual([STUN_BINDING_ERROR])
    expect(dump().paths).toBe(0)
  })

  it('keeps nothing of a link that ended', async () => {
    browser.send(browserCheck({ ...credentials, nominated: true }))
    await expect.poll(() => dump().paths).toBe(1)
    await transport.close()
    expect(dump()).toMatchObject({ links: 0, paths: 0, unansweredRequests: 0, checkingLinks: 0 })
  })
})
