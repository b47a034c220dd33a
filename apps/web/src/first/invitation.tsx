import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api } from '../kernel/api.ts';
import { beginSession } from '../kernel/session.ts';
import { Gate } from './gate.tsx';
import { tokenOf } from './token.ts';

/** An invitation into an organisation. */
export function Invitation() {
  const { t } = useTranslation('first');
  const navigate = useNavigate();
  const [token] = useState(() => tokenOf(location.href));
  return (
    <Gate
      title={t('invitation.title')}
      lead={t('invitation.lead')}
      submit={t('invitation.submit')}
      fields={[
        {
          name: 'token',
          label: t('invitation.token'),
          type: 'text',
          autoComplete: 'off',
          minLength: 20,
          value: token,
        },
        { name: 'name', label: t('name'), type: 'text', autoComplete: 'name' },
        {
          name: 'password',
          label: t('password'),
          type: 'password',
          minLength: 10,
          autoComplete: 'new-password',
          hint: t('passwordHint'),
        },
      ]}
      onSubmit={async ({ token: given, name, password }) => {
        beginSession(
          await api.organisations.acceptInvitation({
            body: {
              token: given ?? '',
              name: name ?? '',
              password: password ?? '',
            },
          }),
        );
        await navigate({ to: '/films' });
      }}
    />
  );
}
