import type { CaptureFeed } from './messages.ts'
import type { SoundBlock } from './sample-intake.ts'

/** What was on its way when the capture ended has come by then. */
const DRAIN_MS = 30

export interface FeedReader {
  /** Takes what is on its way, then lets go of the source. Idempotent. */
  stop(): Promise<void>
}

export interface FeedListener {
  /** Good until the next one. */
  onBlock(block: SoundBlock): void
  /** Nothing more comes, and nobody wanted that. */
  onFailed(error: unknown): void
}

/** Hands on what a microphone delivers. */
export function readFeed(feed: CaptureFeed, listener: FeedListener): FeedReader {
  switch (feed.kind) {
    case 'frames':
      return readFrames(feed.readable, listener)
    case 'worklet':
      return readWorklet(feed, listener)
  }
}

function readFrames(readable: ReadableStream<AudioData>, { onBlock, onFailed }: FeedListener): FeedReader {
  const reader = readable.getReader()
  let planes: Float32Array<ArrayBuffer>[] = []
  const hand = (frame: AudioData) => {
    const { numberOfChannels, numberOfFrames, sampleRate } = frame
    const fits = planes.length === numberOfChannels && planes[0]?.length === numberOfFrames
    if (!fits) planes = Array.from({ length: numberOfChannels }, () => new Float32Array(numberOfFrames))
    for (const [planeIndex, plane] of planes.entries()) frame.copyTo(plane, { planeIndex, format: 'f32-planar' })
    frame.close()
    onBlock({ planes, lengthSamples: numberOfFrames, rateHz: sampleRate, atMs: performance.now() })
  }
  const readOn = async () => {
    for (;;) {
      const { done, value } = await reader.read()
      if (done) return
      hand(value)
    }
  }
  const ended = readOn().catch(onFailed)
  return {
    stop: async () => {
      await Promise.race([ended, delay(DRAIN_MS)])
      await reader.cancel().catch(() => undefined)
      await ended
    },
  }
}

function readWorklet(
  { port, rateHz }: Extract<CaptureFeed, { kind: 'worklet' }>,
  { onBlock, onFailed }: FeedListener,
): FeedReader {
  port.onmessage = ({ data }: MessageEvent<Float32Array[]>) => {
    try {
      onBlock({ planes: data, lengthSamples: data[0]?.length ?? 0, rateHz, atMs: performance.now() })
    } catch (error) {
      port.close()
      onFailed(error)
    }
  }
  return {
    stop: async () => {
      await delay(DRAIN_MS)
      port.close()
    },
  }
}

function delay(durationMs: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, durationMs))
}
