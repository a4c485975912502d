import { mkdir, readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import path from 'node:path'
import type { Page } from 'playwright-core'
import { expect } from 'vitest'

/** ENGAWA_TEST_PICTURES=folder keeps a picture of each screen. */
const picturesFolder = process.env['ENGAWA_TEST_PICTURES']
const axeSource = readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

interface AxeViolation {
  id: string
  help: string
  nodes: { html: string; failureSummary?: string }[]
}

/** axe-core finds nothing on what the person's page shows now. `screen` names it in failures and pictures. */
export async function expectAccessible({ page }: { page: Page }, screen: string): Promise<void> {
  if (picturesFolder) {
    await mkdir(picturesFolder, { recursive: true })
    await page.screenshot({ path: path.join(picturesFolder, `${screen}.png`), fullPage: true })
  }
  await page.evaluate(await axeSource)
  const violations = await page.evaluate(async () => {
    const { axe } = window as unknown as { axe: { run(): Promise<{ violations: AxeViolation[] }> } }
    return (await axe.run()).violations
  })
  expect(
    violations.map(({ id, help, nodes }) => ({ id, help, where: nodes.map((node) => node.html) })),
    screen,
  ).toEqual([])
}
