import { Globe, Link2, Lock } from 'lucide-react'
import { useTranslation } from 'react-i18next'
import type { RoomView, Visibility } from '../../server/contract/views.ts'
import { Badge } from '../ui/index.ts'

const ICONS = { public: Globe, unlisted: Link2, private: Lock }

/** Live, recorded, who may come in. */
export function RoomBadges({ room }: { room: RoomView }) {
  const { t } = useTranslation('rooms')
  return (
    <>
      <Badge tone={room.status === 'live' ? 'live' : 'neutral'}>{t(`status.${room.status}`)}</Badge>
      {room.recording && <Badge tone="danger">{t('recording')}</Badge>}
      {room.visibility !== 'public' && <VisibilityBadge visibility={room.visibility} />}
    </>
  )
}

export function VisibilityBadge({ visibility }: { visibility: Visibility }) {
  const { t } = useTranslation('rooms')
  const Icon = ICONS[visibility]
  return <Badge icon={<Icon aria-hidden="true" />}>{t(`visibility.${visibility}`)}</Badge>
}
