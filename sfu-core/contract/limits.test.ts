import { expect, test } from 'vitest'
import * as limits from './limits.ts'

test('every limit is a positive whole number, and its name ends in its unit or says what it counts', () => {
  for (const [name, value] of Object.entries(limits)) {
    expect(Number.isSafeInteger(value) && value > 0, name).toBe(true)
    expect(name).toMatch(
      /_(MS|S|BYTES|CHARS|PEOPLE|PARTICIPANTS|ROOMS|REQUESTS|LINES|CALLS|MB|COUNT|KEPT|PER_MINUTE|PER_10_S)$/,
    )
  }
})

test('an offer fits a message with its envelope, also when JSON escapes its line ends', () => {
  expect(limits.SDP_MAX_BYTES * 2).toBeLessThan(limits.MESSAGE_MAX_BYTES)
})

test('a description fits a message, however it is escaped', () => {
  expect(limits.DESCRIPTION_MAX_CHARS * 6).toBeLessThan(limits.MESSAGE_MAX_BYTES)
})

test('the stage is a small part of the room and has more places than slots', () => {
  expect(limits.STAGE_MAX_PEOPLE).toBeLessThan(limits.ROOM_MAX_PARTICIPANTS)
  expect(limits.SLOT_COUNT).toBeLessThan(limits.STAGE_MAX_PEOPLE)
})

test('a room token outlives a slow join, and the tolerance does not make it immortal', () => {
  expect(limits.ROOM_TOKEN_TTL_S * 1000).toBeGreaterThan(2 * limits.NODE_ANSWER_TIMEOUT_MS)
  expect(limits.TOKEN_CLOCK_TOLERANCE_S).toBeLessThan(limits.ROOM_TOKEN_TTL_S)
})

test('seat tokens outlive the seats that nodes keep', () => {
  expect(limits.SEAT_TOKEN_TTL_S * 1000).toBeGreaterThan(limits.SEAT_GRACE_MS)
})

test('a lost heartbeat is no lost node, and a room hears of a lost node within 5 s', () => {
  expect(limits.NODE_SILENCE_MS).toBeGreaterThan(2 * limits.HEARTBEAT_INTERVAL_MS)
  expect(limits.NODE_SILENCE_MS + limits.HEARTBEAT_INTERVAL_MS).toBeLessThan(5_000)
})

test('a seat outlives the loss of its node and its restart', () => {
  expect(limits.SEAT_GRACE_MS).toBeGreaterThan(limits.NODE_SILENCE_MS + limits.NODE_ANSWER_TIMEOUT_MS)
})
