import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { ask } from '../kernel/api.ts';
import { currentLanguage } from '../kernel/language.ts';
import { Findings } from '../kernel/parts/findings.tsx';
import { Section } from '../kernel/parts/page.tsx';
import { ProblemNote } from '../kernel/parts/problem.tsx';
import { DerivationTree } from './derivation-tree.tsx';

const WAIT_MS = 500;

/** Terms read back: what is wrong, what they say in plain words, and a worked example. */
export function TermsReading({ terms }: { terms: unknown }) {
  const { t } = useTranslation('settlement');
  const settled = useSettled(terms);
  const check = useQuery({
    ...ask('settlement', 'checkTerms', { body: { terms: settled, language: currentLanguage() } }),
    placeholderData: keepPreviousData, staleTime: Infinity,
  });
  return (
    <div className="stack terms-reading" aria-live="polite" role="region" tabIndex={0}
      aria-label={t('plainWords')}>
      <ProblemNote fault={check.error} />
      {check.data === undefined ? null : (
        <>
          {check.data.findings.length === 0 ? null : (
            <div className="panel"><Findings findings={check.data.findings} /></div>
          )}
          {check.data.text === null ? null : (
            <Section title={t('plainWords')}>
              <div className="panel plain-words">{check.data.text}</div>
            </Section>
          )}
          {check.data.example === null ? null : (
            <Section title={t('example')}>
              <div className="panel"><DerivationTree derivation={check.data.example} /></div>
            </Section>
          )}
        </>
      )}
    </div>
  );
}

/** The value once nobody has typed for a moment; each letter would ask the server anew. */
function useSettled(value: unknown): unknown {
  const [settled, setSettled] = useState(value);
  const text = JSON.stringify(value);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(JSON.parse(text) as unknown), WAIT_MS);
    return () => clearTimeout(timer);
  }, [text]);
  return settled;
}
