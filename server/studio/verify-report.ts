import { readFile } from 'node:fs/promises'
import path from 'node:path'
import process from 'node:process'
import type { JSONWebKeySet } from 'jose'
import type { TakeReport } from '../../sfu-core/contract/take-report.ts'
import { checkedReport, checkTracks, type TrackCheck } from './report-check.ts'

/**
 * `node server/studio/verify-report.ts take-report.jws https://talk.example.org`: did that server sign the report, and are the
 * tracks beside it the ones of which it tells? In place of the server: a file with what its /api/keys answered.
 */
const [reportFile, keysFrom] = process.argv.slice(2)
if (reportFile === undefined || keysFrom === undefined) {
  end(2, 'Usage: node server/studio/verify-report.ts <take-report.jws> <the server’s address, or a file with its keys>')
} else {
  try {
    const report = await checkedReport(await readFile(reportFile, 'utf8'), await keysOf(keysFrom))
    const checks = await checkTracks(report, path.dirname(reportFile))
    const isSound = checks.every((check) => check.state !== 'changed')
    end(isSound ? 0 : 1, [...wordsFor(report), ...checks.map(lineFor)].join('\n'))
  } catch (error) {
    end(1, `Not signed by that server: ${error instanceof Error ? error.message : String(error)}`)
  }
}

async function keysOf(from: string): Promise<JSONWebKeySet> {
  if (!/^https?:/.test(from)) return JSON.parse(await readFile(from, 'utf8')) as JSONWebKeySet
  const response = await fetch(new URL('/api/keys', from))
  if (!response.ok) throw new Error(`the server answers with ${response.status}`)
  return (await response.json()) as JSONWebKeySet
}

function wordsFor(report: TakeReport): string[] {
  const speakers = report.tracks.map(({ name, gaps, losslessMs, expectedMs }) => {
    return `  ${name}: ${seconds(losslessMs)} of ${seconds(expectedMs)} lossless, ${gaps.length} gaps`
  })
  return [`Signed by that server: "${report.roomTitle}", made ${new Date(report.madeAtMs).toISOString()}`, ...speakers]
}

function lineFor({ file, state }: TrackCheck): string {
  const words = { 'as-reported': 'is the reported one', changed: 'WAS CHANGED', missing: 'is not in this folder' }
  return `  ${file} ${words[state]}`
}

function seconds(lengthMs: number): string {
  return `${(lengthMs / 1_000).toFixed(1)} s`
}

function end(code: number, words: string): void {
  process.stdout.write(`${words}\n`)
  process.exitCode = code
}
