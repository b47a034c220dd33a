import { useQuery } from '@tanstack/react-query';
import { useNavigate, useRouter, useSearch } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, ask } from '../kernel/api.ts';
import { Icon } from '../kernel/parts/icon.tsx';
import { ProblemNote } from '../kernel/parts/problem.tsx';
import { isGivenUp, knowsPasskeys, signInWithPasskey } from '../kernel/passkeys.ts';
import { beginSession } from '../kernel/session.ts';
import { Gate } from './gate.tsx';

/** Only a path of this very site: a full address could lead a person somewhere else. */
function placeOf(next: string | undefined): string | undefined {
  return next !== undefined && /^\/(?![/\\])/.test(next) ? next : undefined;
}

/** Sign in with e-mail and password, a passkey or a provider, then go on to where one wanted. */
export function SignIn() {
  const { t } = useTranslation('first');
  const navigate = useNavigate();
  const router = useRouter();
  const { next } = useSearch({ from: '/sign-in' });
  const goOn = async () => {
    const place = placeOf(next);
    if (place === undefined) await navigate({ to: '/' });
    else router.history.push(place);
  };
  return (
    <Gate
      title={t('signIn.title')}
      lead={t('signIn.lead')}
      submit={t('signIn.submit')}
      fields={[
        { name: 'email', label: t('email'), type: 'email', autoComplete: 'username' },
        {
          name: 'password',
          label: t('password'),
          type: 'password',
          autoComplete: 'current-password',
        },
      ]}
      onSubmit={async ({ email, password }) => {
        beginSession(
          await api.session.signIn({
            body: { email: email ?? '', password: password ?? '' },
          }),
        );
        await goOn();
      }}
      after={<OtherWays onEntered={goOn} returnTo={placeOf(next) ?? '/'} />}
    />
  );
}

/** Ways in without a password; where this server and this browser have none, nothing is said. */
function OtherWays({ onEntered, returnTo }: { onEntered: () => Promise<void>; returnTo: string }) {
  const { t } = useTranslation('first');
  const { error } = useSearch({ from: '/sign-in' });
  const network = useQuery(ask('network', 'state'));
  const providers = useQuery(ask('signInProviders', 'list'));
  const [fault, setFault] = useState<unknown>(null);
  const attempt = async (work: () => Promise<void>) => {
    try {
      setFault(null);
      await work();
    } catch (caught) {
      if (!isGivenUp(caught)) setFault(caught);
    }
  };
  const withPasskey = () =>
    attempt(async () => {
      beginSession(await signInWithPasskey());
      await onEntered();
    });
  const withProvider = (id: string) =>
    attempt(async () => {
      const { url } = await api.signInProviders.begin({
        params: { id },
        body: { returnTo, errorTo: '/sign-in' },
      });
      location.assign(url);
    });
  const passkeys = network.data?.capabilities['passkeys'] === true && knowsPasskeys();
  const rows = providers.data?.rows ?? [];
  return (
    <>
      {error === undefined ? null : (
        <p className="problem" role="alert">
          <Icon name="warning" />
          {t('signIn.providerFailed')}
        </p>
      )}
      {passkeys || rows.length > 0 ? (
        <section className="other-ways" aria-label={t('signIn.otherWays')}>
          <p className="muted">{t('signIn.otherWays')}</p>
          {passkeys ? (
            <button
              type="button"
              className="button button-large"
              onClick={() => void withPasskey()}
            >
              <Icon name="key" />
              {t('signIn.passkey')}
            </button>
          ) : null}
          {rows.map((each) => (
            <button
              key={each.id}
              type="button"
              className="button button-large"
              onClick={() => void withProvider(each.id)}
            >
              <Icon name="organisation" />
              {t('signIn.provider', { name: each.name })}
            </button>
          ))}
        </section>
      ) : null}
      <ProblemNote fault={fault} />
    </>
  );
}
