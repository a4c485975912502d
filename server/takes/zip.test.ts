import { execFileSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import process from 'node:process'
import { buffer } from 'node:stream/consumers'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { until } from '../test/harness.ts'
import { type ZipEntry, zip } from './zip.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'engawa-zip-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

function entry(name: string, content: string): ZipEntry {
  const file = path.join(folder, name)
  writeFileSync(file, content)
  return { name, path: file, sizeBytes: Buffer.byteLength(content), modifiedAtMs: Date.UTC(2026, 1, 3) }
}

const UNPACK =
  'import sys,zipfile; z=zipfile.ZipFile(sys.argv[1]); assert z.testzip() is None; z.extractall(sys.argv[2])'

/** By another program. */
function unpack(archive: Buffer): string {
  const file = path.join(folder, 'take.zip')
  const out = path.join(folder, 'out')
  writeFileSync(file, archive)
  execFileSync('python3', ['-c', UNPACK, file, out])
  return out
}

describe('an archive', () => {
  it('is unpacked by another program to the same files', async () => {
    const contents = { 'take.json': '{}', '花.opus': 'x'.repeat(200_000), 'empty.opus': '' }
    const { content, sizeBytes } = zip(Object.entries(contents).map(([name, text]) => entry(name, text)))
    const archive = await buffer(content)
    expect(archive.length).toBe(sizeBytes)
    const out = unpack(archive)
    for (const [name, text] of Object.entries(contents)) expect(readFileSync(path.join(out, name), 'utf8')).toBe(text)
  })

  it('of very many files is as long as it says (yazl is wrong by 76 bytes where ZIP64 is not forced)', async () => {
    const names = Array.from({ length: 700 }, (_, n) => `${n}-${'x'.repeat(100)}.opus`)
    const { content, sizeBytes } = zip(names.map((name) => entry(name, name)))
    const archive = await buffer(content)
    expect(archive.length).toBe(sizeBytes)
    expect(readdirSync(unpack(archive))).toHaveLength(names.length)
  })

  it('may be larger than 4 GiB, and says so before it is read', () => {
    const large = { ...entry('large.opus', ''), sizeBytes: 5 * 1024 ** 3 }
    truncateSync(large.path, large.sizeBytes)
    const { content, sizeBytes } = zip([large, entry('take.json', '{}')])
    expect(sizeBytes).toBeGreaterThan(large.sizeBytes)
    content.destroy()
  })

  it('takes of a file that grows what was there, and fails for one that has shrunk', async () => {
    const growing = entry('growing.opus', 'as it was')
    writeFileSync(growing.path, 'as it was, and more')
    expect(readFileSync(path.join(unpack(await buffer(zip([growing]).content)), 'growing.opus'), 'utf8')).toBe(
      'as it was',
    )
    const shrunk = { ...entry('shrunk.opus', 'x'), sizeBytes: 10 }
    await expect(buffer(zip([shrunk]).content)).rejects.toThrow('unexpected number of bytes')
    const gone = { ...entry('here.opus', 'x'), path: path.join(folder, 'gone') }
    await expect(buffer(zip([gone]).content)).rejects.toThrow('ENOENT')
  })

  it.runIf(process.platform === 'linux')('that nobody reads any more closes its file', async () => {
    const large = { ...entry('large.opus', ''), sizeBytes: 1024 ** 3 }
    truncateSync(large.path, large.sizeBytes)
    const { content } = zip([large])
    content.read()
    await until(() => isOpen(large.path), 'the file is open')
    content.destroy()
    await until(() => !isOpen(large.path), 'the file is closed')
  })
})

function isOpen(file: string): boolean {
  return readdirSync('/proc/self/fd').some((fd) => linkOf(`/proc/self/fd/${fd}`) === file)
}

/** null: closed meanwhile. */
function linkOf(file: string): string | null {
  try {
    return readlinkSync(file)
  } catch {
    return null
  }
}
