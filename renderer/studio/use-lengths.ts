import { useTranslation } from 'react-i18next'
import { lengthParts } from './times.ts'

/** A stretch of time in words: "1.4 s", "2:10". */
export function useLengthWords(): (lengthMs: number) => string {
  const { t } = useTranslation('studio')
  return (lengthMs) => {
    const parts = lengthParts(lengthMs)
    return 'clock' in parts ? parts.clock : t('seconds', { value: parts.seconds })
  }
}
