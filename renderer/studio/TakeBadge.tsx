import { useTranslation } from 'react-i18next'
import { Badge } from '../ui/index.ts'
import { type MyTake, stateOf, type TakeState } from './take-facts.ts'

const TONES = { running: 'live', sending: 'accent', elsewhere: 'neutral', ready: 'success' } as const satisfies Record<
  TakeState,
  string
>

/** Where a take stands, in a few words. */
export function TakeBadge({ take }: { take: MyTake }) {
  const { t } = useTranslation('studio')
  const state = stateOf(take)
  return <Badge tone={TONES[state]}>{t(`state.${state}`, { node: take.nodeName })}</Badge>
}
