import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { repositoryRoot } from './paths.ts'

/** What a build step reads and makes, as paths below the repository's root. */
export interface BuildStep {
  name: string
  inputs: string[]
  /** A file that exists once the step has run. */
  output: string
  run(): Promise<void>
}

const NEVER_INPUT = /\.test\.tsx?$|\/e2e\/|\/node_modules\//

function filesBelow(entry: string): string[] {
  if (!existsSync(entry)) return []
  if (statSync(entry).isFile()) return [entry]
  return readdirSync(entry, { recursive: true, withFileTypes: true })
    .filter((file) => file.isFile())
    .map((file) => path.join(file.parentPath, file.name))
    .filter((file) => !NEVER_INPUT.test(file))
    .sort()
}

function inputsHash(inputs: string[]): string {
  const hash = createHash('sha256')
  for (const file of inputs.flatMap((input) => filesBelow(path.join(repositoryRoot, input)))) {
    hash.update(path.relative(repositoryRoot, file)).update('\0').update(readFileSync(file)).update('\0')
  }
  return hash.digest('hex')
}

/** Runs the step unless its inputs are as they were when it last ran. Answers whether it ran. */
export async function runIfStale(step: BuildStep): Promise<boolean> {
  const stampFile = path.join(repositoryRoot, '.cache', 'build', `${step.name}.sha256`)
  const hash = inputsHash(step.inputs)
  const isFresh =
    existsSync(path.join(repositoryRoot, step.output)) &&
    existsSync(stampFile) &&
    readFileSync(stampFile, 'utf8') === hash
  if (isFresh) return false
  await step.run()
  mkdirSync(path.dirname(stampFile), { recursive: true })
  writeFileSync(stampFile, hash)
  return true
}
