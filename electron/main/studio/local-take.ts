import { readFile } from 'node:fs/promises'
import path from 'node:path'
import type * as z from 'zod'
import { STUDIO_FOLDER, TAKE_REPORT_NAME, takeReportSchema } from '../../../sfu-core/contract/take-report.ts'
import type { LocalTake } from '../../contract/studio.ts'
import { ASSEMBLED_NAME, assembledSchema } from '../../files/assembled.ts'
import { keptTapes } from '../../files/kept-tapes.ts'

/** What is in a take's folder. Words that cannot be read count as not there. */
export async function localTake(takeFolder: string): Promise<Omit<LocalTake, 'job'>> {
  const studioFolder = path.join(takeFolder, STUDIO_FOLDER)
  const [report, assembled, tapes] = await Promise.all([
    readWords(path.join(studioFolder, TAKE_REPORT_NAME), takeReportSchema),
    readWords(path.join(studioFolder, ASSEMBLED_NAME), assembledSchema),
    keptTapes(takeFolder),
  ])
  const chunkCount = tapes.reduce((sum, { chunks }) => sum + chunks.length, 0)
  const isStale = report !== null && assembled?.chunkCount !== chunkCount
  return { report, isStale, tapeCount: tapes.length, chunkCount }
}

async function readWords<T>(file: string, schema: z.ZodType<T>): Promise<T | null> {
  try {
    return schema.parse(JSON.parse(await readFile(file, 'utf8')))
  } catch {
    return null
  }
}
