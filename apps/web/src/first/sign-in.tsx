import { useNavigate, useRouter, useSearch } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { api } from '../kernel/api.ts';
import { beginSession } from '../kernel/session.ts';
import { Gate } from './gate.tsx';

/** Sign in with e-mail and password, then go on to where one wanted to go. */
export function SignIn() {
  const { t } = useTranslation('first');
  const navigate = useNavigate();
  const router = useRouter();
  const { next } = useSearch({ from: '/sign-in' });
  return (
    <Gate title={t('signIn.title')} lead={t('signIn.lead')} submit={t('signIn.submit')}
      fields={[
        { name: 'email', label: t('email'), type: 'email', autoComplete: 'username' },
        { name: 'password', label: t('password'), type: 'password',
          autoComplete: 'current-password' },
      ]}
      onSubmit={async ({ email, password }) => {
        beginSession(await api.session.signIn({
          body: { email: email ?? '', password: password ?? '' },
        }));
        // Only a path of this very site: a full address could lead a person somewhere else.
        if (next !== undefined && /^\/(?![/\\])/.test(next)) router.history.push(next);
        else await navigate({ to: '/' });
      }} />
  );
}
