import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { buffer } from 'node:stream/consumers'
import { expect, it } from 'vitest'
import { zip, zipSizeBytes } from './zip.ts'

it('makes an archive that another program unpacks to the same files', async () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'engawa-zip-'))
  const contents = { 'take.json': '{}', '花.opus': 'x'.repeat(200_000), 'empty.opus': '' }
  const entries = Object.entries(contents).map(([name, content]) => {
    const file = path.join(folder, name)
    writeFileSync(file, content)
    return { name, path: file, sizeBytes: Buffer.byteLength(content), modifiedAtMs: Date.UTC(2026, 1, 3) }
  })
  const archive = await buffer(zip(entries))
  expect(archive.length).toBe(zipSizeBytes(entries))
  const file = path.join(folder, 'take.zip')
  writeFileSync(file, archive)
  const script =
    'import sys,zipfile; z=zipfile.ZipFile(sys.argv[1]); assert z.testzip() is None; z.extractall(sys.argv[2])'
  execFileSync('python3', ['-c', script, file, path.join(folder, 'out')])
  for (const [name, content] of Object.entries(contents)) {
    expect(readFileSync(path.join(folder, 'out', name), 'utf8')).toBe(content)
  }
})
