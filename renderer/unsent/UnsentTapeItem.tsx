import { Check, FileDown, Trash2 } from 'lucide-react'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { formatLength, localeOf, useMoment } from '../app/format.ts'
import { formatBytes } from '../studio/exports/job-facts.ts'
import { pageTapes } from '../tape/page-tapes.ts'
import { ProgressBar } from '../ui/forms.ts'
import { Badge, Button, ConfirmDialog, showToast } from '../ui/index.ts'
import { noteSaved, useIsSaved } from './saved-tapes.ts'
import styles from './unsent.module.css'
import { isStuck, type UnsentTape, waitingFor } from './unsent-model.ts'

/** One recording of one's voice that is still here. */
export function UnsentTapeItem({ unsent }: { unsent: UnsentTape }) {
  const { t } = useTranslation('unsent')
  const { tape, state } = unsent
  const saved = useIsSaved(tape.tapeId)
  const stuck = isStuck(unsent)
  return (
    <li className={styles.tape}>
      <p className={styles.tapeTitle}>
        {tape.roomTitle} {saved && <Badge icon={<Check aria-hidden="true" />}>{t('tape.saved')}</Badge>}
      </p>
      <Facts unsent={unsent} />
      {!stuck && <Progress unsent={unsent} />}
      <p className={stuck ? styles.bad : styles.soft}>
        <StateWords unsent={unsent} />
      </p>
      {state.kind === 'refused' && <p className={styles.soft}>{t('tape.refusedHelp')}</p>}
      <div className={styles.actions}>
        <Save unsent={unsent} />
        {state.kind === 'waiting' && !tape.isElsewhere && (
          <Button size="small" variant="quiet" onPress={() => pageTapes().retryNow()}>
            {t('tape.retry')}
          </Button>
        )}
        {stuck && !tape.isElsewhere && <Discard unsent={unsent} saved={saved} />}
      </div>
    </li>
  )
}

function Facts({ unsent: { tape } }: { unsent: UnsentTape }) {
  const { t } = useTranslation('unsent')
  const moment = useMoment()
  const facts = [moment(tape.startedAtMs), t('tape.length', { length: formatLength(tape.capturedMs) })]
  if (tape.deviceLabel !== '') facts.push(tape.deviceLabel)
  if (tape.source === 'unprocessed') facts.push(t('tape.unprocessed'))
  return <p className={styles.soft}>{facts.join(' · ')}</p>
}

function Progress({ unsent: { tape, progress } }: { unsent: UnsentTape }) {
  const { t } = useTranslation('unsent')
  const size = useSize(tape.pendingBytes)
  const words = t('tape.sent', { sent: formatLength(tape.sentMs), length: formatLength(tape.capturedMs), size })
  return (
    <div className={styles.progress}>
      <ProgressBar label={t('tape.progress', { title: tape.roomTitle })} value={progress} valueText={words} />
      <p className={styles.soft}>{words}</p>
    </div>
  )
}

function StateWords({ unsent: { tape, state } }: { unsent: UnsentTape }) {
  const { t } = useTranslation('unsent')
  const reasons = useTranslation('reasons')
  if (tape.isElsewhere) return t('tape.elsewhere')
  switch (state.kind) {
    case 'sending':
      return t('tape.sending')
    case 'raw':
      return t('tape.raw')
    case 'waiting':
      return t(`tape.waiting.${waitingFor(state.reason)}`, { reason: reasons.t(`${state.reason}.title`) })
    case 'refused':
      return t('tape.refused', { reason: reasons.t(`${state.reason}.title`) })
    case 'held':
      return t('tape.held', { server: state.serverUrl })
  }
}

function Save({ unsent: { tape } }: { unsent: UnsentTape }) {
  const { t } = useTranslation('unsent')
  const [pending, setPending] = useState(false)
  const save = async () => {
    setPending(true)
    try {
      if (await pageTapes().saveToFile(tape.tapeId)) {
        noteSaved(tape.tapeId)
        showToast('success', t('tape.savedToast'))
      }
    } catch {
      showToast('danger', t('tape.saveFailed'))
    } finally {
      setPending(false)
    }
  }
  return (
    <Button
      size="small"
      icon={<FileDown aria-hidden="true" />}
      ariaLabel={t('tape.saveOne', { title: tape.roomTitle })}
      pending={pending}
      pendingLabel={t('tape.saving')}
      onPress={() => void save()}
    >
      {t('tape.save')}
    </Button>
  )
}

function Discard({ unsent, saved }: { unsent: UnsentTape; saved: boolean }) {
  const { t } = useTranslation('unsent')
  const moment = useMoment()
  const [asking, setAsking] = useState(false)
  const { tape, unsentMs } = unsent
  const title = tape.roomTitle
  const size = useSize(tape.pendingBytes)
  return (
    <>
      <Button
        size="small"
        variant="quiet"
        icon={<Trash2 aria-hidden="true" />}
        ariaLabel={t('tape.discardOne', { title })}
        onPress={() => setAsking(true)}
      >
        {t('tape.discard')}
      </Button>
      <ConfirmDialog
        open={asking}
        danger
        title={t('discard.title')}
        confirmLabel={t('discard.confirm')}
        cancelLabel={t('discard.cancel')}
        onConfirm={() => pageTapes().discard(tape.tapeId)}
        onCancel={() => setAsking(false)}
      >
        <p>{t('discard.what', { length: formatLength(unsentMs), title, when: moment(tape.startedAtMs), size })}</p>
        <p>{saved ? t('discard.saved') : t('discard.notSaved')}</p>
      </ConfirmDialog>
    </>
  )
}

function useSize(sizeBytes: number): string {
  const { i18n } = useTranslation()
  return formatBytes(sizeBytes, localeOf(i18n.language, navigator.languages))
}
