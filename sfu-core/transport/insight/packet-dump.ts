import { type FileHandle, open } from 'node:fs/promises'
import type { Clock } from '../../clock.ts'
import { NtpClock } from '../rtp/ntp-clock.ts'
import { DOWNLINK_HEADER_BYTES, type DownlinkHeader, isRtcp, writeDownlinkHeader } from '../rtp/rtp.ts'
import {
  PCAP_OVERHEAD_BYTES,
  PCAP_PACKET_MAX_BYTES,
  type PcapEnds,
  pcapFileHeader,
  writePcapRecordHead,
} from './pcap.ts'

/** About 15 minutes of three voices to ten listeners. */
const MAX_BYTES = 256 * 1024 * 1024
const MAX_DURATION_MS = 15 * 60_000
/** Packets wait in memory for so long at most, or until there are so many bytes. */
const FLUSH_AFTER_MS = 250
const CHUNK_BYTES = 256 * 1024
/** Where Wireshark is to look: `-d udp.port==5004,rtp -d udp.port==5005,rtcp`. */
export const DUMP_RTP_PORT = 5004
export const DUMP_RTCP_PORT = 5005
/** 10.0.0.1 is the node, 10.64.0.0/16 are its links in the order in which they came. */
const NODE_ADDRESS = 0x0a00_0001
const LINKS_NETWORK = 0x0a40_0000

export interface PacketDumpOptions {
  /** Must not be there yet. Only this account can read it: it holds what people say. */
  file: string
  clock: Clock
  log: { warn(fields: object, message: string): void }
  maxBytes?: number | undefined
  maxDurationMs?: number | undefined
}

/** Never throw, never wait. */
export interface LinkPackets {
  /** By which the link is told apart in the file. */
  readonly address: string
  /** A plain RTP or RTCP packet from the link or to it. */
  packet(direction: 'in' | 'out', packet: Uint8Array): void
  /** An RTP packet to the link, before it is sealed. */
  downlink(header: DownlinkHeader, payload: Uint8Array): void
}

/**
 * A pcap file of what goes through a transport, decrypted, for Wireshark. Writing is asynchronous and in batches; packets
 * that come faster than the disk takes them are left out and counted. It ends by itself at its limits.
 */
export class PacketDump {
  /** Packets in the file or on their way there. */
  written = 0
  /** Packets that were left out. */
  skipped = 0
  readonly #options: PacketDumpOptions
  readonly #wallClock: NtpClock
  readonly #file: Promise<FileHandle | null>
  readonly #cancelEnd: () => void
  readonly #head = Buffer.alloc(DOWNLINK_HEADER_BYTES)
  readonly #ends: PcapEnds = { sourceAddress: 0, sourcePort: 0, destinationAddress: 0, destinationPort: 0 }
  #filling: Buffer<ArrayBuffer> = Buffer.allocUnsafe(CHUNK_BYTES)
  #spare: Buffer<ArrayBuffer> | null = Buffer.allocUnsafe(CHUNK_BYTES)
  #links = 0
  #filled = 0
  #totalBytes = 0
  #isBroken = false
  #cancelFlush: (() => void) | null = null
  #writing: Promise<void> = Promise.resolve()
  #closing: Promise<void> | null = null

  constructor(options: PacketDumpOptions) {
    this.#options = options
    this.#wallClock = new NtpClock(options.clock)
    this.#file = this.#open()
    this.#put(pcapFileHeader())
    this.#cancelEnd = options.clock.after(options.maxDurationMs ?? MAX_DURATION_MS, () => this.#endAtLimit('time'))
  }

  async #open(): Promise<FileHandle | null> {
    try {
      return await open(this.#options.file, 'wx', 0o600)
    } catch (error) {
      this.#breakOff(error)
      return null
    }
  }

  /** A link's part of it, under an address of its own. */
  forLink(): LinkPackets {
    this.#links = (this.#links + 1) & 0xffff
    const number = this.#links
    return {
      address: `10.64.${number >> 8}.${number & 0xff}`,
      packet: (direction, packet) => {
        const port = isRtcp(packet) ? DUMP_RTCP_PORT : DUMP_RTP_PORT
        this.#record(this.#endsOf(direction, number, port), packet, null)
      },
      downlink: (header, payload) => {
        writeDownlinkHeader(this.#head, header)
        this.#record(this.#endsOf('out', number, DUMP_RTP_PORT), this.#head, payload)
      },
    }
  }

  #endsOf(direction: 'in' | 'out', linkNumber: number, port: number): PcapEnds {
    const ends = this.#ends
    const link = LINKS_NETWORK | (linkNumber & 0xffff)
    ends.sourceAddress = direction === 'in' ? link : NODE_ADDRESS
    ends.destinationAddress = direction === 'in' ? NODE_ADDRESS : link
    ends.sourcePort = port
    ends.destinationPort = port
    return ends
  }

  #record(ends: PcapEnds, head: Uint8Array, payload: Uint8Array | null): void {
    if (this.#closing) return
    const packetBytes = head.length + (payload?.length ?? 0)
    const recordBytes = PCAP_OVERHEAD_BYTES + packetBytes
    if (this.#totalBytes + recordBytes > (this.#options.maxBytes ?? MAX_BYTES)) {
      this.#endAtLimit('bytes')
      return
    }
    if (packetBytes > PCAP_PACKET_MAX_BYTES || !this.#hasRoom(recordBytes)) {
      this.skipped += 1
      return
    }
    writePcapRecordHead(this.#filling, this.#filled, { ends, wallClockMs: this.#wallClock.nowMs(), packetBytes })
    this.#filled += PCAP_OVERHEAD_BYTES
    this.#totalBytes += PCAP_OVERHEAD_BYTES
    this.#put(head)
    if (payload) this.#put(payload)
    this.written += 1
    this.#cancelFlush ??= this.#options.clock.after(FLUSH_AFTER_MS, () => this.#flush())
  }

  #put(bytes: Uint8Array): void {
    this.#filling.set(bytes, this.#filled)
    this.#filled += bytes.length
    this.#totalBytes += bytes.length
  }

  #hasRoom(bytes: number): boolean {
    if (this.#filled + bytes > CHUNK_BYTES) this.#flush()
    return this.#filled + bytes <= CHUNK_BYTES
  }

  /** Nothing where the disk still has the other chunk: what does not fit is skipped until it is free. */
  #flush(): void {
    this.#cancelFlush?.()
    this.#cancelFlush = null
    if (!this.#spare || this.#filled === 0 || this.#isBroken) return
    const chunk = this.#filling
    const bytes = this.#filled
    this.#filling = this.#spare
    this.#spare = null
    this.#filled = 0
    this.#writing = this.#write(chunk, bytes)
  }

  async #write(chunk: Buffer<ArrayBuffer>, bytes: number): Promise<void> {
    try {
      const file = await this.#file
      for (let at = 0; file && at < bytes; ) at += (await file.write(chunk, at, bytes - at)).bytesWritten
    } catch (error) {
      this.#breakOff(error)
    }
    this.#spare = chunk
    // What came while the disk was busy, and found no timer.
    if (this.#filled > 0 && !this.#closing) this.#cancelFlush ??= this.#options.clock.after(0, () => this.#flush())
  }

  #breakOff(error: unknown): void {
    this.#isBroken = true
    this.#options.log.warn({ err: error }, 'the packet dump ends: its file cannot be written')
    void this.close()
  }

  #endAtLimit(limit: 'bytes' | 'time'): void {
    if (this.#closing) return
    this.#options.log.warn({ ...this.dump(), limit }, 'the packet dump ends: its limit is reached')
    void this.close()
  }

  dump() {
    return { written: this.written, skipped: this.skipped, bytes: this.#totalBytes, open: this.#closing === null }
  }

  /** Resolves when everything is in the file. Idempotent. */
  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  async #close(): Promise<void> {
    this.#cancelEnd()
    await this.#writing
    this.#flush()
    await this.#writing
    const file = await this.#file
    await file?.close()
  }
}
