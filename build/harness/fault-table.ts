import type { TakeGap } from '../../sfu-core/contract/take-report.ts'
import type { TapeVerdict } from './tape-verdict.ts'

/** Faults and what came of them, as ARCHITECTURE.md has it. */
export class FaultTable {
  readonly #lines = ['| fault | captured and lost | not captured, by the report | |', '|---|---|---|---|']

  /** `lostSamples`: where not all between the first and the last sample of a tape was captured. */
  add(
    fault: string,
    { gaps, lostInTapes }: Pick<TapeVerdict, 'gaps' | 'lostInTapes'>,
    { note, lostSamples = lostInTapes }: { note: string; lostSamples?: number },
  ): void {
    this.#lines.push(`| ${fault} | ${lostSamples} samples | ${gapText(gaps)} | ${note} |`)
  }

  get text(): string {
    return this.#lines.join('\n')
  }
}

function gapText(gaps: readonly TakeGap[]): string {
  if (gaps.length === 0) return 'nothing'
  return gaps
    .map(
      ({ fromMs, toMs, cause, filledFrom }) => `${Math.round(toMs - fromMs)} ms: ${cause}, filled from ${filledFrom}`,
    )
    .join('; ')
}
