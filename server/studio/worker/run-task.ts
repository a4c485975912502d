import path from 'node:path'
import type { TakeReport } from '../../../sfu-core/contract/take-report.ts'
import {
  assembleTake,
  measureTracks,
  probeSound,
  renderMix,
  renderTracks,
  type StudioJobOptions,
} from '../../../sfu-core/studio/index.ts'
import type { StudioOutcome, StudioTask } from '../worker-messages.ts'
import { isDiskFull } from './disk-full.ts'
import { flushFolder } from './flush-folder.ts'

/** What no meter tells: silence has no loudness (ITU-R BS.1770: the gate leaves nothing), and JSON has no infinity. */
const SILENCE_DB = -120

/** Of the time that an assembly takes; the rest is measuring what came of it. */
const ASSEMBLING_SHARE = 0.75

/** @throws Refusal, the signal's reason, or what FFmpeg and the file system say. */
export async function runTask(task: StudioTask, options: StudioJobOptions): Promise<StudioOutcome> {
  switch (task.kind) {
    case 'assemble': {
      const { kind, ...input } = task
      const report = await assembleTake(input, part(options, 0, ASSEMBLING_SHARE))
      await measure(report, input.outFolder, part(options, ASSEMBLING_SHARE, 1))
      await flushFolder(input.outFolder)
      return { kind, report }
    }
    case 'mix': {
      const { kind, range, title, ...input } = task
      const facts = await renderMix({ ...input, ...(range === null ? {} : { range }), tags: { title } }, options)
      await flushFolder(path.dirname(input.outFile))
      const { integratedLufs, truePeakDbtp, lengthMs } = facts
      return { kind, facts: { integratedLufs: finite(integratedLufs), truePeakDbtp: finite(truePeakDbtp), lengthMs } }
    }
    case 'tracks': {
      const { kind, ...input } = task
      await renderTracks(input, options)
      await flushFolder(input.outFolder)
      return { kind }
    }
    case 'probe': {
      const { kind, file, lengthMaxMs } = task
      const { lengthMs } = await probeSound({ file, lengthMaxMs }, options)
      return { kind, lengthMs }
    }
  }
}

/** So that the first preview begins at once. A mix does it by itself where it was not done. */
async function measure(report: TakeReport, studioFolder: string, options: StudioJobOptions): Promise<void> {
  try {
    await measureTracks({ report, studioFolder }, options)
  } catch (error) {
    if (options.signal.aborted || isDiskFull(error)) throw error
  }
}

function part({ onProgress, signal }: StudioJobOptions, from: number, to: number): StudioJobOptions {
  return { signal, onProgress: ({ step, progress }) => onProgress({ step, progress: from + progress * (to - from) }) }
}

function finite(levelDb: number): number {
  return Number.isFinite(levelDb) ? levelDb : SILENCE_DB
}
