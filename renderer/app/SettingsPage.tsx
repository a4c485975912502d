import { useTranslation } from 'react-i18next'
import { DeviceSettings } from '../devices/DeviceSettings.tsx'
import { THEMES, type Theme, usePreferences } from '../stores/preferences.ts'
import { RadioGroup, Select } from '../ui/forms.ts'
import { Card, PageHeader } from '../ui/index.ts'
import styles from './app.module.css'
import { desktopBridge } from './desktop.ts'
import { LANGUAGES } from './i18n.ts'
import { useScreenTitle } from './screen.ts'

/** Language, theme, microphone and speaker. Everything holds at once; there is nothing to save. */
export function SettingsPage() {
  const { t } = useTranslation()
  useScreenTitle(t('settings.title'))
  const { language, theme, setLanguage, setTheme } = usePreferences()
  const themeNames: Record<Theme, string> = {
    system: t('settings.themeSystem'),
    light: t('settings.themeLight'),
    dark: t('settings.themeDark'),
  }
  return (
    <div className={styles.settings}>
      <PageHeader title={t('settings.title')} />
      <section className={styles.section} aria-labelledby="settings-appearance">
        <h2 id="settings-appearance" className={styles.sectionTitle}>
          {t('settings.appearance')}
        </h2>
        <Card padding="large">
          <div className={styles.section}>
            <Select label={t('settings.language')} value={language} options={LANGUAGES} onChange={setLanguage} />
            <RadioGroup
              label={t('settings.theme')}
              value={theme}
              onChange={setTheme}
              horizontal
              options={THEMES.map((value) => ({ value, label: themeNames[value] }))}
            />
          </div>
        </Card>
      </section>
      <section className={styles.section} aria-labelledby="settings-sound">
        <div>
          <h2 id="settings-sound" className={styles.sectionTitle}>
            {t('settings.sound')}
          </h2>
          <p className={styles.soft}>{t('settings.soundHelp')}</p>
        </div>
        <Card padding="large">
          <DeviceSettings />
        </Card>
      </section>
      <About />
    </div>
  )
}

function About() {
  const { t } = useTranslation()
  const bridge = desktopBridge()
  if (bridge === null) return null
  return (
    <section className={styles.section} aria-labelledby="settings-about">
      <h2 id="settings-about" className={styles.sectionTitle}>
        {t('settings.about')}
      </h2>
      <p className={styles.soft}>{t('settings.desktopVersion', { version: bridge.appVersion })}</p>
    </section>
  )
}
