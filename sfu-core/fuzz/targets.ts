import { systemClock } from '../clock.ts'
import { Refusal } from '../contract/reasons.ts'
import { OpusFrames, splitOpusPacket } from '../opus/frames.ts'
import { Repacketizer } from '../opus/repacketize.ts'
import type { Random } from '../test/random.ts'
import { HandshakeFailure } from '../transport/dtls/alerts.ts'
import { agree } from '../transport/dtls/client-hello.ts'
import { createDtlsCertificate } from '../transport/dtls/dtls-certificate.ts'
import { DtlsClient } from '../transport/dtls/dtls-client.ts'
import { createDtlsSession } from '../transport/dtls/dtls-session.ts'
import { HandshakeQueue } from '../transport/dtls/handshake-queue.ts'
import { parseCandidate } from '../transport/ice/remote-candidates.ts'
import { bindingError, bindingSuccess, checkRequest, integrityMatches, parseStun } from '../transport/ice/stun.ts'
import { stunKey } from '../transport/ice/stun-integrity.ts'
import { buildRed } from '../transport/rtp/red.ts'
import { RedReceiver } from '../transport/rtp/red-receiver.ts'
import { type RtcpVisitor, readRtcp, writeCompoundReport } from '../transport/rtp/rtcp.ts'
import { parseRtpHeader, payloadOf, readAudioLevel } from '../transport/rtp/rtp.ts'
import { parseOffer } from '../transport/sdp/offer.ts'
import { CHROMIUM_NACK_OFFER, CHROMIUM_OFFER, FIREFOX_OFFER } from '../transport/sdp/offers.fixture.ts'
import { SRTP_PROFILE } from '../transport/srtp/profile.ts'
import { SrtpReceiver } from '../transport/srtp/receiver.ts'
import { keysOf, plainSender } from '../transport/srtp/srtp.fixture.ts'

/** Something that strangers' bytes reach. */
export interface FuzzTarget {
  name: string
  /** Good input, to be broken. */
  samples: readonly Buffer[]
  /** Relative: how many of all cases it gets. */
  weight: number
  /** Takes one input. Throwing is a finding. */
  run(bytes: Buffer): void
}

function holds(condition: boolean, what: string): void {
  if (!condition) throw new Error(what)
}

export async function createTargets(random: Random): Promise<FuzzTarget[]> {
  return [stun(), rtp(), rtcp(), red(), opus(), sdp(), candidate(), srtp(random), await clientHello(), await dtls()]
}

const ADDRESS = { address: '192.0.2.7', port: 4_000 }
const ADDRESS_6 = { address: '2001:db8::7', port: 4_000 }

function stun(): FuzzTarget {
  const key = stunKey('a password of a peer')
  const reply = { transactionId: Buffer.alloc(12, 7), key }
  const request = checkRequest({ ...reply, username: Buffer.from('abcd:efgh'), tieBreaker: Buffer.alloc(8, 1) })
  const samples = [
    request,
    bindingSuccess(reply, ADDRESS),
    bindingSuccess(reply, ADDRESS_6),
    bindingError(reply, 487, 'x'),
  ]
  return {
    name: 'STUN (RFC 8489)',
    samples,
    weight: 4,
    run(bytes) {
      const message = parseStun(bytes)
      if (message && integrityMatches(message, key)) {
        // A signature covers all before it; what is behind it may differ.
        holds(
          samples.some((sample) => bytes.subarray(4, 20).equals(sample.subarray(4, 20))),
          'a forged message was believed',
        )
      }
    },
  }
}

function rtp(): FuzzTarget {
  const oneByte = Buffer.from('906f0001000003c000000001bede00011091000000f8010203', 'hex')
  const twoByte = Buffer.from('b1ef0001000003c00000000100000009100000020101910000f8010203000003', 'hex')
  return {
    name: 'RTP (RFC 3550, RFC 8285)',
    samples: [oneByte, twoByte],
    weight: 4,
    run(bytes) {
      const header = parseRtpHeader(bytes)
      if (!header) return
      holds(header.headerBytes <= bytes.length, 'a header longer than its packet')
      const level = readAudioLevel(bytes, header, 1)
      holds(level === null || (level >= 0 && level <= 127), 'an impossible level')
      holds((payloadOf(bytes, header)?.length ?? 0) <= bytes.length - header.headerBytes, 'a payload beyond its packet')
    },
  }
}

function rtcp(): FuzzTarget {
  const block = {
    ssrc: 5,
    fractionLost: 3,
    cumulativeLost: -2,
    extendedHighestSequence: 70_000,
    jitter: 9,
    lastSenderReport: 1,
    delaySinceLastSenderReport: 2,
  }
  const sender = { ssrc: 5, wallClockMs: 1_700_000_000_000, rtpTimestamp: 1, packetCount: 2, octetCount: 3 }
  const report = writeCompoundReport({ reporterSsrc: 5, cname: 'engawa', senders: [sender], blocks: [block, block] })
  const nack = Buffer.from('81cd000300000001000000020001ffff', 'hex')
  const bye = Buffer.from('82cb00020000000100000002', 'hex')
  let named = 0
  const visitor: RtcpVisitor = {
    onSenderReport: () => {},
    onReportBlock: () => {},
    onNack: (_, sequenceNumbers) => {
      named += sequenceNumbers.length
    },
    onBye: () => {},
  }
  return {
    name: 'RTCP (RFC 3550, RFC 4585)',
    samples: [report, Buffer.concat([report, nack, bye]), nack, bye],
    weight: 4,
    run(bytes) {
      named = 0
      readRtcp(bytes, visitor)
      holds(named <= 32 * 256, 'a compound packet asks for everything')
    },
  }
}

function red(): FuzzTarget {
  const parts = { payloadType: 111, primary: Buffer.alloc(20, 1), redundant: Buffer.alloc(30, 2), timestampOffset: 960 }
  const payload = buildRed(parts)
  if (!payload) throw new Error('the sample is not RED')
  let delivered = 0
  const receiver = new RedReceiver({
    opusPayloadType: 111,
    deliver: ({ payload }) => {
      delivered += payload.length
    },
  })
  let sequenceNumber = 0
  return {
    name: 'RED (RFC 2198)',
    samples: [Buffer.from(payload), Buffer.from([111, 1, 2, 3])],
    weight: 4,
    run(bytes) {
      delivered = 0
      sequenceNumber = (sequenceNumber + 1 + (bytes.length % 3)) & 0xffff
      receiver.onRed({ sequenceNumber, timestamp: (sequenceNumber * 960) >>> 0, payload: bytes, levelDbov: 10 })
      holds(delivered <= bytes.length, 'more came out than went in')
    },
  }
}

function opus(): FuzzTarget {
  const frames = new OpusFrames()
  const merged = new Repacketizer()
  const samples = [
    'f8010203',
    'f901020304',
    'fa020102030405',
    'fb8302010102030405',
    'fb43010101020304ff',
    '0bc1050102',
  ].map((digits) => Buffer.from(digits, 'hex'))
  return {
    name: 'Opus (RFC 6716 §3)',
    samples,
    weight: 4,
    run(bytes) {
      if (!splitOpusPacket(bytes, frames)) return
      for (let i = 0; i < frames.count; i++) {
        const end = (frames.offsets[i] ?? 0) + (frames.lengthsBytes[i] ?? 0)
        holds(end <= bytes.length, 'a frame beyond its packet')
      }
      if (!merged.add(bytes, frames)) {
        merged.clear()
        if (!merged.add(bytes, frames)) return
      }
      const written = Uint8Array.from(merged.write())
      const before = frames.count
      holds(splitOpusPacket(written, frames), 'a merged packet that cannot be read')
      holds(frames.count === merged.frameCount && frames.count >= before, 'a merged packet lost frames')
    },
  }
}

function sdp(): FuzzTarget {
  return {
    name: 'SDP offers (RFC 8866, RFC 9429)',
    samples: [CHROMIUM_OFFER, CHROMIUM_NACK_OFFER, FIREFOX_OFFER].map((text) => Buffer.from(text)),
    weight: 1,
    run(bytes) {
      try {
        parseOffer(bytes.toString('latin1'))
      } catch (error) {
        if (!(error instanceof Refusal)) throw error
      }
    },
  }
}

function candidate(): FuzzTarget {
  const lines = [
    'candidate:1 1 udp 2122260223 192.0.2.7 50000 typ host generation 0 ufrag abcd',
    'candidate:2 1 UDP 1686052607 2001:db8::1 50001 typ srflx raddr 0.0.0.0 rport 0',
    'candidate:3 1 tcp 1518280447 10.0.0.1 9 typ host tcptype active',
    'candidate:4 1 udp 1 d3b0.local 50000 typ host',
  ]
  return {
    name: 'ICE candidates (RFC 8839)',
    samples: lines.map((line) => Buffer.from(line)),
    weight: 2,
    run(bytes) {
      const found = parseCandidate(bytes.toString('latin1'), 'abcd')
      holds(found === null || (found.port > 0 && found.port < 65_536), 'a candidate with an impossible port')
    },
  }
}

/** What was changed must not open; so the receiver sees each packet index once, unchanged or not. */
function srtp(random: Random): FuzzTarget {
  const profile = SRTP_PROFILE.aeadAes128Gcm
  const keys = keysOf(random, profile)
  const sender = plainSender(profile, keys, 77)
  const samples = Array.from({ length: 8 }, (_, i) => sender.seal(100 + i, Buffer.alloc(40 + i, i)))
  const receiver = new SrtpReceiver(profile, keys)
  return {
    name: 'SRTP and SRTCP (RFC 3711, RFC 7714)',
    samples,
    weight: 2,
    run(bytes) {
      receiver.peek(bytes)
      const isSample = samples.some((sample) => sample.equals(bytes))
      holds(receiver.unprotectRtp(bytes) === null || isSample, 'a forged packet was opened')
      holds(receiver.unprotectRtcp(bytes) === null, 'a forged report was opened')
    },
  }
}

const HANDSHAKE_BODY_AT = 13 + 12

async function clientHello(): Promise<FuzzTarget> {
  const [hello = Buffer.alloc(0)] = await recordClient()
  return {
    name: 'ClientHello (RFC 5246 §7.4.1.2)',
    samples: [hello.subarray(HANDSHAKE_BODY_AT)],
    weight: 2,
    run(bytes) {
      try {
        agree(bytes, [SRTP_PROFILE.aeadAes128Gcm])
      } catch (error) {
        // The documented answers to a broken ClientHello; the session turns both into its end.
        if (!(error instanceof HandshakeFailure || error instanceof RangeError)) throw error
      }
    },
  }
}

/** A session that gets broken datagrams of a handshake, one after the other, until it ends. */
async function dtls(): Promise<FuzzTarget> {
  const samples = await recordClient()
  const certificate = await createDtlsCertificate()
  const turns: (() => void)[] = []
  const clock = { ...systemClock, after: () => () => {} }
  const open = () =>
    createDtlsSession({
      certificate,
      fingerprints: [{ algorithm: 'sha-256', value: certificate.fingerprint }],
      clock,
      queue: new HandshakeQueue({ clock, defer: (call) => void turns.push(call) }),
      send: () => {},
      onSecured: () => {
        throw new Error('a broken handshake was completed')
      },
      onEnded: () => {},
    })
  let session = open()
  let datagrams = 0
  return {
    name: 'DTLS (RFC 6347)',
    samples,
    weight: 1,
    run(bytes) {
      datagrams += 1
      if (datagrams % 6 === 0) {
        session.close()
        session = open()
      }
      session.onDatagram(bytes)
      while (turns.length > 0) turns.shift()?.()
    },
  }
}

/** What a client sends in a whole handshake. */
async function recordClient(): Promise<Buffer[]> {
  const [ours, theirs] = await Promise.all([createDtlsCertificate(), createDtlsCertificate()])
  const recorded: Buffer[] = []
  const done = Promise.withResolvers<void>()
  const session = createDtlsSession({
    certificate: ours,
    fingerprints: [{ algorithm: 'sha-256', value: theirs.fingerprint }],
    clock: systemClock,
    queue: new HandshakeQueue({ clock: systemClock }),
    send: (datagram) => setImmediate(() => client.onDatagram(datagram)),
    onSecured: () => done.resolve(),
    onEnded: (why) => done.reject(new Error(why)),
  })
  const client = new DtlsClient({
    certificate: theirs,
    fingerprint: ours.fingerprint,
    clock: systemClock,
    srtpProfiles: [SRTP_PROFILE.aeadAes128Gcm],
    send: (datagram) => {
      recorded.push(Buffer.from(datagram))
      setImmediate(() => session.onDatagram(datagram))
    },
    onSecured: () => {},
    onEnded: () => {},
  })
  client.connect()
  await done.promise
  session.close()
  client.close()
  return recorded
}
