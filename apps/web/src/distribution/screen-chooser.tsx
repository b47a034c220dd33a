import { useQuery } from '@tanstack/react-query';
import type { contract, OutputOf } from '@yinglian/contract';
import { Checkbox, Input, Select, Table } from 'antd';
import { useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, ask } from '../kernel/api.ts';
import { useFormat } from '../kernel/format.ts';
import { ProblemNote } from '../kernel/parts/problem.tsx';
import { State } from '../kernel/parts/state.tsx';

type Screen = OutputOf<typeof contract.exhibition.screens.result>['rows'][number];
type Chosen = ReadonlySet<string>;
const PAGE_ROWS = 500;
/** More screens than any one network has; keeps a faulty server from turning in circles. */
const PAGES_MAX = 200;

/** Screens to choose from, by circuit, words and certificate; all that match with one press. */
export function ScreenChooser({ chosen, onChoose }: {
  chosen: Chosen; onChoose: (chosen: Chosen) => void;
}) {
  const { t } = useTranslation('distribution');
  const [circuit, setCircuit] = useState<string>();
  const [words, setWords] = useState('');
  const [readyOnly, setReadyOnly] = useState(true);
  const circuits = useQuery(ask('exhibition', 'circuits', { query: { limit: 500 } }));
  const screens = useQuery({
    queryKey: ['exhibition', 'screens', 'all', circuit],
    queryFn: ({ signal }) => allScreens(circuit, signal),
  });
  const rows = useMemo(() => (screens.data ?? []).filter((each) =>
    (!readyOnly || certificateState(each) === 'valid')
    && `${each.cinemaName} ${each.name}`.toLowerCase().includes(words.trim().toLowerCase()),
  ), [screens.data, words, readyOnly]);
  const allChosen = rows.length > 0 && rows.every((each) => chosen.has(each.id));
  const chooseAll = () => {
    const next = new Set(chosen);
    for (const each of rows) {
      if (allChosen) next.delete(each.id);
      else next.add(each.id);
    }
    onChoose(next);
  };
  return (
    <div className="stack">
      <div className="field-row">
        <Select allowClear aria-label={t('choose.circuit')} placeholder={t('choose.allCircuits')}
          value={circuit} onChange={setCircuit}
          options={(circuits.data?.rows ?? []).map((each) => ({
            value: each.id, label: each.name }))} />
        <Input type="search" aria-label={t('choose.search')} placeholder={t('choose.search')}
          value={words} onChange={(event) => setWords(event.target.value)} />
        <Checkbox checked={readyOnly} onChange={(event) => setReadyOnly(event.target.checked)}>
          {t('choose.readyOnly')}
        </Checkbox>
      </div>
      <div className="row">
        <button type="button" className="button" disabled={rows.length === 0} onClick={chooseAll}>
          {t(allChosen ? 'choose.none' : 'choose.all', { count: rows.length })}
        </button>
        {chosen.size === 0 ? null : (
          <button type="button" className="link-button" onClick={() => onChoose(new Set())}>
            {t('choose.clear', { count: chosen.size })}
          </button>
        )}
      </div>
      <ProblemNote fault={screens.error} />
      <ScreenTable rows={rows} chosen={chosen} onChoose={onChoose} busy={screens.isPending} />
    </div>
  );
}

function ScreenTable({ rows, chosen, onChoose, busy }: {
  rows: Screen[]; chosen: Chosen; onChoose: (chosen: Chosen) => void; busy: boolean;
}) {
  const { t } = useTranslation('distribution');
  const format = useFormat();
  return (
    // antd's own scrolling measures with a hidden row that a keyboard can get lost in.
    <div className="records-scroll chooser-scroll" role="region" tabIndex={0}
      aria-label={t('choose.table')}>
      <Table<Screen> size="middle" rowKey="id" loading={busy} dataSource={rows}
        locale={{ emptyText: t('choose.nobody') }}
        pagination={{ pageSize: 20, showSizeChanger: false, hideOnSinglePage: true }}
        rowSelection={{
          selectedRowKeys: [...chosen], preserveSelectedRowKeys: true,
          onChange: (keys) => onChoose(new Set(keys.map(String))),
          getCheckboxProps: (row) => ({
            'aria-label': t('choose.row', { screen: `${row.cinemaName} ${row.name}` }),
            disabled: certificateState(row) !== 'valid',
          } as object),
          getTitleCheckboxProps: () => ({ 'aria-label': t('choose.page') } as object),
        }}
        columns={[
          { title: t('choose.cinema'), dataIndex: 'cinemaName',
            sorter: (a, b) => a.cinemaName.localeCompare(b.cinemaName) },
          { title: t('choose.screen'), dataIndex: 'name' },
          { title: t('choose.seats'), dataIndex: 'seats', align: 'end',
            render: (seats: number | null) => (seats === null ? '—' : format.number(seats)) },
          { title: t('choose.device'), render: (_, row) => [row.device?.maker, row.device?.model]
            .filter(Boolean).join(' ') || '—' },
          { title: t('choose.certificate'),
            render: (_, row) => <State state={certificateState(row)} /> },
          { title: t('choose.until'), render: (_, row) => (
            format.day(row.device?.certificate?.notAfter ?? null)) },
        ]} />
    </div>
  );
}

function certificateState(screen: Screen): 'valid' | 'expired' | 'missing' {
  const certificate = screen.device?.certificate;
  if (certificate === null || certificate === undefined) return 'missing';
  return Date.parse(certificate.notAfter) < Date.now() ? 'expired' : 'valid';
}

async function allScreens(circuitId: string | undefined, signal: AbortSignal): Promise<Screen[]> {
  const rows: Screen[] = [];
  let after: string | undefined;
  for (let page = 0; page < PAGES_MAX; page += 1) {
    const answer = await api.exhibition.screens({ query: {
      limit: PAGE_ROWS, ...(circuitId === undefined ? {} : { circuitId }),
      ...(after === undefined ? {} : { after }),
    }, signal });
    rows.push(...answer.rows);
    if (answer.next === null) break;
    after = answer.next;
  }
  return rows;
}
