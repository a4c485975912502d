import { SlidersHorizontal } from 'lucide-react'
import { lazy, Suspense, useEffect, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { AudiencePacketMs } from '../../sfu-core/contract/media.ts'
import { Button, Dialog, Loading } from '../ui/index.ts'
import { useView } from './stage-context.ts'
import { useAct } from './use-act.ts'

/** A listener never sees it, so it is loaded when it is opened. */
const SoundForListeners = lazy(async () => ({
  default: (await import('../rooms/SoundForListeners.tsx')).SoundForListeners,
}))

/** What hosts may change while the room is live. */
export function RoomSettings() {
  const { t } = useTranslation('stage')
  const app = useTranslation('app')
  const [open, setOpen] = useState(false)
  const [packetMs, choose] = useAudiencePacket()
  return (
    <>
      <Button icon={<SlidersHorizontal aria-hidden="true" />} onPress={() => setOpen(true)}>
        {t('settings.title')}
      </Button>
      <Dialog open={open} onClose={() => setOpen(false)} title={t('settings.title')} closeLabel={t('close')}>
        <Suspense fallback={<Loading label={app.t('loading')} />}>
          <SoundForListeners value={packetMs} onChange={choose} />
        </Suspense>
      </Dialog>
    </>
  )
}

/** The choice as it is, and from the press on as it is wished, until the room has told what came of it. */
function useAudiencePacket(): [AudiencePacketMs, (packetMs: AudiencePacketMs) => void] {
  const { audiencePacketMs } = useView().people
  const act = useAct()
  const [wish, setWish] = useState<{ packetMs: AudiencePacketMs; instead: AudiencePacketMs } | null>(null)
  useEffect(() => {
    setWish((before) => (before?.instead === audiencePacketMs ? before : null))
  }, [audiencePacketMs])
  const choose = async (packetMs: AudiencePacketMs) => {
    setWish({ packetMs, instead: audiencePacketMs })
    if (!(await act({ type: 'set-audience-packet', audiencePacketMs: packetMs }))) setWish(null)
  }
  return [wish?.packetMs ?? audiencePacketMs, (packetMs) => void choose(packetMs)]
}
