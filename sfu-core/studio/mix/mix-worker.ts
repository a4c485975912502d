import { parentPort } from 'node:worker_threads'
import { Refusal } from '../../contract/reasons.ts'
import { quietFfmpeg } from '../av/ffmpeg-log.ts'
import { writeTrack } from '../tracks/write-track.ts'
import { measurePart } from './measure-file.ts'
import { measureLevels } from './measure-levels.ts'
import type { FromMixWorker, MixWorkerResult, ToMixWorker } from './mix-messages.ts'
import { SpeakerTrack } from './speaker-track.ts'

/** A thread of mixes and exports: everything that decodes, or filters a single speaker. Its messages are worked on one after the other. */
const port = parentPort
if (!port) throw new Error('mix-worker.ts is a worker thread')
const tracks = new Map<number, SpeakerTrack>()
const tell = (message: FromMixWorker) => port.postMessage(message)

async function work(message: ToMixWorker): Promise<MixWorkerResult> {
  const onProgress = (samples: number) => tell({ tell: 'progress', callId: message.callId, samples })
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
      return { did: 'measure', part: await measurePart(message.file, message.range) }
  }
}

async function answer(message: ToMixWorker): Promise<void> {
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
