import { Link, useNavigate } from '@tanstack/react-router';
import { type contract, MAPPING_FIELDS, type OutputOf, ProblemError } from '@yinglian/contract';
import { Input, Radio, Select } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, forget } from '../kernel/api.ts';
import { useFilmChoices, useFilmId } from '../kernel/film.ts';
import { useFormat } from '../kernel/format.ts';
import { FilePicker } from '../kernel/parts/file-picker.tsx';
import { Findings } from '../kernel/parts/findings.tsx';
import { Facts, Page, Section } from '../kernel/parts/page.tsx';
import { ProblemNote } from '../kernel/parts/problem.tsx';
import { startUpload } from '../kernel/uploads.ts';
import { EarlierChoice, LateApplication } from './late-report.tsx';
import './exhibition.css';

type Preview = OutputOf<typeof contract.exhibition.previewReport.result>;
type Mapping = Preview['mapping'];
/** What a mapping is chosen from: also of a file that is not understood yet. */
type Columns = Pick<Preview, 'mapping' | 'header'>;
const NO_MAPPING: Mapping = {
  format: 'yinglian-mapping/1', name: 'chosen', level: 'day', columns: {}, moneyUnit: 'yuan',
  rateUnit: 'fraction',
};
type ColumnName = (typeof MAPPING_FIELDS)[number];

/** A box-office file: looked at first, its columns understood, then taken in. */
export function ImportPage() {
  const { t } = useTranslation('exhibition');
  const kernel = useTranslation('kernel').t;
  const [file, setFile] = useState<{ id: string; name: string }>();
  const [preview, setPreview] = useState<Preview>();
  const [columns, setColumns] = useState<Columns>();
  const [sender, setSender] = useState('');
  const [fault, setFault] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const look = async (work: () => Promise<Preview>, mapping = NO_MAPPING) => {
    setBusy(true);
    setFault(null);
    try {
      const made = await work();
      setPreview(made);
      setColumns(made);
    } catch (caught) {
      setFault(caught);
      setPreview(undefined);
      // Somebody can say what headings mean that nobody knows.
      const header = headingsIn(caught) ?? columns?.header;
      setColumns(header === undefined ? undefined : { header, mapping });
    } finally {
      setBusy(false);
    }
  };
  const choose = (chosen: File) => look(async () => {
    setPreview(undefined);
    setColumns(undefined);
    setSender('');
    const id = await startUpload(chosen, { kind: 'hold' });
    setFile({ id, name: chosen.name });
    return api.exhibition.previewReport({ body: { fileId: id } });
  });
  const fileId = file?.id ?? '';
  const remap = (mapping: Mapping) => look(
    () => api.exhibition.previewReport({ body: { fileId, mapping } }), mapping);
  const asSender = (name: string) => {
    setSender(name);
    void look(() => api.exhibition.previewReport({ body: { fileId, sender: name } }));
  };
  /** Columns by the words of this page, not by their names in the feed. */
  const named = (each: Preview['findings'][number]) => {
    const field = each.at['field'];
    if (field === undefined) return each;
    const word = t(`column.${field}`, { defaultValue: String(field) });
    return { ...each, at: { ...each.at, field: word } };
  };
  return (
    <Page wide title={kernel('do.importReport')} lead={t('importLead')}
      kicker={<Link to="/exhibition/reports">{kernel('page.reports')}</Link>}>
      <FilePicker accept=".csv,.tsv,.txt,.xlsx" busy={busy} label={file?.name ?? t('chooseReport')}
        onChoose={(chosen) => void choose(chosen)} />
      <ProblemNote fault={fault} />
      {preview === undefined ? null : (
        <>
          <Understood preview={preview} />
          <AsSender preview={preview} busy={busy} onChoose={asSender} />
        </>
      )}
      {columns === undefined || file === undefined ? null : (
        <MappingFields preview={columns} busy={busy} onChange={(each) => void remap(each)} />
      )}
      {preview === undefined || file === undefined ? null : (
        <>
          <Sample preview={preview} />
          <Section title={t('findings')}>
            {preview.findings.length === 0 ? <p className="muted">{t('noFindings')}</p>
              : <div className="panel"><Findings findings={preview.findings.map(named)} /></div>}
          </Section>
          <Commit key={`${file.id} ${sender}`} fileId={file.id} preview={preview} from={sender} />
        </>
      )}
    </Page>
  );
}

/** The headings of a file that was refused because nobody knows them. */
function headingsIn(fault: unknown): string[] | undefined {
  const findings = fault instanceof ProblemError ? fault.problem.findings ?? [] : [];
  const told = findings.map((each) => each.facts['headings']).find(Array.isArray);
  return told?.map(String);
}

/** Whoever sent such a file before: it can be read as that one was. */
function AsSender({ preview, busy, onChoose }: {
  preview: Preview; busy: boolean; onChoose: (sender: string) => void;
}) {
  const { t } = useTranslation('exhibition');
  if (preview.senders.length === 0) return null;
  return (
    <Section title={t('asSender')}>
      <p className="muted">{t('asSenderText')}</p>
      <p className="row">
        {preview.senders.map(({ sender, applied }) => (
          <button key={sender} type="button" className="button" disabled={busy}
            aria-pressed={applied} onClick={() => onChoose(sender)}>
            {applied ? t('senderApplied', { sender }) : sender}
          </button>
        ))}
      </p>
    </Section>
  );
}

function Understood({ preview }: { preview: Preview }) {
  const { t } = useTranslation('exhibition');
  const format = useFormat();
  return (
    <div className="panel">
      <Facts rows={[
        [t('level'), t(`levelKind.${preview.level}`, { defaultValue: preview.level })],
        [t('encoding'), preview.encoding],
        [t('rows'), format.number(preview.rows)],
        [t('screenings'), format.number(preview.screenings)],
        [t('admissions'), format.number(preview.admissions)],
        [t('gross'), <strong key="gross">{format.money(preview.grossFen)}</strong>],
      ]} />
    </div>
  );
}

const LEVELS = ['month', 'day', 'screening', 'ticket'] as const;

function MappingFields({ preview, busy, onChange }: {
  preview: Columns; busy: boolean; onChange: (mapping: Mapping) => void;
}) {
  const { t } = useTranslation('exhibition');
  const { mapping } = preview;
  const found = MAPPING_FIELDS.filter((each) => mapping.columns[each] !== undefined);
  const others = MAPPING_FIELDS.filter((each) => mapping.columns[each] === undefined);
  const field = (name: ColumnName) => (
    <ColumnField key={name} name={name} preview={preview} busy={busy} onChange={onChange} />
  );
  const unit = <Name extends 'level' | 'moneyUnit' | 'rateUnit'>(
    name: Name, values: readonly Mapping[Name][],
  ) => (
    <label className="field">
      <span>{t(`unit.${name}`)}</span>
      <Select disabled={busy} aria-label={t(`unit.${name}`)} value={mapping[name]}
        options={values.map((value) => ({ value, label: t(
          name === 'level' ? `levelKind.${value}` : `unitKind.${value}`) }))}
        onChange={(value: Mapping[Name]) => onChange({ ...mapping, [name]: value })} />
    </label>
  );
  return (
    <Section title={t('mapping')}>
      <p className="muted">{t(found.length === 0 ? 'mappingByHand' : 'mappingText')}</p>
      <div className="mapping">
        {unit('level', LEVELS)}
        {unit('moneyUnit', ['yuan', 'fen'])}
        {unit('rateUnit', ['fraction', 'percent'])}
      </div>
      <div className="mapping">{found.map(field)}</div>
      <details open={found.length === 0 || undefined}>
        <summary>{t('otherColumns', { count: others.length })}</summary>
        <div className="mapping mapping-more">{others.map(field)}</div>
      </details>
    </Section>
  );
}

function ColumnField({ name, preview, busy, onChange }: {
  name: ColumnName; preview: Columns; busy: boolean; onChange: (mapping: Mapping) => void;
}) {
  const { t } = useTranslation('exhibition');
  const { mapping, header } = preview;
  const set = (column: string | null | undefined) => {
    const { [name]: _former, ...rest } = mapping.columns;
    const columns = column === null || column === undefined ? rest : { ...rest, [name]: column };
    onChange({ ...mapping, columns });
  };
  return (
    <label className="field">
      <span>{t(`column.${name}`)}</span>
      <Select allowClear disabled={busy} aria-label={t(`column.${name}`)}
        value={mapping.columns[name] ?? null} placeholder={t('notMapped')}
        options={[...new Set(header)].filter((each) => each !== '')
          .map((value) => ({ value, label: value }))}
        onChange={set} />
    </label>
  );
}

function Sample({ preview }: { preview: Preview }) {
  const { t } = useTranslation('exhibition');
  return (
    <Section title={t('sample')}>
      <div className="sheet" role="region" aria-label={t('sample')} tabIndex={0}>
        <table>
          <thead>
            <tr>{preview.header.map((each, index) => <th key={index} scope="col">{each}</th>)}</tr>
          </thead>
          <tbody>
            {preview.sample.map((row, index) => (
              <tr key={index}>{row.map((cell, at) => <td key={at}>{cell}</td>)}</tr>
            ))}
          </tbody>
        </table>
      </div>
    </Section>
  );
}

function Commit({ fileId, preview, from }: { fileId: string; preview: Preview; from: string }) {
  const { t } = useTranslation('exhibition');
  const kernel = useTranslation('kernel').t;
  const navigate = useNavigate();
  const films = useFilmChoices();
  const [film, setFilm] = useState(useFilmId());
  const [sender, setSender] = useState(from);
  const [faults, setFaults] = useState<'refuse' | 'quarantine'>('refuse');
  const [fault, setFault] = useState<unknown>(null);
  const [supersedes, setSupersedes] = useState<string>();
  const { rows, screenings, admissions, grossFen } = preview;
  const wrong = preview.findings.some((each) => each.severity === 'error');
  const commit = async () => {
    try {
      const report = await api.exhibition.importReport({ body: {
        fileId, mapping: preview.mapping, faults,
        ...(film === undefined ? {} : { filmId: film }),
        ...(supersedes === undefined ? {} : { supersedes }),
        ...(sender.trim() === '' ? {} : { sender: sender.trim() }),
      } });
      await forget('exhibition', 'film');
      await navigate({ to: '/exhibition/reports/$id', params: { id: report.id } });
    } catch (caught) {
      setFault(caught);
    }
  };
  return (
    <Section title={t('commit')}>
      <div className="panel stack">
        <div className="mapping">
          <label className="field"><span>{kernel('film')}</span>
            <Select allowClear aria-label={kernel('film')} value={film} onChange={setFilm}
              placeholder={t('filmFromRows')} options={films} />
          </label>
          <label className="field"><span>{t('sender')}</span>
            <Input value={sender} maxLength={200} placeholder={t('senderHint')}
              onChange={(event) => setSender(event.target.value)} />
          </label>
        </div>
        {wrong ? (
          <Radio.Group value={faults} aria-label={t('faults')}
            onChange={(event) => setFaults(event.target.value as typeof faults)}
            options={[{ value: 'refuse', label: t('refuse') },
              { value: 'quarantine', label: t('quarantine') }]} />
        ) : null}
        <EarlierChoice findings={preview.findings} replaced={supersedes}
          onChange={setSupersedes} />
        <ProblemNote fault={fault} />
        <LateApplication fault={fault} figures={{ rows, screenings, admissions, grossFen }} />
        <p>
          <button type="button" className="button button-first button-large"
            disabled={wrong && faults === 'refuse'} onClick={() => void commit()}>
            {t('commitRows', { count: preview.rows })}
          </button>
        </p>
      </div>
    </Section>
  );
}
