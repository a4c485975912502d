import { readFileSync } from 'node:fs'
import path from 'node:path'
import * as z from 'zod'

const packageShape = z.object({ version: z.string() })

/** Of package.json, which lies above us in a clone; packaged programs bring it along too. */
export function versionOfProgram(): string {
  try {
    const file = path.join(import.meta.dirname, '..', 'package.json')
    return packageShape.parse(JSON.parse(readFileSync(file, 'utf8'))).version
  } catch {
    return '0.0.0'
  }
}
