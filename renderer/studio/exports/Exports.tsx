import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { JobView } from '../../../server/contract/views.ts'
import type { TakeId } from '../../../sfu-core/contract/ids.ts'
import type { ExportFormat, RenderRequest } from '../../../sfu-core/contract/render.ts'
import { FailureNotice } from '../../app/FailureNotice.tsx'
import { type Action, useAction } from '../../app/use-action.ts'
import { RadioGroup, Select, Switch } from '../../ui/forms.ts'
import { Button, Card } from '../../ui/index.ts'
import studio from '../studio.module.css'
import { studioApi } from '../studio-api.ts'
import type { TakeFiles } from '../take-files.ts'
import styles from './exports.module.css'
import { JobRow } from './JobRow.tsx'
import { EXPORT_FORMATS, exportJobs } from './job-facts.ts'

interface ExportsProps {
  takeId: TakeId
  jobs: readonly JobView[] | null
  files: TakeFiles | null
  /** There are tracks. */
  ready: boolean
}

/** What can be made of the take, and what was. */
export function Exports({ takeId, jobs, files, ready }: ExportsProps) {
  const { t } = useTranslation('studio')
  const start = useAction((request: RenderRequest) => studioApi().start.mutate({ takeId, request }))
  const made = exportJobs(jobs ?? [])
  return (
    <section className={studio.section} aria-labelledby="exports">
      <div>
        <h2 id="exports" className={studio.sectionTitle}>
          {t('exports.title')}
        </h2>
        <p className={studio.soft}>{t(ready ? 'exports.help' : 'exports.notYet')}</p>
      </div>
      {ready && (
        <Card padding="large">
          <ExportForm start={start} />
        </Card>
      )}
      {made.length > 0 && (
        <Card padding="none">
          <ul className={studio.list} aria-label={t('exports.jobs')}>
            {made.map((job) => (
              <li key={job.jobId}>
                <JobRow job={job} files={files} onAgain={ready ? start.run : null} />
              </li>
            ))}
          </ul>
        </Card>
      )}
    </section>
  )
}

/** What people publish with, and what they go on working with. */
const FIRST_FORMAT = { mix: 'mp3', tracks: 'flac' } as const

/** What to make, and in which format. */
export function ExportForm({ start }: { start: Action<[RenderRequest]> }) {
  const { t } = useTranslation('studio')
  const [kind, setKind] = useState<'mix' | 'tracks'>('mix')
  const [formats, setFormats] = useState<Record<'mix' | 'tracks', ExportFormat>>(FIRST_FORMAT)
  const [edited, setEdited] = useState(false)
  const [projects, setProjects] = useState(true)
  const format = formats[kind]
  const request: RenderRequest = kind === 'mix' ? { kind, format } : { kind, format, edited, projects }
  return (
    <div className={styles.form}>
      <RadioGroup
        label={t('exports.what')}
        value={kind}
        onChange={setKind}
        options={(['mix', 'tracks'] as const).map((value) => ({
          value,
          label: t(`exports.${value}`),
          description: t(`exports.${value}Help`),
        }))}
      />
      <Select
        label={t('exports.format')}
        value={format}
        onChange={(chosen) => setFormats({ ...formats, [kind]: chosen })}
        options={EXPORT_FORMATS.map((value) => ({
          value,
          label: t(`exports.formats.${value}.name`),
          description: t(`exports.formats.${value}.help`),
        }))}
      />
      {kind === 'tracks' && (
        <>
          <Switch label={t('exports.edited')} description={t('exports.editedHelp')} on={edited} onChange={setEdited} />
          <Switch
            label={t('exports.projects')}
            description={t('exports.projectsHelp')}
            on={projects}
            onChange={setProjects}
          />
        </>
      )}
      <FailureNotice failure={start.failure} />
      <div>
        <Button
          variant="primary"
          onPress={() => start.run(request)}
          pending={start.pending}
          pendingLabel={t('exports.starting')}
        >
          {t('exports.start')}
        </Button>
      </div>
    </div>
  )
}
