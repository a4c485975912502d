import { ArrowDownToLine, ArrowUpFromLine, EllipsisVertical, MailPlus, MicOff, UserX } from 'lucide-react'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { RoomAction } from '../../sfu-core/contract/actions.ts'
import type { ParticipantId } from '../../sfu-core/contract/ids.ts'
import type { Participant } from '../../sfu-core/contract/state.ts'
import { ConfirmDialog, IconButton, Menu } from '../ui/index.ts'
import { actionsFor, type PersonAction } from './stage-model.ts'
import { useAct } from './use-act.ts'
import { useLeavingFocus } from './use-leaving-focus.ts'

const ICONS = {
  bring: ArrowUpFromLine,
  invite: MailPlus,
  mute: MicOff,
  audience: ArrowDownToLine,
  remove: UserX,
}

/** What a host may do with somebody. Nothing for everybody else. */
export function PersonMenu({ person, me }: { person: Participant; me: Participant | null }) {
  const { t } = useTranslation('stage')
  const act = useAct()
  const [removing, setRemoving] = useState(false)
  const leaving = useLeavingFocus()
  const heading = person.onStage ? 'stage-heading' : 'audience-heading'
  const actions = actionsFor(person, me)
  if (actions.length === 0) return null
  const label = t('menu.label', { name: person.name })
  const choose = (action: PersonAction) => {
    if (action === 'remove') setRemoving(true)
    else if (action === 'audience' || action === 'bring')
      void leaving(heading, () => act(roomAction(action, person.id)))
    else void act(roomAction(action, person.id))
  }
  const remove = () => {
    setRemoving(false)
    void leaving(heading, () => act({ type: 'remove', participantId: person.id }))
  }
  return (
    <>
      <Menu
        label={label}
        trigger={<IconButton label={label} icon={<EllipsisVertical />} size="small" tooltip={false} />}
        items={actions.map((action) => {
          const Icon = ICONS[action]
          return {
            id: action,
            label: t(`menu.${action}`),
            icon: <Icon aria-hidden="true" />,
            danger: action === 'remove',
          }
        })}
        onAction={choose}
      />
      <ConfirmDialog
        open={removing}
        danger
        title={t('menu.removeTitle', { name: person.name })}
        confirmLabel={t('menu.removeConfirm')}
        cancelLabel={t('menu.cancel')}
        onConfirm={remove}
        onCancel={() => setRemoving(false)}
      >
        {t('menu.removeText')}
      </ConfirmDialog>
    </>
  )
}

function roomAction(action: Exclude<PersonAction, 'remove'>, participantId: ParticipantId): RoomAction {
  switch (action) {
    case 'bring':
    case 'invite':
      return { type: 'bring-on-stage', participantId }
    case 'mute':
      return { type: 'mute', participantId }
    case 'audience':
      return { type: 'move-to-audience', participantId }
  }
}
