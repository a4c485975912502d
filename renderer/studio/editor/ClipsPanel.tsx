import { Trash2, Upload } from 'lucide-react'
import { useTranslation } from 'react-i18next'
import type { StudioAsset } from '../../../server/contract/views.ts'
import type { EditList } from '../../../sfu-core/contract/edits.ts'
import { FailureNotice } from '../../app/FailureNotice.tsx'
import { formatLength, localeOf } from '../../app/format.ts'
import { useAction } from '../../app/use-action.ts'
import { FileButton, ProgressBar, Select, Slider } from '../../ui/forms.ts'
import { Button, Card, IconButton } from '../../ui/index.ts'
import { formatBytes } from '../exports/job-facts.ts'
import studio from '../studio.module.css'
import { deleteAsset } from './assets.ts'
import styles from './editor.module.css'
import { useEditor } from './editor-context.ts'
import { type Upload as UploadState, useUpload } from './use-upload.ts'

const SOUND_TYPES = ['audio/*', '.flac', '.opus', '.ogg', '.m4a', '.mp3', '.wav']
/** A usual overlap: the music is heard to go under. */
const FADE_FIRST_MS = 3_000
const FADE_RANGE_S = { min: 0, max: 10, step: 0.5 }
const SECONDS: Intl.NumberFormatOptions = { style: 'unit', unit: 'second', unitDisplay: 'short' }
const NONE = ''

type Place = 'intro' | 'outro'

/** Sound before and after the talk. */
export function ClipsPanel() {
  const { t } = useTranslation('studio')
  return (
    <section className={studio.section} aria-labelledby="clips">
      <div>
        <h2 id="clips" className={studio.sectionTitle}>
          {t('editor.clips.title')}
        </h2>
        <p className={studio.soft}>{t('editor.clips.help')}</p>
      </div>
      <Card padding="large">
        <div className={styles.panel}>
          <Clip place="intro" />
          <Clip place="outro" />
          <Files />
        </div>
      </Card>
    </section>
  )
}

function Clip({ place }: { place: Place }) {
  const { t } = useTranslation('studio')
  const { edits, edit, assets } = useEditor()
  const clip = edits[place]
  const use = (assetId: string) =>
    edit({ type: 'clip', place, clip: assetId === NONE ? null : { assetId, fadeMs: clip?.fadeMs ?? FADE_FIRST_MS } })
  const upload = useUpload((asset) => use(asset.assetId))
  const name = t(`editor.clips.${place}`)
  return (
    <div className={styles.clip}>
      <div className={styles.clipChoice}>
        <Select
          label={name}
          value={clip?.assetId ?? NONE}
          onChange={use}
          options={optionsOf(clip, { assets, none: t('editor.clips.none'), gone: t('editor.clips.gone') })}
        />
        <FileButton
          accept={SOUND_TYPES}
          icon={<Upload aria-hidden="true" />}
          onFile={upload.start}
          ariaLabel={t('editor.clips.chooseLabel', { place: name })}
        >
          {t('editor.clips.choose')}
        </FileButton>
      </div>
      <Uploading upload={upload} />
      {clip !== null && <Fade place={place} clip={clip} />}
    </div>
  )
}

interface OptionWords {
  assets: readonly StudioAsset[]
  none: string
  gone: string
}

function optionsOf(clip: EditList['intro'], { assets, none, gone }: OptionWords) {
  const options = [
    { value: NONE, label: none },
    ...assets.map(({ assetId, name, lengthMs }) => ({ value: assetId, label: `${name} (${formatLength(lengthMs)})` })),
  ]
  const isThere = clip === null || assets.some(({ assetId }) => assetId === clip.assetId)
  return isThere ? options : [...options, { value: clip.assetId, label: gone }]
}

function Uploading({ upload }: { upload: UploadState }) {
  const { t } = useTranslation('studio')
  const percent = Math.floor((upload.under?.progress ?? 0) * 100)
  return (
    <>
      {upload.under !== null && (
        <div className={styles.preview}>
          <div className={styles.previewRow}>
            <p>{t('editor.clips.uploading', { name: upload.under.name, percent })}</p>
            <Button size="small" onPress={upload.cancel}>
              {t('editor.clips.cancel')}
            </Button>
          </div>
          <ProgressBar
            label={t('editor.clips.uploadingLabel')}
            value={upload.under.progress}
            valueText={`${percent} %`}
          />
        </div>
      )}
      <FailureNotice failure={upload.failure} />
    </>
  )
}

function Fade({ place, clip }: { place: Place; clip: NonNullable<EditList['intro']> }) {
  const { t } = useTranslation('studio')
  const { edit, dispatch } = useEditor()
  return (
    <Slider
      label={t('editor.clips.fadeLabel', { place: t(`editor.clips.${place}`) })}
      {...FADE_RANGE_S}
      value={clip.fadeMs / 1_000}
      onChange={(seconds) => edit({ type: 'clip', place, clip: { ...clip, fadeMs: seconds * 1_000 } })}
      onChangeEnd={() => dispatch({ type: 'pause' })}
      format={SECONDS}
    />
  )
}

/** What was sent, to be thrown away. */
function Files() {
  const { t, i18n } = useTranslation('studio')
  const { view, assets, edits, edit, reload } = useEditor()
  const remove = useAction(async (assetId: string) => {
    await deleteAsset(view.take.takeId, assetId)
    for (const place of ['intro', 'outro'] as const) {
      if (edits[place]?.assetId === assetId) edit({ type: 'clip', place, clip: null })
    }
    reload()
  })
  if (assets.length === 0) return null
  const locale = localeOf(i18n.language, navigator.languages)
  return (
    <div>
      <h3 id="clip-files" tabIndex={-1} className={styles.subtitle}>
        {t('editor.clips.files')}
      </h3>
      <ul aria-labelledby="clip-files">
        {assets.map(({ assetId, name, lengthMs, sizeBytes }) => (
          <li key={assetId} className={styles.file}>
            <span className={styles.fileName}>{name}</span>
            <span className={studio.soft}>
              {formatLength(lengthMs)} · {formatBytes(sizeBytes, locale)}
            </span>
            <IconButton
              label={t('editor.clips.deleteLabel', { name })}
              icon={<Trash2 />}
              size="small"
              tooltip={false}
              pending={remove.pending}
              onPress={() => {
                document.getElementById('clip-files')?.focus()
                remove.run(assetId)
              }}
            />
          </li>
        ))}
      </ul>
      <FailureNotice failure={remove.failure} />
    </div>
  )
}
