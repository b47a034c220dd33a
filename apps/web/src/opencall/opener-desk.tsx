import { type Finding, toHex } from '@yinglian/core';
import { openShare, readDocument, sealedBidShape } from '@yinglian/opencall';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, forget } from '../kernel/api.ts';
import { Findings } from '../kernel/parts/findings.tsx';
import { Section } from '../kernel/parts/page.tsx';
import { ProblemNote } from '../kernel/parts/problem.tsx';
import { useSession } from '../kernel/session.ts';
import type { Round } from './round.ts';
import { browserSealing, keyFileOf, pairOf, readFile } from './sealing.ts';

/** The opener's desk: shares are decrypted here, with a key that only the opener has. */
export function OpenerDesk({ round }: { round: Round }) {
  const { t } = useTranslation('opencall');
  const { user } = useSession();
  const [findings, setFindings] = useState<readonly Finding[]>([]);
  const [given, setGiven] = useState<number | null>(null);
  const [wrong, setWrong] = useState(false);
  const [fault, setFault] = useState<unknown>(null);
  const open = async (file: File | undefined) => {
    const sealing = browserSealing();
    if (file === undefined || sealing === undefined) return;
    try {
      const keys = keyFileOf(await readFile(file));
      setWrong(keys === undefined);
      if (keys === undefined) return;
      const pair = pairOf(keys.sealing);
      const { rows } = await api.opencall.sealedBids({ params: { id: round.id } });
      const found: Finding[] = [];
      let count = 0;
      for (const row of rows) {
        const sealed = readDocument(sealedBidShape, row.sealed);
        const share = sealed.ok
          ? await openShare(sealing, sealed.value, { id: user?.id ?? '', keys: pair })
          : sealed;
        found.push(...share.findings);
        if (!share.ok) continue;
        const { index, bytes } = share.value;
        const body = { index, bytes: toHex(bytes) };
        await api.opencall.handShare({ params: { id: row.id }, body });
        count += 1;
      }
      setFindings(found);
      setGiven(count);
      await forget('opencall');
    } catch (caught) {
      setFault(caught);
    }
  };
  // By the opener's own clock, whatever the network says.
  const struck = Date.now() >= Date.parse(round.closesAt);
  return (
    <Section title={t('opener')}>
      {round.state === 'opening' && struck ? (
        <label className="field">
          <span>{t('openWith')}</span>
          <input
            type="file"
            accept="application/json,.json"
            onChange={(event) => void open(event.target.files?.[0])}
          />
        </label>
      ) : (
        <p className="muted">{t('openerWaits')}</p>
      )}
      {wrong ? <p role="alert">{t('keysWrong')}</p> : null}
      <p role="status">{given === null ? '' : t('sharesGiven', { count: given })}</p>
      {findings.length === 0 ? null : <Findings findings={findings} />}
      <ProblemNote fault={fault} />
    </Section>
  );
}
