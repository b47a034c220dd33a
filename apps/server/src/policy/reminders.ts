import type { policyReminderSchema } from '@yinglian/contract';
import { addDays } from '@yinglian/core';
import {
  type GivenFacts,
  matchItems,
  objectionNears,
  type Reminder,
  remindersOf,
  staleFacts,
} from '@yinglian/policy';
import { sql } from 'kysely';
import { z } from 'zod';
import type { Context } from '../kernel/context.ts';
import type { Queryable, Transaction } from '../kernel/database/database.ts';
import { defineJob, type JobDefinition } from '../kernel/jobs/definition.ts';
import type { Mailer } from '../kernel/mail.ts';
import type { Work } from '../kernel/write.ts';
import { listInstruments } from './instruments/store.ts';
import { forgetExperts } from './opencall/retention.ts';
import { listDueObjections } from './objection.ts';
import { bookOf, calendarOf, type PolicyParts, todayOf } from './parts.ts';
import { listCalls, tables } from './repository.ts';

type ReminderParts = PolicyParts & { readonly mailer?: Mailer | undefined };
/** Null is every company; `daily` orders the next round. */
const roundInput = z.object({ organisationId: z.uuid().nullable(), daily: z.boolean() });
type RoundInput = z.infer<typeof roundInput>;
export type RemindJob = JobDefinition<RoundInput>;

/** Between two rounds over all companies. */
const ROUND_HOURS = 24;
const HOUR_MS = 3_600_000;
/** Versions of calls that are looked at; older ones are no news. */
const CHANGES_MAX = 100;
const POSSIBLE: ReadonlySet<string> = new Set(['eligible', 'to_human', 'unknown']);

/** What a company should know now, from its profile, the open calls and its claims. */
export async function readReminders(
  parts: Pick<PolicyParts, 'now'>,
  database: Queryable,
  organisationId: string,
): Promise<{ reminders: Reminder[]; stale: string[] }> {
  const on = todayOf(parts);
  const profile = await tables(database)
    .selectFrom('policy.profile')
    .select('facts')
    .where('organisation_id', '=', organisationId)
    .executeTakeFirst();
  const facts = (profile?.facts ?? {}) as GivenFacts;
  const claims = await claimsOf(database, organisationId);
  const possible = profile === undefined ? new Set<string>() : await itemsFor(database, facts, on);
  const calls = await listCalls(database, { openOn: on });
  const due = await listDueObjections(database, organisationId);
  const calendar = due.length === 0 ? undefined : await calendarOf(database);
  const claimed = new Set(claims.map(({ call_id: id }) => id));
  const ground = {
    on,
    facts,
    calls: calls
      .map(({ row }) => row)
      .filter((call) => call.items.some((item) => possible.has(`${call.instrument} ${item}`)))
      .map(({ id, title, closesOn }) => ({ id, title, closesOn, claimed: claimed.has(id) })),
    changes: await changesOf(database, organisationId),
    claims: claims.map((claim) => ({
      id: claim.id,
      title: claim.object,
      state: claim.state,
      correctionUntil: claim.correction_until,
      noticeUntil: claim.notice_until,
      lastForeign:
        claim.number === null || claim.on_date === null
          ? null
          : { number: claim.number, on: claim.on_date },
    })),
    objections: due.filter(
      ({ answerBy }) => calendar !== undefined && objectionNears(on, answerBy, calendar),
    ),
  };
  return { reminders: remindersOf(ground), stale: staleFacts(facts, on) };
}

async function itemsFor(
  database: Queryable,
  facts: GivenFacts,
  on: string,
): Promise<ReadonlySet<string>> {
  const possible = new Set<string>();
  for (const { code } of await listInstruments(database)) {
    const book = await bookOf(database, code, { eventDate: on, knownOn: on });
    for (const { item, status } of matchItems(book, facts)) {
      if (POSSIBLE.has(status)) possible.add(`${code} ${item}`);
    }
  }
  return possible;
}

type ClaimLine = {
  readonly id: string;
  readonly call_id: string;
  readonly object: string;
  readonly state: string;
  readonly correction_until: string | null;
  readonly notice_until: string | null;
  readonly number: number | null;
  readonly on_date: string | null;
};

async function claimsOf(database: Queryable, organisationId: string): Promise<ClaimLine[]> {
  const result = await sql<ClaimLine>`
    select claim.id, claim.call_id, claim.object, claim.state, claim.correction_until,
      claim.notice_until, step.number, step.on_date
    from policy.claim as claim
    left join lateral (
      select number, on_date from policy.step
      where step.claim_id = claim.id and step.role <> 'applicant'
      order by number desc limit 1) as step on true
    where claim.applicant_id = ${organisationId}
    order by claim.created_at desc
  `.execute(database);
  return result.rows;
}

/** Versions of the calls that a company has live claims under, drafts too. */
async function changesOf(database: Queryable, organisationId: string) {
  const result = await sql<NonNullable<Parameters<typeof remindersOf>[0]['changes']>[number]>`
    select call.id, call.title, change.version, change.kind, change.on_date as "on",
      call.closes_on as "closesOn"
    from policy.call_change as change join policy.call as call on call.id = change.call_id
    where exists (
      select 1 from policy.claim as claim
      where claim.call_id = call.id and claim.applicant_id = ${organisationId}
        and claim.state not in ('withdrawn', 'rejected') and claim.created_at <= change.created_at)
    order by change.created_at desc limit ${CHANGES_MAX}
  `.execute(database);
  return result.rows;
}

/** Tells what was not told yet: a change for live listeners and webhooks, and a mail. */
export function remindJob(parts: ReminderParts): RemindJob {
  const self: RemindJob = defineJob({
    kind: 'policy.remind',
    input: roundInput,
    retries: 3,
    async run(job) {
      const { organisationId, daily } = job.input;
      if (daily) {
        await job.write('order_next', (work) => {
          const startAfter = new Date(parts.now().getTime() + ROUND_HOURS * HOUR_MS);
          return work.enqueue(self, job.input, { startAfter });
        });
        await forgetExperts(parts, job);
      }
      const companies =
        organisationId === null ? await companiesOf(parts.database) : [organisationId];
      let told = 0;
      const putOff: string[] = [];
      for (const company of companies) {
        told += await tell(parts, job, company);
        const answer = await mail(parts, company);
        if (answer !== undefined) putOff.push(answer);
      }
      // Nobody waits for the mail of another; what was put off is tried again with the job.
      if (putOff.length > 0) throw new Error(`mail of reminders was put off: ${putOff[0]}`);
      return { companies: companies.length, told };
    },
  });
  return self;
}

/** Organisations with a profile or with claims, and departments with objections to answer. */
async function companiesOf(database: Queryable): Promise<string[]> {
  const result = await sql<{ id: string }>`
    select organisation_id as id from policy.profile
    union select applicant_id from policy.claim
    union select department_id from policy.objection_case where answered_at is null
    order by id
  `.execute(database);
  return result.rows.map(({ id }) => id);
}

async function tell(
  parts: ReminderParts,
  job: { write<R>(code: string, change: (work: Work) => Promise<R>): Promise<R> },
  organisationId: string,
): Promise<number> {
  const { reminders } = await readReminders(parts, parts.database, organisationId);
  // Most rounds tell most companies nothing: only news costs a transaction.
  if (!(await anyNew(parts.database, organisationId, reminders))) return 0;
  const fresh = await job.write(`tell ${organisationId}`, async (work) => {
    const told: Reminder[] = [];
    for (const reminder of reminders) {
      const mailed = parts.mailer === undefined ? parts.now() : null;
      const isFresh = await isNew(work.transaction, { organisationId, mailed }, reminder);
      if (isFresh) told.push(reminder);
    }
    if (told.length > 0) {
      work.audit({
        action: 'policy.reminded',
        subjectKind: 'organisation',
        subjectId: organisationId,
        organisationId,
        facts: { kinds: told.map(({ kind }) => kind) },
      });
      work.changed({ kind: 'policy_reminder', id: organisationId, organisationId });
    }
    return told;
  });
  return fresh.length;
}

async function anyNew(
  database: Queryable,
  organisationId: string,
  reminders: readonly Reminder[],
): Promise<boolean> {
  if (reminders.length === 0) return false;
  const result = await sql<{ key: string }>`
    select key from policy.reminder where organisation_id = ${organisationId}
      and key = any(${reminders.map(({ key }) => key)}::text[])
  `.execute(database);
  const told = new Set(result.rows.map(({ key }) => key));
  return reminders.some(({ key }) => !told.has(key));
}

async function isNew(
  transaction: Transaction,
  { organisationId, mailed }: { organisationId: string; mailed: Date | null },
  { key, kind, subject, title, by }: Reminder,
): Promise<boolean> {
  const done = await sql`
    insert into policy.reminder (organisation_id, key, kind, subject, title, due_on, mailed_at)
    values (${organisationId}, ${key}, ${kind}, ${subject}, ${title}, ${by}, ${mailed})
    on conflict do nothing
  `.execute(transaction);
  return done.numAffectedRows === 1n;
}

const KIND_ZH: Readonly<Record<Reminder['kind'], string>> = {
  call_opened: '有可申报的通知',
  call_closing: '申报即将截止',
  call_changed: '申报通知有变更',
  call_extended: '申报通知已延期',
  call_cancelled: '申报通知已取消',
  correction_due: '请补正',
  notice_running: '正在公示',
  state_changed: '申报有新进展',
  facts_stale: '企业档案有一年未确认的事实',
  objection_due: '异议答复期限将至',
};
const KIND_EN: Readonly<Record<Reminder['kind'], string>> = {
  call_opened: 'A call you may apply to is open',
  call_closing: 'A call closes soon',
  call_changed: 'A call was changed',
  call_extended: 'A call was extended',
  call_cancelled: 'A call was cancelled',
  correction_due: 'A correction is asked for',
  notice_running: 'A claim is on public notice',
  state_changed: 'A claim has moved',
  facts_stale: 'Facts of your profile are older than a year',
  objection_due: 'An objection must be answered',
};

type Unmailed = Pick<Reminder, 'key' | 'kind' | 'title'> & {
  readonly due_on: string | null;
  readonly mailed_to: readonly string[];
};

/**
 * One mail for all that was told and not mailed, to those who apply or answer for it. What the mail
 * server puts off is its answer here; what it refuses is refused for good. The rows stay locked
 * while they are mailed: of two rounds at the same moment one finds nothing to do.
 */
async function mail(parts: ReminderParts, organisationId: string): Promise<string | undefined> {
  const { mailer } = parts;
  if (mailer === undefined) return undefined;
  return parts.database.transaction().execute(async (transaction) => {
    const open = await sql<Unmailed>`
      select key, kind, title, due_on, mailed_to from policy.reminder
      where organisation_id = ${organisationId} and mailed_at is null order by told_at, key
      for update skip locked
    `.execute(transaction);
    if (open.rows.length === 0) return undefined;
    const people = await sql<{ email: string }>`
      select "user"."email" from kernel.member as member
      join identity."user" as "user" on "user"."id" = member.user_id
      where member.organisation_id = ${organisationId}
        and member.roles && array['owner', 'policy.applicant', 'policy.officer']
      order by "user"."email"
    `.execute(transaction);
    let putOff: string | undefined;
    for (const { email } of people.rows) {
      const news = open.rows.filter((each) => !each.mailed_to.includes(email));
      if (news.length === 0) continue;
      const { outcome, answer } = await mailer.send(messageOf(parts, mailer, email, news));
      if (outcome === 'later') {
        putOff ??= answer;
        continue;
      }
      await sql`
        update policy.reminder set mailed_to = array_append(mailed_to, ${email})
        where organisation_id = ${organisationId}
          and key = any(${news.map(({ key }) => key)}::text[])
      `.execute(transaction);
    }
    if (putOff !== undefined) return putOff;
    await sql`
      update policy.reminder set mailed_at = ${parts.now()}
      where organisation_id = ${organisationId}
        and key = any(${open.rows.map(({ key }) => key)}::text[])
    `.execute(transaction);
    return undefined;
  });
}

function messageOf(parts: ReminderParts, mailer: Mailer, to: string, news: readonly Unmailed[]) {
  const lines = news.map(({ kind, title, due_on: by }) => {
    const day = by === null ? '' : ` ${by}`;
    return `${KIND_ZH[kind]}：${title}${day}\n${KIND_EN[kind]}: ${title}${day}`;
  });
  return {
    to,
    subject: `影联政策提醒 / Policy reminders (${news.length})`,
    text: `${lines.join('\n\n')}\n`,
    messageId: `<${parts.newId()}@${mailer.domain}>`,
  };
}

/** Orders the first round, once for ever; each round orders the next. */
export async function beginReminding(work: Work, job: RemindJob, now: Date): Promise<void> {
  const begun = await sql`
    insert into policy.reminding default values on conflict do nothing
  `.execute(work.transaction);
  if (begun.numAffectedRows !== 1n) return;
  const startAfter = new Date(now.getTime() + ROUND_HOURS * HOUR_MS);
  await work.enqueue(job, { organisationId: null, daily: true }, { startAfter });
}

type ReminderRecord = z.output<typeof policyReminderSchema>;
export type ReminderService = ReturnType<typeof createReminderService>;

/** Reminders as the company sees them. */
export function createReminderService(parts: PolicyParts) {
  const { database, requireAccess } = parts;
  return {
    async reminders(context: Context) {
      const { organisationId } = await requireAccess(context, 'policy.read');
      const { reminders, stale } = await readReminders(parts, database, organisationId);
      const on = todayOf(parts);
      return {
        stale,
        rows: reminders.map((each) => ({
          kind: each.kind,
          subject: each.subject,
          title: each.title,
          by: each.by,
          against: (each.against ?? null) as ReminderRecord['against'],
          urgent: each.by !== null && each.by <= addDays(on, 3),
        })),
      };
    },
  };
}
