import { useTranslation } from 'react-i18next';
import { Way } from '../opencall/step-list.tsx';
import type { RegisterKind } from './register-fields.tsx';
import { useInstruments, useWords } from './words.ts';
import '../opencall/opencall.css';

/** What a register is for: how something comes in, how long it holds, and what it opens. */
export function RegisterGuide({ kind, at = '' }: { kind: RegisterKind; at?: string }) {
  const { t } = useTranslation('policy');
  const { validMonths, assessedEveryMonths } = kind;
  return (
    <>
      <Way
        label={t('registerWay')}
        at={at}
        stations={kind.stations.map((each) => [each, t(`entryState.${each}`)])}
      />
      <p className="muted">
        {validMonths === null ? t('holdsForGood') : t('holdsMonths', { count: validMonths })}
        {assessedEveryMonths === null
          ? ''
          : ` ${t('assessedEvery', { count: assessedEveryMonths })}`}
      </p>
      <FedItems kind={kind} titled />
    </>
  );
}

/** The items of measures that an entry proves something for. */
export function FedItems({ kind, titled = false }: { kind: RegisterKind; titled?: boolean }) {
  const { t } = useTranslation('policy');
  const words = useWords();
  const instruments = useInstruments();
  if (kind.feeds.length === 0) return null;
  const codes = [...new Set(kind.feeds.map(({ instrument, item }) => `${instrument} ${item}`))];
  return (
    <div className="stack">
      {titled ? <strong>{t('feedsItems')}</strong> : null}
      <ul className="opencall-waits">
        {codes.map((each) => {
          const [code, item] = each.split(' ');
          const known = instruments
            ?.find((one) => one.code === code)
            ?.items.find((one) => one.item === item);
          return (
            <li key={each}>
              {item} {known === undefined ? '' : words(known.title)}
            </li>
          );
        })}
      </ul>
    </div>
  );
}
