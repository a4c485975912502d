import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'

const SFU_CORE = join(import.meta.dirname, '..')
const RULE = /\bR\d+\b/g
/** A title begins with its rules. */
const TITLE = /['"`]((?:R\d+[ :])+)/g

function rulesOfSpec(): Set<string> {
  const spec = readFileSync(join(SFU_CORE, 'SPEC.md'), 'utf8')
  return new Set([...spec.matchAll(/^- \*\*(R\d+)\*\*/gm)].map((match) => match[1] ?? ''))
}

function rulesInTitles(): Set<string> {
  const rules = new Set<string>()
  for (const file of globSync('{room,node,forward,test}/**/*.test.ts', { cwd: SFU_CORE })) {
    const source = readFileSync(join(SFU_CORE, file), 'utf8')
    for (const [title] of source.matchAll(TITLE)) {
      for (const [rule] of title.matchAll(RULE)) rules.add(rule)
    }
  }
  return rules
}

function missing(wanted: Set<string>, there: Set<string>): string[] {
  return [...wanted].filter((rule) => !there.has(rule))
}

test('every rule of SPEC.md is named by a test title', () => {
  expect(missing(rulesOfSpec(), rulesInTitles())).toEqual([])
})

test('every rule that a test title names is in SPEC.md', () => {
  expect(missing(rulesInTitles(), rulesOfSpec())).toEqual([])
})
