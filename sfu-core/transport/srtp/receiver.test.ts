import { describe, expect, it } from 'vitest'
import { RtpHeader, SrtcpSession, SrtpSession } from 'werift'
import { createRandom } from '../../test/random.ts'
import { MAX_DATAGRAM_BYTES } from './opener.ts'
import { sealRtcpPlainly, sealRtpPlainly } from './plain-seal.ts'
import { srtpTagBytes } from './profile.ts'
import { MAX_SKIPPED_PACKETS, MAX_SOURCES, SrtpReceiver } from './receiver.ts'
import { bytesOf, keysOf, PROFILES, plainSender, weriftConfig } from './srtp.fixture.ts'

const SSRC = 0x9234_5678

function compoundOf(length: number): Buffer {
  const compound = Buffer.alloc(length, 3)
  Buffer.from([0x80, 201, 0, 1, 0x80, 0, 0, 9]).copy(compound)
  return compound
}

describe.each(PROFILES)('SrtpReceiver, %s', (_name, profile) => {
  const random = createRandom(11)
  const keys = keysOf(random, profile)
  const sender = plainSender(profile, keys, SSRC)

  it('opens every length, with CSRCs and with an extension', () => {
    const receiver = new SrtpReceiver(profile, keys)
    for (let length = 0; length <= 1400; length++) {
      const payload = bytesOf(random, length)
      const opened = receiver.unprotectRtp(sender.seal(length, payload, length % 3 === 0 ? [1, 2] : []))
      expect(opened?.subarray(length % 3 === 0 ? 20 : 12)).toEqual(payload)
    }
    const header = Buffer.concat([
      sender.seal(1500, Buffer.alloc(0)).subarray(0, 12),
      Buffer.from('bede000110ff0000', 'hex'),
    ])
    header.writeUInt8(0x90, 0)
    const sealed = sealRtpPlainly(profile, sender.keys.rtp, {
      ssrc: SSRC,
      index: 1500,
      header,
      payload: Buffer.from('x'),
    })
    expect(receiver.unprotectRtp(sealed)).toEqual(Buffer.concat([header, Buffer.from('x')]))
  })

  it('reads what werift writes', () => {
    const receiver = new SrtpReceiver(profile, keys)
    const [srtp, srtcp] = [new SrtpSession(weriftConfig(profile, keys)), new SrtcpSession(weriftConfig(profile, keys))]
    for (let sequenceNumber = 65_500; sequenceNumber < 65_600; sequenceNumber++) {
      const header = new RtpHeader({
        ssrc: 99,
        sequenceNumber: sequenceNumber % 65_536,
        timestamp: 5,
        payloadType: 111,
      })
      const payload = bytesOf(random, sequenceNumber % 90)
      expect(receiver.unprotectRtp(srtp.encrypt(payload, header))?.subarray(12)).toEqual(payload)
      expect(receiver.unprotectRtcp(srtcp.encrypt(compoundOf(32)))).toEqual(compoundOf(32))
    }
  })

  it('opens SRTCP of every length, each once', () => {
    const receiver = new SrtpReceiver(profile, keys)
    for (let length = 8; length <= 600; length++) {
      const sealed = sealRtcpPlainly(profile, sender.keys.rtcp, compoundOf(length), length)
      expect(receiver.unprotectRtcp(sealed)).toEqual(compoundOf(length))
      expect(receiver.unprotectRtcp(sealed)).toBeNull()
    }
    const old = sealRtcpPlainly(profile, sender.keys.rtcp, compoundOf(16), 7)
    expect(receiver.unprotectRtcp(old)).toBeNull()
  })

  it('follows the rollover over losses up to 32767 packets', () => {
    for (const gap of [1, 2, 99, 101, 1000, 30_000, 32_767]) {
      const receiver = new SrtpReceiver(profile, keys)
      const first = 65_535 - Math.min(65_535, 20 * gap)
      for (let step = 0; step < 45; step++) {
        const opened = receiver.unprotectRtp(sender.seal(first + step * gap, Buffer.from('voice')))
        expect(opened?.subarray(12).toString()).toBe('voice')
      }
    }
  })

  it('takes packets out of order around the wrap, each once', () => {
    const receiver = new SrtpReceiver(profile, keys)
    const order = [65_530, 65_537, 65_534, 65_536, 65_535, 65_531, 65_540, 65_533]
    for (const index of order) expect(receiver.unprotectRtp(sender.seal(index, Buffer.from('a')))).not.toBeNull()
    for (const index of order) expect(receiver.unprotectRtp(sender.seal(index, Buffer.from('a')))).toBeNull()
  })

  it('refuses every altered bit and every cut, and is not misled by them', () => {
    const receiver = new SrtpReceiver(profile, keys)
    const sealed = sender.seal(30_000, Buffer.from('twenty milliseconds'))
    const report = sealRtcpPlainly(profile, sender.keys.rtcp, compoundOf(28), 3)
    const attempts = [
      { datagram: sealed, open: (datagram: Buffer) => receiver.unprotectRtp(datagram) },
      { datagram: report, open: (datagram: Buffer) => receiver.unprotectRtcp(datagram) },
    ]
    for (const { datagram, open } of attempts) {
      for (let bit = 0; bit < datagram.length * 8; bit++) {
        const altered = Buffer.from(datagram)
        altered.writeUInt8(altered.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3)
        expect(open(altered)).toBeNull()
      }
      for (let length = 0; length < datagram.length; length++) expect(open(datagram.subarray(0, length))).toBeNull()
      expect(open(Buffer.concat([datagram, Buffer.alloc(MAX_DATAGRAM_BYTES)]))).toBeNull()
      expect(open(datagram)).not.toBeNull()
    }
  })

  it('may pass over packets, if it opens one in 65: the rollover is kept over the wrap', () => {
    const receiver = new SrtpReceiver(profile, keys)
    expect(receiver.peek(sender.seal(100, Buffer.from('a')))).toBe('open')
    let opened = 0
    for (let index = 100; index < 150_000; index += 13) {
      const datagram = sender.seal(index, Buffer.from('a'))
      const peek = receiver.peek(datagram)
      if (peek === 'may-skip') continue
      expect(peek).toBe('open')
      expect(receiver.unprotectRtp(datagram)).not.toBeNull()
      expect(receiver.peek(datagram)).toBe('refuse')
      opened += 1
    }
    expect(opened).toBeLessThan((150_000 / MAX_SKIPPED_PACKETS) * 1.1)
  })

  it('peeks at nonsense without opening it', () => {
    const receiver = new SrtpReceiver(profile, keys)
    const sealed = sender.seal(1, Buffer.from('a'))
    for (let length = 0; length < 12 + srtpTagBytes(profile); length++)
      expect(receiver.peek(sealed.subarray(0, length))).toBe('refuse')
    const beyond = Buffer.from(sealed)
    beyond.writeUInt8(0x8f, 0)
    expect(receiver.peek(beyond)).toBe('refuse')
  })

  it('forgets the oldest source rather than growing', () => {
    const receiver = new SrtpReceiver(profile, keys)
    const senders = Array.from({ length: MAX_SOURCES + 1 }, (_, i) => plainSender(profile, keys, i + 1))
    for (const each of senders) expect(receiver.unprotectRtp(each.seal(1, Buffer.from('a')))).not.toBeNull()
    const peeks = senders.map((each) => receiver.peek(each.seal(2, Buffer.from('a'))))
    expect(peeks).toEqual(['open', ...Array.from({ length: MAX_SOURCES }, () => 'may-skip')])
  })

  it('keeps links apart, though they share the memory', () => {
    const links = Array.from({ length: 5 }, () => {
      const own = keysOf(random, profile)
      return { receiver: new SrtpReceiver(profile, own), sender: plainSender(profile, own, SSRC) }
    })
    for (let step = 0; step < 300; step++) {
      const [to, from] = [random.int(5), random.int(5)]
      const payload = bytesOf(random, random.int(200))
      const opened = links[to]?.receiver.unprotectRtp(links[from]?.sender.seal(step, payload) ?? Buffer.alloc(0))
      if (to === from) expect(opened?.subarray(12)).toEqual(payload)
      else expect(opened).toBeNull()
    }
  })

  it('opens nothing once closed', () => {
    const receiver = new SrtpReceiver(profile, keys)
    expect(receiver.unprotectRtp(sender.seal(1, Buffer.from('a')))).not.toBeNull()
    receiver.close()
    receiver.close()
    expect(receiver.unprotectRtp(sender.seal(2, Buffer.from('a')))).toBeNull()
    expect(receiver.unprotectRtcp(sealRtcpPlainly(profile, sender.keys.rtcp, compoundOf(16), 1))).toBeNull()
  })
})
