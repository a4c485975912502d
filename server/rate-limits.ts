import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible'
import {
  ACTIONS_PER_SEAT_PER_10_S,
  CANDIDATES_MAX_CALLS,
  JOINS_PER_ADDRESS_PER_MINUTE,
} from '../sfu-core/contract/limits.ts'
import {
  CALLS_PER_CONNECTION_PER_10_S,
  CALLS_PER_DESKTOP_NODE_PER_10_S,
  CONNECTIONS_PER_ADDRESS_PER_MINUTE,
  ENROLMENTS_PER_PERSON_PER_HOUR,
  ROOMS_CREATED_PER_PERSON_PER_HOUR,
  TAPE_BAD_TOKENS_PER_ADDRESS_PER_MINUTE,
  TAPE_CHUNKS_PER_TAPE_PER_10_S,
  TAPE_CLOCKS_PER_TAPE_PER_10_S,
} from './limits.ts'
import { RateRefusal } from './refusals.ts'

/** Counts calls and refuses too many. Each `take` throws RateRefusal with the time to wait. */
export interface RateLimits {
  /** By address. */
  join(address: string): Promise<void>
  /** By address. An offer follows each join; a try again adds one. */
  offer(address: string): Promise<void>
  /** By address. A few follow each offer. */
  candidates(address: string): Promise<void>
  /** By participant. */
  act(participantId: string): Promise<void>
  /** By account. */
  createRoom(userId: string): Promise<void>
  /** By account. */
  enrol(userId: string): Promise<void>
  /** By node. */
  nodeCall(nodeId: string): Promise<void>
  /** By WebSocket. */
  call(connectionId: string): Promise<void>
  /** By address. */
  connect(address: string): Promise<void>
  /** By tape. */
  tapeChunk(tapeId: string): Promise<void>
  /** By tape. */
  tapeClock(tapeId: string): Promise<void>
  /** By address: uploads whose token is none. */
  badTapeToken(address: string): Promise<void>
}

export function createRateLimits(): RateLimits {
  const join = limiter(JOINS_PER_ADDRESS_PER_MINUTE, 60)
  const offer = limiter(JOINS_PER_ADDRESS_PER_MINUTE * 2, 60)
  const candidates = limiter(JOINS_PER_ADDRESS_PER_MINUTE * 2 * CANDIDATES_MAX_CALLS, 60)
  const act = limiter(ACTIONS_PER_SEAT_PER_10_S, 10)
  const createRoom = limiter(ROOMS_CREATED_PER_PERSON_PER_HOUR, 3600)
  const enrol = limiter(ENROLMENTS_PER_PERSON_PER_HOUR, 3600)
  const nodeCall = limiter(CALLS_PER_DESKTOP_NODE_PER_10_S, 10)
  const call = limiter(CALLS_PER_CONNECTION_PER_10_S, 10)
  const tapeChunk = limiter(TAPE_CHUNKS_PER_TAPE_PER_10_S, 10)
  const tapeClock = limiter(TAPE_CLOCKS_PER_TAPE_PER_10_S, 10)
  const badTapeToken = limiter(TAPE_BAD_TOKENS_PER_ADDRESS_PER_MINUTE, 60)
  const connect = limiter(CONNECTIONS_PER_ADDRESS_PER_MINUTE, 60)
  return {
    join: (address) => take(join, addressKey(address), 'Too many people join from this address.'),
    offer: (address) => take(offer, addressKey(address), 'Too many people join from this address.'),
    candidates: (address) => take(candidates, addressKey(address), 'Too many people join from this address.'),
    act: (participantId) => take(act, participantId, 'Too many actions at once.'),
    createRoom: (userId) => take(createRoom, userId, 'Too many rooms created in an hour.'),
    enrol: (userId) => take(enrol, userId, 'Too many computers enrolled in an hour.'),
    nodeCall: (nodeId) => take(nodeCall, nodeId, 'Too many calls of one computer at once.'),
    call: (connectionId) => take(call, connectionId, 'Too many calls at once.'),
    connect: (address) => take(connect, addressKey(address), 'Too many connections from this address.'),
    tapeChunk: (tapeId) => take(tapeChunk, tapeId, 'Too many chunks of one tape at once.'),
    tapeClock: (tapeId) => take(tapeClock, tapeId, 'The clock is asked too often.'),
    badTapeToken: (address) => take(badTapeToken, addressKey(address), 'Too many uploads without a right to it.'),
  }
}

function limiter(points: number, durationS: number): RateLimiterMemory {
  return new RateLimiterMemory({ points, duration: durationS })
}

async function take(from: RateLimiterMemory, key: string, message: string): Promise<void> {
  try {
    await from.consume(key)
  } catch (error) {
    if (error instanceof RateLimiterRes) throw new RateRefusal(error.msBeforeNext, message)
    throw error
  }
}

/** One household has one IPv4 address, or one /64 network of IPv6 (RFC 6177). */
export function addressKey(address: string): string {
  const plain = address.replace(/^::ffff:(?=\d+\.)/i, '')
  if (!plain.includes(':')) return plain
  const [head = '', tail] = plain.split('%')[0]?.split('::') ?? []
  const groups = head === '' ? [] : head.split(':')
  const after = tail === undefined || tail === '' ? [] : tail.split(':')
  const zeros = tail === undefined ? 0 : Math.max(0, 8 - groups.length - after.length)
  const whole = [...groups, ...Array.from({ length: zeros }, () => '0'), ...after]
  return `${whole
    .slice(0, 4)
    .map((group) => Number.parseInt(group, 16).toString(16))
    .join(':')}::/64`
}
