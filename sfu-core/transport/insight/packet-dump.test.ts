import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createFakeClock, type FakeClock } from '../../test/fake-clock.ts'
import { writeCompoundReport } from '../rtp/rtcp.ts'
import { DUMP_RTCP_PORT, DUMP_RTP_PORT, PacketDump, type PacketDumpOptions } from './packet-dump.ts'

const START_MS = Date.UTC(2026, 0, 2, 3, 4, 5, 678)
const HEADER = { payloadType: 111, marker: true, timestamp: 4_294_966_000, ssrc: 0xfeed_beef, csrc: 42 }

let folder: string
let clock: FakeClock
let warnings: string[]

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'packet-dump-'))
  clock = createFakeClock(START_MS)
  warnings = []
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

function dumpTo(name: string, options: Partial<PacketDumpOptions> = {}) {
  const file = path.join(folder, name)
  const log = { warn: (_: object, message: string) => void warnings.push(message) }
  const dump = new PacketDump({ file, clock, log, ...options })
  return { file, dump, link: dump.forLink() }
}

/** A microphone's packet: header without extensions, and some payload. */
function uplink(sequenceNumber: number, payloadBytes = 100): Buffer {
  const packet = Buffer.alloc(12 + payloadBytes, 7)
  packet.writeUInt16BE(0x806f, 0)
  packet.writeUInt16BE(sequenceNumber, 2)
  packet.writeUInt32BE(960 * sequenceNumber, 4)
  packet.writeUInt32BE(0x1234, 8)
  return packet
}

describe('PacketDump', () => {
  it('is a pcap file that only its owner can read', async () => {
    const { file, dump, link } = dumpTo('a.pcap')
    link.packet('in', uplink(1))
    await dump.close()
    const bytes = readFileSync(file)
    expect(statSync(file).mode & 0o777).toBe(0o600)
    // Header, record header, IPv4, UDP, packet.
    expect(bytes.length).toBe(24 + 16 + 20 + 8 + 112)
    expect(bytes.readUInt32LE(0)).toBe(0xa1b2c3d4)
    expect(bytes.readUInt32LE(20)).toBe(101)
    expect([bytes.readUInt32LE(24), bytes.readUInt32LE(28)]).toEqual([Math.floor(START_MS / 1000), 678_000])
    expect(bytes.subarray(24 + 16 + 28)).toEqual(uplink(1))
    expect(bytes.subarray(24 + 16 + 12, 24 + 16 + 20).toString('hex')).toBe('0a4000010a000001')
  })

  it('writes without being closed, after a moment', async () => {
    const { file, dump, link } = dumpTo('a.pcap')
    link.packet('in', uplink(1))
    clock.advance(1_000)
    await expect.poll(() => statSync(file).size).toBe(24 + 16 + 28 + 112)
    await dump.close()
    expect(clock.pendingCount).toBe(0)
  })

  it('ends at its bytes, and at its time', async () => {
    const small = dumpTo('small.pcap', { maxBytes: 400 })
    for (let i = 0; i < 10; i++) small.link.packet('in', uplink(i))
    await small.dump.close()
    expect(small.dump.dump()).toMatchObject({ written: 2, open: false })
    expect(statSync(small.file).size).toBeLessThanOrEqual(400)

    const short = dumpTo('short.pcap', { maxDurationMs: 5_000 })
    short.link.packet('in', uplink(1))
    clock.advance(5_000)
    short.link.packet('in', uplink(2))
    await short.dump.close()
    expect(short.dump.written).toBe(1)
    expect(warnings).toHaveLength(2)
  })

  it('leaves out what is too fast for the disk, and counts it', async () => {
    const { file, dump, link } = dumpTo('a.pcap')
    // Three chunks' worth in one turn of the event loop, in which nothing can be written.
    for (let i = 0; i < 800; i++) link.packet('in', uplink(i & 0xffff, 1_000))
    expect(dump.skipped).toBeGreaterThan(100)
    expect(dump.written + dump.skipped).toBe(800)
    await dump.close()
    expect(statSync(file).size).toBe(24 + dump.written * (16 + 28 + 1_012))
  })

  it('does not write over a file, and goes on without one', async () => {
    writeFileSync(path.join(folder, 'there.pcap'), 'precious')
    const { file, dump, link } = dumpTo('there.pcap')
    link.packet('in', uplink(1))
    await expect.poll(() => dump.dump().open).toBe(false)
    link.packet('in', uplink(2))
    await dump.close()
    await dump.close()
    expect(readFileSync(file, 'utf8')).toBe('precious')
    expect(warnings).toEqual(['the packet dump ends: its file cannot be written'])
    expect(clock.pendingCount).toBe(0)
  })

  it('leaves out what is no packet by its length', async () => {
    const { dump, link } = dumpTo('a.pcap')
    link.packet('in', uplink(1, 65_600))
    expect(dump.dump()).toMatchObject({ written: 0, skipped: 1 })
    await dump.close()
  })
})

function tsharkMissing(): string | null {
  try {
    execFileSync('tshark', ['--version'], { stdio: 'ignore' })
    return null
  } catch {
    return 'tshark is not installed'
  }
}

const why = tsharkMissing()
if (why !== null) process.stderr.write(`SKIPPED Wireshark reads the packet dump: ${why}\n`)

/** What tshark reads, packet by packet. One call: it takes seconds to start on a busy machine. */
function tshark(file: string, fields: string[]): Record<string, string>[] {
  const decodeAs = ['-d', `udp.port==${DUMP_RTP_PORT},rtp`, '-d', `udp.port==${DUMP_RTCP_PORT},rtcp`]
  const asked = fields.flatMap((field) => ['-e', field])
  const args = ['-r', file, ...decodeAs, '-o', 'ip.check_checksum:TRUE', '-T', 'fields', ...asked]
  const text = execFileSync('tshark', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] })
  const rows = text.split('\n').filter((line) => line !== '')
  return rows.map((row) =>
    Object.fromEntries(row.split('\t').flatMap((value, i) => (value ? [[fields[i], value]] : []))),
  )
}

describe.skipIf(why !== null)('Wireshark', () => {
  it('reads RTP and RTCP out of the dump', async () => {
    const { file, dump, link } = dumpTo('a.pcap')
    link.packet('in', uplink(65_535))
    clock.advance(20)
    dump.forLink().downlink({ ...HEADER, sequenceNumber: 77 }, Buffer.from([1, 2, 3]))
    const sender = { ssrc: 9, wallClockMs: START_MS, rtpTimestamp: 960, packetCount: 3, octetCount: 300 }
    link.packet('out', writeCompoundReport({ reporterSsrc: 9, cname: 'engawa', senders: [sender], blocks: [] }))
    await dump.close()
    const ip = ['ip.src', 'ip.dst', 'ip.checksum.status', '_ws.malformed']
    const rtp = ['rtp.ssrc', 'rtp.seq', 'rtp.timestamp', 'rtp.p_type', 'rtp.csrc.item']
    const rtcp = ['rtcp.pt', 'rtcp.senderssrc', 'rtcp.timestamp.rtp']
    const toNode = { 'ip.src': '10.64.0.1', 'ip.dst': '10.0.0.1', 'ip.checksum.status': '1' }
    const fromNode = { 'ip.src': '10.0.0.1', 'ip.checksum.status': '1' }
    expect(tshark(file, [...ip, ...rtp, ...rtcp])).toEqual([
      {
        ...toNode,
        'rtp.ssrc': '0x00001234',
        'rtp.seq': '65535',
        'rtp.timestamp': String(960 * 65_535),
        'rtp.p_type': '111',
      },
      {
        ...fromNode,
        'ip.dst': '10.64.0.2',
        'rtp.ssrc': '0xfeedbeef',
        'rtp.seq': '77',
        'rtp.timestamp': '4294966000',
        'rtp.p_type': '111',
        'rtp.csrc.item': '0x0000002a',
      },
      {
        ...fromNode,
        'ip.dst': '10.64.0.1',
        'rtcp.pt': '200,202',
        'rtcp.senderssrc': '0x00000009',
        'rtcp.timestamp.rtp': '960',
      },
    ])
  })
})
