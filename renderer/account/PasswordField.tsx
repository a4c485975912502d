import { Eye, EyeOff } from 'lucide-react'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { IconButton, TextField } from '../ui/index.ts'

interface PasswordFieldProps {
  value: string
  onChange: (value: string) => void
  autoComplete: 'current-password' | 'new-password'
  description?: string | undefined
  error: string | null
}

/** A password that can be looked at. */
export function PasswordField(props: PasswordFieldProps) {
  const { t } = useTranslation('account')
  const [shown, setShown] = useState(false)
  return (
    <TextField
      {...props}
      label={t('fields.password')}
      name="password"
      required
      type={shown ? 'text' : 'password'}
      action={
        <IconButton
          label={shown ? t('fields.hidePassword') : t('fields.showPassword')}
          icon={shown ? <EyeOff /> : <Eye />}
          onPress={() => setShown(!shown)}
        />
      }
    />
  )
}
