import { useQuery } from '@tanstack/react-query';
import type { Problem } from '@yinglian/contract';
import { fittingText, SEVERITY_ORDER, type Severity } from '@yinglian/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Icon } from './icon.tsx';

/** A finding as it comes over the wire. */
export type WireFinding = NonNullable<Problem['findings']>[number];
type Wording = readonly [text: string, remedy?: string];
type Texts = Readonly<Record<string, readonly Wording[]>>;

const LOADERS: Record<string, () => Promise<{ default: Texts }>> = {
  'zh-CN': () => import('virtual:finding-texts/zh-CN'),
  en: () => import('virtual:finding-texts/en'),
};

/** The wording of findings in the language on screen; codes stand as they are until it is here. */
export function useFindingTexts(): Texts {
  const { i18n } = useTranslation();
  const { data } = useQuery({
    queryKey: ['finding-texts', i18n.language],
    queryFn: async () => (await LOADERS[i18n.language === 'en' ? 'en' : 'zh-CN']!()).default,
    staleTime: Infinity,
  });
  return data ?? {};
}

/** The wording of a finding: one sentence and perhaps a remedy, with braces for its facts. */
export function wordingOf(
  finding: Pick<WireFinding, 'code' | 'facts' | 'at'>,
  texts: Texts,
): Wording | undefined {
  const candidates = Object.hasOwn(texts, finding.code) ? texts[finding.code]! : [];
  return fittingText(candidates, ([text]) => text, finding);
}

/** Puts facts and places into the braces of a text. */
export function fillText(text: string, finding: Pick<WireFinding, 'facts' | 'at'>): string {
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => {
    const value = finding.facts[name] ?? finding.at[name];
    if (value === undefined || value === null) return whole;
    return Array.isArray(value) ? value.join(', ') : String(value);
  });
}

const ICONS = { error: 'cross', warning: 'warning', note: 'note', success: 'check' } as const;
const SHOWN_AT_FIRST = 20;

const PLACES_SHOWN = 6;

/** The same thing found in several places, told once. */
type Told = { readonly finding: WireFinding; readonly places: WireFinding['at'][] };

/** Findings that read the same become one with all its places, in the order of their first. */
export function toldOnce(findings: readonly WireFinding[], texts: Texts): Told[] {
  const told = new Map<string, Told>();
  for (const finding of findings) {
    const text = wordingOf(finding, texts)?.[0];
    // A text that names its place reads differently in each; then nothing is drawn together.
    const words = text === undefined ? JSON.stringify(finding.facts) : fillText(text, finding);
    const key = `${finding.code} ${finding.clause ?? ''} ${words}`;
    const known = told.get(key);
    if (known === undefined) told.set(key, { finding, places: [finding.at] });
    else known.places.push(finding.at);
  }
  return [...told.values()];
}

/** One finding: what, where, which clause, and what to do about it. */
export function FindingLine({ told, texts }: { told: Told; texts: Texts }) {
  const { t } = useTranslation('kernel');
  const { finding, places } = told;
  const [text, remedy] = wordingOf(finding, texts) ?? [];
  const placeText = (at: WireFinding['at']) =>
    Object.entries(at)
      .map(([part, value]) => `${t(`place.${part}`, { defaultValue: part })} ${value}`)
      .join(' · ');
  const place =
    places
      .slice(0, PLACES_SHOWN)
      .map(placeText)
      .filter((each) => each !== '')
      .join('; ') + (places.length > PLACES_SHOWN ? ' …' : '');
  const facts = Object.entries(finding.facts)
    .map(([name, value]) => `${name} = ${Array.isArray(value) ? value.join(', ') : String(value)}`)
    .join('; ');
  return (
    <li className={`finding finding-${finding.severity}`}>
      <span className="finding-mark">
        <Icon name={ICONS[finding.severity]} size={16} />
      </span>
      <div>
        <p className="finding-text">
          <span className="sr-only">{t(`severity.${finding.severity}`)}: </span>
          {text === undefined ? <code>{finding.code}</code> : fillText(text, finding)}
          {text === undefined && facts !== '' ? ` (${facts})` : ''}
          {places.length === 1 ? null : (
            <>
              {' '}
              <span className="count">× {places.length}</span>
            </>
          )}
        </p>
        {remedy === undefined ? null : (
          <p className="finding-remedy">{fillText(remedy, finding)}</p>
        )}
        <p className="finding-place">
          {[place, finding.clause].filter((each) => each !== undefined && each !== '').join(' — ')}
        </p>
      </div>
    </li>
  );
}

/** Findings by severity with their counts; what held is folded away, for it asks for nothing. */
export function Findings({ findings }: { findings: readonly WireFinding[] }) {
  const groups = SEVERITY_ORDER.map((severity) => ({
    severity,
    rows: findings.filter((each) => each.severity === severity),
  })).filter((group) => group.rows.length > 0);
  if (groups.length === 0) return null;
  return (
    <div className="findings">
      {groups.map((group) => (
        <FindingGroup key={group.severity} {...group} />
      ))}
    </div>
  );
}

function FindingGroup({ severity, rows }: { severity: Severity; rows: readonly WireFinding[] }) {
  const { t } = useTranslation('kernel');
  const texts = useFindingTexts();
  const [all, setAll] = useState(false);
  const told = toldOnce(rows, texts);
  const shown = all ? told : told.slice(0, SHOWN_AT_FIRST);
  return (
    <details open={severity !== 'success'} className="finding-group">
      <summary>
        {t(`severity.${severity}`)} <span className="count">{rows.length}</span>
      </summary>
      <ul>
        {shown.map((each, index) => (
          <FindingLine key={index} told={each} texts={texts} />
        ))}
      </ul>
      {shown.length === told.length ? null : (
        <button type="button" className="button" onClick={() => setAll(true)}>
          {t('showAll', { count: told.length })}
        </button>
      )}
    </details>
  );
}
