import { expect, test } from 'vitest'
import type { RoomAction } from '../contract/actions.ts'
import { STAGE_MAX_PEOPLE } from '../contract/limits.ts'
import { type ReasonCode, Refusal } from '../contract/reasons.ts'
import type { Participant } from '../contract/state.ts'
import { BAD_OFFER, GOOD_OFFER } from '../test/fake-transport.ts'
import { personId } from '../test/people.ts'
import { createRandom, type Random } from '../test/random.ts'
import { createRoomHarness, type RoomHarness } from '../test/room-harness.ts'
import { settle } from '../test/settle.ts'
import type { MediaLinkEvents } from '../transport/transport.ts'

/** Chance decides who does what in which order; what must hold at all times is checked after every step. */
const STEPS = 2_000
/** Invariants over the published copy cost more: every so many steps, and at the end. */
const COPY_CHECK_STEPS = 50
const NAMES = ['host', 'co', ...Array.from({ length: 28 }, (_, index) => `p${index}`)]
/** The newest links: those of people in the room, and some that were replaced. */
const LINKS_WATCHED = 60
const PACKET = { sequenceNumber: 1, timestamp: 960, payload: new Uint8Array([0xfc]), levelDbov: 20 }

function roleOf(name: string) {
  if (name === 'host') return 'host'
  if (name === 'co') return 'co-host'
  return Number(name.slice(1)) % 3 === 0 ? 'speaker' : 'listener'
}

function randomAction(random: Random): RoomAction {
  const participantId = personId(random.pick(NAMES))
  const recordingConsent = random.chance(50)
  const often: RoomAction[] = [
    { type: 'raise-hand', recordingConsent },
    { type: 'bring-on-stage', participantId },
    { type: 'accept-stage', recordingConsent },
    { type: 'set-muted', muted: random.chance(50) },
  ]
  if (random.chance(75)) return random.pick(often)
  return random.pick<RoomAction>([
    { type: 'lower-hand' },
    { type: 'decline-stage' },
    { type: 'leave-stage' },
    { type: 'answer-recording', agree: random.chance(70) },
    { type: 'leave' },
    { type: 'move-to-audience', participantId },
    { type: 'mute', participantId },
    { type: 'dismiss-hand', participantId },
    ...(random.chance(60) ? [{ type: 'remove' as const, participantId }] : []),
    ...(random.chance(60) ? [{ type: 'start-recording' as const }] : []),
    ...(random.chance(5) ? [{ type: 'stop-recording' as const }] : []),
  ])
}

const refusalsMet = new Set<ReasonCode>()

/** Refusals are part of the story; any other error is a fault. */
async function unlessRefused(work: Promise<unknown>): Promise<void> {
  await work.catch((error: unknown) => {
    if (!(error instanceof Refusal)) throw error
    refusalsMet.add(error.code)
  })
}

interface Scene extends RoomHarness {
  random: Random
  /** What is under way. */
  waiting: Promise<void>[]
}

function actAtRandom({ room, random, waiting }: Scene): void {
  const actor = random.chance(40) ? random.pick(['host', 'co']) : random.pick(NAMES)
  waiting.push(unlessRefused(room.act(personId(actor), randomAction(random))))
}

/** Mostly the audio path comes up soon; else chance has to do it (or FIRST_CONNECT_MS ends it). */
function joinAtRandom(scene: Scene, name = scene.random.pick(NAMES)): void {
  const { join, random, waiting, transport } = scene
  const comesUp = random.chance(80)
  const joining = join(name, roleOf(name), random.chance(5) ? BAD_OFFER : GOOD_OFFER).then(({ answerSdp }) => {
    if (comesUp) transport.links.find((link) => link.answerSdp === answerSdp)?.events.onConnected()
  })
  waiting.push(unlessRefused(joining))
}

/** An impatient page. */
function joinTwice(scene: Scene): void {
  const name = scene.random.pick(NAMES)
  joinAtRandom(scene, name)
  joinAtRandom(scene, name)
}

function someLink({ transport, random }: Scene): MediaLinkEvents | undefined {
  return transport.links.length === 0 ? undefined : random.pick(transport.links.slice(-LINKS_WATCHED)).events
}

/** How often of a hundred, and what. */
const MOVES: [percent: number, move: (scene: Scene) => void | Promise<void>][] = [
  [45, actAtRandom],
  [16, (scene) => joinAtRandom(scene)],
  [2, joinTwice],
  [12, (scene) => someLink(scene)?.onConnected()],
  [4, (scene) => someLink(scene)?.onDisconnected()],
  [1, (scene) => someLink(scene)?.onClosed()],
  [5, ({ clock, random }) => clock.advance(random.int(4_000))],
  [2, ({ transport }) => transport.hold()],
  [6, ({ transport, random }) => transport.answerHeld(random.int(4))],
  [3, ({ transport }) => transport.release()],
  [1, ({ setLine }) => setLine(false)],
  [1, ({ setLine }) => setLine(true)],
  [
    1,
    ({ studio, random }) =>
      random.chance(30) ? studio.takes.at(-1)?.events.onFailed('disk-full', 'chaos') : undefined,
  ],
  [1, settle],
]

const BAG = MOVES.flatMap(([percent, move]) => Array.from({ length: percent }, () => move))

async function step(scene: Scene): Promise<void> {
  await scene.random.pick(BAG)(scene)
  if (scene.random.chance(30)) await settle()
}

class Invariants {
  readonly #harness: RoomHarness
  readonly #ownerOfNumber = new Map<number, string>()
  readonly #numbersGone = new Set<number>()
  #present = new Map<string, Participant>()

  constructor(harness: RoomHarness) {
    this.#harness = harness
  }

  check(): void {
    const state = this.#harness.room.state()
    const people = Object.values(state.participants)
    this.#checkStage(people)
    this.#checkNumbers(people)
    this.#checkForwarding(people)
    if (state.recording === null) expect(people.filter((person) => person.recordingConsent)).toEqual([])
    this.#present = new Map(people.map((person) => [person.id, person]))
  }

  #checkStage(people: Participant[]): void {
    expect(people.filter((person) => person.onStage).length).toBeLessThanOrEqual(STAGE_MAX_PEOPLE)
    for (const person of people) {
      expect(person.muted).toBe(person.mutedBy !== null)
      if (person.onStage) expect(person).toMatchObject({ handRaisedAtMs: null, invitedToStage: false })
      else expect(person).toMatchObject({ muted: false })
    }
    const { removed } = this.#harness.room
    expect(people.filter((person) => removed.has(person.id))).toEqual([])
  }

  #checkNumbers(people: Participant[]): void {
    const numbers = new Set(people.map((person) => person.number))
    expect(numbers.size).toBe(people.length)
    for (const before of this.#present.values()) if (!numbers.has(before.number)) this.#numbersGone.add(before.number)
    for (const { number, id } of people) {
      expect(this.#numbersGone.has(number)).toBe(false)
      expect(this.#ownerOfNumber.get(number) ?? id).toBe(id)
      this.#ownerOfNumber.set(number, id)
    }
  }

  /** Every link speaks: whose packets go out, and whose are recorded? */
  #checkForwarding(people: Participant[]): void {
    const { transport, forwarder, studio } = this.#harness
    const byNumber = new Map(people.map((person) => [person.number, person]))
    const takes = studio.takes.filter((take) => take.endedBy === null)
    for (const take of takes) take.packets.length = 0
    forwarder.heard.length = 0
    for (const link of transport.links.slice(-LINKS_WATCHED)) link.events.onUplink(PACKET)
    const audible = (number: number) => byNumber.get(number)?.onStage === true && !byNumber.get(number)?.muted
    expect(forwarder.heard.filter((number) => !audible(number))).toEqual([])
    const recorded = takes.flatMap((take) => take.packets)
    expect(recorded.filter((number) => !audible(number) || !byNumber.get(number)?.recordingConsent)).toEqual([])
    expect([...forwarder.attached].filter(([number]) => !byNumber.has(number))).toEqual([])
  }
}

/** The line comes up, everything rests: the copy must be the truth. */
async function checkCopy(harness: RoomHarness): Promise<void> {
  const { room, setLine, clock, transport, copy, forwarder } = harness
  setLine(true)
  transport.release()
  await settle()
  clock.advance(1_500)
  await settle()
  expect(copy()).toEqual(room.state())
  expect(new Set(forwarder.attached.values())).toEqual(new Set(transport.openLinks))
}

test.each([1, 2, 3, 4, 5, 6])('R5 R20 R51 R67 R104 R121: chaos with seed %i', async (seed) => {
  const random = createRandom(seed)
  const harness = createRoomHarness()
  const invariants = new Invariants(harness)
  const waiting: Promise<void>[] = []
  const scene: Scene = { ...harness, random, waiting }
  for (const name of NAMES) joinAtRandom(scene, name)
  await settle()
  for (let index = 1; index <= STEPS; index += 1) {
    await step(scene)
    invariants.check()
    if (index % COPY_CHECK_STEPS === 0) await checkCopy(harness)
  }
  await checkCopy(harness)
  await Promise.all(waiting)
  await harness.room.close({ type: 'ended', reason: 'room-ended' })
  expect(harness.transport.openLinks).toEqual([])
  expect(harness.clock.pendingCount).toBe(0)
  expect(harness.studio.takes.filter((take) => take.endedBy === null)).toEqual([])
})

test('the stories above went through the narrow places', () => {
  const narrow = [
    'stage-full',
    'consent-needed',
    'removed',
    'replaced',
    'not-in-room',
    'nothing-to-do',
    'offer-malformed',
  ]
  expect([...refusalsMet]).toEqual(expect.arrayContaining(narrow))
})
