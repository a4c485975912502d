// @vitest-environment happy-dom
import { expect, it } from 'vitest'
import WaveSurfer from 'wavesurfer.js'
import { WAVEFORM_STYLE_HASH } from '../../../server/contract/page-styles.ts'
import { waveformOptions } from './overview-options.ts'

it('writes the style element that the Content-Security-Policy allows', async () => {
  const container = document.createElement('div')
  document.body.append(container)
  const wave = WaveSurfer.create(
    waveformOptions({ container, loudness: Float32Array.of(0, 1, 0), lengthMs: 3_000, color: 'black' }),
  )
  const style = container.firstElementChild?.shadowRoot?.querySelector('style')?.textContent ?? ''
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(style)))
  expect(`'sha256-${btoa(String.fromCharCode(...digest))}'`).toBe(WAVEFORM_STYLE_HASH)
  wave.destroy()
})
