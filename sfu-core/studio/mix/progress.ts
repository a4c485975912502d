import type { StudioJobOptions, StudioProgress } from '../studio-job.ts'

/** Smaller steps are not told. */
const STEP = 0.005

/** Progress that never goes back, and is told some two hundred times at most. */
export class Progress {
  readonly #tell: StudioJobOptions['onProgress']
  #told = -1
  #step: StudioProgress['step'] | null = null

  constructor(onProgress: StudioJobOptions['onProgress']) {
    this.#tell = onProgress
  }

  /** Something of the step: `done` of the job, 0 to 1. */
  at(step: StudioProgress['step'], done: number): void {
    const progress = Math.min(1, Math.max(done, this.#told, 0))
    if (step === this.#step && progress < this.#told + STEP && progress < 1) return
    if (step === this.#step && progress === this.#told) return
    this.#told = progress
    this.#step = step
    this.#tell({ step, progress })
  }

  /** For a stretch of the job: takes its own progress, 0 to 1. */
  part(step: StudioProgress['step'], from: number, to: number): (done: number) => void {
    return (done) => this.at(step, from + (to - from) * done)
  }
}
