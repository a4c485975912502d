/** `node mix.ts make|ours|preview|peer FOLDER SECONDS [FORMAT]`: a take, or a mix of it; what it cost as JSON (npm run bench -- mix shows it). */
import path from 'node:path'
import { NO_EDITS } from '../contract/edits.ts'
import { participantIdSchema, takeIdSchema } from '../contract/ids.ts'
import { type ExportFormat, exportFormatSchema } from '../contract/render.ts'
import type { TakeReport } from '../contract/take-report.ts'
import { quietFfmpeg } from '../studio/av/ffmpeg-log.ts'
import { STUDIO_RATE_HZ } from '../studio/av/sound-block.ts'
import { FILE_EXTENSIONS } from '../studio/encode/formats.ts'
import { renderMix } from '../studio/index.ts'
import { gatedLufs } from '../studio/mix/loudness.ts'
import { measurePart } from '../studio/mix/measure-file.ts'
import { mixByFfmpeg } from './mix-peer.ts'
import { makeMixTake, SPEAKERS } from './mix-take.ts'

/** What a mix cost. Memory: the most that the process had, with all its threads. */
interface MixCost {
  wallS: number
  cpuS: number
  peakRssMb: number
  integratedLufs: number
  truePeakDbtp: number
}

function reportOf(lengthS: number): TakeReport {
  const tracks = SPEAKERS.map((name) => ({
    participantId: participantIdSchema.parse(name),
    name,
    source: 'processed' as const,
    file: `${name}.flac`,
    channels: 1,
    lengthSamples: lengthS * STUDIO_RATE_HZ,
    sizeBytes: 0,
    sha256: `${name} of ${lengthS} s`,
    peaksFile: '',
    tapes: [],
    gaps: [],
    expectedMs: 0,
    losslessMs: 0,
  }))
  const takeId = takeIdSchema.parse('bench')
  return { version: 1, takeId, roomTitle: 'Bench', startedAtMs: 0, lengthMs: lengthS * 1_000, madeAtMs: 0, tracks }
}

async function mix(
  folder: string,
  lengthS: number,
  wish: { format: ExportFormat; range?: { fromMs: number; toMs: number } },
) {
  const { format, range } = wish
  return renderMix(
    {
      report: reportOf(lengthS),
      studioFolder: folder,
      edits: NO_EDITS,
      assets: {},
      format,
      range,
      outFile: path.join(folder, `ours.${FILE_EXTENSIONS[format]}`),
      tags: { title: 'Bench' },
    },
    { signal: new AbortController().signal, onProgress: () => undefined },
  )
}

type Facts = Pick<MixCost, 'integratedLufs' | 'truePeakDbtp'>

/** Answers with what measures the mix: that is no part of its cost (of ours it is, which corrects itself by it). */
async function mixByPeer(folder: string, format: ExportFormat): Promise<() => Promise<Facts>> {
  const file = path.join(folder, `peer.${FILE_EXTENSIONS[format]}`)
  await mixByFfmpeg(folder, file, format)
  return async () => {
    quietFfmpeg()
    const { blocks, truePeak } = await measurePart(file, { from: 0, to: Number.POSITIVE_INFINITY })
    return { integratedLufs: gatedLufs(blocks), truePeakDbtp: 20 * Math.log10(truePeak) }
  }
}

const PREVIEW_MS = 30_000

async function run(): Promise<MixCost | null> {
  const [, , what = '', folder = '', seconds = '', wanted] = process.argv
  const lengthS = Number(seconds)
  const format = exportFormatSchema.catch('flac').parse(wanted)
  const middleMs = (lengthS * 1_000) / 2
  const startedAt = performance.now()
  const works: Record<string, () => Promise<Facts | (() => Promise<Facts>) | null>> = {
    make: async () => {
      makeMixTake(folder, lengthS)
      return null
    },
    ours: () => mix(folder, lengthS, { format }),
    preview: () => mix(folder, lengthS, { format, range: { fromMs: middleMs, toMs: middleMs + PREVIEW_MS } }),
    peer: () => mixByPeer(folder, format),
  }
  const made = await works[what]?.()
  if (!made) return null
  const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage()
  const wallS = (performance.now() - startedAt) / 1_000
  const { integratedLufs, truePeakDbtp } = typeof made === 'function' ? await made() : made
  const cpuS = (userCPUTime + systemCPUTime) / 1e6
  return { wallS, cpuS, peakRssMb: (maxRSS * 1_024) / 1e6, integratedLufs, truePeakDbtp }
}

process.stdout.write(`${JSON.stringify(await run())}\n`)
