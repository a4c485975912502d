import { createHash, generateKeyPairSync } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { CompactSign } from 'jose'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { participantIdSchema, takeIdSchema } from '../../sfu-core/contract/ids.ts'
import type { TakeReport } from '../../sfu-core/contract/take-report.ts'
import { checkedReport, checkTracks } from './report-check.ts'
import { createReportSigner } from './report-signer.ts'

const SOME_SHA256 = '0'.repeat(64)

function newKeys() {
  const { privateKey: signing, publicKey: verifying } = generateKeyPairSync('ed25519')
  return { signing, verifying }
}

function reportWith(sha256: string): TakeReport {
  return {
    version: 1,
    takeId: takeIdSchema.parse('take1'),
    roomTitle: '縁側',
    startedAtMs: 0,
    lengthMs: 1_000,
    madeAtMs: 5,
    tracks: [
      {
        participantId: participantIdSchema.parse('ana'),
        name: 'Ana',
        source: 'processed',
        file: '1-Ana.flac',
        channels: 1,
        lengthSamples: 48_000,
        sizeBytes: 5,
        sha256,
        peaksFile: '1-Ana.peaks',
        tapes: [],
        gaps: [],
        expectedMs: 1_000,
        losslessMs: 1_000,
      },
    ],
  }
}

let folder: string
beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'engawa-report-'))
})
afterAll(() => rmSync(folder, { recursive: true }))

it('a report that the server signed is believed, one that was changed or that another signed is not', async () => {
  const keys = newKeys()
  const signer = createReportSigner(keys)
  const keySet = await signer.keySet()
  const report = reportWith(SOME_SHA256)
  const jws = await signer.sign(JSON.stringify(report))
  expect(await checkedReport(`${jws}\n`, keySet)).toEqual(report)

  const [header, , signature] = jws.split('.')
  const better = Buffer.from(JSON.stringify({ ...report, lengthMs: 2_000 })).toString('base64url')
  await expect(checkedReport([header, better, signature].join('.'), keySet)).rejects.toThrow()
  const stranger = createReportSigner(newKeys())
  await expect(checkedReport(await stranger.sign(JSON.stringify(report)), keySet)).rejects.toThrow()
  const token = new CompactSign(Buffer.from(JSON.stringify(report))).setProtectedHeader({ alg: 'EdDSA', typ: 'JWT' })
  await expect(checkedReport(await token.sign(keys.signing), keySet)).rejects.toThrow('no take report')
})

it('tells which tracks were changed after the report', async () => {
  const report = reportWith(createHash('sha256').update('sound').digest('hex'))
  expect(await checkTracks(report, folder)).toEqual([{ file: '1-Ana.flac', state: 'missing' }])
  writeFileSync(path.join(folder, '1-Ana.flac'), 'sound')
  expect(await checkTracks(report, folder)).toEqual([{ file: '1-Ana.flac', state: 'as-reported' }])
  writeFileSync(path.join(folder, '1-Ana.flac'), 'Sound')
  expect(await checkTracks(report, folder)).toEqual([{ file: '1-Ana.flac', state: 'changed' }])
})
