import type { BrowserContext, Page } from 'playwright-core'
import { type ClockVoice, clockVoice } from './clock-voice.ts'
import { bringOnStage, mountSmallDisk } from './evening.ts'
import { openPerson, type Person, type PersonOptions, type Voice } from './person.ts'
import { type Program, type ProgramOptions, startProgram, temporaryFolder } from './program.ts'
import { account, createRoom, enterAsGuest, goLive, register } from './steps.ts'

/** A live room whose people speak with clock voices. */
export interface TapedEvening extends AsyncDisposable {
  readonly dataFolder: string
  /** Files of the test's own. */
  readonly scratchFolder: string
  /** The one that runs now. */
  readonly program: Program
  readonly host: Person
  readonly hostVoice: ClockVoice
  readonly link: string
  /** Another voice, unlike all others. */
  newVoice(voice: Voice): ClockVoice
  /** Somebody who may come, with a voice and, unless told, a browser of their own. */
  guest(name: string, options?: Partial<PersonOptions>): Promise<Guest>
  /** Several, each with a context of their own in one browser, which is cheaper. It closes with the first one's. */
  guests(...names: readonly string[]): Promise<Guest[]>
  /** The program anew, on the same data and the same port. */
  startAgain(): Promise<Program>
}

export interface Guest extends AsyncDisposable {
  readonly name: string
  readonly voice: ClockVoice
  readonly page: Page
  readonly context: BrowserContext
}

export interface EveningOptions {
  title: string
  env?: Record<string, string>
  /** Recordings lie on a disk of their own, of this size, in memory. Linux, root. */
  diskMb?: number
}

const VOICES: readonly Voice[] = ['guest', 'third', 'host']
const EPOCH_BEFORE_MS = 60_000
/** Fewer pixels to draw, by software. */
const VIEWPORT = { width: 800, height: 600 }

/** They enter, and are brought on stage of the room, which is being recorded. */
export async function comeOnStage({ host, link }: TapedEvening, guests: readonly Guest[]): Promise<void> {
  await Promise.all(guests.map(({ page, name }) => enterAsGuest(page, link, name)))
  for (const { page, name } of guests) await bringOnStage(host.page, page, name)
}

/** People talk for so long: the length of the sound, not a sleep. */
export function talk({ host }: TapedEvening, lengthMs: number): Promise<void> {
  return host.page.waitForTimeout(lengthMs)
}

/** Starts the program, and brings its host on stage of a room of their own. */
export async function openTapedEvening({ title, env, diskMb }: EveningOptions): Promise<TapedEvening> {
  await using resources = new AsyncDisposableStack()
  const { path: dataFolder } = resources.use(await temporaryFolder('evening'))
  const { path: scratchFolder } = resources.use(await temporaryFolder('scratch'))
  if (diskMb !== undefined) resources.use(mountSmallDisk(`${dataFolder}/takes`, diskMb))
  const start: ProgramOptions = { dataFolder, env: { ENGAWA_HOST: '0.0.0.0', ...env } }
  const first = await startProgram(start)
  const running = { program: first }
  resources.defer(async () => {
    await running.program.stop()
  })
  const epochMs = Date.now() - EPOCH_BEFORE_MS
  let voices = 0
  const newVoice = (voice: Voice) => {
    voices += 1
    return clockVoice(voice, { epochMs, number: voices })
  }
  const hostVoice = newVoice('host')
  const host = resources.use(await openPerson({ voice: 'host', viewport: VIEWPORT, clockVoice: hostVoice }))
  await register(host.page, first.url, account('Hana'))
  const link = await createRoom(host.page, first.url, { title })
  await goLive(host.page)
  const evening: TapedEvening = {
    dataFolder,
    scratchFolder,
    get program() {
      return running.program
    },
    host,
    hostVoice,
    link,
    newVoice,
    guest: async (name, options) => {
      const voice = newVoice(options?.voice ?? 'guest')
      const person = await openPerson({ voice: 'guest', viewport: VIEWPORT, ...options, clockVoice: voice })
      const { page } = person
      return {
        name,
        voice,

        page,
        context: page.context(),
        [Symbol.asyncDispose]: () => person[Symbol.asyncDispose](),
      }
    },
    guests: async (...names) => {
      const guests: Guest[] = []
      for (const [i, name] of names.entries()) {
        const browser = guests[0]?.context.browser() ?? null
        const voice = VOICES[i % VOICES.length] ?? 'guest'
        guests.push(await evening.guest(name, { voice, ...(browser !== null && { browser }) }))
      }
      return guests
    },
    startAgain: async () => {
      running.program = await startProgram({ ...start, port: first.port })
      return running.program
    },
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  }
  // What was opened stays open only where all of it could be.
  const kept = resources.move()
  return evening
}
