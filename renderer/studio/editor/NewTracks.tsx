import { useTranslation } from 'react-i18next'
import { FailureNotice } from '../../app/FailureNotice.tsx'
import { useAction } from '../../app/use-action.ts'
import { Button, Notice } from '../../ui/index.ts'
import { useEditor } from './editor-context.ts'

/** The tracks were made anew while the editor was open. */
export function NewTracks({ load }: { load: () => Promise<void> }) {
  const { t } = useTranslation('studio')
  const { autosave } = useEditor()
  const action = useAction(async () => {
    if (await autosave.flush()) await load()
  })
  return (
    <Notice
      title={t('editor.newTracks')}
      announce
      action={
        <Button size="small" onPress={action.run} pending={action.pending}>
          {t('editor.loadTracks')}
        </Button>
      }
    >
      {t('editor.newTracksHelp')}
      <FailureNotice failure={action.failure} />
    </Notice>
  )
}
