import { useQuery } from '@tanstack/react-query';
import { bidKeyShape, readDocument } from '@yinglian/opencall';
import type { Finding } from '@yinglian/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useAction } from '../kernel/action.ts';
import { api, ask } from '../kernel/api.ts';
import { useFormat } from '../kernel/format.ts';
import { Findings } from '../kernel/parts/findings.tsx';
import { Facts, Section } from '../kernel/parts/page.tsx';
import { ProblemNote } from '../kernel/parts/problem.tsx';
import { BidForm } from './bid-form.tsx';
import type { Round } from './round.ts';
import { readFile } from './sealing.ts';

/** The bidder's desk: a bid is encrypted in this browser, and its key never leaves it. */
export function BidDesk({ round }: { round: Round }) {
  const { t } = useTranslation('opencall');
  const [replacing, setReplacing] = useState(false);
  const own = useQuery({
    ...ask('opencall', 'ownBid', { params: { id: round.id } }),
    retry: false,
  });
  const sealed = own.data?.state === 'sealed';
  const now = Date.now();
  const early = now < Date.parse(round.opensAt);
  const open = round.state === 'announced' && !early && now < Date.parse(round.closesAt);
  if (round.state !== 'announced' && own.data === undefined) return null;
  return (
    <Section title={t('ourBid')}>
      {own.data === undefined ? null : <Receipt receipt={own.data} />}
      {round.state !== 'announced' ? null : early ? (
        <p className="muted">{t('notYetOpen')}</p>
      ) : open ? (
        sealed && !replacing ? (
          <SealedActs round={round} onReplace={() => setReplacing(true)} />
        ) : (
          <BidForm
            key={own.data?.commitment ?? ''}
            round={round}
            onDone={() => setReplacing(false)}
          />
        )
      ) : (
        <p className="muted">{t('hourStruck')}</p>
      )}
      {round.state === 'opening' && sealed ? <Reveal round={round} /> : null}
    </Section>
  );
}

type OwnBid = Awaited<ReturnType<typeof api.opencall.ownBid>>;

function Receipt({ receipt }: { receipt: OwnBid }) {
  const { t } = useTranslation('opencall');
  const format = useFormat();
  return (
    <>
      <Facts
        rows={[
          [t('stateTitle'), t(`bid.${receipt.state}`)],
          [t('receivedAt'), format.moment(receipt.receivedAt)],
          [
            t('commitment'),
            <span key="c" className="opencall-hash">
              {receipt.commitment}
            </span>,
          ],
        ]}
      />
      <p className="muted">{t(`bidPlain.${receipt.state}`)}</p>
      {receipt.findings.length === 0 ? null : <Findings findings={receipt.findings} />}
    </>
  );
}

function SealedActs({ round, onReplace }: { round: Round; onReplace: () => void }) {
  const { t } = useTranslation('opencall');
  const { act, busy, fault } = useAction('opencall');
  return (
    <>
      <div className="row">
        <button type="button" className="button" onClick={onReplace}>
          {t('replaceBid')}
        </button>
        <button
          type="button"
          className="button"
          disabled={busy}
          onClick={() =>
            void act(() => api.opencall.withdrawBid({ params: { id: round.id }, body: {} }))
          }
        >
          {t('withdraw')}
        </button>
      </div>
      <ProblemNote fault={fault} />
    </>
  );
}

function Reveal({ round }: { round: Round }) {
  const { t } = useTranslation('opencall');
  const [findings, setFindings] = useState<readonly Finding[]>([]);
  const { act, fault } = useAction('opencall');
  const reveal = (file: File | undefined) =>
    act(async () => {
      if (file === undefined) return;
      const read = readDocument(bidKeyShape, await readFile(file));
      setFindings(read.findings);
      if (!read.ok) return;
      const { key } = read.value;
      await api.opencall.reveal({ params: { id: round.id }, body: { key } });
    });
  return (
    <div className="panel stack">
      <label className="field">
        <span>{t('revealWith')}</span>
        <input
          type="file"
          accept="application/json,.json"
          onChange={(event) => void reveal(event.target.files?.[0])}
        />
      </label>
      {findings.length === 0 ? null : <Findings findings={findings} />}
      <ProblemNote fault={fault} />
    </div>
  );
}
