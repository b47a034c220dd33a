import { useQuery } from '@tanstack/react-query';
import { type contract, KEEPERS, type ResultOf } from '@yinglian/contract';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, ask, forget } from '../kernel/api.ts';
import { useFormat } from '../kernel/format.ts';
import { Dialog } from '../kernel/parts/dialog.tsx';
import { Empty, Facts, Page, Section, Waiting } from '../kernel/parts/page.tsx';
import { ProblemNote } from '../kernel/parts/problem.tsx';
import { useSession } from '../kernel/session.ts';

type State = ResultOf<typeof contract.custody.state>;
type Keeper = State['keeper'];
const MOVING_MS = 2000;

/** Who keeps the key of the content keys; the operator opens, closes and changes it here. */
export function CustodyPage() {
  const { t } = useTranslation('keys');
  const kernel = useTranslation('kernel').t;
  const { can } = useSession();
  const may = can('network.administer');
  const state = useQuery({
    ...ask('custody', 'state'),
    enabled: may,
    refetchInterval: (query) => ((query.state.data?.waiting ?? 0) > 0 ? MOVING_MS : false),
  });
  return (
    <Page title={kernel('page.custody')} lead={t('custodyLead')}>
      {may ? null : <Empty title={t('operatorOnly')}>{t('operatorOnlyText')}</Empty>}
      {may && state.isPending ? <Waiting /> : null}
      <ProblemNote fault={state.error} />
      {state.data === undefined ? null : <Present state={state.data} />}
    </Page>
  );
}

function Present({ state }: { state: State }) {
  const { t } = useTranslation('keys');
  const format = useFormat();
  const [changing, setChanging] = useState(false);
  const [fault, setFault] = useState<unknown>(null);
  const seal = async () => {
    try {
      await api.custody.seal({ body: {} });
      await forget('custody');
    } catch (caught) {
      setFault(caught);
    }
  };
  return (
    <>
      <Facts
        rows={[
          [t('keeper'), t(`keeperName.${state.keeper}`)],
          [t('custodyState'), state.state === 'open' ? t('custodyOpen') : t('custodySealed')],
          [t('since'), format.moment(state.since)],
          [t('contentKeys'), format.number(state.contentKeys)],
        ]}
      />
      <p>{t(`keeperText.${state.keeper}`)}</p>
      {state.waiting === 0 ? null : <p role="status">{t('moving', { count: state.waiting })}</p>}
      <ProblemNote fault={fault} />
      {state.state === 'sealed' ? (
        <Unseal />
      ) : (
        <p className="row">
          <button type="button" className="button button-first" onClick={() => setChanging(true)}>
            {t('changeKeeper')}
          </button>
          {state.keeper === 'passphrase' ? (
            <button type="button" className="button" onClick={() => void seal()}>
              {t('seal')}
            </button>
          ) : null}
        </p>
      )}
      <Change state={state} open={changing} onClose={() => setChanging(false)} />
    </>
  );
}

function Unseal() {
  const { t } = useTranslation('keys');
  const [passphrase, setPassphrase] = useState('');
  const [fault, setFault] = useState<unknown>(null);
  const unseal = async () => {
    try {
      await api.custody.unseal({ body: { passphrase } });
      setPassphrase('');
      await forget('custody');
    } catch (caught) {
      setFault(caught);
    }
  };
  return (
    <Section title={t('unseal')}>
      <form
        className="panel stack"
        onSubmit={(event) => {
          event.preventDefault();
          void unseal();
        }}
      >
        <p>{t('sealText')}</p>
        <PassphraseField value={passphrase} onChange={setPassphrase} />
        <ProblemNote fault={fault} />
        <p>
          <button type="submit" className="button button-first" disabled={passphrase === ''}>
            {t('unseal')}
          </button>
        </p>
      </form>
    </Section>
  );
}

function PassphraseField({
  value,
  onChange,
}: {
  value: string;
  onChange: (value: string) => void;
}) {
  const { t } = useTranslation('keys');
  return (
    <label className="field">
      <span>{t('passphrase')}</span>
      <input
        className="input"
        type="password"
        autoComplete="off"
        value={value}
        onChange={(event) => onChange(event.target.value)}
      />
    </label>
  );
}

function Change({ state, open, onClose }: { state: State; open: boolean; onClose: () => void }) {
  const { t } = useTranslation('keys');
  const [keeper, setKeeper] = useState<Keeper>(state.keeper);
  const [passphrase, setPassphrase] = useState('');
  const [fault, setFault] = useState<unknown>(null);
  const change = async () => {
    try {
      await api.custody.change({
        body: {
          keeper,
          ...(keeper === 'passphrase' ? { passphrase } : {}),
        },
      });
      setPassphrase('');
      setFault(null);
      onClose();
      await forget('custody', 'jobs');
    } catch (caught) {
      setFault(caught);
    }
  };
  return (
    <Dialog
      title={t('changeKeeper')}
      open={open}
      onClose={onClose}
      actions={
        <button type="button" className="button button-first" onClick={() => void change()}>
          {t('changeKeeper')}
        </button>
      }
    >
      <div className="stack">
        <p>{t('changeText')}</p>
        <label className="field">
          <span>{t('keeper')}</span>
          <select
            className="input"
            value={keeper}
            onChange={(event) => setKeeper(event.target.value as Keeper)}
          >
            {KEEPERS.map((each) => (
              <option key={each} value={each} disabled={!state.keepers.includes(each)}>
                {t(`keeperName.${each}`)}
                {state.keepers.includes(each) ? '' : ` (${t('notSetUp')})`}
              </option>
            ))}
          </select>
        </label>
        <p>{t(`keeperText.${keeper}`)}</p>
        {keeper === 'passphrase' ? (
          <>
            <PassphraseField value={passphrase} onChange={setPassphrase} />
            <p>{t('passphraseWarning')}</p>
          </>
        ) : null}
        <ProblemNote fault={fault} />
      </div>
    </Dialog>
  );
}
