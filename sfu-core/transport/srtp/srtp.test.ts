import { randomBytes } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { RtpHeader, SrtcpSession, SrtpSession } from 'werift'
import { writeDownlinkHeader } from '../rtp/rtp.ts'
import { SRTP_PROFILE, type SrtpKeys, type SrtpProfile, SrtpReceiver, SrtpSender, srtpSaltBytes } from './srtp.ts'

const HEADER_BYTES = 16
const SSRC = 0x1234_5678

function keysFor(profile: SrtpProfile): SrtpKeys {
  return { masterKey: randomBytes(16), masterSalt: randomBytes(srtpSaltBytes(profile)) }
}

function seal(sender: SrtpSender, index: number, payload: Buffer): Buffer {
  const packet = Buffer.alloc(HEADER_BYTES + payload.length + sender.tagBytes)
  writeDownlinkHeader(packet, {
    payloadType: 111,
    marker: false,
    sequenceNumber: index % 65536,
    timestamp: index * 960,
    ssrc: SSRC,
    csrc: 7,
  })
  sender.protectRtp(packet, HEADER_BYTES, payload, Math.floor(index / 65536))
  return packet
}

describe.each([
  ['AEAD_AES_128_GCM', SRTP_PROFILE.aeadAes128Gcm],
  ['AES_CM_128_HMAC_SHA1_80', SRTP_PROFILE.aesCm128HmacSha1With80],
] as const)('SRTP by %s', (_name, profile) => {
  const keys = keysFor(profile)
  const weriftConfig = {
    profile,
    keys: {
      localMasterKey: keys.masterKey,
      localMasterSalt: keys.masterSalt,
      remoteMasterKey: keys.masterKey,
      remoteMasterSalt: keys.masterSalt,
    },
  }

  it('is read by werift, and reads werift', () => {
    const werift = new SrtpSession(weriftConfig)
    const payload = Buffer.from('twenty milliseconds')
    const sealed = seal(new SrtpSender(profile, keys), 500, payload)
    expect(werift.decrypt(sealed).subarray(HEADER_BYTES).toString()).toBe(payload.toString())
    const header = new RtpHeader({ ssrc: 99, sequenceNumber: 12, timestamp: 5, payloadType: 111 })
    const opened = new SrtpReceiver(profile, keys).unprotectRtp(werift.encrypt(payload, header))
    expect(opened?.subarray(12).toString()).toBe(payload.toString())
  })

  it('exchanges SRTCP with werift', () => {
    const werift = new SrtcpSession(weriftConfig)
    const report = Buffer.concat([Buffer.from([0x80, 201, 0, 1]), Buffer.from([0, 0, 0, 9]), Buffer.alloc(8, 3)])
    const sender = new SrtpSender(profile, keys)
    sender.protectRtcp(report)
    expect(werift.decrypt(sender.protectRtcp(report))).toEqual(report)
    expect(new SrtpReceiver(profile, keys).unprotectRtcp(werift.encrypt(report))).toEqual(report)
  })

  it('follows the rollover of the sequence number, with packets lost and overtaken around it', () => {
    const sender = new SrtpSender(profile, keys)
    const receiver = new SrtpReceiver(profile, keys)
    const indices = [
      65_000,
      65_400,
      65_900,
      65_890,
      66_600,
      98_000,
      130_000,
      131_071,
      131_080,
      131_060,
      200_000 - 40_000,
    ]
    for (const index of indices) {
      const opened = receiver.unprotectRtp(seal(sender, index, Buffer.from(String(index))))
      expect(opened?.subarray(HEADER_BYTES).toString()).toBe(String(index))
    }
  })

  it('refuses replays, forgeries and what is too old', () => {
    const sender = new SrtpSender(profile, keys)
    const receiver = new SrtpReceiver(profile, keys)
    const first = seal(sender, 100, Buffer.from('a'))
    expect(receiver.unprotectRtp(first)).not.toBeNull()
    expect(receiver.unprotectRtp(first)).toBeNull()
    for (let at = 0; at < first.length; at++) {
      const altered = Buffer.from(seal(sender, 101, Buffer.from('b')))
      altered[at] = (altered[at] ?? 0) ^ 0x01
      expect(receiver.unprotectRtp(altered)).toBeNull()
    }
    for (let index = 101; index < 300; index++) receiver.unprotectRtp(seal(sender, index, Buffer.from('c')))
    expect(receiver.unprotectRtp(seal(sender, 150, Buffer.from('d')))).toBeNull()
    for (let length = 0; length < first.length; length++) {
      expect(receiver.unprotectRtp(first.subarray(0, length))).toBeNull()
      expect(receiver.unprotectRtcp(first.subarray(0, length))).toBeNull()
    }
  })

  it('forgets sources rather than growing', () => {
    const receiver = new SrtpReceiver(profile, keys)
    const werift = new SrtpSession(weriftConfig)
    for (let ssrc = 1; ssrc <= 50; ssrc++) {
      const header = new RtpHeader({ ssrc, sequenceNumber: 1, timestamp: 0, payloadType: 111 })
      expect(receiver.unprotectRtp(werift.encrypt(Buffer.from('x'), header))).not.toBeNull()
    }
  })
})
