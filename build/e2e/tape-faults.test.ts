import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  type Assembled,
  allSent,
  assembled,
  newestTake,
  onStage,
  startRecording,
  stopRecording,
} from '../harness/evening.ts'
import { FaultTable } from '../harness/fault-table.ts'
import { temporaryFolder } from '../harness/program.ts'
import { openReturningPerson } from '../harness/returning-person.ts'
import { inRoom } from '../harness/steps.ts'
import { verdictOn } from '../harness/tape-verdict.ts'
import { comeOnStage, type Guest, openTapedEvening, type TapedEvening, talk } from '../harness/taped-evening.ts'

/**
 * Pages that go away. Every sample of these speakers tells when it was said (clock-voice.ts), so that "lost" is counted against the
 * source and not against what any of our clocks believes.
 */

/** Before a fault and after it: more than a chunk, so that something is sent, something waits in a chunk and something in the journal. */
const TALK_MS = 5_500
/** Frames of the microphone are 10 ms; what is on its way to the worker when a browser dies was not captured yet. */
const ON_ITS_WAY_MS = 150

const table = new FaultTable()
let evening: TapedEvening
let done: Assembled
let rei: Guest
let cora: Guest
let kim: Guest
let reloadedAtMs: number
let crashedAtMs: number
let killedAtMs: number

beforeAll(async () => {
  evening = await openTapedEvening({ title: 'Pages that go' })
  await using profile = await temporaryFolder('profile')
  const host = evening.host.page
  ;[rei, cora] = (await evening.guests('Rei', 'Cora')) as [Guest, Guest]
  const kimOptions = { voice: 'third', profileFolder: profile.path, clockVoice: evening.newVoice('third') } as const
  const kimPerson = await openReturningPerson(kimOptions)
  kim = { ...kimPerson, name: 'Kim', voice: kimOptions.clockVoice }

  await startRecording(host)
  await comeOnStage(evening, [rei, cora, kim])
  await talk(evening, TALK_MS)
  reloadedAtMs = Date.now()
  await rei.page.reload()
  crashedAtMs = Date.now()
  await crash(cora)
  killedAtMs = kimPerson.kill()
  await inRoom(rei.page)
  await onStage(rei.page)
  await talk(evening, TALK_MS)

  // Any page of the app sends what was left.
  const coraAgain = await cora.context.newPage()
  await using kimAgain = await openReturningPerson(kimOptions)
  await Promise.all([coraAgain.goto(evening.program.url), kimAgain.page.goto(evening.program.url)])
  await stopRecording(host)
  await Promise.all([allSent(coraAgain), allSent(kimAgain.page), allSent(rei.page)])
  done = await assembled(newestTake(evening.dataFolder).folder, (report) => report.tracks.length === 4)
  await cora[Symbol.asyncDispose]()
  await rei[Symbol.asyncDispose]()
})

afterAll(async () => {
  console.log(table.text)
  await evening?.[Symbol.asyncDispose]()
})

describe('nothing that was captured is lost, and the report names the time without a tape', () => {
  it('page reload', async () => {
    const verdict = await verdictOn(done, rei.name, rei.voice)
    const [before, after] = verdict.tapes
    const awayMs = (after?.saidFromMs ?? Number.NaN) - (before?.saidToMs ?? Number.NaN)
    table.add('page reload', verdict, { note: `the page was away from its microphone for ${awayMs.toFixed(0)} ms` })
    expect(verdict.lostInTapes).toBe(0)
    // It goes on taping until the browser takes the page away.
    expect(before?.saidToMs, JSON.stringify(done.trackOf(rei.name))).toBeGreaterThan(reloadedAtMs - ON_ITS_WAY_MS)
    expect(verdict.tapes).toHaveLength(2)
    expect(verdict.gaps.at(-1)?.cause).toBe('not-captured')
  })

  it.each([
    { fault: 'tab crash (Page.crash)', who: () => cora, atMs: () => crashedAtMs },
    { fault: '`kill -9` of the browser', who: () => kim, atMs: () => killedAtMs },
  ])('$fault', async ({ fault, who, atMs }) => {
    const { name, voice } = who()
    const verdict = await verdictOn(done, name, voice)
    const untilMs = verdict.tapes[0]?.saidToMs ?? Number.NaN
    const untilText = untilMs > atMs() ? 'to its end' : `until ${(atMs() - untilMs).toFixed(0)} ms before it`
    table.add(fault, verdict, { note: `taped ${untilText}; sent by the next page of that browser` })
    expect(verdict.lostInTapes).toBe(0)
    expect(atMs() - untilMs, JSON.stringify(done.trackOf(name))).toBeLessThan(ON_ITS_WAY_MS)
    expect(verdict.gaps.at(-1)?.cause).toBe('not-captured')
  })

  it('the host, whose page stayed, has all of it without a gap', async () => {
    const verdict = await verdictOn(done, 'Hana', evening.hostVoice)
    expect(verdict.lostInTapes).toBe(0)
    expect(verdict.otherGaps).toEqual([])
  })
})

async function crash({ page, context }: Guest): Promise<void> {
  const devtools = await context.newCDPSession(page)
  const crashed = page.waitForEvent('crash')
  devtools.send('Page.crash').catch(() => undefined)
  await crashed
}
