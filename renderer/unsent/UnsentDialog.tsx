import { useTranslation } from 'react-i18next'
import { useCell } from '../stage/use-cell.ts'
import { type UnsentReason, useUnsentDialog } from '../stores/unsent-dialog.ts'
import { pageTapes } from '../tape/page-tapes.ts'
import { Button, Dialog, Notice } from '../ui/index.ts'
import { UnsentTapeItem } from './UnsentTapeItem.tsx'
import styles from './unsent.module.css'
import { isCapturing, isStuck, type Unsent } from './unsent-model.ts'

/** The recordings that are still here, each with what can be done; and where somebody leaves, the choice to wait or to go. */
export function UnsentDialog({ unsent }: { unsent: Unsent | null }) {
  const { t } = useTranslation('unsent')
  const { reason, close } = useUnsentDialog()
  const statuses = useCell(pageTapes().tapes)
  if (reason === null) return null
  const capturing = isCapturing(statuses)
  const words = wordsOf(reason, unsent)
  const nothing = unsent === null && !(reason.why === 'sign-out' && capturing)
  return (
    <Dialog
      open
      onClose={close}
      title={t(nothing ? nothingTitle(reason) : words.title)}
      closeLabel={t('dialog.close')}
      footer={<Answers reason={reason} unsent={unsent} />}
    >
      {reason.why === 'sign-out' && capturing && <Notice tone="warning">{t('dialog.capturing')}</Notice>}
      {nothing ? (
        <Notice tone="success" announce>
          {t('dialog.empty')}
        </Notice>
      ) : (
        !areFleeting(unsent) && <p>{t(words.intro)}</p>
      )}
      {unsent !== null && <Recordings unsent={unsent} />}
    </Dialog>
  )
}

function wordsOf({ why }: UnsentReason, unsent: Unsent | null) {
  const stuck = unsent !== null && unsent.movingCount === 0
  switch (why) {
    case 'look':
      return { title: 'dialog.title', intro: stuck ? 'dialog.stuckIntro' : 'dialog.intro' } as const
    case 'left':
      return stuck
        ? ({ title: 'dialog.leftStuckTitle', intro: 'dialog.stuckIntro' } as const)
        : ({ title: 'dialog.leftTitle', intro: 'dialog.leftIntro' } as const)
    case 'sign-out':
      return { title: 'dialog.signOutTitle', intro: 'dialog.signOutIntro' } as const
  }
}

/** All of it went while one waited, or was discarded. */
function nothingTitle({ why }: UnsentReason) {
  return why === 'sign-out' ? 'dialog.signOut' : 'dialog.title'
}

/** What the next start would bring is not true of them. */
function areFleeting(unsent: Unsent | null): boolean {
  return unsent?.tapes.every((tape) => tape.isFleeting) ?? false
}

function Recordings({ unsent }: { unsent: Unsent }) {
  const { t } = useTranslation('unsent')
  const fleeting = unsent.tapes.some((tape) => tape.isFleeting)
  return (
    <>
      {fleeting && <Notice tone="warning">{t('dialog.fleeting')}</Notice>}
      <ul className={styles.list}>
        {unsent.tapes.map((tape) => (
          <UnsentTapeItem key={tape.tape.tapeId} unsent={tape} />
        ))}
      </ul>
    </>
  )
}

function Answers({ reason, unsent }: { reason: UnsentReason; unsent: Unsent | null }) {
  const { t } = useTranslation('unsent')
  const { close } = useUnsentDialog()
  const moving = unsent?.tapes.some((tape) => !isStuck(tape)) ?? false
  if (reason.why !== 'sign-out') {
    return <Button onPress={close}>{t(reason.why === 'left' && moving ? 'dialog.goOn' : 'dialog.close')}</Button>
  }
  const signOut = () => {
    useUnsentDialog.setState({ reason: null })
    reason.answer(true)
  }
  return (
    <>
      <Button onPress={close}>{t('dialog.stay')}</Button>
      <Button variant="primary" onPress={signOut}>
        {t(unsent === null ? 'dialog.signOut' : 'dialog.signOutNow')}
      </Button>
    </>
  )
}
