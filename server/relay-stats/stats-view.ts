/**
 * What the stats page shows, made from two samples of a node. Of people there are numbers only: the relay's owner is told how
 * well sound travels, not who is there.
 */

/** A link as sfu-core's LinkDump has it, as far as it is shown. */
export interface LinkSample {
  id: string
  state: string
  roundTripMs: number | null
  down: { lossFraction: number; jitterMs: number | null; wantsRed: boolean }
  up: { packets: number; lost: number; jitterMs: number } | null
  counters: { datagramsIn: number; bytesIn: number; datagramsOut: number; bytesOut: number; retransmitted: number }
}

export interface TransportSample {
  datagrams: number
  strays: number
  floodsRefused: number
  handshakesUnderWay: number
  handshakesFailed: number
  perLink: readonly LinkSample[]
}

export interface RoomSample {
  roomId: string
  participants: number
  recording: unknown
  forwarder: {
    slots: readonly { speakerNumber: number | null }[]
    uplinks: readonly { participantNumber: number; onStage: boolean }[]
    downlinks: readonly { participantNumber: number; linkId: string | null }[]
  }
}

export interface EventLoopDelay {
  p50Ms: number
  p99Ms: number
  maxMs: number
}

export interface NodeSample {
  /** Monotonic. */
  atMs: number
  uptimeMs: number
  node: { line: { state: string }; usage: { cpuUs: number; residentBytes: number }; rooms: readonly RoomSample[] }
  /** One per thread. */
  transports: readonly TransportSample[]
  eventLoopDelay: EventLoopDelay
}

/** Per second, since the sample before. */
interface Traffic {
  packetsInPerS: number
  packetsOutPerS: number
  bitsInPerS: number
  bitsOutPerS: number
}

export interface ParticipantView {
  number: number
  onStage: boolean
  speaking: boolean
  state: string
  roundTripMs: number | null
  /** Null before the first report. */
  lossDown: number | null
  jitterDownMs: number | null
  /** Null without a microphone. Since the beginning. */
  lossUp: number | null
  jitterUpMs: number | null
  sentRed: boolean
  retransmitted: number
  /** Null in the first sample. */
  traffic: Traffic | null
}

export interface RoomView {
  /** The beginning of the room's id: enough to tell rooms apart in the log. */
  id: string
  people: number
  recording: boolean
  participants: ParticipantView[]
  /** Participants beyond MAX_ROWS. */
  notShown: number
}

export interface StatsView {
  line: string
  uptimeMs: number
  people: number
  /** Of one core, 0 to 1 and above; null in the first sample. */
  cpuShare: number | null
  residentBytes: number
  traffic: Traffic | null
  eventLoopDelay: EventLoopDelay
  threads: number
  strays: number
  floodsRefused: number
  handshakesUnderWay: number
  handshakesFailed: number
  rooms: RoomView[]
}

const ROOM_ID_CHARS = 8
/** Rows of one room: those on stage, then those whose sound travels worst. A browser redraws them each second. */
const MAX_ROWS = 100

/** @param before null: there are no rates yet. */
export function statsView(before: NodeSample | null, now: NodeSample): StatsView {
  const links = linksOf(now)
  const linksBefore = before && linksOf(before)
  const elapsedS = before ? (now.atMs - before.atMs) / 1000 : 0
  const trafficOf = (link: LinkSample) =>
    linksBefore && elapsedS > 0 ? traffic(linksBefore.get(link.id) ?? null, link, elapsedS) : null
  const rooms = now.node.rooms.map((room) => roomView(room, links, trafficOf))
  const { residentBytes, cpuUs } = now.node.usage
  return {
    line: now.node.line.state,
    uptimeMs: now.uptimeMs,
    people: now.node.rooms.reduce((people, room) => people + room.participants, 0),
    cpuShare: before && elapsedS > 0 ? (cpuUs - before.node.usage.cpuUs) / 1e6 / elapsedS : null,
    residentBytes,
    traffic: linksBefore && sumOf([...links.values()].map(trafficOf)),
    eventLoopDelay: now.eventLoopDelay,
    threads: now.transports.length,
    strays: total(now, 'strays'),
    floodsRefused: total(now, 'floodsRefused'),
    handshakesUnderWay: total(now, 'handshakesUnderWay'),
    handshakesFailed: total(now, 'handshakesFailed'),
    rooms,
  }
}

function linksOf(sample: NodeSample): Map<string, LinkSample> {
  return new Map(sample.transports.flatMap(({ perLink }) => perLink).map((link) => [link.id, link]))
}

function total(
  sample: NodeSample,
  name: 'strays' | 'floodsRefused' | 'handshakesUnderWay' | 'handshakesFailed',
): number {
  return sample.transports.reduce((sum, transport) => sum + transport[name], 0)
}

/** A link that was not there before began at zero. */
function traffic(before: LinkSample | null, now: LinkSample, elapsedS: number): Traffic {
  const perS = (name: 'datagramsIn' | 'datagramsOut' | 'bytesIn' | 'bytesOut') =>
    Math.max(0, now.counters[name] - (before?.counters[name] ?? 0)) / elapsedS
  return {
    packetsInPerS: perS('datagramsIn'),
    packetsOutPerS: perS('datagramsOut'),
    bitsInPerS: perS('bytesIn') * 8,
    bitsOutPerS: perS('bytesOut') * 8,
  }
}

function sumOf(parts: readonly (Traffic | null)[]): Traffic {
  const sum = { packetsInPerS: 0, packetsOutPerS: 0, bitsInPerS: 0, bitsOutPerS: 0 }
  for (const part of parts) {
    sum.packetsInPerS += part?.packetsInPerS ?? 0
    sum.packetsOutPerS += part?.packetsOutPerS ?? 0
    sum.bitsInPerS += part?.bitsInPerS ?? 0
    sum.bitsOutPerS += part?.bitsOutPerS ?? 0
  }
  return sum
}

function roomView(
  room: RoomSample,
  links: ReadonlyMap<string, LinkSample>,
  trafficOf: (link: LinkSample) => Traffic | null,
): RoomView {
  const { slots, uplinks, downlinks } = room.forwarder
  const onStage = new Set(uplinks.filter((uplink) => uplink.onStage).map((uplink) => uplink.participantNumber))
  const speaking = new Set(slots.map((slot) => slot.speakerNumber))
  const participants = downlinks
    .map(({ participantNumber: number, linkId }) => {
      const link = linkId === null ? undefined : links.get(linkId)
      const place = { number, onStage: onStage.has(number), speaking: speaking.has(number) }
      return participantView(place, link, link ? trafficOf(link) : null)
    })
    .sort(byInterest)
  return {
    id: room.roomId.slice(0, ROOM_ID_CHARS),
    people: room.participants,
    recording: room.recording !== null,
    participants: participants.slice(0, MAX_ROWS),
    notShown: Math.max(0, participants.length - MAX_ROWS),
  }
}

type Place = Pick<ParticipantView, 'number' | 'onStage' | 'speaking'>

function participantView(place: Place, link: LinkSample | undefined, rates: Traffic | null): ParticipantView {
  const up = link?.up ?? null
  return {
    ...place,
    state: link?.state ?? 'unknown',
    roundTripMs: link?.roundTripMs ?? null,
    lossDown: link && link.down.jitterMs !== null ? link.down.lossFraction : null,
    jitterDownMs: link?.down.jitterMs ?? null,
    lossUp: up && up.packets + up.lost > 0 ? up.lost / (up.packets + up.lost) : null,
    jitterUpMs: up?.jitterMs ?? null,
    sentRed: link?.down.wantsRed ?? false,
    retransmitted: link?.counters.retransmitted ?? 0,
    traffic: rates,
  }
}

function byInterest(a: ParticipantView, b: ParticipantView): number {
  const lossOf = (participant: ParticipantView) => Math.max(participant.lossDown ?? 0, participant.lossUp ?? 0)
  return Number(b.onStage) - Number(a.onStage) || lossOf(b) - lossOf(a) || a.number - b.number
}
