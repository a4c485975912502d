import { useTranslation } from 'react-i18next'
import { Dialog } from '../../ui/index.ts'
import styles from './editor.module.css'

const ROWS = [
  'play',
  'move',
  'moveFar',
  'moveNear',
  'ends',
  'marks',
  'select',
  'cut',
  'marker',
  'clear',
  'zoom',
  'fit',
  'undo',
  'redo',
  'wheel',
  'scroll',
] as const

/** The editor's keys, for looking up. */
export function KeysDialog({ open, onClose }: { open: boolean; onClose: () => void }) {
  const { t } = useTranslation('studio')
  return (
    <Dialog open={open} onClose={onClose} title={t('editor.help.title')} closeLabel={t('editor.help.close')}>
      <p>{t('editor.help.where')}</p>
      <dl className={styles.keys}>
        {ROWS.map((row) => (
          <div key={row} className={styles.keyRow}>
            <dt>{t(`editor.help.rows.${row}.what`)}</dt>
            <dd>
              <kbd>{t(`editor.help.rows.${row}.keys`)}</kbd>
            </dd>
          </div>
        ))}
      </dl>
    </Dialog>
  )
}
