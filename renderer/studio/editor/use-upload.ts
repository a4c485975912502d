import { useEffect, useRef, useState } from 'react'
import type { StudioAsset } from '../../../server/contract/views.ts'
import { type Failure, failureOf } from '../../app/api-error.ts'
import { uploadAsset } from './assets.ts'
import { useEditor } from './editor-context.ts'

export interface Upload {
  /** What is under way; null: nothing. */
  under: { name: string; progress: number } | null
  failure: Failure | null
  start: (file: File) => void
  cancel: () => void
}

/** Sends one file at a time; another one takes its place. Called off when the editor is left. */
export function useUpload(onDone: (asset: StudioAsset) => void): Upload {
  const { view, reload } = useEditor()
  const [under, setUnder] = useState<Upload['under']>(null)
  const [failure, setFailure] = useState<Failure | null>(null)
  const running = useRef<AbortController | null>(null)
  const latest = useRef(onDone)
  latest.current = onDone
  useEffect(() => () => running.current?.abort(), [])

  const start = (file: File) => {
    running.current?.abort()
    const abort = new AbortController()
    running.current = abort
    const whileMine = (call: () => void) => running.current === abort && !abort.signal.aborted && call()
    setFailure(null)
    setUnder({ name: file.name, progress: 0 })
    const onProgress = (progress: number) => whileMine(() => setUnder({ name: file.name, progress }))
    uploadAsset({ takeId: view.take.takeId, file, onProgress, signal: abort.signal })
      .then(
        (asset) =>
          whileMine(() => {
            reload()
            latest.current(asset)
          }),
        (error: unknown) => whileMine(() => setFailure(failureOf(error))),
      )
      .finally(() => whileMine(() => setUnder(null)))
  }
  const cancel = () => {
    running.current?.abort()
    setUnder(null)
  }
  return { under, failure, start, cancel }
}
