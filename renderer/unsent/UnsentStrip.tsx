import './words.ts'
import { CloudAlert, CloudOff, CloudUpload } from 'lucide-react'
import { useTranslation } from 'react-i18next'
import app from '../app/app.module.css'
import { localeOf } from '../app/format.ts'
import { useLasting } from '../app/use-lasting.ts'
import { useUnsentDialog } from '../stores/unsent-dialog.ts'
import { formatBytes } from '../studio/exports/job-facts.ts'
import { ProgressBar } from '../ui/forms.ts'
import { Button, cx, VisuallyHidden } from '../ui/index.ts'
import { UnsentDialog } from './UnsentDialog.tsx'
import styles from './unsent.module.css'
import { type Unsent, type UnsentState, waitingFor } from './unsent-model.ts'
import { useToldAfterLeaving, useToldWhenSent } from './use-told.ts'
import { useUnsent } from './use-unsent.ts'

/** The last seconds of a recording are sent within this after a room; that is not worth a strip. */
const SHOW_AFTER_MS = 1_500

/** A strip at the foot of the head, on every screen, while a recording is still to be sent; and the window behind it. */
export function UnsentStrip() {
  const unsent = useUnsent()
  const lasts = useLasting(unsent !== null, SHOW_AFTER_MS)
  const asked = useUnsentDialog(({ reason }) => reason !== null)
  const shown = lasts ? unsent : null
  useToldWhenSent(shown !== null || (asked && unsent !== null))
  useToldAfterLeaving()
  return (
    <>
      {/* Read when it comes or changes its kind; not with each megabyte. */}
      <VisuallyHidden>
        <span role="status">{shown !== null && <Words unsent={shown} sized={false} />}</span>
      </VisuallyHidden>
      {shown !== null && <Strip unsent={shown} />}
      <UnsentDialog unsent={unsent} />
    </>
  )
}

const LOOKS: Record<UnsentState['kind'], { tone: string | undefined; icon: typeof CloudOff }> = {
  sending: { tone: styles.calm, icon: CloudUpload },
  raw: { tone: undefined, icon: CloudOff },
  waiting: { tone: undefined, icon: CloudOff },
  refused: { tone: app['stripFailed'], icon: CloudAlert },
  held: { tone: undefined, icon: CloudAlert },
}

function Strip({ unsent }: { unsent: Unsent }) {
  const { t } = useTranslation('unsent')
  const { tone, icon: Icon } = LOOKS[unsent.state.kind]
  return (
    <section className={cx(app['strip'], app['stripLong'], tone)} aria-label={t('dialog.title')}>
      <Icon aria-hidden="true" />
      <p>
        <Words unsent={unsent} sized />
      </p>
      {unsent.movingCount > 0 && (
        <span className={styles.stripBar}>
          <ProgressBar
            label={t('strip.progress')}
            value={unsent.progress}
            valueText={`${Math.floor(unsent.progress * 100)} %`}
          />
        </span>
      )}
      <Button size="small" variant="quiet" onPress={() => useUnsentDialog.getState().show({ why: 'look' })}>
        {t('strip.show')}
      </Button>
    </section>
  )
}

/** "2 recordings of your voice are still to be sent (14 MB) · sending…" */
function Words({ unsent, sized }: { unsent: Unsent; sized: boolean }) {
  const { t, i18n } = useTranslation('unsent')
  const { state, movingCount, stuckCount, pendingBytes } = unsent
  const parts: string[] = []
  if (movingCount > 0) {
    const size = formatBytes(pendingBytes, localeOf(i18n.language, navigator.languages))
    parts.push(sized ? t('strip.count', { count: movingCount, size }) : t('strip.heard', { count: movingCount }))
    if (state.kind === 'waiting') parts.push(t(`strip.waiting.${waitingFor(state.reason)}`))
    else parts.push(t(state.kind === 'raw' ? 'strip.raw' : 'strip.sending'))
  }
  if (stuckCount > 0) parts.push(t(state.kind === 'held' ? 'strip.held' : 'strip.stuck', { count: stuckCount }))
  return parts.join(' · ')
}
