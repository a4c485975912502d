import { cp, mkdir, readFile, rm, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { TAKE_MANIFEST_NAME, takeManifestSchema } from '../contract/take.ts'
import { readOggPages } from './ogg.ts'
import { decodeFile, encodeOpus } from './opus-audio.fixture.ts'
import { createRecordHarness, Microphone, type RecordHarness, speaker } from './record-harness.fixture.ts'
import { recoverTakes } from './recover-takes.ts'

const FILE = '1-speaker-1.opus'

describe('recoverTakes', () => {
  let harness: RecordHarness
  /** The folder as a killed node left it. */
  let killed: string

  beforeEach(async () => {
    harness = await createRecordHarness()
    const { recorder, clock, folder } = harness
    recorder.addSpeaker(speaker(1))
    recorder.addSpeaker(speaker(2))
    const microphone = new Microphone(recorder, 1)
    const pcm = new Int16Array(3 * 48_000).map((_, i) => 9_000 * Math.sin(i / 20))
    for (const packet of await encodeOpus(pcm)) {
      microphone.send(packet, clock.monotonicMs())
      clock.advance(20)
    }
    clock.advance(1_000)
    recorder.note('joined', speaker(2))
    const granule = async () => readOggPages(await readFile(join(folder, FILE)).catch(() => Buffer.alloc(0))).at(-1)
    await expect.poll(async () => (await granule())?.granule).toBe(3 * 48_000)
    await expect.poll(() => harness.changes.at(-1)?.timeline.length).toBe(1)
    killed = join(harness.takesFolder, 'after')
    await mkdir(join(killed, 'room-1'), { recursive: true })
    await cp(folder, join(killed, 'room-1', 'take-1'), { recursive: true })
  })

  afterEach(async () => {
    await harness.recorder.stop('stopped')
    await harness.remove()
  })

  const path = (file: string) => join(killed, 'room-1', 'take-1', file)

  it('closes a take that a kill left open', async () => {
    const [manifest, ...others] = await recoverTakes(killed)
    expect(others).toEqual([])
    expect(manifest).toMatchObject({ endedBy: 'crash', takeId: 'take-1' })
    expect(manifest?.endedAtMs).toBe((manifest?.startedAtMs ?? 0) + 4_000)
    expect(manifest?.tracks).toMatchObject([{ file: FILE, lengthSamples: 3 * 48_000 - 312 }])
    expect(takeManifestSchema.parse(JSON.parse(await readFile(path(TAKE_MANIFEST_NAME), 'utf8')))).toEqual(manifest)
    expect(readOggPages(await readFile(path(FILE))).at(-1)?.isLast).toBe(true)
    expect((await decodeFile(path(FILE))).samples.length).toBe(3 * 48_000 - 312)
  })

  it('cuts a torn last page off, wherever it is torn', async () => {
    const whole = await readFile(path(FILE))
    const pages = readOggPages(whole)
    const last = pages.at(-1)
    const before = pages.at(-2)
    const manifestText = await readFile(path(TAKE_MANIFEST_NAME), 'utf8')
    for (const keep of [1, 3, 26, 27, 40, (last?.sizeBytes ?? 0) - 1]) {
      await writeFile(path(FILE), whole)
      await writeFile(path(TAKE_MANIFEST_NAME), manifestText)
      await truncate(path(FILE), (last?.offset ?? 0) + keep)
      const [manifest] = await recoverTakes(killed)
      expect(manifest?.tracks[0]).toMatchObject({
        sizeBytes: last?.offset,
        lengthSamples: (before?.granule ?? 0) - 312,
      })
      expect((await decodeFile(path(FILE))).samples.length).toBe((before?.granule ?? 0) - 312)
    }
  })

  it('leaves takes alone that have an end', async () => {
    expect(await recoverTakes(killed)).toHaveLength(1)
    const text = await readFile(path(TAKE_MANIFEST_NAME), 'utf8')
    expect(await recoverTakes(killed)).toEqual([])
    expect(await readFile(path(TAKE_MANIFEST_NAME), 'utf8')).toBe(text)
  })

  it('forgets a track whose file was never made', async () => {
    await rm(path(FILE))
    const [manifest] = await recoverTakes(killed)
    expect(manifest?.tracks).toEqual([])
    expect(manifest?.participants).toHaveLength(2)
  })

  it('keeps a track whose file cannot be read, as it was, and tells of it', async () => {
    const before = takeManifestSchema.parse(JSON.parse(await readFile(path(TAKE_MANIFEST_NAME), 'utf8')))
    await rm(path(FILE))
    // Reading it fails with EISDIR; a file without permission would be read by root.
    await mkdir(path(FILE))
    const troubles: unknown[] = []
    const [manifest] = await recoverTakes(killed, (folder, error) => troubles.push([folder, error]))
    expect(before.tracks).toHaveLength(1)
    expect(manifest).toMatchObject({ endedBy: 'crash', tracks: before.tracks })
    expect(troubles).toEqual([[path('.').replace(/\/$/, ''), expect.objectContaining({ code: 'EISDIR' })]])
  })

  it('tells of a take it cannot read, and closes the others', async () => {
    const broken = join(killed, 'room-2', 'take-2')
    await mkdir(broken, { recursive: true })
    await writeFile(join(broken, TAKE_MANIFEST_NAME), '{"version":')
    const troubles: string[] = []
    const recovered = await recoverTakes(killed, (folder) => troubles.push(folder))
    expect(recovered).toHaveLength(1)
    expect(troubles).toEqual([broken])
  })

  it('finds nothing where nothing is', async () => {
    expect(await recoverTakes(join(killed, 'nowhere'))).toEqual([])
  })
})
