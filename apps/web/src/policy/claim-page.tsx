import { useQuery } from '@tanstack/react-query';
import { Link, useParams } from '@tanstack/react-router';
import { addressOf, contract, type policyClaimSchema } from '@yinglian/contract';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useAction } from '../kernel/action.ts';
import { api, ask, forget } from '../kernel/api.ts';
import { useFormat } from '../kernel/format.ts';
import { FilePicker } from '../kernel/parts/file-picker.tsx';
import { Findings } from '../kernel/parts/findings.tsx';
import { Facts, Page, Section, Waiting } from '../kernel/parts/page.tsx';
import { ProblemNote } from '../kernel/parts/problem.tsx';
import { useSession } from '../kernel/session.ts';
import { CallNews } from './call-changes.tsx';
import { CaseSteps, joined } from './case-steps.tsx';
import { FactForm } from './fact-form.tsx';
import { MatchCard } from './match-card.tsx';
import { AppealPart } from './appeal-part.tsx';
import { OfferAnswer } from './offer-answer.tsx';
import { OtherSupport } from './other-support.tsx';
import { ObjectionList } from './objection-list.tsx';
import { sendFile } from './send-file.ts';
import { SourcePicker } from './source-picker.tsx';
import {
  askInstrument,
  type Answers, answersOf, factsOf, fenOf, type Instrument, useWords,
} from './words.ts';
import './policy.css';

type Claim = (typeof policyClaimSchema)['_output'];

/** One claim: where it is in plain words, what it needs, and what may be done with it now. */
export function ClaimPage() {
  const { id } = useParams({ from: '/desk/policy/claims/$id' });
  const { t } = useTranslation('policy');
  const format = useFormat();
  const claim = useQuery(ask('policy', 'claim', { params: { id } }));
  const code = claim.data?.match.instrument;
  const instrument = useQuery({ enabled: code !== undefined,
    ...askInstrument(code ?? '') });
  if (claim.isError) return <ProblemNote fault={claim.error} />;
  if (claim.data === undefined || instrument.data === undefined) return <Waiting />;
  const { data } = claim;
  return (
    <Page title={data.object} kicker={`${data.item} · ${data.callTitle}`}
      lead={t(`plain.${data.state}`, {
        until: format.date(data.noticeUntil ?? data.correctionUntil),
      })}
      actions={
        <>
          <Link className="button" to="/policy/calls/$id" params={{ id: data.callId }}>
            {t('call')}</Link>
          {data.steps.length === 0 ? null : (
            <a className="button" download
              href={addressOf(contract.policy.claimReceipts, { params: { id } })}>{t('bundle')}</a>
          )}
        </>
      }>
      <CallNews callId={data.callId} />
      <Overview claim={data} />
      {data.findings.length === 0 ? null : <Findings findings={data.findings} />}
      <OfferAnswer claim={data} />
      <Steps claim={data} />
      <Section title={t('judgement')}>
        <div className="matches">
          <MatchCard instrument={instrument.data} match={data.match} />
        </div>
      </Section>
      {isOpen(data) ? <SourcePicker claim={data} /> : null}
      <Evidence claim={data} instrument={instrument.data} />
      {isOpen(data) ? (
        <EditFacts key={JSON.stringify(data.facts)} claim={data} instrument={instrument.data} />
      ) : null}
      {isOpen(data) ? <OtherSupport key={JSON.stringify(data.others)} claim={data} /> : null}
      <Opinions claim={data} />
      <AppealPart claimId={id} applicantId={data.applicantId} state={data.state} />
      <ObjectionList claimId={id} open={data.openObjections} />
    </Page>
  );
}

/** Opinions of the joint check, and the form for a department that is asked for one. */
function Opinions({ claim }: { claim: Claim }) {
  const { t } = useTranslation('policy');
  const { can } = useSession();
  const [reason, setReason] = useState('');
  const { act, busy, fault } = useAction('policy');
  const asked = claim.state === 'recommended' && can('policy.manage')
    && claim.actions.length === 0;
  if (claim.opinions.length === 0 && !asked) return null;
  const say = (agrees: boolean) => act(
    () => api.policy.giveOpinion({ params: { id: claim.id }, body: { agrees, reason } }),
    () => setReason(''));
  return (
    <Section title={t('opinions')}>
      <CaseSteps rows={claim.opinions.map((each) => ({ on: each.on,
        what: t(each.agrees ? 'agrees' : 'disagrees'),
        who: joined(each.department, each.by, each.reason) }))} />
      {asked ? (
        <div className="panel stack">
          <label className="field"><span>{t('reason')}</span>
            <input className="input" value={reason}
              onChange={({ target }) => setReason(target.value)} /></label>
          <div className="row">
            <button type="button" className="button button-first" disabled={busy}
              onClick={() => void say(true)}>{t('agrees')}</button>
            <button type="button" className="button" disabled={busy}
              onClick={() => void say(false)}>{t('disagrees')}</button>
          </div>
          <ProblemNote fault={fault} />
        </div>
      ) : null}
    </Section>
  );
}

function isOpen(claim: Claim): boolean {
  return (claim.state === 'draft' || claim.state === 'correction')
    && claim.actions.some(({ role }) => role === 'applicant');
}

function Overview({ claim }: { claim: Claim }) {
  const { t } = useTranslation('policy');
  const format = useFormat();
  const money = (fen: string | null) => (fen === null ? '—' : format.money(fen));
  return (
    <Facts rows={[
      [t('where'), t(`state.${claim.state}`)],
      [t('applicant'), claim.applicant],
      ...(claim.direction === '' ? [] : [[t('direction'), claim.direction] as const]),
      [t('eventDate'), format.date(claim.eventDate)],
      [t('recommended'), money(claim.recommendedFen)],
      [t('proposed'), money(claim.grantFen)],
      [t('until'), format.date(claim.noticeUntil)],
      ...(claim.offeredOn === null ? [] : [
        [t('offeredOn'), format.date(claim.offeredOn)] as const]),
      ...(claim.account === null ? [] : [[t('payee'), joined(claim.account.holder,
        claim.account.bank, claim.account.number)] as const]),
      ...(claim.recommender === null ? [] : [[t('recommender'), claim.recommender] as const]),
      ...(claim.source === null ? [] : [[t('restsOn'), claim.source.share === ''
        ? claim.source.number : `${claim.source.number} · ${claim.source.share}`] as const]),
    ]} />
  );
}

/** Steps that leave the way of a claim; the way itself is offered first. */
const ASIDE: ReadonlySet<string> = new Set([
  'ask_correction', 'reject', 'withdraw', 'withdraw_late', 'take_back', 'refuse_after_notice',
  'demand', 'reopen', 'refuse', 'decline', 'revoke', 'turn_down', 'end_offer',
]);

/** What reviewers do: they say how much, and may say a score. */
const JUDGING: ReadonlySet<string> = new Set(['review', 'defend']);

function Steps({ claim }: { claim: Claim }) {
  const { t } = useTranslation('policy');
  const words = useWords();
  const [reason, setReason] = useState('');
  const [amount, setAmount] = useState('');
  const [score, setScore] = useState('');
  const [factor, setFactor] = useState('');
  const { act, busy, fault } = useAction('policy', 'policyDesk');
  const reviews = claim.actions.some(({ action }) => JUDGING.has(action));
  const recovers = claim.actions.some(({ action }) => action === 'recover_part');
  const take = (action: string) => {
    const fen = fenOf(amount);
    const judged = JUDGING.has(action);
    return act(() => api.policy.act({ params: { id: claim.id }, body: {
      version: claim.version, action, reason,
      ...(judged && fen !== undefined ? { recommendedFen: fen } : {}),
      ...(judged && fen === undefined && factor.trim() !== '' ? { factor: factor.trim() } : {}),
      ...(action === 'recover_part' && fen !== undefined ? { recoveredFen: fen } : {}),
      ...(judged && score.trim() !== '' ? { score: score.trim() } : {}),
    } }), () => setReason(''));
  };
  return (
    <Section title={t('steps')}>
      <CaseSteps rows={claim.steps.map((step) => ({ on: step.on,
        what: t(`action.${step.action}`, { defaultValue: step.action }),
        who: joined(step.actor, step.reason) }))} />
      {claim.actions.length === 0 ? <p className="muted">{t('nothingToDo')}</p> : (
        <div className="panel stack">
          <label className="field">
            <span>{t('reason')}</span>
            <input className="input" value={reason}
              onChange={(event) => setReason(event.target.value)} />
          </label>
          {reviews || recovers ? (
            <label className="field">
              <span>{t(recovers ? 'recovered' : 'recommended')}</span>
              <input className="input" inputMode="decimal" value={amount} placeholder={t('inYuan')}
                onChange={(event) => setAmount(event.target.value)} />
            </label>
          ) : null}
          {reviews ? (
            <label className="field">
              <span>{t('factor')}</span>
              <input className="input" value={factor}
                onChange={(event) => setFactor(event.target.value)} />
            </label>
          ) : null}
          {reviews ? (
            <label className="field">
              <span>{t('score')}</span>
              <input className="input" inputMode="decimal" value={score}
                onChange={(event) => setScore(event.target.value)} />
            </label>
          ) : null}
          <div className="row">
            {claim.actions.filter(({ action }) => action !== 'confirm').map(({ action, label }) => (
              <button key={action} type="button" disabled={busy}
                onClick={() => void take(action)}
                className={ASIDE.has(action) ? 'button' : 'button button-first'}>
                {words(label)}
              </button>
            ))}
          </div>
          <ProblemNote fault={fault} />
        </div>
      )}
    </Section>
  );
}

/** One document; while the claim may be written, a wrong one can be removed. */
function Piece({ claim, piece, label }: {
  claim: Claim; piece: Claim['evidence'][number]; label: string;
}) {
  const { t } = useTranslation('policy');
  const format = useFormat();
  const { act, busy, fault } = useAction('policy');
  const params = { id: claim.id, evidenceId: piece.id };
  return (
    <li>
      <strong>{label}</strong>{' '}
      <a download href={addressOf(contract.files.download, { params: { id: piece.fileId } })}>
        {piece.fileName}</a> {piece.number}{' '}
      {piece.invoice === null ? null : (
        <span>{t('invoiceLine', { on: format.date(piece.invoice.issuedOn),
          amount: format.money(piece.invoice.fen), seller: piece.invoice.seller.name,
          buyer: piece.invoice.buyer.name })}</span>
      )}{' '}
      <small className="mono">{piece.digest.slice(0, 23)}…</small>{' '}
      {isOpen(claim) ? (
        <button type="button" className="button" disabled={busy}
          onClick={() => void act(() => api.policy.removeEvidence({ params }))}>
          {t('removeEvidence', { name: piece.fileName })}</button>
      ) : null}
      <ProblemNote fault={fault} />
    </li>
  );
}

function Evidence({ claim, instrument }: { claim: Claim; instrument: Instrument }) {
  const { t } = useTranslation('policy');
  const words = useWords();
  const [busy, setBusy] = useState(false);
  const [number, setNumber] = useState('');
  const [fault, setFault] = useState<unknown>(null);
  const wanted = instrument.items.find(({ item }) => item === claim.item)?.evidence ?? [];
  const [code, setCode] = useState(wanted[0]?.code ?? 'other');
  const send = async (file: File) => {
    setBusy(true);
    setFault(null);
    try {
      await api.policy.addEvidence({ params: { id: claim.id }, body: {
        fileId: await sendFile(file), code, number: number.trim() === '' ? null : number,
      } });
      setNumber('');
    } catch (caught) {
      setFault(caught);
    } finally {
      setBusy(false);
      await forget('policy');
    }
  };
  const label = (each: string) => {
    const known = wanted.find((one) => one.code === each);
    return known === undefined ? each : words(known.label);
  };
  return (
    <Section title={t('evidence')}>
      <ul className="case-evidence">
        {claim.evidence.map((each) => (
          <Piece key={each.id} claim={claim} piece={each} label={label(each.code)} />
        ))}
      </ul>
      {isOpen(claim) ? (
        <div className="panel stack">
          <label className="field">
            <span>{t('evidenceKind')}</span>
            <select className="input" value={code}
              onChange={(event) => setCode(event.target.value)}>
              {wanted.map((each) => (
                <option key={each.code} value={each.code}>{words(each.label)}</option>
              ))}
            </select>
          </label>
          <label className="field">
            <span>{t('evidenceNumber')}</span>
            <input className="input" value={number}
              onChange={(event) => setNumber(event.target.value)} />
          </label>
          <FilePicker busy={busy} label={t('addEvidence')} onChoose={(file) => void send(file)} />
          <ProblemNote fault={fault} />
        </div>
      ) : null}
    </Section>
  );
}

/** What was not changed goes back with its source and its day. */
function keepSources(sent: ReturnType<typeof factsOf>, kept: Claim['facts']) {
  return Object.fromEntries(Object.entries(sent).map(([name, fact]) => {
    const before = kept[name];
    const same = JSON.stringify(before?.value) === JSON.stringify(fact.value);
    return [name, same ? before : fact];
  }));
}

function EditFacts({ claim, instrument }: { claim: Claim; instrument: Instrument }) {
  const { t } = useTranslation('policy');
  const [answers, setAnswers] = useState<Answers>(answersOf(claim.facts));
  const { act, busy, fault } = useAction('policy');
  const asked = new Set([...claim.match.missing, ...Object.keys(claim.facts),
    ...claim.match.whyNot.flatMap(({ fact }) => (fact === null ? [] : [fact])),
    ...claim.match.assumed]);
  const save = () => act(() => api.policy.updateClaim({ params: { id: claim.id }, body: {
    version: claim.version, item: claim.item, object: claim.object, label: claim.label,
    eventDate: claim.eventDate, others: claim.others,
    facts: keepSources(factsOf(answers), claim.facts) as never,
    recommenderId: claim.recommenderId,
  } }));
  return (
    <Section title={t('yourFacts')} actions={
      <button type="button" className="button button-first" disabled={busy}
        onClick={() => void save()}>
        {t('save')}
      </button>
    }>
      <FactForm opened facts={instrument.facts.filter(({ name }) => asked.has(name))}
        answers={answers} onChange={(name, value) => setAnswers((before) => {
          const { [name]: _, ...rest } = before;
          return value === undefined ? rest : { ...rest, [name]: value };
        })} />
      <ProblemNote fault={fault} />
    </Section>
  );
}
