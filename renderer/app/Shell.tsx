import { AudioLines, House, LogIn, Settings } from 'lucide-react'
import type { ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import { Link, useLocation } from 'wouter'
import { roomsHere } from '../../electron/contract/bridge.ts'
import { useHosting } from '../stores/hosting.ts'
import { usePerson } from '../stores/person.ts'
import { LinkButton, ToastRegion } from '../ui/index.ts'
import { Unsent } from '../unsent/Unsent.tsx'
import { AccountMenu } from './AccountMenu.tsx'
import styles from './app.module.css'
import { desktopBridge } from './desktop.ts'
import { Logo } from './Logo.tsx'
import { StatusBanner } from './StatusBanner.tsx'
import { serverConnection } from './server-connection.ts'

/** What stays on every screen: the head with navigation, the line's state, messages. */
export function Shell({ children }: { children: ReactNode }) {
  const { t } = useTranslation()
  return (
    <div className={styles.shell}>
      <a className={styles.skip} href="#content">
        {t('skipToContent')}
      </a>
      <Header />
      <main id="content" className={styles.main} tabIndex={-1}>
        {children}
      </main>
      {desktopBridge() !== null && <DesktopFooter />}
      <ToastRegion label={t('notifications')} closeLabel={t('close')} />
    </div>
  )
}

/** Which server this window belongs to, and whether this computer runs rooms. */
function DesktopFooter() {
  const { t } = useTranslation()
  const hosting = useHosting((state) => roomsHere(state.status) > 0)
  return (
    <footer className={styles.footer}>
      <span>{t('server', { url: serverConnection().serverUrl })}</span>
      {hosting && <span>{t('hosting.here')}</span>}
    </footer>
  )
}

function Header() {
  const { t } = useTranslation()
  const identity = usePerson((state) => state.identity)
  return (
    <header className={styles.header}>
      <div className={styles.headerRow}>
        <Link href="/" className={styles.brand}>
          <Logo />
          <span className={styles.brandName}>{t('name')}</span>
        </Link>
        <nav aria-label={t('nav.label')} className={styles.nav}>
          <NavLink href="/" icon={<House />} label={t('nav.rooms')} />
          {identity.state === 'person' && (
            <NavLink href="/recordings" icon={<AudioLines />} label={t('nav.recordings')} />
          )}
          <NavLink href="/settings" icon={<Settings />} label={t('nav.settings')} />
        </nav>
        <div className={styles.account}>
          {identity.state === 'guest' && (
            <LinkButton href="/sign-in" size="small" icon={<LogIn />}>
              {t('nav.signIn')}
            </LinkButton>
          )}
          {identity.state === 'person' && <AccountMenu name={identity.person.name} />}
        </div>
      </div>
      <StatusBanner />
      <Unsent />
    </header>
  )
}

function NavLink({ href, icon, label }: { href: string; icon: ReactNode; label: string }) {
  const [path] = useLocation()
  const current = href === '/' ? path === '/' || path === '/new' || path.startsWith('/r/') : path.startsWith(href)
  return (
    <Link href={href} className={styles.navLink} aria-current={current ? 'page' : undefined}>
      <span className={styles.navIcon} aria-hidden="true">
        {icon}
      </span>
      <span className={styles.navWords}>{label}</span>
    </Link>
  )
}
