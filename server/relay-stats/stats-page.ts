import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import path from 'node:path'

/** One document without anything from elsewhere, and what a content security policy must let it run. */
export interface StatsPage {
  html: string
  scriptHashes: string[]
  styleHashes: string[]
}

/** @throws where a file of the page is missing or has no place for the others. */
export function loadStatsPage(): StatsPage {
  const style = fileOf('page.css')
  const script = fileOf('page.js')
  const html = filled(filled(fileOf('page.html'), 'STYLE', style), 'SCRIPT', script)
  return { html, scriptHashes: [hashOf(script)], styleHashes: [hashOf(style)] }
}

function fileOf(name: string): string {
  return readFileSync(path.join(import.meta.dirname, name), 'utf8')
}

function filled(html: string, name: string, content: string): string {
  const place = `/* ${name} */`
  if (html.split(place).length !== 2) throw new Error(`page.html has no one place for ${name}`)
  return html.replace(place, () => content)
}

/** CSP 3 §6.7.2: of exactly what stands between the tags. */
function hashOf(content: string): string {
  return `'sha256-${createHash('sha256').update(content).digest('base64')}'`
}
