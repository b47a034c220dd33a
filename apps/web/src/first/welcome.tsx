import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api } from '../kernel/api.ts';
import { beginSession } from '../kernel/session.ts';
import { Gate } from './gate.tsx';
import { tokenOf } from './token.ts';

/** The one-time owner link: whoever holds it becomes the owner of the network. */
export function Welcome() {
  const { t } = useTranslation('first');
  const navigate = useNavigate();
  const [token] = useState(() => tokenOf(location.href));
  return (
    <Gate
      title={t('welcome.title')}
      lead={t('welcome.lead')}
      submit={t('welcome.submit')}
      fields={[
        {
          name: 'token',
          label: t('welcome.token'),
          type: 'text',
          autoComplete: 'off',
          minLength: 20,
          value: token,
          hint: t('welcome.tokenHint'),
        },
        { name: 'name', label: t('name'), type: 'text', autoComplete: 'name' },
        { name: 'email', label: t('email'), type: 'email', autoComplete: 'username' },
        {
          name: 'password',
          label: t('password'),
          type: 'password',
          minLength: 10,
          autoComplete: 'new-password',
          hint: t('passwordHint'),
        },
      ]}
      onSubmit={async ({ token: given, name, email, password }) => {
        beginSession(
          await api.session.claimOwnerLink({
            body: {
              token: given ?? '',
              name: name ?? '',
              email: email ?? '',
              password: password ?? '',
            },
          }),
        );
        await navigate({ to: '/organisation/new' });
      }}
    />
  );
}
