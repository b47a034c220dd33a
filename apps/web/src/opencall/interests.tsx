import type { Expert } from '@yinglian/opencall';
import { useTranslation } from 'react-i18next';
import { ChoiceField, listOf, RowsField, TextField } from './fields.tsx';

type Put = (part: Partial<Expert>) => void;
type Dated = Expert['history'][number];
const WORK_KINDS = ['paper', 'patent', 'project'] as const;
const DATED = ['history', 'funding'] as const;

/** The ties that are looked for when a panel is drawn, each as rows. */
export function Interests({ expert, put }: { readonly expert: Expert; readonly put: Put }) {
  const { t } = useTranslation('opencall');
  return (
    <div className="stack">
      {DATED.map((name) => (
        <DatedRows
          key={name}
          name={name}
          rows={expert[name]}
          onChange={(rows) => put({ [name]: rows })}
        />
      ))}
      <Works works={expert.works} onChange={(works) => put({ works })} />
      <RowsField
        title={t('kin')}
        hint={t('kinHint')}
        rows={expert.kin}
        blank={() => ({ name: '', employer: '' })}
        onChange={(kin) => put({ kin: [...kin] })}
        addLabel={t('addRow')}
        limit={50}
      >
        {(row, set) => (
          <>
            <TextField
              label={t('personName')}
              required
              value={row.name}
              onChange={(name) => set({ ...row, name })}
            />
            <TextField
              label={t('employer')}
              required
              value={row.employer}
              onChange={(employer) => set({ ...row, employer })}
            />
          </>
        )}
      </RowsField>
      <RowsField
        title={t('holdings')}
        hint={t('holdingsHint')}
        rows={expert.holdings}
        blank={() => ({ name: '', creditCode: null })}
        onChange={(holdings) => put({ holdings: [...holdings] })}
        addLabel={t('addRow')}
        limit={50}
      >
        {(row, set) => (
          <TextField
            label={t('bidder')}
            required
            value={row.name}
            onChange={(name) => set({ ...row, name })}
          />
        )}
      </RowsField>
    </div>
  );
}

function DatedRows({
  name,
  rows,
  onChange,
}: {
  readonly name: (typeof DATED)[number];
  readonly rows: readonly Dated[];
  readonly onChange: (rows: Dated[]) => void;
}) {
  const { t } = useTranslation('opencall');
  return (
    <RowsField
      title={t(name === 'history' ? 'formerEmployers' : name)}
      hint={t(`${name}Hint`)}
      rows={rows}
      blank={() => ({ name: '', creditCode: null, to: '' })}
      onChange={(next) => onChange([...next])}
      addLabel={t('addRow')}
      limit={50}
    >
      {(row, set) => (
        <>
          <TextField
            label={t('bidder')}
            required
            value={row.name}
            onChange={(text) => set({ ...row, name: text })}
          />
          <TextField
            label={t('lastDay')}
            type="date"
            required
            value={row.to}
            onChange={(to) => set({ ...row, to })}
          />
        </>
      )}
    </RowsField>
  );
}

function Works({
  works,
  onChange,
}: {
  readonly works: Expert['works'];
  readonly onChange: (works: Expert['works']) => void;
}) {
  const { t } = useTranslation('opencall');
  return (
    <RowsField
      title={t('works')}
      hint={t('worksHint')}
      rows={works}
      blank={() => ({
        kind: 'paper' as const,
        title: '',
        on: '',
        people: [] as string[],
        organisations: [] as string[],
      })}
      onChange={(rows) => onChange([...rows])}
      addLabel={t('addRow')}
      limit={500}
    >
      {(row, set) => (
        <>
          <ChoiceField
            label={t('workKindTitle')}
            value={row.kind}
            choices={WORK_KINDS.map((each) => [each, t(`workKind.${each}`)])}
            onChange={(kind) => set({ ...row, kind })}
          />
          <TextField
            label={t('field.title')}
            required
            value={row.title}
            onChange={(title) => set({ ...row, title })}
          />
          <TextField
            label={t('workDay')}
            type="date"
            required
            value={row.on}
            onChange={(on) => set({ ...row, on })}
          />
          <ListText
            label={t('workPeople')}
            list={row.people}
            onChange={(people) => set({ ...row, people })}
          />
          <ListText
            label={t('workOrganisations')}
            list={row.organisations}
            onChange={(organisations) => set({ ...row, organisations })}
          />
        </>
      )}
    </RowsField>
  );
}

/** Names with commas between them; they become a list when the field is left. */
function ListText({
  label,
  list,
  onChange,
}: {
  readonly label: string;
  readonly list: readonly string[];
  readonly onChange: (list: string[]) => void;
}) {
  return (
    <label className="field">
      <span>{label}</span>
      <input
        className="input"
        defaultValue={list.join('、')}
        onBlur={({ target }) => onChange(listOf(target.value))}
      />
    </label>
  );
}
