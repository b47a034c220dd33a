import type { contract, ResultOf } from '@yinglian/contract';
import { useTranslation } from 'react-i18next';
import { Facts } from '../../kernel/parts/page.tsx';
import { RATES } from './fields.ts';

export type Specification = ResultOf<typeof contract.deliverables.get>['specification'];

type Kind = 'names' | 'numbers' | 'whole' | 'decimal' | 'text';
type Field = keyof Specification;

/** What can be agreed, in the order in which people speak of it, and how it is written. */
const GROUPS: readonly (readonly [group: string, fields: readonly (readonly [Field, Kind])[]])[] = [
  ['picture', [
    ['containers', 'names'], ['videoCodecs', 'names'], ['width', 'whole'], ['height', 'whole'],
    ['frameRate', 'text'], ['pixelFormats', 'names'],
  ]],
  ['length', [['framesFrom', 'whole'], ['framesTo', 'whole'], ['startTimecode', 'text']]],
  ['sound', [
    ['audioCodecs', 'names'], ['sampleRateHz', 'whole'], ['channels', 'numbers'],
    ['loudnessLufs', 'decimal'], ['loudnessToleranceLu', 'decimal'],
    ['truePeakMaxDb', 'decimal'], ['languages', 'names'],
  ]],
];

const EXAMPLES: Partial<Record<Field, string>> = {
  containers: 'mov, mxf', videoCodecs: 'prores', pixelFormats: 'yuv422p10le',
  startTimecode: '01:00:00:00', audioCodecs: 'pcm_s24le', channels: '6, 2', languages: 'zh, en',
  loudnessLufs: '-24', truePeakMaxDb: '-2',
};

/** The words of one thing that is agreed: lists by commas. */
function wordOf(value: Specification[Field]): string {
  if (value === undefined) return '';
  return Array.isArray(value) ? value.join(', ') : String(value);
}

/** Fields for everything that can be agreed; what stays empty is not asked for. */
export function SpecificationFields({ of }: { of: Specification }) {
  const { t } = useTranslation('production');
  return (
    <>
      {GROUPS.map(([group, fields]) => (
        <fieldset key={group} className="project-choice">
          <legend>{t(`project.spec.group.${group}`)}</legend>
          <div className="spec-fields">
            {fields.map(([field, kind]) => (
              <label key={field}>{t(`project.spec.${field}`)}
                <input name={`spec.${field}`} defaultValue={wordOf(of[field])}
                  placeholder={EXAMPLES[field]} list={field === 'frameRate' ? 'rates' : undefined}
                  {...patternOf(kind)} />
              </label>
            ))}
          </div>
        </fieldset>
      ))}
      <datalist id="rates">{RATES.map((each) => <option key={each} value={each} />)}</datalist>
    </>
  );
}

function patternOf(kind: Kind) {
  if (kind === 'whole') return { inputMode: 'numeric' as const, pattern: '\\d{1,9}' };
  if (kind === 'decimal') return { pattern: '-?\\d{1,3}(\\.\\d{1,2})?' };
  if (kind === 'numbers') return { pattern: '\\d{1,3}(\\s*[,，+]\\s*\\d{1,3})*' };
  return {};
}

/** What was written into the fields. */
export function specificationOf(form: FormData): Specification {
  const said: Record<string, unknown> = {};
  for (const [field, kind] of GROUPS.flatMap(([, fields]) => fields)) {
    const text = String(form.get(`spec.${field}`) ?? '').trim();
    if (text === '') continue;
    const parts = text.split(/[,，、;]/).map((each) => each.trim()).filter((each) => each !== '');
    if (kind === 'names') said[field] = parts;
    else if (kind === 'numbers') said[field] = text.split(/[,，+]/).map((each) => Number(each));
    else said[field] = kind === 'text' ? text : Number(text);
  }
  return said as Specification;
}

/** What was agreed, in words, one below the other. */
export function SpecificationList({ of }: { of: Specification }) {
  const { t } = useTranslation('production');
  const rows = GROUPS.flatMap(([, fields]) => fields)
    .filter(([field]) => of[field] !== undefined);
  if (rows.length === 0) return <p className="muted">{t('project.noSpecification')}</p>;
  return (
    <Facts rows={rows.map(([field]) => [t(`project.spec.${field}`), wordOf(of[field])] as const)} />
  );
}
