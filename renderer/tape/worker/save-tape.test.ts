import { beforeAll, describe, expect, it } from 'vitest'
import { crc32 } from './crc32.ts'
import { decodeFlac } from './flac-decode.ts'
import { writeTape } from './save-tape.ts'
import { SpillingStore } from './spilling-store.ts'
import { TapeFiles } from './tape-files.ts'
import { FakeDisk } from './test/fake-disk.ts'
import { serveFlac } from './test/flac-here.ts'
import { beginning, samplesAt, TAPE_ID } from './test/sounds.ts'

beforeAll(serveFlac)

const CHUNK = 4_800

async function savedFiles(indexes: readonly number[]): Promise<Map<string, Uint8Array<ArrayBuffer>>> {
  const files = new TapeFiles(new SpillingStore(new FakeDisk()), TAPE_ID)
  await files.writeBeginning(beginning())
  await files.writeGrant({ tapeId: beginning().opening.tapeId, token: 'secret-token' })
  for (const index of indexes) {
    const sound = { index, firstSample: index * CHUNK, samples: samplesAt(index * CHUNK, CHUNK) }
    await files.seal({ ...sound, marks: [[index * CHUNK, 1]], syncs: [], notes: [] }, 1)
  }
  const pieces: number[] = []
  await writeTape(files, async (bytes) => void pieces.push(...bytes))
  return unzip(Uint8Array.from(pieces))
}

/** By the directory at the end, as every reader does (APPNOTE 4.3.12, 4.3.16); checks sizes and checksums. */
function unzip(zip: Uint8Array<ArrayBuffer>): Map<string, Uint8Array<ArrayBuffer>> {
  const view = new DataView(zip.buffer)
  const end = zip.length - 22
  expect(view.getUint32(end, true)).toBe(0x0605_4b50)
  const files = new Map<string, Uint8Array<ArrayBuffer>>()
  let at = view.getUint32(end + 16, true)
  for (let i = 0; i < view.getUint16(end + 10, true); i += 1) {
    expect(view.getUint32(at, true)).toBe(0x0201_4b50)
    const sizeBytes = view.getUint32(at + 20, true)
    const nameBytes = view.getUint16(at + 28, true)
    const name = new TextDecoder().decode(zip.subarray(at + 46, at + 46 + nameBytes))
    const local = view.getUint32(at + 42, true)
    expect(view.getUint32(local, true)).toBe(0x0403_4b50)
    const body = zip.slice(local + 30 + nameBytes, local + 30 + nameBytes + sizeBytes)
    expect(crc32(body)).toBe(view.getUint32(at + 16, true))
    files.set(name, body)
    at += 46 + nameBytes
  }
  return files
}

describe('a tape that is saved to a file', () => {
  it('is one FLAC file, and what is needed to place it', async () => {
    const files = await savedFiles([0, 1, 2])
    expect([...files.keys()]).toEqual(['from-00-00-00.flac', 'tape.json'])
    expect(await decodeFlac(files.get('from-00-00-00.flac') ?? new Uint8Array(), 1)).toEqual(samplesAt(0, 3 * CHUNK))
    const words = JSON.parse(new TextDecoder().decode(files.get('tape.json')))
    expect(words.opening).toEqual(beginning().opening)
    expect(words.chunks.map(({ index }: { index: number }) => index)).toEqual([0, 1, 2])
  })

  it('has a file for each stretch of what the server does not have', async () => {
    const files = await savedFiles([0, 10, 11, 30])
    expect([...files.keys()]).toEqual(['from-00-00-00.flac', 'from-00-00-01.flac', 'from-00-00-03.flac', 'tape.json'])
    expect(await decodeFlac(files.get('from-00-00-01.flac') ?? new Uint8Array(), 1)).toEqual(
      samplesAt(10 * CHUNK, 2 * CHUNK),
    )
  })

  it('gives nobody the right to upload', async () => {
    const text = new TextDecoder().decode((await savedFiles([0])).get('tape.json'))
    expect(text).not.toContain('secret-token')
    expect(text).not.toContain('"seat"')
  })

  it('the checksum is that of ZIP', () => {
    expect(crc32(new TextEncoder().encode('123456789'))).toBe(0xcbf4_3926)
    const [a, b] = [new TextEncoder().encode('1234'), new TextEncoder().encode('56789')]
    expect(crc32(b, crc32(a))).toBe(0xcbf4_3926)
  })
})
