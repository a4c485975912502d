// @vitest-environment happy-dom
import { act } from 'react'
import { createRoot, type Root } from 'react-dom/client'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { useConnection } from '../stores/connection.ts'
import { OfflineError } from './api-error.ts'
import { type Loaded, useLoad } from './use-load.ts'

interface Question {
  answer: (value: string) => Promise<void>
  fail: (error: Error) => Promise<void>
}

describe('useLoad', () => {
  let root: Root
  let questions: Question[]
  let shown: Loaded<string>

  const ask = () =>
    new Promise<string>((resolve, reject) => {
      questions.push({
        answer: (value) => act(async () => resolve(value)),
        fail: (error) => act(async () => reject(error)),
      })
    })

  function Probe({ id }: { id: string }) {
    shown = useLoad(id, ask).loaded
    return null
  }

  const show = (id: string) => act(async () => root.render(<Probe id={id} />))

  beforeEach(() => {
    Object.assign(globalThis, { IS_REACT_ACT_ENVIRONMENT: true })
    questions = []
    useConnection.setState({ line: 'online', identity: 0 })
    root = createRoot(document.createElement('div'))
  })
  afterEach(() => act(async () => root.unmount()))

  it('loads, then has the value', async () => {
    await show('a')
    expect(shown).toEqual({ state: 'loading' })
    await questions[0]?.answer('A')
    expect(shown).toEqual({ state: 'ready', value: 'A' })
  })

  it('drops the late answer to an old question', async () => {
    await show('a')
    await show('b')
    expect(shown).toEqual({ state: 'loading' })
    await questions[1]?.answer('B')
    await questions[0]?.answer('A')
    expect(shown).toEqual({ state: 'ready', value: 'B' })
  })

  it('asks again as another person, and keeps the value until the answer', async () => {
    await show('a')
    await questions[0]?.answer('A')
    await act(async () => useConnection.getState().nextIdentity())
    expect(questions).toHaveLength(2)
    expect(shown).toEqual({ state: 'ready', value: 'A' })
    await questions[1]?.answer('A2')
    expect(shown).toEqual({ state: 'ready', value: 'A2' })
  })

  it('asks again when the line is back after it failed for want of one', async () => {
    await show('a')
    await act(async () => useConnection.getState().setLine('offline'))
    await questions[0]?.fail(new OfflineError())
    expect(shown).toMatchObject({ state: 'failed', failure: { reason: 'offline' } })
    expect(questions).toHaveLength(1)
    await act(async () => useConnection.getState().setLine('online'))
    expect(questions).toHaveLength(2)
  })
})
