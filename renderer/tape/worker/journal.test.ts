import { describe, expect, it } from 'vitest'
import { type JournalWords, readJournal, samplesRecord, wordsRecord } from './journal.ts'
import { samplesAt } from './test/sounds.ts'

const CHUNK: JournalWords = { type: 'chunk', index: 3, firstSample: 576_000, channels: 1 }

function joined(...records: Uint8Array[]): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(records.flatMap((record) => [...record]))
}

describe('a journal', () => {
  const whole = joined(
    wordsRecord(CHUNK),
    samplesRecord(samplesAt(0, 480)),
    wordsRecord({ type: 'mark', mark: [480, 12.5] }),
    wordsRecord({ type: 'sync', sync: { monotonicMs: 1, takeMs: 2, roundTripMs: 3 } }),
    samplesRecord(samplesAt(480, 480)),
    wordsRecord({ type: 'note', note: { sample: 480, cause: 'stalled' } }),
  )

  it('is read as it was written', () => {
    const content = readJournal(whole)
    expect(content).toMatchObject({ index: 3, firstSample: 576_000, channels: 1 })
    expect(content?.samples).toEqual(samplesAt(0, 960))
    expect(content?.marks).toEqual([[480, 12.5]])
    expect(content?.syncs).toEqual([{ monotonicMs: 1, takeMs: 2, roundTripMs: 3 }])
    expect(content?.notes).toEqual([{ sample: 480, cause: 'stalled' }])
  })

  it('that ends anywhere keeps every record before that place', () => {
    const first = joined(wordsRecord(CHUNK), samplesRecord(samplesAt(0, 480)))
    for (let length = 0; length < whole.length; length += 1) {
      const content = readJournal(whole.subarray(0, length))
      if (length >= first.length) expect(content?.samples.length).toBeGreaterThanOrEqual(480)
    }
    expect(readJournal(whole.subarray(0, whole.length - 1))?.samples).toEqual(samplesAt(0, 960))
  })

  it('ends at a record that a power cut left as zeros or as garbage', () => {
    const damagedAt = wordsRecord(CHUNK).length + samplesRecord(samplesAt(0, 480)).length
    for (const value of [0, 0xff, 0x5a]) {
      const damaged = whole.slice().fill(value, damagedAt)
      expect(readJournal(damaged)?.samples).toEqual(samplesAt(0, 480))
    }
  })

  it('without its beginning is nothing', () => {
    expect(readJournal(new Uint8Array())).toBeNull()
    expect(readJournal(samplesRecord(samplesAt(0, 10)))).toBeNull()
    expect(readJournal(whole.slice().fill(0))).toBeNull()
  })

  it('that begins in the middle of a larger buffer is read as well', () => {
    const shifted = new Uint8Array(whole.length + 3)
    shifted.set(whole, 3)
    expect(readJournal(shifted.subarray(3))?.samples).toEqual(samplesAt(0, 960))
  })
})
