import { RotateCw } from 'lucide-react'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { RoomView } from '../../server/contract/views.ts'
import { FailureNotice } from '../app/FailureNotice.tsx'
import { serverConnection } from '../app/server-connection.ts'
import { useInviteOrigin, useServerInfo } from '../app/server-info.ts'
import { useAction } from '../app/use-action.ts'
import { CopyField } from '../ui/forms.ts'
import { Button, ConfirmDialog, Notice, showToast } from '../ui/index.ts'
import { inviteLink, isLocalAddress } from './invite-link.ts'
import styles from './rooms.module.css'

const COPY_KEYS = /mac|iphone|ipad/i.test(navigator.userAgent) ? '⌘C' : 'Ctrl+C'

interface InviteLinkProps {
  room: RoomView
  /** Present: the host may replace the link of a private room. */
  onRenewed?: ((room: RoomView) => void) | undefined
}

/** The link to send to others. */
export function InviteLink({ room, onRenewed }: InviteLinkProps) {
  const { t } = useTranslation('rooms')
  const origin = useInviteOrigin()
  return (
    <div className={styles.stack}>
      <LinkField
        label={t('invite.field')}
        link={inviteLink(origin, room)}
        help={room.visibility === 'public' ? t('invite.helpPublic') : t('invite.help')}
      />
      {isLocalAddress(origin) && <BeyondThisComputer room={room} />}
      {onRenewed !== undefined && room.inviteCode !== null && <RenewLink room={room} onRenewed={onRenewed} />}
    </div>
  )
}

function LinkField({ label, link, help }: { label: string; link: string; help: string }) {
  const { t } = useTranslation('rooms')
  const app = useTranslation('app')
  return (
    <CopyField
      label={label}
      value={link}
      copyLabel={t('invite.copy')}
      copiedLabel={app.t('copied')}
      byHandHint={app.t('copyByHand', { keys: COPY_KEYS })}
      description={help}
    />
  )
}

/** A link to "localhost" leads others to their own computer: says so, and gives the network's address if there is one. */
function BeyondThisComputer({ room }: { room: RoomView }) {
  const { t } = useTranslation('rooms')
  const lanUrl = useServerInfo()?.lanUrls[0]
  return (
    <>
      <Notice tone="warning">{t('invite.localOnly')}</Notice>
      {lanUrl !== undefined && (
        <LinkField label={t('invite.lanField')} link={inviteLink(lanUrl, room)} help={t('invite.lanHelp')} />
      )}
    </>
  )
}

function RenewLink({ room, onRenewed }: { room: RoomView; onRenewed: (room: RoomView) => void }) {
  const { t } = useTranslation('rooms')
  const app = useTranslation('app')
  const [asking, setAsking] = useState(false)
  const renew = useAction(async () => {
    onRenewed(await serverConnection().client.rooms.renewInvite.mutate({ roomId: room.roomId }))
    setAsking(false)
    showToast('success', t('invite.renewed'))
  })
  return (
    <>
      <div>
        <Button variant="quiet" size="small" icon={<RotateCw aria-hidden="true" />} onPress={() => setAsking(true)}>
          {t('invite.renew')}
        </Button>
      </div>
      <ConfirmDialog
        open={asking}
        title={t('invite.renewTitle')}
        confirmLabel={t('invite.renewConfirm')}
        cancelLabel={app.t('cancel')}
        pending={renew.pending}
        onConfirm={renew.run}
        onCancel={() => setAsking(false)}
      >
        <p>{t('invite.renewBody')}</p>
        <FailureNotice failure={renew.failure} />
      </ConfirmDialog>
    </>
  )
}
