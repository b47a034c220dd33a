import { type Finding, hasErrors } from '@yinglian/core';
import {
  type Bid,
  bidShape,
  blindProposal,
  checkBid,
  type Indicator,
  readDocument,
  sealBid,
} from '@yinglian/opencall';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useAction } from '../kernel/action.ts';
import { api } from '../kernel/api.ts';
import { useFormat } from '../kernel/format.ts';
import { Findings } from '../kernel/parts/findings.tsx';
import { ProblemNote } from '../kernel/parts/problem.tsx';
import { useSession } from '../kernel/session.ts';
import { Consortium } from './bid-identity.tsx';
import { blankBid, draftOf } from './draft-file.ts';
import { CheckField, MoneyField, TextField } from './fields.tsx';
import { blankMilestone, MilestoneEditor } from './milestone-editor.tsx';
import type { Round } from './round.ts';
import { browserSealing, keepFile, readFile } from './sealing.ts';

const TEXTS = ['title', 'summary', 'approach', 'risks'] as const;

/** A bid is written, checked and encrypted here; before the hour nothing of it leaves readable. */
export function BidForm({ round, onDone }: { round: Round; onDone: () => void }) {
  const { t } = useTranslation('opencall');
  const { organisation } = useSession();
  const wanted = round.entry.indicators as Indicator[];
  const [blank] = useState(() => withMilestone(blankBid(organisation?.name ?? '', null), wanted));
  const [bid, setBid] = useState<Bid>(blank);
  // Fields with a text of their own begin anew with a draft that was read.
  const [edition, setEdition] = useState(0);
  const sealing = browserSealing();
  if (sealing === undefined) return <p className="opencall-note">{t('noCrypto')}</p>;
  const read = async (file: File | undefined) => {
    if (file === undefined) return;
    setBid(draftOf(await readFile(file), blank));
    setEdition(edition + 1);
  };
  return (
    <>
      <div className="row">
        <button
          type="button"
          className="button"
          onClick={() => keepFile(`${round.entry.code}.bid-draft.json`, bid)}
        >
          {t('keepDraft')}
        </button>
        <label className="opencall-file">
          <span className="button">{t('readDraft')}</span>
          <input
            type="file"
            className="sr-only"
            accept="application/json,.json"
            onChange={({ target }) => void read(target.files?.[0])}
          />
        </label>
      </div>
      <BidFields key={edition} round={round} bid={bid} onChange={setBid} onDone={onDone} />
    </>
  );
}

function withMilestone(bid: Bid, indicators: readonly Indicator[]): Bid {
  return {
    ...bid,
    proposal: { ...bid.proposal, milestones: [blankMilestone(0, indicators)] },
  };
}

function BidFields({
  round,
  bid,
  onChange,
  onDone,
}: {
  readonly round: Round;
  readonly bid: Bid;
  readonly onChange: (bid: Bid) => void;
  readonly onDone: () => void;
}) {
  const { t } = useTranslation('opencall');
  const [findings, setFindings] = useState<readonly Finding[]>([]);
  const { act, busy, fault } = useAction('opencall');
  const { organisation } = useSession();
  const { proposal } = bid;
  const put = (part: Partial<Bid['proposal']>) =>
    onChange({ ...bid, proposal: { ...proposal, ...part } });
  const check = (): { readonly bid: Bid; readonly good: boolean } => {
    const whole = { ...bid, integrity: true as const };
    const shaped = readDocument(bidShape, whole);
    const found = shaped.ok ? findingsOf(shaped.value, round) : shaped.findings;
    setFindings(found);
    return { bid: whole, good: !hasErrors(found) };
  };
  const send = () =>
    act(async () => {
      const checked = check();
      const sealing = browserSealing();
      if (!checked.good || sealing === undefined) return;
      const { openers, threshold } = round;
      const bidder = organisation?.id ?? '';
      const given = { round: round.id, bidder, bid: checked.bid, openers, threshold };
      const made = await sealBid(sealing, given);
      if (!made.ok) return setFindings(made.findings);
      const { sealed, key } = made.value;
      // Kept first: what was handed in without its key could only be opened by others.
      keepFile(`${round.entry.code}.${key.commitment.slice(0, 8)}.bid-key.json`, key);
      await api.opencall.handIn({ params: { id: round.id }, body: { sealed } });
      onDone();
    });
  return (
    <form
      className="panel stack"
      onSubmit={(event) => {
        event.preventDefault();
        void send();
      }}
    >
      <p>{t('sealText')}</p>
      <Consortium
        identity={bid.identity}
        excludedMax={round.excludedMax}
        onChange={(identity) => onChange({ ...bid, identity })}
      />
      <h3>{t('plan')}</h3>
      <p className="muted">{t('planText')}</p>
      {TEXTS.map((name) => (
        <TextField
          key={name}
          label={t(`field.${name}`)}
          long={name === 'title' ? 0 : 4}
          required={name !== 'risks'}
          maxLength={name === 'title' ? 200 : 20_000}
          value={proposal[name]}
          onChange={(text) => put({ [name]: text })}
        />
      ))}
      <Money budgetFen={round.entry.budgetFen} proposal={proposal} put={put} />
      <MilestoneEditor
        milestones={proposal.milestones}
        wanted={round.entry.indicators as Indicator[]}
        latest={round.entry.due}
        onChange={(milestones) => put({ milestones })}
      />
      <CheckField label={t('integrity')} required />
      {findings.length === 0 ? null : <Findings findings={findings} />}
      <ProblemNote fault={fault} />
      <div className="row">
        <button type="button" className="button" onClick={() => check()}>
          {t('checkBid')}
        </button>
        <button className="button button-first" disabled={busy}>
          {t('seal')}
        </button>
      </div>
    </form>
  );
}

function Money({
  budgetFen,
  proposal,
  put,
}: {
  readonly budgetFen: string | null;
  readonly proposal: Bid['proposal'];
  readonly put: (part: Partial<Bid['proposal']>) => void;
}) {
  const { t } = useTranslation('opencall');
  const format = useFormat();
  return (
    <div className="opencall-form">
      <MoneyField
        label={t('field.requested')}
        required
        hint={budgetFen === null ? t('ownMoney') : t('atMost', { money: format.money(budgetFen) })}
        fen={proposal.requestedFen}
        onChange={(fen) => put({ requestedFen: fen ?? '' })}
      />
      <MoneyField
        label={t('field.own')}
        required
        fen={proposal.ownFen}
        onChange={(fen) => put({ ownFen: fen ?? '' })}
      />
    </div>
  );
}

/** What would refuse the bid at its opening, and what in it would tell reviewers whose it is. */
function findingsOf(bid: Bid, round: Round): readonly Finding[] {
  const { indicators, due, budgetFen } = round.entry;
  const terms = { indicators: indicators as Indicator[], due, budgetFen };
  return [
    ...checkBid(bid, {
      ...terms,
      excludedMax: round.excludedMax,
      checkpoint: round.checkpoint,
    }),
    ...blindProposal(bid).findings,
  ];
}
