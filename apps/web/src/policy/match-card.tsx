import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { useFormat } from '../kernel/format.ts';
import { fillText, useFindingTexts, wordingOf } from '../kernel/parts/findings.tsx';
import { type Instrument, type Match, useWords } from './words.ts';

type CardProps = { instrument: Instrument; match: Match; onReceipt?: (item: string) => void };

/** One item for one company: at most how much, under which words, and what is missing. */
export function MatchCard({ instrument, match, onReceipt }: CardProps) {
  const { t } = useTranslation('policy');
  const words = useWords();
  const texts = useFindingTexts();
  const item = instrument.items.find((each) => each.item === match.item);
  if (item === undefined) return null;
  const name = (fact: string | null) => {
    const known = instrument.facts.find((each) => each.name === fact);
    return known === undefined ? (fact ?? '') : words(known.label);
  };
  const notes = match.findings.filter(({ code }) => code !== 'unknown_fact'
    && code !== 'assumed_fact');
  return (
    <article className={`match match-${match.status}`} aria-label={words(item.title)}>
      <header>
        <p className="kicker">{item.item} · {item.heading}</p>
        <h3>{words(item.title)}</h3>
        <p className={`match-status match-status-${match.status}`}>
          {t(`status.${match.status}`)}
        </p>
      </header>
      <Amount match={match} />
      {match.missing.length === 0 ? null : (
        <p>{t('stillAsked')}: {match.missing.map(name).join('、')}</p>
      )}
      {match.whyNot.length === 0 ? null : (
        <ul className="match-why">
          {match.whyNot.map((each) => (
            <li key={`${each.fact} ${each.parameter}`}>
              {t('whyNot', { fact: name(each.fact) })}
              {each.quote === null ? null : <q>{each.quote}</q>}
            </li>
          ))}
        </ul>
      )}
      {match.assumed.length === 0 ? null : (
        <p className="muted">{t('assumed')}: {match.assumed.map(name).join('、')}</p>
      )}
      {notes.map((each) => (
        <p key={each.code} className="muted">
          {fillText(wordingOf(each, texts)?.[0] ?? each.code, each)}
        </p>
      ))}
      <details>
        <summary>{t('words')}</summary>
        <blockquote lang="zh-CN">{item.clause.quote.replaceAll('\n', '')}</blockquote>
        <p>{t('lead', { lead: item.lead || '—' })}</p>
        {item.frequency === 'none' ? null : <p>{t(`frequency.${item.frequency}`)}</p>}
        <Readings instrument={instrument} match={match} />
        {item.evidence.length === 0 ? null : (
          <p>{t('bring')}: {item.evidence.map((each) => words(each.label)).join('、')}</p>
        )}
        {onReceipt === undefined ? null : (
          <button type="button" className="link-button" onClick={() => onReceipt(item.item)}>
            {t('receipt')}
          </button>
        )}
      </details>
    </article>
  );
}

/** Where the words can be read in several ways: which reading this answer rests on. */
function Readings({ instrument, match }: Pick<CardProps, 'instrument' | 'match'>) {
  const { t } = useTranslation('policy');
  const words = useWords();
  if (match.readings.length === 0) return null;
  return (
    <>
      <p>{t('readingsOf')}:</p>
      <ul className="match-readings">
        {match.readings.map(({ code, value, decided }) => {
          const parameter = instrument.parameters.find((each) => each.code === code);
          const reading = parameter?.readings.find((each) => each.value === value);
          return (
            <li key={code}>
              <Link to="/policy/readings" hash={code}>{code} {parameter === undefined ? ''
                : words(parameter.title)}</Link>{' '}
              {reading === undefined ? value || t('standardOpen') : words(reading.words)}
              {decided ? ` (${t('decidedMark')})` : ''}
            </li>
          );
        })}
      </ul>
    </>
  );
}

function Amount({ match }: { match: Match }) {
  const { t } = useTranslation('policy');
  const words = useWords();
  const format = useFormat();
  if (match.bound === 'none') return null;
  return (
    <>
      <p className="match-amount">
        {match.atMostFen === null ? t('standardOpen')
          : t('atMost', { amount: format.money(match.atMostFen) })}
      </p>
      {match.basis === null || match.basis.fen === null ? null : (
        <p className="muted">{words(match.basis.label)} {format.money(match.basis.fen)}</p>
      )}
    </>
  );
}
