import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { Expert } from '@yinglian/opencall';
import { type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useAction } from '../kernel/action.ts';
import { api, ask } from '../kernel/api.ts';
import { Page, Section, Waiting } from '../kernel/parts/page.tsx';
import { codeOf, ProblemNote } from '../kernel/parts/problem.tsx';
import { useSession } from '../kernel/session.ts';
import { listOf, TextField } from './fields.tsx';
import { Interests } from './interests.tsx';
import './opencall.css';

/** An expert's own declaration: what one knows, and every tie that could speak against a seat. */
export function ExpertPage() {
  const { t } = useTranslation('opencall');
  const { user } = useSession();
  const { data, error, isPending } = useQuery({ ...ask('opencall', 'ownExpert'), retry: false });
  const keys = useQuery(ask('opencall', 'ownKey'));
  if (isPending) return <Waiting />;
  const known = error === null ? data : undefined;
  return (
    <Page title={t('expertPage')} lead={t('expertLead')}>
      {error === null || codeOf(error) === 'not_found' ? null : <ProblemNote fault={error} />}
      <p className="opencall-note">
        {t(known === undefined ? 'expertState.none' : `expertState.${known.state}`)}
      </p>
      {keys.data !== undefined && keys.data.signing === null ? (
        <p className="opencall-note">
          {t('expertNeedsKeys')} <Link to="/policy/opencall">{t('makeKeys')}</Link>
        </p>
      ) : null}
      <ExpertForm
        key={known?.state ?? ''}
        first={(known?.profile as Expert | undefined) ?? blankExpert(user?.name ?? '')}
        known={known !== undefined && known.state !== 'left'}
      />
    </Page>
  );
}

function blankExpert(name: string): Expert {
  return {
    name,
    fields: [],
    region: '',
    employer: { name: '', creditCode: null },
    titles: [],
    email: null,
    history: [],
    works: [],
    kin: [],
    holdings: [],
    funding: [],
  };
}

function ExpertForm({ first, known }: { readonly first: Expert; readonly known: boolean }) {
  const { t } = useTranslation('opencall');
  const [expert, setExpert] = useState(first);
  const [fields, setFields] = useState(first.fields.join('、'));
  const [titles, setTitles] = useState(first.titles.join('、'));
  const [done, setDone] = useState(false);
  const { act, busy, fault } = useAction('opencall');
  const put = (part: Partial<Expert>) => setExpert({ ...expert, ...part });
  const save = () =>
    act(
      () =>
        api.opencall.saveExpert({
          body: { profile: { ...expert, fields: listOf(fields), titles: listOf(titles) } },
        }),
      () => setDone(true),
    );
  return (
    <form
      className="stack"
      onSubmit={(event) => {
        event.preventDefault();
        void save();
      }}
    >
      <Section title={t('whoIAm')}>
        <WhoIAm expert={expert} put={put}>
          <TextField
            label={t('expertFields')}
            hint={t('expertFieldsHint')}
            required
            value={fields}
            onChange={setFields}
          />
          <TextField label={t('titles')} value={titles} onChange={setTitles} />
        </WhoIAm>
      </Section>
      <Section title={t('interests')}>
        <p className="muted">{t('interestsText')}</p>
        <Interests expert={expert} put={put} />
      </Section>
      <ProblemNote fault={fault} />
      <p role="status">{done && fault === null ? t('declarationKept') : ''}</p>
      <div className="row">
        <button className="button button-first" disabled={busy}>
          {t(known ? 'declareAgain' : 'declare')}
        </button>
        {known ? (
          <button
            type="button"
            className="button"
            disabled={busy}
            onClick={() => void act(() => api.opencall.leavePool({ body: {} }))}
          >
            {t('leavePool')}
          </button>
        ) : null}
      </div>
    </form>
  );
}

function WhoIAm({
  expert,
  put,
  children,
}: {
  readonly expert: Expert;
  readonly put: (part: Partial<Expert>) => void;
  readonly children: ReactNode;
}) {
  const { t } = useTranslation('opencall');
  const { employer } = expert;
  return (
    <div className="panel opencall-form">
      <TextField
        label={t('personName')}
        required
        value={expert.name}
        onChange={(name) => put({ name })}
      />
      <TextField
        label={t('employer')}
        required
        value={employer.name}
        onChange={(name) => put({ employer: { ...employer, name } })}
      />
      <TextField
        label={t('creditCode')}
        maxLength={18}
        value={employer.creditCode ?? ''}
        onChange={(code) =>
          put({ employer: { ...employer, creditCode: code === '' ? null : code } })
        }
      />
      <TextField
        label={t('region')}
        required
        value={expert.region}
        onChange={(region) => put({ region })}
      />
      {children}
      <TextField
        label={t('recommendedBy')}
        hint={t('recommendedByHint')}
        value={expert.recommendedBy?.name ?? ''}
        onChange={(name) =>
          put({ recommendedBy: name === '' ? null : { name, creditCode: null } })
        }
      />
      <TextField
        label={t('email')}
        hint={t('emailHint')}
        type="email"
        value={expert.email ?? ''}
        onChange={(email) => put({ email: email === '' ? null : email })}
      />
    </div>
  );
}
