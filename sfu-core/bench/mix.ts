/** `node mix.ts make|ours|preview|peer FOLDER SECONDS [FORMAT]`: a take, or a mix of it; what it cost as JSON (npm run bench -- mix shows it). */
import path from 'node:path'
import { NO_EDITS } from '../contract/edits.ts'
import { participantIdSchema, takeIdSchema } from '../contract/ids.ts'
import { type ExportFormat, exportFormatSchema } from '../contract/render.ts'
import type { TakeReport } from '../contract/take-report.ts'
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

async function mixByPeer(folder: string, format: ExportFormat) {
  const file = path.join(folder, `peer.${FILE_EXTENSIONS[format]}`)
  mixByFfmpeg(folder, file, format)
  const end = Number.POSITIVE_INFINITY
  const { blocks, truePeak } = await measurePart(file, { from: 0, to: end })
  return { integratedLufs: gatedLufs(blocks), truePeakDbtp: 20 * Math.log10(truePeak) }
}

const PREVIEW_MS = 30_000

async function run(): Promise<MixCost | null> {
  const [, , what = '', folder = '', seconds = '', wanted] = process.argv
  const lengthS = Number(seconds)
  const format = exportFormatSchema.catch('flac').parse(wanted)
  const startedAt = performance.now()
  const works: Record<string, () => Promise<{ integratedLufs: number; truePeakDbtp: number } | null>> = {
    make: async () => {
      makeMixTake(folder, lengthS)
      return null
    },
    ours: () => mix(folder, lengthS, { format }),
    preview: () =>
      mix(folder, lengthS, {
        format,
        range: { fromMs: (lengthS * 1_000) / 2, toMs: (lengthS * 1_000) / 2 + PREVIEW_MS },
      }),
    peer: () => mixByPeer(folder, format),
  }
  const facts = await works[what]?.()
  if (!facts) return null
  const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage()
  return {
    wallS: (performance.now() - startedAt) / 1_000,
    cpuS: (userCPUTime + systemCPUTime) / 1e6,
    peakRssMb: (maxRSS * 1_024) / 1e6,
    integratedLufs: facts.integratedLufs,
    truePeakDbtp: facts.truePeakDbtp,
  }
}

process.stdout.write(`${JSON.stringify(await run())}\n`)
