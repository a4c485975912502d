/** Reads how loud a microphone is. A meter only: nothing is played. */
export interface LevelProbe {
  /** RMS over the last 43 ms (2048 samples at 48 kHz), 0 to 1. */
  level(): number
  /** Idempotent. */
  close(): void
}

const FFT_SIZE = 2_048

/** Opens a meter on a track; it does not own the track. */
export function openLevelProbe(track: MediaStreamTrack): LevelProbe {
  const context = new AudioContext({ latencyHint: 'interactive' })
  const source = context.createMediaStreamSource(new MediaStream([track]))
  const analyser = new AnalyserNode(context, { fftSize: FFT_SIZE, smoothingTimeConstant: 0 })
  source.connect(analyser)
  const samples = new Float32Array(FFT_SIZE)
  // Without a click yet (a reloaded page) the context waits; any later press wakes it.
  const wake = () => void context.resume().catch(() => undefined)
  if (context.state === 'suspended') {
    addEventListener('pointerdown', wake)
    addEventListener('keydown', wake)
  }
  return {
    level: () => {
      if (context.state !== 'running') return 0
      analyser.getFloatTimeDomainData(samples)
      return rms(samples)
    },
    close: () => {
      removeEventListener('pointerdown', wake)
      removeEventListener('keydown', wake)
      if (context.state !== 'closed') void context.close()
    },
  }
}

function rms(samples: Float32Array): number {
  let sum = 0
  for (const sample of samples) sum += sample * sample
  return Math.sqrt(sum / samples.length)
}
