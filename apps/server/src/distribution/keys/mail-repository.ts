import type { keyMailSchema } from '@yinglian/contract';
import { sql } from 'kysely';
import type { z } from 'zod';
import type { Queryable, Transaction } from '../../kernel/database/database.ts';
import { type Listed, listedBy, type Listing, newestFirst } from '../../kernel/listing.ts';
import type { MailAnswer } from '../../kernel/mail.ts';

export type MailRecord = z.output<typeof keyMailSchema>;

export type NewMail = {
  readonly id: string;
  readonly organisationId: string;
  readonly cinemaId: string;
  readonly address: string;
  readonly language: MailRecord['language'];
  readonly messageId: string;
  readonly userId: string | null;
  readonly keyIds: readonly string[];
};

export async function insertMail(transaction: Transaction, mail: NewMail): Promise<void> {
  await sql`
    insert into distribution.key_mail (id, organisation_id, cinema_id, address, language, state,
      message_id, sent_by)
    values (${mail.id}, ${mail.organisationId}, ${mail.cinemaId}, ${mail.address},
      ${mail.language}, 'waiting', ${mail.messageId}, ${mail.userId})`.execute(transaction);
  await sql`insert into distribution.key_mail_key (mail_id, key_id)
    select ${mail.id}::uuid, unnest(${[...mail.keyIds]}::uuid[])`.execute(transaction);
}

export async function setMailJob(
  transaction: Transaction,
  id: string,
  jobId: string,
): Promise<void> {
  await sql`update distribution.key_mail set job_id = ${jobId} where id = ${id}`.execute(
    transaction,
  );
}

export type StoredMail = {
  readonly id: string;
  readonly organisationId: string;
  readonly organisationName: string;
  readonly cinemaId: string;
  readonly cinemaName: string;
  /** For names of files, which hold Latin letters only. */
  readonly theatre: string;
  readonly timeZone: string;
  readonly address: string;
  readonly language: MailRecord['language'];
  readonly state: MailRecord['state'];
  readonly attempts: number;
  readonly messageId: string;
  readonly contact: string;
  readonly filmTitle: string;
  readonly keyIds: readonly string[];
};

/** What the job sends. */
export async function readMail(database: Queryable, id: string): Promise<StoredMail | undefined> {
  const result = await sql<{
    id: string;
    organisation_id: string;
    organisation_name: string;
    cinema_id: string;
    cinema_name: string;
    theatre: string;
    time_zone: string;
    address: string;
    language: MailRecord['language'];
    state: MailRecord['state'];
    attempts: number;
    message_id: string;
    contact: string | null;
    title: string | null;
    key_ids: string[] | null;
  }>`
    select mail.*, organisation.name as organisation_name, cinema.name as cinema_name,
      cinema.time_zone, policy.contact,
      coalesce(cinema.name_english, cinema.code, cinema.name) as theatre,
      (select json_agg(key_id) from distribution.key_mail_key where mail_id = mail.id) as key_ids,
      (select film.title from distribution.key_mail_key as held
        join distribution.key on key.id = held.key_id
        join distribution.package on package.id = key.package_id
        join film.film on film.id = package.film_id
        where held.mail_id = mail.id limit 1) as title
    from distribution.key_mail as mail
    join kernel.organisation on organisation.id = mail.organisation_id
    join exhibition.cinema on cinema.id = mail.cinema_id
    left join distribution.key_policy as policy on policy.organisation_id = mail.organisation_id
    where mail.id = ${id}`.execute(database);
  const row = result.rows[0];
  if (row === undefined) return undefined;
  return {
    id: row.id,
    organisationId: row.organisation_id,
    organisationName: row.organisation_name,
    cinemaId: row.cinema_id,
    cinemaName: row.cinema_name,
    theatre: row.theatre,
    timeZone: row.time_zone,
    address: row.address,
    language: row.language,
    state: row.state,
    attempts: row.attempts,
    messageId: row.message_id,
    contact: row.contact ?? '',
    filmTitle: row.title ?? '',
    keyIds: row.key_ids ?? [],
  };
}

/** Writes an attempt down. */
export async function keepAttempt(
  transaction: Transaction,
  id: string,
  attempt: MailAnswer & { readonly last: boolean; readonly now: Date },
): Promise<void> {
  const { outcome } = attempt;
  const state =
    outcome === 'accepted'
      ? 'accepted'
      : outcome === 'refused' || attempt.last
        ? 'refused'
        : 'waiting';
  await sql`
    update distribution.key_mail set attempts = attempts + 1, answer = ${attempt.answer},
      state = ${state}, accepted_at = ${outcome === 'accepted' ? attempt.now : null}
    where id = ${id}`.execute(transaction);
}

/** Marks mails that came back. */
export async function markBounced(
  transaction: Transaction,
  bounce: { readonly messageId: string; readonly answer: string },
): Promise<{ readonly id: string; readonly organisationId: string }[]> {
  const result = await sql<{ id: string; organisation_id: string }>`
    update distribution.key_mail set state = 'bounced', answer = ${bounce.answer}
    where message_id = ${bounce.messageId} and state <> 'bounced'
    returning id, organisation_id`.execute(transaction);
  return result.rows.map((row) => ({ id: row.id, organisationId: row.organisation_id }));
}

/** Cinemas by their ids, with the address that takes keys. */
export async function readAddresses(
  database: Queryable,
  cinemaIds: readonly string[],
): Promise<ReadonlyMap<string, { readonly name: string; readonly email: string | null }>> {
  const result = await sql<{ id: string; name: string; email: string | null }>`
    select id, name, email from exhibition.cinema where id = any(${[...cinemaIds]}::uuid[])
  `.execute(database);
  return new Map(result.rows.map((row) => [row.id, row]));
}

/** The cinema of each screen. */
export async function cinemasOfScreens(
  database: Queryable,
  screenIds: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const result = await sql<{ id: string; cinema_id: string }>`
    select id, cinema_id from exhibition.screen where id = any(${[...screenIds]}::uuid[])
  `.execute(database);
  return new Map(result.rows.map((row) => [row.id, row.cinema_id]));
}

export async function listMails(
  database: Queryable,
  listing: Listing & { readonly cinemaId?: string | undefined },
): Promise<Listed<MailRecord>[]> {
  const { cinemaId } = listing;
  const result = await sql<{
    id: string;
    created_at: Date;
    cinema_id: string;
    cinema_name: string;
    address: string;
    language: MailRecord['language'];
    keys: bigint;
    state: MailRecord['state'];
    attempts: number;
    answer: string;
    accepted_at: Date | null;
    job_id: string | null;
    sort_key: string;
  }>`
    select mail.*, cinema.name as cinema_name, mail.created_at::text as sort_key,
      (select count(*) from distribution.key_mail_key where mail_id = mail.id) as keys
    from distribution.key_mail as mail
    join exhibition.cinema on cinema.id = mail.cinema_id
    where mail.organisation_id = ${listing.organisationId} and ${listedBy('mail', listing)}
      and ${cinemaId === undefined ? sql`true` : sql`mail.cinema_id = ${cinemaId}`}
    ${newestFirst('mail', listing.limit)}`.execute(database);
  return result.rows.map((row) => ({
    sortKey: row.sort_key,
    row: {
      id: row.id,
      createdAt: row.created_at.toISOString(),
      cinemaId: row.cinema_id,
      cinemaName: row.cinema_name,
      address: row.address,
      language: row.language,
      keys: Number(row.keys),
      state: row.state,
      attempts: row.attempts,
      answer: row.answer,
      acceptedAt: row.accepted_at?.toISOString() ?? null,
      jobId: row.job_id,
    },
  }));
}
