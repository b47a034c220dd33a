import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { COMPARED_ROLES, type contract, type OutputOf, type RequestOf } from '@yinglian/contract';
import { Input, Select } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, ask } from '../kernel/api.ts';
import { useFilmChoices, useFilmId } from '../kernel/film.ts';
import { ProblemNote } from '../kernel/parts/problem.tsx';
import { useAction } from '../kernel/action.ts';

type Party = RequestOf<typeof contract.ledger.reconcile>['body']['parties'][number];
type Report = OutputOf<typeof contract.exhibition.report.result>;
const PARTIES_MAX = 12;
const EMPTY = [
  { name: '', role: 'ticketing', reports: [] },
  { name: '', role: 'circuit', reports: [] },
] as const;

/** Several senders' reports held against the first one's. */
export function CompareSenders({ onDone }: { onDone: () => void }) {
  const { t } = useTranslation('settlement');
  const kernel = useTranslation('kernel').t;
  const navigate = useNavigate();
  const films = useFilmChoices();
  const addressed = useFilmId();
  const { act, busy, fault } = useAction('ledger');
  const [chosen, setChosen] = useState<string>();
  // Films come after the page does.
  const filmId = chosen ?? addressed ?? films[0]?.value;
  const [parties, setParties] = useState<readonly Party[]>(EMPTY.map((each) => (
    { ...each, reports: [] })));
  const reports = useQuery({ ...ask('exhibition', 'reports', {
    query: { filmId: filmId ?? '', limit: 200 } }), enabled: filmId !== undefined });
  const rows = (reports.data?.rows ?? []).filter((each) => each.state === 'imported');
  const change = (index: number, changes: Partial<Party>) =>
    setParties(parties.map((each, i) => (i === index ? { ...each, ...changes } : each)));
  const start = async () => {
    const body = { filmId: filmId ?? '', parties: [...parties] };
    const made = await api.ledger.reconcile({ body });
    await navigate({ to: '/settlement/reconciliations/$id', params: { id: made.id } });
  };
  const whole = parties.every((each) => each.name.trim() !== '' && each.reports.length > 0);
  return (
    <div className="stack">
      <label className="field"><span>{kernel('film')}</span>
        <Select aria-label={kernel('film')} value={filmId} options={films} onChange={setChosen} />
      </label>
      {parties.map((each, index) => (
        <PartyFields key={index} party={each} index={index} rows={rows}
          change={(changes) => change(index, changes)}
          remove={parties.length > EMPTY.length
            ? () => setParties(parties.filter((_, i) => i !== index)) : undefined} />
      ))}
      <ProblemNote fault={fault} />
      <p className="row">
        <button type="button" className="button" disabled={parties.length >= PARTIES_MAX}
          onClick={() => setParties([...parties, { name: '', role: 'seller', reports: [] }])}>
          {t('books.addParty')}
        </button>
        <button type="button" className="button button-first" disabled={busy || !whole}
          onClick={() => void act(start, onDone)}>{t('books.compare')}</button>
      </p>
    </div>
  );
}

type FieldsProps = {
  readonly party: Party;
  readonly index: number;
  readonly rows: readonly Report[];
  readonly change: (changes: Partial<Party>) => void;
  readonly remove: (() => void) | undefined;
};

function PartyFields({ party, index, rows, change, remove }: FieldsProps) {
  const { t } = useTranslation('settlement');
  const title = index === 0 ? t('books.reference') : t('books.otherParty', { count: index });
  const options = rows.map((each) => (
    { value: each.id, label: `${each.sender} · ${each.file.name}` }));
  const choose = (reports: string[]) => {
    const sender = rows.find((each) => reports.includes(each.id))?.sender;
    // The sender's own name, until somebody writes another.
    const named = party.name === '' && sender !== undefined ? { name: sender } : {};
    change({ reports, ...named });
  };
  return (
    <fieldset className="terms-inner">
      <legend>{title}</legend>
      <label className="field"><span>{t('reports')}</span>
        <Select mode="multiple" aria-label={`${title} · ${t('reports')}`}
          value={party.reports} options={options} onChange={choose} />
      </label>
      <div className="row">
        <label className="field"><span>{t('books.partyName')}</span>
          <Input value={party.name} maxLength={100}
            onChange={(event) => change({ name: event.target.value })} />
        </label>
        <label className="field"><span>{t('books.partyRole')}</span>
          <Select aria-label={`${title} · ${t('books.partyRole')}`} value={party.role}
            popupMatchSelectWidth={false}
            options={COMPARED_ROLES.filter((role) => index > 0 || role !== 'seller').map((role) => (
              { value: role, label: t(`books.role.${role}`) }))}
            onChange={(role) => change({ role })} />
        </label>
        {remove === undefined ? null : (
          <button type="button" className="button button-plain" onClick={remove}>
            {t('books.removeParty')}
          </button>
        )}
      </div>
    </fieldset>
  );
}
