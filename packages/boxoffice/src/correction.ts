import {
  accepted,
  dayNumber,
  type Fen,
  finding,
  type InstantMs,
  type IsoDate,
  type Outcome,
  refused,
} from '@yinglian/core';

/** The life of a correction (补登, 超时退票): free at first, by approval later. */
export type CorrectionRules = {
  /** Calendar days after a screening day in which nobody is asked. */
  readonly freeDays: number;
  /** Hours after the approval within which the data has to come. */
  readonly dataHours: number;
  /** Hours after the first delivery in which a file may be sent again; 0 for the guide's letter. */
  readonly redeliveryHours: number;
};

/**
 * Days and hours of data as the guide of the national platform has them. It does not speak of files
 * that are sent long after their days, as monthly sheets are: what arrived yesterday nobody has
 * relied on yet.
 */
export const CORRECTION_DEFAULTS: CorrectionRules = Object.freeze({
  freeDays: 7,
  dataHours: 48,
  redeliveryHours: 48,
});

/** What a correction is going to bring, as it was applied for. */
export type CorrectionFigures = {
  readonly rows: number;
  readonly screenings: number;
  readonly admissions: number;
  readonly grossFen: Fen;
};

/** An application for a correction, as far as the data's acceptance depends on it. */
export type CorrectionApplication = {
  readonly state: 'applied' | 'approved' | 'rejected' | 'fulfilled';
  readonly approvedAt: InstantMs | undefined;
  readonly figures: CorrectionFigures;
};

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;

/** The moment from which a correction of this screening day needs an approval. */
export function freeUntil(
  date: IsoDate,
  offsetMinutes: number,
  rules: CorrectionRules = CORRECTION_DEFAULTS,
): InstantMs {
  return (dayNumber(date) + 1 + rules.freeDays) * DAY_MS - offsetMinutes * 60_000;
}

/**
 * Whether a correction's data may be taken: in the free days without a word, later only against an
 * approved application, in time, and equal to what was applied for.
 */
export function judgeCorrection(
  data: {
    /** The earliest screening day whose figures change: each day has its own free days. */
    readonly date: IsoDate;
    readonly offsetMinutes: number;
    readonly at: InstantMs;
    /** When the figures came first, whatever has corrected them since. */
    readonly deliveredAt: InstantMs;
    readonly figures: CorrectionFigures;
  },
  application: CorrectionApplication | undefined,
  rules: CorrectionRules = CORRECTION_DEFAULTS,
): Outcome<'free' | 'approved'> {
  const free = Math.max(
    freeUntil(data.date, data.offsetMinutes, rules),
    data.deliveredAt + rules.redeliveryHours * HOUR_MS,
  );
  if (data.at < free) return accepted('free');
  if (application === undefined || application.state === 'applied') {
    const { date } = data;
    const facts = { date, until: new Date(free).toISOString(), days: rules.freeDays };
    return refused(finding('unapproved_correction', 'error', { facts }));
  }
  if (application.state !== 'approved' || application.approvedAt === undefined) {
    const facts = { state: application.state };
    return refused(finding('closed_correction', 'error', { facts }));
  }
  const until = application.approvedAt + rules.dataHours * HOUR_MS;
  if (data.at > until) {
    const facts = { until: new Date(until).toISOString(), hours: rules.dataHours };
    return refused(finding('late_correction', 'error', { facts }));
  }
  const wrong = (['rows', 'screenings', 'admissions', 'grossFen'] as const).filter(
    (name) => data.figures[name] !== application.figures[name],
  );
  if (wrong.length === 0) return accepted('approved');
  return refused(
    ...wrong.map((name) =>
      finding('mismatched_correction', 'error', {
        facts: {
          field: name,
          found: String(data.figures[name]),
          applied: String(application.figures[name]),
        },
      }),
    ),
  );
}
