import { accepted, type Fen, finding, type InstantMs, type Outcome, refused } from '@yinglian/core';

/** Where a case stands. `cleared`: later evidence took the suspicion away. */
export const CASE_STATES = ['open', 'asked', 'answered', 'proposed', 'decided', 'cleared'] as const;
/** One of {@link CASE_STATES}. */
export type CaseState = (typeof CASE_STATES)[number];

/** `upheld`: it was so; `dismissed`: it was not; `tolerated`: it was, and is left. */
export const CASE_VERDICTS = ['upheld', 'dismissed', 'tolerated'] as const;
/** One of {@link CASE_VERDICTS}. */
export type CaseVerdict = (typeof CASE_VERDICTS)[number];

/** What the rows of a case are for a settlement: left out for now, or as they were decided. */
export const ROW_STANDINGS = ['held', 'confirmed', 'adjusted', 'excluded'] as const;
/** One of {@link ROW_STANDINGS}. */
export type RowStanding = (typeof ROW_STANDINGS)[number];

/** What can be done with a case. `answer` is the cinema's, the rest is of whoever examines. */
export const CASE_ACTIONS = ['ask', 'answer', 'propose', 'confirm', 'send_back', 'clear'] as const;
/** One of {@link CASE_ACTIONS}. */
export type CaseAction = (typeof CASE_ACTIONS)[number];

/** Days a cinema has for its statement. No source fixes them: as long as for a free correction. */
export const ANSWER_DAYS = 7;
const MS_PER_DAY = 86_400_000;

/** A case as far as its next step depends on it. */
export type CaseStanding = {
  readonly state: CaseState;
  readonly askedAt: InstantMs | undefined;
  readonly answeredAt: InstantMs | undefined;
  readonly proposedBy: string | undefined;
  readonly verdict: CaseVerdict | undefined;
  /** What the verdict takes from or adds to the takings. */
  readonly amountFen: Fen;
};

/** A step and who takes it. */
export type CaseStep = {
  readonly action: CaseAction;
  readonly by: string;
  readonly at: InstantMs;
  /** With `propose`. */
  readonly verdict?: CaseVerdict;
  readonly amountFen?: Fen;
};

const FROM: Readonly<Record<CaseAction, readonly CaseState[]>> = {
  ask: ['open', 'answered'],
  answer: ['asked', 'answered'],
  propose: ['open', 'asked', 'answered'],
  confirm: ['proposed'],
  send_back: ['proposed'],
  clear: ['open', 'asked', 'answered'],
};

/**
 * The case after a step. Nobody is found guilty unheard: `upheld` needs an answer, or the time for
 * it to be over. What moves money is proposed by one person and confirmed by another; what moves
 * none is decided at once.
 */
export function nextCase(standing: CaseStanding, step: CaseStep): Outcome<CaseStanding> {
  const { action } = step;
  if (!FROM[action].includes(standing.state)) {
    const facts = { state: standing.state, action };
    return refused(finding('invalid_case_step', 'error', { facts }));
  }
  switch (action) {
    case 'ask':
      return accepted({ ...standing, state: 'asked', askedAt: step.at });
    case 'answer':
      return accepted({ ...standing, state: 'answered', answeredAt: step.at });
    case 'clear':
      return accepted({ ...standing, state: 'cleared' });
    case 'send_back':
      return accepted({
        ...standing,
        state: undecided(standing),
        verdict: undefined,
        amountFen: 0n,
        proposedBy: undefined,
      });
    case 'confirm':
      return standing.proposedBy === step.by
        ? refused(finding('same_decider', 'error'))
        : accepted({ ...standing, state: 'decided' });
    default:
      return proposed(standing, step);
  }
}

/** Where a case was before somebody proposed its end. */
function undecided({ askedAt, answeredAt }: CaseStanding): CaseState {
  if (answeredAt !== undefined) return 'answered';
  return askedAt === undefined ? 'open' : 'asked';
}

function proposed(standing: CaseStanding, step: CaseStep): Outcome<CaseStanding> {
  const { verdict, by } = step;
  if (verdict === undefined) return refused(finding('missing_verdict', 'error'));
  const until = (standing.askedAt ?? step.at) + ANSWER_DAYS * MS_PER_DAY;
  const heard =
    standing.answeredAt !== undefined || (standing.askedAt !== undefined && step.at >= until);
  if (verdict === 'upheld' && !heard) {
    const facts = { until: new Date(until).toISOString().slice(0, 10) };
    return refused(finding('unheard_cinema', 'error', { facts }));
  }
  const amountFen = step.amountFen ?? 0n;
  const state = amountFen === 0n ? 'decided' : 'proposed';
  return accepted({ ...standing, state, verdict, amountFen, proposedBy: by });
}

/**
 * What the rows of a case are worth. A mere suspicion holds nothing; from the question to the
 * cinema on they are held, until the verdict.
 */
export function rowStanding(
  standing: Pick<CaseStanding, 'state' | 'verdict' | 'amountFen'>,
  adjusted: boolean,
): RowStanding {
  if (standing.state === 'cleared' || standing.state === 'open') return 'confirmed';
  if (standing.state !== 'decided') return 'held';
  if (standing.verdict !== 'upheld') return 'confirmed';
  return adjusted ? 'adjusted' : 'excluded';
}
