import { Check, CircleAlert } from 'lucide-react'
import { useTranslation } from 'react-i18next'
import type { Failure } from '../../app/api-error.ts'
import { FailureNotice, useReasonWords } from '../../app/FailureNotice.tsx'
import { useAction } from '../../app/use-action.ts'
import { useCell } from '../../stage/use-cell.ts'
import { Button, Notice } from '../../ui/index.ts'
import styles from './editor.module.css'
import { useEditor } from './editor-context.ts'

/** Whether the edits are safe, in one word. */
export function SaveState() {
  const { t } = useTranslation('studio')
  const { autosave } = useEditor()
  const { state } = useCell(autosave.state)
  switch (state) {
    case 'saved':
      return (
        <p className={styles.saveState}>
          <Check aria-hidden="true" />
          {t('editor.saved')}
        </p>
      )
    case 'unsaved':
    case 'saving':
      return <p className={styles.saveState}>{t('editor.saving')}</p>
    case 'failed':
    case 'conflict':
      return (
        <p className={styles.saveTrouble}>
          <CircleAlert aria-hidden="true" />
          {t('editor.unsaved')}
        </p>
      )
  }
}

/** Where saving does not go by itself: why, and what can be done. */
export function SaveTrouble() {
  const { autosave } = useEditor()
  const current = useCell(autosave.state)
  if (current.state === 'conflict') return <Conflict />
  return current.state === 'failed' ? <Failed failure={current.failure} /> : null
}

function Failed({ failure }: { failure: Failure }) {
  const { t } = useTranslation('studio')
  const { autosave } = useEditor()
  const reason = useReasonWords(failure.reason)
  return (
    <Notice
      tone="warning"
      announce
      action={
        <Button size="small" onPress={() => void autosave.flush()}>
          {t('editor.saveAgain')}
        </Button>
      }
    >
      {failure.reason === 'offline' ? t('editor.saveOffline') : t('editor.saveFailed', { reason: reason.title })}
    </Notice>
  )
}

function Conflict() {
  const { t } = useTranslation('studio')
  const { autosave, dispatch } = useEditor()
  const mine = useAction(() => autosave.keepMine())
  const theirs = useAction(async () => dispatch({ type: 'replace', edits: await autosave.takeTheirs() }))
  return (
    <Notice
      tone="warning"
      title={t('editor.conflict')}
      announce
      action={
        <>
          <Button size="small" onPress={theirs.run} pending={theirs.pending}>
            {t('editor.takeTheirs')}
          </Button>
          <Button size="small" variant="primary" onPress={mine.run} pending={mine.pending}>
            {t('editor.keepMine')}
          </Button>
        </>
      }
    >
      {t('editor.conflictHelp')}
      <FailureNotice failure={mine.failure ?? theirs.failure} />
    </Notice>
  )
}
