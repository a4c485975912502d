import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { expect, test } from 'vitest'
import { readWindowState, saveWindowState } from './window-state.ts'

const SCREEN = { x: 0, y: 0, width: 1280, height: 800 }
const file = () => path.join(mkdtempSync(path.join(tmpdir(), 'engawa-window-')), 'window.json')

test('the window comes back to its place, unless that screen is gone', () => {
  const state = { x: 1500, y: 100, width: 900, height: 700, maximized: false }
  const saved = file()
  saveWindowState(saved, state)
  expect(readWindowState(saved, [SCREEN, { ...SCREEN, x: 1280 }])).toEqual(state)
  expect(readWindowState(saved, [SCREEN])).toBeNull()
})

test('a broken file and a missing one are no harm', () => {
  const broken = file()
  writeFileSync(broken, '{"x":"1"')
  expect(readWindowState(broken, [SCREEN])).toBeNull()
  expect(readWindowState('/nowhere/window.json', [SCREEN])).toBeNull()
  expect(() => saveWindowState('/nowhere/window.json', { ...SCREEN, maximized: false })).not.toThrow()
})
