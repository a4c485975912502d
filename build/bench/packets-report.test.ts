import { expect, it } from 'vitest'
import { AUDIENCE_PACKET_MS } from '../../sfu-core/contract/media.ts'
import { type PacketsRow, packetsReport } from './packets-report.ts'

const calm = { protection: 'both', concealmentEventsPerMinute: 0, kbps: 50 } as const

/** `far`: what is concealed with 3 % loss from another continent. */
function table(far: number): PacketsRow[] {
  const near = AUDIENCE_PACKET_MS.flatMap((packetMs) =>
    [0, 3].map((lossPercent) => ({
      ...calm,
      packetMs,
      roundTripMs: 0,
      lossPercent,
      concealedPercent: 0,
      jitterBufferMs: packetMs,
    })),
  )
  const [like] = near
  if (!like) throw new Error('no row')
  return [...near, { ...like, packetMs: 60, roundTripMs: 100, lossPercent: 3, concealedPercent: far }]
}

const unmet = (rows: PacketsRow[]) => packetsReport(rows).bars.flatMap(({ ok, value }) => (ok ? [] : [value]))

it('judges the default packets with both protections, near and far', () => {
  expect(unmet(table(1))).toEqual([])
  expect(unmet(table(1.2))).toEqual([1.2])
  const bare = table(5).map((row) => ({ ...row, protection: 'none' }) as const)
  expect(unmet([...bare, ...table(0)])).toEqual([])
})

it("lets the default's jitter buffer be one and a half of the shortest packets' longer, and the packets' own length", () => {
  // 1.5 × 20 ms + (60 - 20) ms
  const withBuffer = (jitterBufferMs: number) =>
    table(0).map((row) => (row.packetMs === 60 && row.lossPercent === 0 ? { ...row, jitterBufferMs } : row))
  expect(unmet(withBuffer(70))).toEqual([])
  expect(unmet(withBuffer(70.4))).toEqual([70.4])
})

it('says so where a row of the bars is missing', () => {
  expect(() => packetsReport(table(0).filter((row) => row.roundTripMs === 0))).toThrow('not measured')
})
