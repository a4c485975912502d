import path from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { AV_LOG_INFO, AVERROR_EOF } from 'node-av/constants'
import { FFmpegError, FilterGraph, Frame, Log } from 'node-av/lib'
import type { ExportFormat } from '../contract/render.ts'
import { copyFrame } from '../studio/av/frame-samples.ts'
import { createBlock } from '../studio/av/sound-block.ts'
import { SoundWriter } from '../studio/av/sound-writer.ts'
import { encodingOf } from '../studio/encode/formats.ts'
import { SPEAKERS } from './mix-take.ts'

/** The same job by FFmpeg's own filters, as one finds it in recipes: cleaned, levelled, summed, and loudnorm in two passes. */

const TARGET = 'I=-16:TP=-1:LRA=11'

interface Measured {
  input_i: string
  input_tp: string
  input_lra: string
  input_thresh: string
  target_offset: string
}

function graphText(folder: string, loudnorm: string): string {
  const speakers = SPEAKERS.map((name, i) => {
    const file = path.join(folder, `${name}.flac`)
    return `amovie=${file},highpass=f=80,afftdn=nr=10:nf=-55,dynaudnorm[v${i}]`
  })
  const inputs = SPEAKERS.map((_, i) => `[v${i}]`).join('')
  const end = 'aresample=48000,aformat=sample_fmts=fltp:channel_layouts=stereo,abuffersink@out'
  return [...speakers, `${inputs}amix=inputs=${SPEAKERS.length}:normalize=0,${loudnorm},${end}`].join(';')
}

/** The log's words are all there long before. */
const WORDS_TURNS_COUNT = 100

async function turns(count: number): Promise<void> {
  for (let i = 0; i < count; i++) await setImmediate()
}

/** Runs a graph to its end; what FFmpeg says meanwhile is collected. */
async function run(text: string, onFrame: (frame: Frame) => void): Promise<string> {
  const said: string[] = []
  Log.setLevel(AV_LOG_INFO)
  Log.setCallback((_level, message) => said.push(message))
  const graph = new FilterGraph()
  graph.alloc()
  graph.nbThreads = 2
  FFmpegError.throwIfError(graph.parsePtr(text), 'graph')
  FFmpegError.throwIfError(graph.configSync(), 'graph')
  const sink = graph.filters?.find(({ filter }) => filter?.name === 'abuffersink')
  if (!sink) throw new Error('the graph has no end')
  const frame = new Frame()
  frame.alloc()
  for (;;) {
    const result = sink.buffersinkGetFrameSync(frame)
    if (result === AVERROR_EOF) break
    FFmpegError.throwIfError(result, 'graph')
    onFrame(frame)
    frame.unref()
  }
  frame.free()
  graph.free()
  // loudnorm speaks as it is freed, and its words come as events.
  await turns(WORDS_TURNS_COUNT)
  Log.resetCallback()
  return said.join('')
}

export async function mixByFfmpeg(folder: string, outFile: string, format: ExportFormat): Promise<void> {
  const said = await run(graphText(folder, `loudnorm=${TARGET}:print_format=json`), () => undefined)
  const json = said.slice(said.lastIndexOf('{'), said.lastIndexOf('}') + 1)
  const { input_i, input_tp, input_lra, input_thresh, target_offset } = JSON.parse(json) as Measured
  const measured = `measured_I=${input_i}:measured_TP=${input_tp}:measured_LRA=${input_lra}:measured_thresh=${input_thresh}:offset=${target_offset}`
  using writer = new SoundWriter({ file: outFile, encoding: encodingOf(format, 2), channels: 2 })
  await run(graphText(folder, `loudnorm=${TARGET}:${measured}:linear=true`), (frame) => {
    const block = createBlock(2, frame.nbSamples)
    copyFrame(frame, block, { from: 0, count: frame.nbSamples, to: 0 })
    writer.write(block)
  })
  writer.finish()
}
