/** One bench's result; with --json it is the last line of output. */
export interface BenchReport {
  bench: string
  rows: Record<string, string | number>[]
  bars: Bar[]
}

/** How a bench is run. `quick`: under a minute, to see that it works; its figures say little. */
export interface BenchOptions {
  quick: boolean
}

/** A figure with its goal. `ok` says whether the goal is met. */
export interface Bar {
  name: string
  value: number
  unit: string
  goal: string
  ok: boolean
}

export function barAtMost(name: string, value: number, { goal, unit }: { goal: number; unit: string }): Bar {
  return { name, value, unit, goal: `<= ${goal}`, ok: value <= goal }
}

export function barAtLeast(name: string, value: number, { goal, unit }: { goal: number; unit: string }): Bar {
  return { name, value, unit, goal: `>= ${goal}`, ok: value >= goal }
}

/** The value below which a share (0 to 1) of the values lie; nearest rank. NaN for none. */
export function percentile(values: number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN
}

export function round(value: number, digits = 1): number {
  return Number(value.toFixed(digits))
}

export function printReport(report: BenchReport, asJson: boolean): void {
  console.log(`\n${report.bench}`)
  console.table(report.rows)
  for (const bar of report.bars) {
    console.log(`${bar.ok ? 'met    ' : 'NOT MET'} ${bar.name}: ${bar.value} ${bar.unit} (goal: ${bar.goal})`)
  }
  if (asJson) console.log(JSON.stringify(report))
}
