import { mkdir, readdir, readFile } from 'node:fs/promises'
import path from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { NO_EDITS } from '../../contract/edits.ts'
import type { TakeEvent } from '../../contract/take.ts'
import { speech } from '../assemble/simulated-take.fixture.ts'
import { createTake, laid, participant, readSound, type TestTake } from '../mix/mix-take.fixture.ts'
import { type RenderTracksInput, renderTracks } from './render-tracks.ts'

const RATE_HZ = 48_000
const MS = 48

let take: TestTake | null = null
afterEach(async () => {
  await take?.remove()
  take = null
})

async function newTake(): Promise<TestTake> {
  take = await createTake([[speech('host', 4)], [speech('guest', 4), speech('third', 4)], [speech('third', 4)]])
  const names = ['Ana', '花子 "H" / <x>', 'Ana']
  take.report.tracks = take.report.tracks.map((track, i) => ({ ...track, name: names[i] ?? '' }))
  await mkdir(path.join(take.folder, 'out'))
  return take
}

function inputOf(made: TestTake, wish: Partial<RenderTracksInput> = {}): RenderTracksInput {
  return {
    report: made.report,
    studioFolder: made.folder,
    edits: NO_EDITS,
    edited: false,
    format: 'flac',
    projects: false,
    outFolder: path.join(made.folder, 'out'),
    title: 'Veranda: "live"',
    ...wish,
  }
}

const options = { signal: new AbortController().signal, onProgress: () => undefined }
const outFile = (made: TestTake, name: string) => path.join(made.folder, 'out', name)

describe('tracks of a take', () => {
  it('are the very files where nothing is asked for, with names that every system takes', async () => {
    const made = await newTake()
    const { files } = await renderTracks(inputOf(made), options)
    expect(files).toEqual(['01 Ana.flac', '02 花子 H x.flac', '03 Ana.flac'])
    expect((await readdir(path.join(made.folder, 'out'))).sort()).toEqual(files)
    for (const [i, name] of files.entries()) {
      expect(await readFile(outFile(made, name))).toEqual(
        await readFile(path.join(made.folder, `${i + 1}-speaker.flac`)),
      )
    }
  })

  it('are without who is left out', async () => {
    const made = await newTake()
    const edits = { ...NO_EDITS, leftOut: [participant(0)] }
    const { files } = await renderTracks(inputOf(made, { edits, projects: true }), options)
    expect(files.slice(0, 2)).toEqual(['01 花子 H x.flac', '02 Ana.flac'])
    for (const name of files.slice(2)) expect(await readFile(outFile(made, name), 'utf8')).not.toContain('p0')
  })

  it.each(['flac', 'wav', 'opus', 'mp3', 'aac'] as const)(
    'as %s are equally long and aligned, edited too',
    async (format) => {
      const made = await newTake()
      const edits = {
        ...NO_EDITS,
        trimStartMs: 500,
        cuts: [{ fromMs: 1_000, toMs: 1_500 }],
        mutes: [{ participantId: participant(2), fromMs: 2_000, toMs: 2_500 }],
      }
      const { files } = await renderTracks(inputOf(made, { edits, edited: true, format }), options)
      const sounds = files.map((name) => readSound(outFile(made, name)))
      expect(sounds.map((sound) => sound.length)).toEqual([1, 2, 1])
      for (const [i, sound] of sounds.entries()) {
        const samples = sound[0] ?? new Float32Array()
        expect(Math.abs(samples.length - 3_000 * MS)).toBeLessThan(48)
        const source = readSound(path.join(made.folder, `${i + 1}-speaker.flac`))[0] ?? new Float32Array()
        // From 1.5 s of the take on, which is 0.5 s here.
        expect(lagOf(source.subarray(2_600 * MS), samples.subarray(1_600 * MS), 900 * MS)).toBeLessThan(48)
      }
      const muted = sounds[2]?.[0]?.subarray(1_005 * MS, 1_495 * MS) ?? new Float32Array()
      const loudest = muted.reduce((most, sample) => Math.max(most, Math.abs(sample)), 0)
      expect(loudest).toBeLessThan(format === 'flac' || format === 'wav' ? 1e-9 : 3e-3)
    },
  )

  it('keep every sample but those at the cuts', async () => {
    const made = await newTake()
    const edits = { ...NO_EDITS, cuts: [{ fromMs: 1_000, toMs: 2_000 }] }
    await renderTracks(inputOf(made, { edits, edited: true, format: 'wav' }), options)
    const source = speech('host', 4)
    const [samples = new Float32Array()] = readSound(outFile(made, '01 Ana.wav'))
    expect(samples.subarray(20 * MS, 990 * MS)).toEqual(source.subarray(20 * MS, 990 * MS))
    expect(samples.subarray(1_010 * MS, 2_980 * MS)).toEqual(source.subarray(2_010 * MS, 3_980 * MS))
  })

  it('that are shorter than others end in silence', async () => {
    take = await createTake([[speech('host', 3)]])
    const other = await createTake([[speech('guest', 2)]])
    await mkdir(path.join(take.folder, 'out'))
    const [short] = other.report.tracks
    if (!short) throw new Error('no track')
    take.report.tracks.push({
      ...short,
      participantId: participant(1),
      file: path.relative(take.folder, path.join(other.folder, short.file)),
    })
    await renderTracks(inputOf(take), options)
    const [samples = new Float32Array()] = readSound(outFile(take, '02 Speaker 1.flac'))
    expect(samples).toEqual(laid(3 * RATE_HZ, [0, speech('guest', 2)]))
    await other.remove()
  })

  it('missing or torn are refused by name, and nothing is left', async () => {
    const made = await newTake()
    made.report.tracks = made.report.tracks.map((track, i) => (i === 1 ? { ...track, file: 'gone.flac' } : track))
    for (const format of ['flac', 'opus'] as const) {
      await expect(renderTracks(inputOf(made, { format }), options)).rejects.toMatchObject({
        name: 'Refusal',
        code: 'render-failed',
        message: expect.stringContaining('花子'),
      })
      expect(await readdir(path.join(made.folder, 'out'))).toEqual([])
    }
  })

  it('end at once when aborted', async () => {
    const made = await newTake()
    const abort = new AbortController()
    const rendering = renderTracks(inputOf(made, { format: 'aac', projects: true }), {
      signal: abort.signal,
      onProgress: () => abort.abort(new Error('enough')),
    })
    await expect(rendering).rejects.toThrow('enough')
    expect(await readdir(path.join(made.folder, 'out'))).toEqual([])
  })
})

describe('labels and projects', () => {
  const timeline: TakeEvent[] = [
    { atMs: 0, type: 'joined', participantId: participant(0) },
    { atMs: 700, type: 'on-stage', participantId: participant(1) },
    { atMs: 1_200, type: 'disconnected', participantId: participant(0) },
  ]

  async function texts(edited: boolean) {
    const made = await newTake()
    const [first] = made.report.tracks
    if (first) first.gaps.push({ fromMs: 900, toMs: 2_100, cause: 'stalled', filledFrom: 'sfu' })
    const markers = [
      { atMs: 3_000, text: 'say "hi"\tand `bye`' },
      { atMs: 1_400, text: "it's" },
    ]
    const edits = { ...NO_EDITS, trimStartMs: 500, cuts: [{ fromMs: 1_000, toMs: 1_300 }], markers }
    const { files } = await renderTracks(inputOf(made, { edits, edited, projects: true, timeline }), options)
    const read = async (ending: string) =>
      readFile(outFile(made, files.find((name) => name.endsWith(ending)) ?? ''), 'utf8')
    return { labels: await read('labels.txt'), list: await read('.lof'), project: await read('.rpp') }
  }

  it('have markers, gaps and stage events on the clock of the files', async () => {
    const { labels, list } = await texts(false)
    expect(labels.split('\n')).toEqual([
      '0.700000\t0.700000\t花子 "H" / <x>: goes on stage',
      '0.900000\t2.100000\tAna: sound card stalled, from the network recording',
      '1.200000\t1.200000\tAna: connection lost',
      "1.400000\t1.400000\tit's",
      '3.000000\t3.000000\tsay "hi" and `bye`',
      '',
    ])
    expect(list.split('\n')).toEqual([
      'window',
      'file "01 Ana.flac" offset 0.0',
      'file "02 花子 H x.flac" offset 0.0',
      'file "03 Ana.flac" offset 0.0',
      '',
    ])
  })

  it('are moved with the cuts', async () => {
    const { labels } = await texts(true)
    expect(labels.split('\n')).toEqual([
      '0.200000\t0.200000\t花子 "H" / <x>: goes on stage',
      '0.400000\t1.300000\tAna: sound card stalled, from the network recording',
      "0.600000\t0.600000\tit's",
      '2.200000\t2.200000\tsay "hi" and `bye`',
      '',
    ])
  })

  it('make a Reaper project whose blocks close and whose texts are quoted', async () => {
    const { project } = await texts(false)
    const lines = project.trim().split('\n')
    let depth = 0
    for (const line of lines.map((text) => text.trim())) {
      if (line.startsWith('<')) depth += 1
      if (line === '>') depth -= 1
      expect(depth).toBeGreaterThanOrEqual(line === '>' && line === lines.at(-1)?.trim() ? 0 : 0)
    }
    expect(depth).toBe(0)
    expect(project.match(/<TRACK/g)).toHaveLength(3)
    expect(project).toContain(`NAME '花子 "H" / <x>'`)
    expect(project).toContain('FILE "02 花子 H x.flac"')
    expect(project).toContain(`MARKER 1 1.200000 "Ana: connection lost" 0`.replace('1 1.2', '2 1.2'))
    expect(project).toContain(`'say "hi" and \`bye\`' 0`)
    expect(project).toContain('MARKER 1 0.900000 "Ana: sound card stalled, from the network recording" 1')
    expect(project).toContain('MARKER 1 2.100000 "" 1')
    expect(project).toContain('LENGTH 4.000000')
  })
})

/** In samples. */
function lagOf(a: Float32Array, b: Float32Array, length: number): number {
  let best = { lag: 0, sum: Number.NEGATIVE_INFINITY }
  for (let lag = -100; lag <= 100; lag++) {
    let sum = 0
    for (let i = 200; i < length - 200; i += 3) sum += (a[i] ?? 0) * (b[i + lag] ?? 0)
    if (sum > best.sum) best = { lag, sum }
  }
  return Math.abs(best.lag)
}
