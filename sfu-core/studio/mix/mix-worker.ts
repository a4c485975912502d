import { parentPort, workerData } from 'node:worker_threads'
import { Refusal } from '../../contract/reasons.ts'
import { quietFfmpeg } from '../av/ffmpeg-log.ts'
import { writeTrack } from '../tracks/write-track.ts'
import { measurePart } from './measure-file.ts'
import { measureLevels } from './measure-levels.ts'
import type { FromMixWorker, MixWork, MixWorkerResult, ToMixWorker } from './mix-messages.ts'
import { SpeakerTrack } from './speaker-track.ts'

/** A thread of mixes and exports: everything that decodes, or filters a single speaker. Its messages are worked on one after the other. */
const port = parentPort
if (!port) throw new Error('mix-worker.ts is a worker thread')
/** One number: other than 0 as soon as nobody wants the work any more. */
const cancelled = new Int32Array(workerData as SharedArrayBuffer)
const tracks = new Map<number, SpeakerTrack>()
const tell = (message: FromMixWorker) => port.postMessage(message)

/** @throws Error once nobody wants the work any more: nobody hears of it. */
function checkWanted(): void {
  if (Atomics.load(cancelled, 0) !== 0) throw new Error('not wanted any more')
}

async function work(message: MixWork & { callId: number }): Promise<MixWorkerResult> {
  checkWanted()
  const onProgress = (samples: number) => {
    checkWanted()
    tell({ tell: 'progress', callId: message.callId, samples })
  }
  switch (message.do) {
    case 'levels':
      return { did: 'levels', levels: await measureLevels(message.track, onProgress) }
    case 'track':
      await writeTrack(message.task, onProgress)
      return { did: 'nothing' }
    case 'open':
      tracks.set(message.speaker, new SpeakerTrack(message.task))
      return { did: 'nothing' }
    case 'fill': {
      const planes = message.planes.map((plane) => new Float32Array(plane))
      tracks.get(message.speaker)?.read(planes, message.count)
      return { did: 'nothing' }
    }
    case 'close':
      tracks.get(message.speaker)?.close()
      tracks.delete(message.speaker)
      return { did: 'nothing' }
    case 'measure':
      return { did: 'measure', part: await measurePart(message.file, message.range, onProgress) }
  }
}

/** The thread ends by itself when it has nothing to wait for. */
function end(): void {
  for (const track of tracks.values()) track.close()
  port?.close()
}

async function answer(message: ToMixWorker): Promise<void> {
  if (message.do === 'end') return end()
  try {
    tell({ tell: 'done', callId: message.callId, result: await work(message) })
  } catch (error) {
    const code = error instanceof Refusal ? error.code : 'render-failed'
    const detail = error instanceof Error ? error.message : String(error)
    tell({ tell: 'failed', callId: message.callId, code, detail })
  }
}

quietFfmpeg()
let last = Promise.resolve()
port.on('message', (message: ToMixWorker) => {
  last = last.then(() => answer(message))
})
