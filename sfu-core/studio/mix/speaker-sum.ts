import { createBlock, type SoundBlock } from '../av/sound-block.ts'
import type { MixThreads } from './mix-threads.ts'
import { readSamples } from './segments.ts'
import type { SpeakerTask } from './speaker-track.ts'

const BLOCK_SAMPLES = 48_000
/** Blocks that the threads are ahead of the sum. */
const AHEAD_COUNT = 3

interface Slot {
  shared: SharedArrayBuffer[]
  planes: Float32Array[]
}

interface Speaker {
  index: number
  slots: Slot[]
  /** Of the blocks asked for, in order. */
  pending: Promise<unknown>[]
}

function makeSlot(channels: number): Slot {
  const shared = Array.from({ length: channels }, () => new SharedArrayBuffer(BLOCK_SAMPLES * 4))
  return { shared, planes: shared.map((memory) => new Float32Array(memory)) }
}

/**
 * All speakers in one: each is read and filtered in a thread, all at the same pace. Blocks of a second of the segments, to be spliced yet;
 * a block is the receiver's own. Speakers are in the middle: at a table everybody talks to the listener, in headphones a voice at one side
 * tires, and of a mono loudspeaker's two channels one is often lost. A stereo track keeps its width in a stereo mix.
 *
 * @throws Refusal `render-failed` where a track cannot be read.
 */
export async function* sumOfSpeakers(
  threads: MixThreads,
  tasks: readonly SpeakerTask[],
  channels: number,
): AsyncGenerator<SoundBlock> {
  const speakers = tasks.map((task, index): Speaker => {
    const slots = Array.from({ length: AHEAD_COUNT }, () => makeSlot(task.outChannels))
    return { index, slots, pending: [] }
  })
  const total = readSamples(tasks[0]?.segments ?? [])
  const blocks = Math.ceil(total / BLOCK_SAMPLES)
  const ask = (speaker: Speaker, block: number) => {
    const slot = speaker.slots[block % AHEAD_COUNT] as Slot
    const answer = threads.call(speaker.index, {
      do: 'fill',
      speaker: speaker.index,
      planes: slot.shared,
      count: Math.min(BLOCK_SAMPLES, total - block * BLOCK_SAMPLES),
    })
    // Looked at in its turn; until then a failure must not end the process.
    answer.catch(() => undefined)
    speaker.pending.push(answer)
  }
  await Promise.all(tasks.map((task, speaker) => threads.call(speaker, { do: 'open', speaker, task })))
  for (let block = 0; block < Math.min(AHEAD_COUNT, blocks); block++)
    for (const speaker of speakers) ask(speaker, block)
  for (let block = 0; block < blocks; block++) {
    const sum = createBlock(channels, Math.min(BLOCK_SAMPLES, total - block * BLOCK_SAMPLES))
    for (const speaker of speakers) {
      await speaker.pending.shift()
      addTo(sum, (speaker.slots[block % AHEAD_COUNT] as Slot).planes)
      if (block + AHEAD_COUNT < blocks) ask(speaker, block + AHEAD_COUNT)
    }
    yield sum
  }
  await Promise.all(tasks.map((_, speaker) => threads.call(speaker, { do: 'close', speaker })))
}

function addTo(sum: SoundBlock, planes: SoundBlock): void {
  for (const [channel, samples] of sum.entries()) {
    const plane = planes[channel] ?? (planes[0] as Float32Array)
    for (let i = 0; i < samples.length; i++) samples[i] = (samples[i] as number) + (plane[i] as number)
  }
}
