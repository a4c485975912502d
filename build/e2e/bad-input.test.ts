import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import { createServerClient, errorDetail, type ServerClient } from '../../server/contract/client.ts'
import { roomIdSchema } from '../../sfu-core/contract/ids.ts'
import {
  CANDIDATE_MAX_CHARS,
  CANDIDATES_MAX_LINES,
  JOINS_PER_ADDRESS_PER_MINUTE,
  MESSAGE_MAX_BYTES,
  SDP_MAX_BYTES,
} from '../../sfu-core/contract/limits.ts'
import { SECTION_COUNT } from '../../sfu-core/contract/media.ts'
import { matchInLoop } from '../audio/envelope.ts'
import { capture } from '../harness/capture.ts'
import { openPerson, type Person } from '../harness/person.ts'
import { type Program, startProgram, temporaryFolder } from '../harness/program.ts'
import { account, createRoom, enterAsGuest, goLive, register } from '../harness/steps.ts'

/** More than any classroom; the limit is JOINS_PER_ADDRESS_PER_MINUTE. */
const FLOOD_JOINS = 1_000

let folder: Awaited<ReturnType<typeof temporaryFolder>>
let program: Program
let hana: Person
let gus: Person
let client: ServerClient
let roomId: ReturnType<typeof roomIdSchema.parse>

/** The reason of a refused call; throws where it was not refused. */
async function reasonOf(call: Promise<unknown>): Promise<string> {
  const error = await call.then(
    () => null,
    (reason: unknown) => reason,
  )
  if (error === null) throw new Error('the call was not refused')
  return errorDetail(error).reason
}

const admit = () => client.api.rooms.join.mutate({ roomId, name: 'Mallory' })

/** An offer as the app's page makes it. */
function realOffer(): Promise<string> {
  return gus.page.evaluate(async (sections) => {
    const peer = new RTCPeerConnection({ bundlePolicy: 'max-bundle' })
    for (let section = 0; section < sections; section++) {
      peer.addTransceiver('audio', { direction: section === 0 ? 'sendrecv' : 'recvonly' })
    }
    const { sdp } = await peer.createOffer()
    peer.close()
    return sdp ?? ''
  }, SECTION_COUNT)
}

beforeAll(async () => {
  folder = await temporaryFolder('bad-input')
  program = await startProgram({ dataFolder: folder.path })
  hana = await openPerson({ voice: 'host' })
  gus = await openPerson({ voice: 'guest' })
  await register(hana.page, program.url, account('Hana'))
  const link = await createRoom(hana.page, program.url, { title: 'Unshaken' })
  roomId = roomIdSchema.parse(new URL(link).pathname.split('/').at(-1))
  await goLive(hana.page)
  await enterAsGuest(gus.page, link, 'Gus')
  client = createServerClient({ url: program.url, WebSocketImpl: WebSocket as unknown as typeof globalThis.WebSocket })
})

afterAll(async () => {
  await client?.close()
  for (const person of [hana, gus]) await person?.[Symbol.asyncDispose]()
  await program?.stop()
  await folder?.[Symbol.asyncDispose]()
})

describe('bad input gets a clear error, and the room goes on', () => {
  it('SDP that is none, or of another kind', async () => {
    const { token } = await admit()
    const offer = await realOffer()
    const offerOf = (offerSdp: string) => reasonOf(client.api.rooms.offer.mutate({ token, offerSdp }))
    expect(await offerOf('hello')).toBe('offer-malformed')
    expect(await offerOf(offer.slice(0, 300))).toMatch(/^offer-(malformed|unsupported)$/)
    expect(await offerOf(offer.replaceAll('opus/48000/2', 'PCMU/8000'))).toBe('offer-unsupported')
    expect(await offerOf(offer.replaceAll('m=audio', 'm=video'))).toBe('offer-unsupported')
    expect(await offerOf(offer.replaceAll(/a=fingerprint:.*\r\n/g, ''))).toMatch(/^offer-(malformed|unsupported)$/)
    expect(await offerOf('v=0\r\n'.repeat(SDP_MAX_BYTES))).toMatch(/^(input-invalid|message-too-large)$/)
  })

  it('addresses that are none do nothing, and too many are refused', async () => {
    const { token } = await admit()
    await client.api.rooms.offer.mutate({ token, offerSdp: await realOffer() })
    const send = (lines: string[]) => client.api.rooms.candidates.mutate({ token, lines })
    const impossible = 'candidate:1 1 udp 1 256.0.0.1 99999 typ srflx'
    expect(await send(['', 'hello', 'candidate:', impossible, 'a=candidate:\u0000'])).toBeNull()
    expect(await reasonOf(send(Array(CANDIDATES_MAX_LINES + 1).fill(impossible)))).toBe('input-invalid')
    expect(await reasonOf(send(['x'.repeat(CANDIDATE_MAX_CHARS + 1)]))).toBe('input-invalid')
  })

  it('a token that is altered or none at all', async () => {
    const { token } = await admit()
    const offerSdp = await realOffer()
    const [header, payload = '', signature] = token.split('.')
    const claims = JSON.parse(Buffer.from(payload, 'base64url').toString())
    const asHost = Buffer.from(JSON.stringify({ ...claims, role: 'host' })).toString('base64url')
    expect(
      await reasonOf(client.api.rooms.offer.mutate({ token: [header, asHost, signature].join('.'), offerSdp })),
    ).toBe('token-altered')
    expect(await reasonOf(client.api.rooms.offer.mutate({ token: 'nonsense', offerSdp }))).toBe('token-malformed')
  })

  it('a seat that is made up', async () => {
    expect(
      await reasonOf(
        client.api.rooms.act.mutate({ seat: 'a.b.c', action: { type: 'raise-hand', recordingConsent: false } }),
      ),
    ).toBe('token-malformed')
  })

  it('a message that is too large: over HTTP, and over the WebSocket, which is closed', async () => {
    const huge = 'x'.repeat(MESSAGE_MAX_BYTES + 1)
    const answer = await fetch(`${program.url}/api/trpc/rooms.create`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ title: huge }),
    })
    expect(answer.status).toBe(413)
    const socket = new WebSocket(`${program.url.replace('http', 'ws')}/api/trpc`)
    await new Promise((resolve) => socket.once('open', resolve))
    const closed = new Promise<number>((resolve) => socket.once('close', resolve))
    socket.send(huge)
    // RFC 6455 §7.4.1: message too big.
    expect(await closed).toBe(1009)
  })

  it('an e-mail address that is taken', async () => {
    const { page } = gus
    const second = await page.context().newPage()
    await second.goto(`${program.url}/register`)
    await second.getByLabel('Name', { exact: true }).fill('Other Hana')
    await second.getByLabel('E-mail address').fill(account('Hana').email)
    await second.getByLabel('Password', { exact: true }).fill('another long password')
    await second.getByRole('button', { name: 'Create account' }).click()
    await second
      .getByText(/There is an account with this e-mail address already/)
      .first()
      .waitFor()
    await second.close()
  })

  it('a thousand joins from one address: the first ones pass, the rest are told to wait', async () => {
    const answers = await Promise.all(
      Array.from({ length: FLOOD_JOINS }, () =>
        admit().then(
          () => 'admitted',
          (error: unknown) => errorDetail(error).reason,
        ),
      ),
    )
    const admitted = answers.filter((answer) => answer === 'admitted').length
    expect(admitted).toBeGreaterThan(0)
    expect(admitted).toBeLessThanOrEqual(JOINS_PER_ADDRESS_PER_MINUTE)
    expect(new Set(answers)).toEqual(new Set(['admitted', 'too-many-requests']))
  })

  it('and the room has gone on all the while', async () => {
    const heard = await capture(gus.page, 'heard', 11_500)
    expect(matchInLoop(heard.pcm, hana.clip).correlation).toBeGreaterThanOrEqual(0.8)
  })
})
