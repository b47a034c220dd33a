import type { keyPolicySchema } from '@yinglian/contract';
import { daysBetween, finding, type Finding } from '@yinglian/core';
import { sql } from 'kysely';
import type { z } from 'zod';
import type { Queryable, Transaction } from '../../kernel/database/database.ts';

export type KeyPolicy = z.output<typeof keyPolicySchema>;

/** Nothing needs a second person until the house says so: many houses are one person. */
export const POLICY_DEFAULT: KeyPolicy = {
  version: 0,
  screensMax: null,
  daysMax: null,
  earlyDaysMax: null,
  follow: 'issue',
  alarmHours: 3,
  alarmEmails: [],
  contact: '',
  language: 'zh-CN',
};

type Row = {
  version: number;
  screens_max: number | null;
  days_max: number | null;
  early_days_max: number | null;
  follow: KeyPolicy['follow'];
  alarm_hours: number;
  alarm_emails: string[];
  contact: string;
  language: KeyPolicy['language'];
};

/** How an organisation issues. */
export async function readPolicy(database: Queryable, organisationId: string): Promise<KeyPolicy> {
  const result = await sql<Row>`select * from distribution.key_policy
    where organisation_id = ${organisationId}`.execute(database);
  const row = result.rows[0];
  if (row === undefined) return POLICY_DEFAULT;
  return {
    version: row.version,
    screensMax: row.screens_max,
    daysMax: row.days_max,
    earlyDaysMax: row.early_days_max,
    follow: row.follow,
    alarmHours: row.alarm_hours,
    alarmEmails: row.alarm_emails,
    contact: row.contact,
    language: row.language,
  };
}

/** Gives whether the expected version was still there; 0 before the first. */
export async function writePolicy(
  transaction: Transaction,
  organisationId: string,
  policy: KeyPolicy,
): Promise<boolean> {
  const result = await sql`
    insert into distribution.key_policy (organisation_id, screens_max, days_max, early_days_max,
      follow, alarm_hours, alarm_emails, contact, language)
    values (${organisationId}, ${policy.screensMax}, ${policy.daysMax}, ${policy.earlyDaysMax},
      ${policy.follow}, ${policy.alarmHours}, ${policy.alarmEmails}::text[], ${policy.contact},
      ${policy.language})
    on conflict (organisation_id) do update set version = key_policy.version + 1,
      updated_at = now(), screens_max = excluded.screens_max, days_max = excluded.days_max,
      early_days_max = excluded.early_days_max, follow = excluded.follow,
      alarm_hours = excluded.alarm_hours, alarm_emails = excluded.alarm_emails,
      contact = excluded.contact, language = excluded.language
    where key_policy.version = ${policy.version}`.execute(transaction);
  return result.numAffectedRows === 1n;
}

/** What of an order the limits are held against. */
export type OrderFacts = {
  /** Screens of this order, and those that this person ordered alone in the last day. */
  readonly screens: number;
  readonly before: number;
  readonly notBefore: string;
  readonly notAfter: string;
  /** The first day of the film's run; undefined where none is announced. */
  readonly opens: string | undefined;
};

/** The limits that an order crosses; with none, one person is enough. */
export function crossedLimits(policy: KeyPolicy, order: OrderFacts): Finding[] {
  const findings: Finding[] = [];
  const from = order.notBefore.slice(0, 10);
  const screens = order.screens + order.before;
  if (policy.screensMax !== null && screens > policy.screensMax) {
    const facts = { screens, limit: policy.screensMax };
    findings.push(finding('excessive_order_screens', 'warning', { facts }));
  }
  const days = daysBetween(from, order.notAfter.slice(0, 10)) + 1;
  if (policy.daysMax !== null && days > policy.daysMax) {
    const facts = { days, limit: policy.daysMax };
    findings.push(finding('excessive_order_days', 'warning', { facts }));
  }
  const early = order.opens === undefined ? 0 : daysBetween(from, order.opens);
  if (policy.earlyDaysMax !== null && early > policy.earlyDaysMax) {
    const facts = { days: early, limit: policy.earlyDaysMax, opens: order.opens! };
    findings.push(finding('early_order_window', 'warning', { facts }));
  }
  return findings;
}
