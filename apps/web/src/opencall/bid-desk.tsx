import { useQuery } from '@tanstack/react-query';
import { type Finding, hasErrors, parseYuan } from '@yinglian/core';
import {
  type Bid,
  type BidKey,
  bidKeyShape,
  checkBid,
  type Indicator,
  readDocument,
  sealBid,
} from '@yinglian/opencall';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, ask, forget } from '../kernel/api.ts';
import { useFormat } from '../kernel/format.ts';
import { Findings } from '../kernel/parts/findings.tsx';
import { Facts, Section } from '../kernel/parts/page.tsx';
import { ProblemNote } from '../kernel/parts/problem.tsx';
import { useSession } from '../kernel/session.ts';
import type { Round } from './round.ts';
import { browserSealing, keepFile, readFile } from './sealing.ts';

const TEXTS = ['title', 'summary', 'approach', 'risks'] as const;

/** The bidder's desk: a bid is encrypted in this browser, and its key never leaves it. */
export function BidDesk({ round }: { round: Round }) {
  const { t } = useTranslation('opencall');
  const [fault, setFault] = useState<unknown>(null);
  const own = useQuery({
    ...ask('opencall', 'ownBid', { params: { id: round.id } }),
    retry: false,
  });
  const format = useFormat();
  const run = async (work: () => Promise<unknown>) => {
    try {
      setFault(null);
      await work();
      await forget('opencall');
    } catch (caught) {
      setFault(caught);
    }
  };
  const reveal = async (file: File | undefined) => {
    if (file === undefined) return;
    const read = readDocument(bidKeyShape, await readFile(file));
    if (!read.ok) return setFault(read.findings);
    const { key } = read.value;
    await run(() => api.opencall.reveal({ params: { id: round.id }, body: { key } }));
  };
  if (round.state !== 'announced' && own.data === undefined) return null;
  return (
    <Section title={t('ourBid')}>
      {own.data === undefined ? null : (
        <>
          <Facts
            rows={[
              [t('stateTitle'), t(`bid.${own.data.state}`)],
              [t('receivedAt'), format.moment(own.data.receivedAt)],
              [
                t('commitment'),
                <span key="c" className="opencall-hash">
                  {own.data.commitment}
                </span>,
              ],
            ]}
          />
          {own.data.findings.length === 0 ? null : <Findings findings={own.data.findings} />}
        </>
      )}
      {round.state === 'announced' ? <BidForm round={round} run={run} /> : null}
      {round.state === 'announced' && own.data?.state === 'sealed' ? (
        <button
          type="button"
          className="button"
          onClick={() =>
            void run(() => api.opencall.withdrawBid({ params: { id: round.id }, body: {} }))
          }
        >
          {t('withdraw')}
        </button>
      ) : null}
      {round.state === 'opening' && own.data?.state === 'sealed' ? (
        <label className="field">
          <span>{t('revealWith')}</span>
          <input
            type="file"
            accept="application/json,.json"
            onChange={(event) => void reveal(event.target.files?.[0])}
          />
        </label>
      ) : null}
      <ProblemNote fault={fault} />
    </Section>
  );
}

function BidForm({
  round,
  run,
}: {
  round: Round;
  run: (work: () => Promise<unknown>) => Promise<void>;
}) {
  const { t } = useTranslation('opencall');
  const { organisation } = useSession();
  const [findings, setFindings] = useState<readonly Finding[]>([]);
  const sealing = browserSealing();
  if (sealing === undefined) return <p className="notice-line">{t('noCrypto')}</p>;
  const send = async (form: HTMLFormElement) => {
    const bid = bidFrom(form, round, organisation?.name ?? '');
    const { indicators, due, budgetFen } = round.entry;
    const wrong = checkBid(bid, {
      indicators: indicators as Indicator[],
      due,
      budgetFen,
      excludedMax: round.excludedMax,
    });
    setFindings(wrong);
    if (hasErrors(wrong)) return;
    const { openers, threshold } = round;
    const bidder = organisation?.id ?? '';
    const made = await sealBid(sealing, { round: round.id, bidder, bid, openers, threshold });
    if (!made.ok) return setFindings(made.findings);
    const { sealed, key } = made.value;
    // Kept first: what was handed in without its key could only be opened by others.
    keepFile(keyName(round, key), key);
    await run(() => api.opencall.handIn({ params: { id: round.id }, body: { sealed } }));
    form.reset();
  };
  return (
    <form
      className="panel stack"
      onSubmit={(event) => {
        event.preventDefault();
        void send(event.currentTarget);
      }}
    >
      <p>{t('sealText')}</p>
      {TEXTS.map((name) => (
        <label key={name} className="field">
          <span>{t(`field.${name}`)}</span>
          {name === 'title' ? (
            <input className="input" name={name} required maxLength={200} />
          ) : (
            <textarea className="input" name={name} required={name !== 'risks'} rows={4} />
          )}
        </label>
      ))}
      <label className="field">
        <span>{t('field.requested')}</span>
        <input className="input" name="requested" inputMode="decimal" required />
      </label>
      <label className="field">
        <span>{t('field.own')}</span>
        <input className="input" name="own" inputMode="decimal" defaultValue="0" required />
      </label>
      <label className="field">
        <span>{t('field.milestone')}</span>
        <input className="input" name="milestone" required maxLength={200} />
      </label>
      <label className="field">
        <span>{t('field.milestoneDue')}</span>
        <input className="input" name="due" type="date" max={round.entry.due} required />
      </label>
      <label>
        <input type="checkbox" required /> {t('integrity')}
      </label>
      {findings.length === 0 ? null : <Findings findings={findings} />}
      <button className="button button-first">{t('seal')}</button>
    </form>
  );
}

function keyName(round: Round, key: BidKey): string {
  return `${round.entry.code}.${key.commitment.slice(0, 8)}.bid-key.json`;
}

/** A bid of one organisation with one milestone; consortia and longer plans come from a file. */
function bidFrom(form: HTMLFormElement, round: Round, name: string): Bid {
  const given = new FormData(form);
  const field = (part: string) => String(given.get(part) ?? '').trim();
  const fen = (part: string) => String(parseYuan(field(part)) ?? 0n);
  return {
    identity: {
      members: [{ name, creditCode: null, role: 'lead', share: '1' }],
      people: [],
      aliases: [],
      excluded: [],
      declared: [],
    },
    proposal: {
      title: field('title'),
      summary: field('summary'),
      approach: field('approach'),
      risks: field('risks'),
      requestedFen: fen('requested'),
      ownFen: fen('own'),
      milestones: [
        {
          code: 'M1',
          title: field('milestone'),
          due: field('due'),
          share: '1',
          indicators: round.entry.indicators as Indicator[],
        },
      ],
    },
    integrity: true,
  };
}
