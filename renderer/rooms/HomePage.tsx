import { Plus, Radio, Sprout } from 'lucide-react'
import type { ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import type { RoomStatus, RoomView } from '../../server/contract/views.ts'
import { LoadedContent, Offline } from '../app/FailureNotice.tsx'
import { useScreenTitle } from '../app/screen.ts'
import { serverConnection } from '../app/server-connection.ts'
import { useLoad } from '../app/use-load.ts'
import { useConnection } from '../stores/connection.ts'
import { useLiveRooms } from '../stores/live-rooms.ts'
import { usePerson } from '../stores/person.ts'
import { Card, EmptyState, LinkButton, Loading, PageHeader } from '../ui/index.ts'
import { useLiveFeed } from './live-feed.ts'
import { OpenInvite } from './OpenInvite.tsx'
import { RoomList } from './RoomList.tsx'
import styles from './rooms.module.css'

/** What is live now, and one's own rooms. */
export function HomePage() {
  const { t } = useTranslation('rooms')
  useScreenTitle(t('home.title'))
  useLiveFeed()
  const identity = usePerson((state) => state.identity.state)
  return (
    <div className={styles.page}>
      <PageHeader
        title={t('home.title')}
        description={t('home.description')}
        actions={
          identity === 'person' && (
            <LinkButton href="/new" variant="primary" icon={<Plus aria-hidden="true" />}>
              {t('home.newRoom')}
            </LinkButton>
          )
        }
      />
      <Section id="live" title={t('home.live')}>
        <LiveRooms />
      </Section>
      <OpenInvite />
      {identity === 'person' && (
        <Section id="mine" title={t('home.mine')}>
          <MyRooms />
        </Section>
      )}
      {identity === 'guest' && <HostInvitation />}
    </div>
  )
}

function Section({ id, title, children }: { id: string; title: string; children: ReactNode }) {
  return (
    <section className={styles.section} aria-labelledby={id}>
      <h2 id={id} className={styles.sectionTitle}>
        {title}
      </h2>
      {children}
    </section>
  )
}

function LiveRooms() {
  const { t } = useTranslation('rooms')
  const app = useTranslation('app')
  const rooms = useLiveRooms((state) => state.rooms)
  const line = useConnection((state) => state.line)
  if (rooms === null) {
    if (line !== 'offline') return <Loading label={app.t('loading')} />
    return (
      <Card>
        <Offline />
      </Card>
    )
  }
  if (rooms.length > 0) return <RoomList rooms={rooms} labelledBy="live" />
  return (
    <Card>
      <EmptyState icon={<Radio />} title={t('home.liveEmpty')}>
        {t('home.liveEmptyHelp')}
      </EmptyState>
    </Card>
  )
}

const STATUS_ORDER: Record<RoomStatus, number> = { live: 0, draft: 1, ended: 2 }

/** Live first, then what waits, then what is over; newest first. */
function inOrder(rooms: readonly RoomView[]): readonly RoomView[] {
  return rooms.toSorted((a, b) => STATUS_ORDER[a.status] - STATUS_ORDER[b.status] || b.createdAtMs - a.createdAtMs)
}

function MyRooms() {
  const { t } = useTranslation('rooms')
  const app = useTranslation('app')
  const handle = useLoad('my-rooms', () => serverConnection().client.rooms.mine.query())
  return (
    <LoadedContent handle={handle} loadingLabel={app.t('loading')}>
      {(rooms) =>
        rooms.length > 0 ? (
          <RoomList rooms={inOrder(rooms)} labelledBy="mine" />
        ) : (
          <Card>
            <EmptyState
              icon={<Sprout />}
              title={t('home.mineEmpty')}
              action={<LinkButton href="/new">{t('home.newRoom')}</LinkButton>}
            >
              {t('home.mineEmptyHelp')}
            </EmptyState>
          </Card>
        )
      }
    </LoadedContent>
  )
}

function HostInvitation() {
  const { t } = useTranslation('rooms')
  return (
    <Card padding="large">
      <div className={styles.invitation}>
        <div className={styles.invitationWords}>
          <h2 className={styles.sectionTitle}>{t('home.signedOut')}</h2>
          <p className={styles.soft}>{t('home.signedOutHelp')}</p>
        </div>
        <div className={styles.buttons}>
          <LinkButton href="/sign-in">{t('home.signIn')}</LinkButton>
          <LinkButton href="/register" variant="primary">
            {t('home.register')}
          </LinkButton>
        </div>
      </div>
    </Card>
  )
}
