import { mkdtemp, rm } from 'node:fs/promises'
import { loadavg, tmpdir } from 'node:os'
import path from 'node:path'
import { text } from 'node:stream/consumers'
import { MEDIA_SEMI_SPACE_MB } from '../../sfu-core/contract/limits.ts'
import { repositoryRoot } from '../paths.ts'
import { startChild } from './load/children.ts'
import { type BenchOptions, type BenchReport, barAtLeast, barAtMost, round } from './report.ts'

const LENGTH_S = 3_600
const QUICK_LENGTH_S = 300

/** What sfu-core/bench/mix.ts tells. */
interface MixCost {
  wallS: number
  cpuS: number
  peakRssMb: number
  integratedLufs: number
  truePeakDbtp: number
}

type Work = 'make' | 'ours' | 'preview' | 'peer'
type Format = 'flac' | 'mp3'

interface Run {
  folder: string
  lengthS: number
}

/** In a process of its own, as the studio's jobs are; null for `make`. */
async function run(work: Work, { folder, lengthS }: Run, format: Format): Promise<MixCost | null> {
  const file = path.join(repositoryRoot, 'sfu-core/bench/mix.ts')
  const args = [`--max-semi-space-size=${MEDIA_SEMI_SPACE_MB}`, file, work, folder, String(lengthS), format]
  const child = await startChild(process.execPath, args, { core: null, stdio: ['ignore', 'pipe', 'inherit'] })
  if (!child.stdout) throw new Error('no pipe')
  const said = await text(child.stdout)
  if (said === '') throw new Error(`the mix (${work}) has failed`)
  return JSON.parse(said) as MixCost | null
}

async function costOf(work: Exclude<Work, 'make'>, where: Run, format: Format): Promise<MixCost> {
  const cost = await run(work, where, format)
  if (!cost) throw new Error(`the mix (${work}) has failed`)
  return cost
}

function rowOf(name: string, cost: MixCost, soundS: number): Record<string, string | number> {
  return {
    mix: name,
    'wall s': round(cost.wallS),
    '× real time': round(soundS / cost.wallS),
    'CPU s': round(cost.cpuS),
    'memory MB': round(cost.peakRssMb),
    LUFS: round(cost.integratedLufs, 2),
    dBTP: round(cost.truePeakDbtp, 2),
    'load before': round(loadavg()[0] ?? 0),
  }
}

/**
 * An hour of four speakers (turns, pauses, levels 20 dB apart, noise, bleed) mixed by the studio, tracks never seen before; a preview of 30 s
 * afterwards; and the same hour by FFmpeg's own filters, as in recipes: highpass, afftdn, dynaudnorm, amix, loudnorm in two passes.
 * Wall time needs a machine that does nothing else; `load before` tells whether it did.
 */
export async function benchMix({ quick }: BenchOptions): Promise<BenchReport> {
  const folder = await mkdtemp(path.join(tmpdir(), 'engawa-bench-mix-'))
  const where = { folder, lengthS: quick ? QUICK_LENGTH_S : LENGTH_S }
  try {
    await run('make', where, 'flac')
    const flac = await costOf('ours', where, 'flac')
    const rows = [rowOf('Engawa, FLAC', flac, where.lengthS)]
    // Only now the levels of the tracks are known: as after the assembly of a take.
    const mp3 = await costOf('ours', where, 'mp3')
    rows.push(rowOf('Engawa, MP3, levels known', mp3, where.lengthS))
    const preview = await costOf('preview', where, 'flac')
    rows.push(rowOf('Engawa, preview of 30 s', preview, 30))
    const peer = await costOf('peer', where, 'flac')
    rows.push(rowOf('FFmpeg filters, FLAC', peer, where.lengthS))
    return {
      bench: 'mix',
      rows,
      bars: [
        barAtLeast('an hour of four speakers, FLAC', round(where.lengthS / flac.wallS), {
          goal: 40,
          unit: '× real time',
        }),
        barAtLeast('the same as MP3, levels known', round(where.lengthS / mp3.wallS), {
          goal: 40,
          unit: '× real time',
        }),
        barAtMost('memory', round(Math.max(flac.peakRssMb, mp3.peakRssMb)), { goal: 400, unit: 'MB' }),
        barAtMost('a preview of 30 s', round(preview.wallS, 2), { goal: 3, unit: 's' }),
        barAtMost('wall time beside FFmpeg filters', round(flac.wallS / peer.wallS, 2), { goal: 1, unit: 'ratio' }),
      ],
    }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}
