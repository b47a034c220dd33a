import type { helpSchema } from '@yinglian/contract';
import type { Finding } from '@yinglian/core';
import { type RawBuilder, sql } from 'kysely';
import type { z } from 'zod';
import type { Queryable, Transaction } from '../../kernel/database/database.ts';
import { wireFinding } from '../../kernel/http/problems.ts';
import { type Listed, listedBy, type Listing, newestFirst } from '../../kernel/listing.ts';

export type HelpRecord = z.output<typeof helpSchema>;

/** The desk of a film: whoever announced a release of it. Over the alias `help`. */
export function helpAnsweredBy(organisationId: string): RawBuilder<boolean> {
  return sql<boolean>`(help.film_id in (select film_id from distribution.release
    where organisation_id = ${organisationId} and state = 'announced')) is true`;
}

/** The desk, and the cinema with its circuit. Over the aliases `help`, `cinema`, `circuit`. */
export function helpReachedBy(organisationId: string): RawBuilder<boolean> {
  return sql<boolean>`(${helpAnsweredBy(organisationId)}
    or cinema.organisation_id = ${organisationId} or circuit.organisation_id = ${organisationId}
    or cinema.keeper_id = ${organisationId}) is true`;
}

/** What a cinema asks, with the show's lights as they were then: programmes change. */
export async function insertHelp(
  transaction: Transaction,
  help: {
    readonly id: string;
    readonly showId: string;
    readonly userId: string;
    readonly note: string | undefined;
  },
): Promise<void> {
  await sql`
    insert into distribution.help (id, show_id, cinema_id, screen_id, film_id, starts_at, title,
      findings, asked_by, note)
    select ${help.id}::uuid, show.id, show.cinema_id, show.screen_id, show.film_id, show.starts_at,
      coalesce(nullif(show.title, ''), film.title, ''), show.findings, ${help.userId}::uuid,
      ${help.note ?? ''}
    from distribution.show left join film.film on film.id = show.film_id
    where show.id = ${help.showId}`.execute(transaction);
}

/** The distributors whose desks a call concerns. */
export async function desksOf(database: Queryable, helpId: string): Promise<string[]> {
  const result = await sql<{ id: string }>`
    select distinct release.organisation_id as id from distribution.help
    join distribution.release on release.film_id = help.film_id and release.state = 'announced'
    where help.id = ${helpId}`.execute(database);
  return result.rows.map((row) => row.id);
}

/** Answers once; false where somebody did before. */
export async function answerHelp(
  transaction: Transaction,
  id: string,
  answer: { readonly text: string; readonly userId: string; readonly now: Date },
): Promise<boolean> {
  const result = await sql`
    update distribution.help set answer = ${answer.text}, answered_by = ${answer.userId},
      answered_at = ${answer.now}
    where id = ${id} and answered_at is null`.execute(transaction);
  return result.numAffectedRows === 1n;
}

export async function listHelp(
  database: Queryable,
  listing: Listing & { readonly open?: boolean | undefined },
): Promise<Listed<HelpRecord>[]> {
  const { organisationId, open } = listing;
  const which =
    open === undefined
      ? sql`true`
      : open
        ? sql`help.answered_at is null`
        : sql`help.answered_at is not null`;
  const result = await sql<{
    id: string;
    created_at: Date;
    show_id: string;
    cinema_id: string;
    cinema_name: string;
    screen_name: string;
    title: string;
    starts_at: Date;
    local_start: string;
    findings: Finding[];
    asker: string | null;
    note: string;
    answerer: string | null;
    answered_at: Date | null;
    answer: string | null;
    mine: boolean;
    sort_key: string;
  }>`
    select help.*, cinema.name as cinema_name, screen.name as screen_name, asker.name as asker,
      answerer.name as answerer, help.created_at::text as sort_key,
      to_char(help.starts_at at time zone cinema.time_zone, 'YYYY-MM-DD"T"HH24:MI') as local_start,
      ${helpAnsweredBy(organisationId)} and help.answered_at is null as mine
    from distribution.help
    join exhibition.cinema on cinema.id = help.cinema_id
    join exhibition.screen on screen.id = help.screen_id
    left join exhibition.circuit on circuit.id = cinema.circuit_id
    left join identity."user" as asker on asker.id = help.asked_by
    left join identity."user" as answerer on answerer.id = help.answered_by
    where ${helpReachedBy(organisationId)} and ${which} and ${listedBy('help', listing)}
    ${newestFirst('help', listing.limit)}`.execute(database);
  return result.rows.map((row) => ({
    sortKey: row.sort_key,
    row: {
      id: row.id,
      createdAt: row.created_at.toISOString(),
      showId: row.show_id,
      cinemaId: row.cinema_id,
      cinemaName: row.cinema_name,
      screenName: row.screen_name,
      filmTitle: row.title,
      startsAt: row.starts_at.toISOString(),
      localStart: row.local_start,
      findings: row.findings.map(wireFinding),
      askedBy: row.asker ?? '',
      note: row.note,
      answeredBy: row.answerer,
      answeredAt: row.answered_at?.toISOString() ?? null,
      answer: row.answer,
      mine: row.mine,
    },
  }));
}
