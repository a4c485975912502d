import { LogOut } from 'lucide-react'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useLocation } from 'wouter'
import type { RoomView } from '../../server/contract/views.ts'
import { signOut } from '../account/auth-api.ts'
import { ConfirmDialog, Menu, showToast } from '../ui/index.ts'
import { askBeforeSigningOut } from '../unsent/ask-before-signing-out.ts'
import { AccountButton } from './AccountButton.tsx'
import { failureOf } from './api-error.ts'
import { desktopBridge } from './desktop.ts'
import { FailureNotice } from './FailureNotice.tsx'
import { endHosting, roomsHostedHere } from './hosted-here.ts'
import { serverConnection } from './server-connection.ts'
import { useAction } from './use-action.ts'

/**
 * The account's menu. Signing out ends what this computer hosts for the account, and asks first where that is a room; and where
 * something of the person's voice is still on this computer only.
 */
export function AccountMenu({ name }: { name: string }) {
  const { t } = useTranslation()
  const reasons = useTranslation('reasons')
  const [, navigate] = useLocation()
  const [hosted, setHosted] = useState<readonly RoomView[]>([])
  const leave = async (rooms: readonly RoomView[]) => {
    const connection = serverConnection()
    await endHosting(connection, desktopBridge(), rooms)
    await signOut(connection)
    showToast('success', t('signedOut'))
    navigate('/')
  }
  const askOrLeave = async () => {
    if (!(await askBeforeSigningOut())) return
    try {
      const rooms = await roomsHostedHere(serverConnection(), desktopBridge())
      if (rooms.length === 0) await leave([])
      else setHosted(rooms)
    } catch (error) {
      showToast('danger', reasons.t(`${failureOf(error).reason}.title`))
    }
  }
  return (
    <>
      <Menu
        label={t('nav.account', { name })}
        trigger={<AccountButton name={name} />}
        items={[{ id: 'sign-out', label: t('nav.signOut'), icon: <LogOut aria-hidden="true" /> }]}
        onAction={() => void askOrLeave()}
      />
      <SignOutDialog rooms={hosted} leave={leave} onCancel={() => setHosted([])} />
    </>
  )
}

interface SignOutDialogProps {
  /** None: nothing is asked. */
  rooms: readonly RoomView[]
  leave: (rooms: readonly RoomView[]) => Promise<void>
  onCancel: () => void
}

function SignOutDialog({ rooms, leave, onCancel }: SignOutDialogProps) {
  const { t, i18n } = useTranslation()
  const action = useAction(leave)
  const titles = new Intl.ListFormat(i18n.language).format(rooms.map(({ title }) => t('signOut.room', { title })))
  const count = rooms.reduce((sum, room) => sum + room.onStageCount + room.listenerCount, 0)
  return (
    <ConfirmDialog
      open={rooms.length > 0}
      danger
      title={t('signOut.title')}
      confirmLabel={t('signOut.confirm')}
      cancelLabel={t('cancel')}
      pending={action.pending}
      pendingLabel={t('signOut.pending')}
      onConfirm={() => action.run(rooms)}
      onCancel={onCancel}
    >
      <p>{t('signOut.runsHere', { titles })}</p>
      <p>
        {t('signOut.ends', { count })} {t('signOut.again')}
      </p>
      <FailureNotice failure={action.failure} />
    </ConfirmDialog>
  )
}
