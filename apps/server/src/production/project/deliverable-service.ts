import type { deliverableSchema } from '@yinglian/contract';
import { type Finding, finding, hasErrors } from '@yinglian/core';
import { sql } from 'kysely';
import type { z } from 'zod';
import type { Context } from '../../kernel/context.ts';
import type { Queryable, Transaction } from '../../kernel/database/database.ts';
import type { Download } from '../../kernel/http/routes.ts';
import { wireFinding } from '../../kernel/http/problems.ts';
import { type Listed, listedBy, newestFirst } from '../../kernel/listing.ts';
import { afterInstant, type Page, pageOf, type PageQuery } from '../../kernel/pages.ts';
import { conflict, found, invalid, notAllowed, versionConflict } from '../../kernel/refusal.ts';
import { downloadSheet } from '../../kernel/sheets.ts';
import { jsonText, type Work } from '../../kernel/write.ts';
import { acceptAsset } from '../media/repository.ts';
import { releaseAsset } from './reach.ts';
import type { ProjectRecord } from './repository.ts';
import { inRoom, takesPart } from './scope.ts';
import { dayOf, type ProjectParts, readProject } from './service.ts';
import { SHEET_ROWS_MAX } from './shot-service.ts';
import { checkDelivery, DELIVERY_PRESETS } from './specification.ts';
import { checkCompany } from './task-service.ts';

export type DeliverableRecord = z.output<typeof deliverableSchema>;

/** What an acceptance makes due: an expense of the film in settlement, once by its key. */
export type Due = {
  readonly organisationId: string;
  readonly filmId: string;
  readonly key: string;
  readonly date: string;
  readonly account: string;
  readonly amountFen: bigint;
};
/** Settlement's door for it, inside the transaction that accepts. */
export type RecordDue = (context: Context, work: Work, due: Due) => Promise<void>;

export type DeliverableParts = ProjectParts & { readonly recordDue: RecordDue };

/** Where nothing else was agreed. */
const USUAL_ACCOUNT = 'deliverable';

type Row = Omit<
  DeliverableRecord,
  'createdAt' | 'updatedAt' | 'submittedAt' | 'acceptedAt' | 'amountFen' | 'findings' | 'decisions'
> & {
  created: Date;
  updated: Date;
  submitted: Date | null;
  accepted: Date | null;
  amount: bigint | null;
  findings: Finding[];
  decisions: (Omit<DeliverableRecord['decisions'][number], 'at'> & { at: string })[] | null;
  submittedBy: string | null;
  assetVersion: number | null;
  sort_key: string;
};
type Stored = { readonly record: DeliverableRecord; readonly submittedBy: string | null };

async function listDeliverables(
  database: Queryable,
  where: {
    readonly reader: string;
    readonly today: string;
    readonly id?: string;
    readonly projectId?: string | undefined;
    readonly after?: readonly [string, string] | undefined;
    readonly limit: number;
  },
): Promise<Listed<Stored>[]> {
  const { reader, today, id, projectId } = where;
  const result = await sql<Row>`
    select deliverable.id, deliverable.version, deliverable.created_at as created,
      deliverable.updated_at as updated, deliverable.project_id as "projectId",
      deliverable.name, deliverable.kind, deliverable.specification,
      deliverable.organisation_id as "organisationId", company.name as "organisationName",
      deliverable.due_on::text as "dueOn",
      coalesce(deliverable.due_on < ${today}::date
        and deliverable.state in ('open', 'rejected'), false) as late,
      deliverable.acceptor_id as "acceptorId", acceptor.name as "acceptorName",
      deliverable.four_eyes as "fourEyes", deliverable.amount_fen as amount,
      deliverable.category, deliverable.state, deliverable.submission,
      deliverable.asset_id as "assetId", asset.title as "assetTitle", deliverable.language,
      deliverable.submitted_at as submitted, deliverable.submitted_by as "submittedBy",
      deliverable.accepted_at as accepted, deliverable.findings,
      deliverable.due_key as "dueKey", deliverable.created_at::text as sort_key,
      (select json_agg(json_build_object('submission', word.submission, 'at', word.at,
          'by', word.user_name, 'decision', word.decision, 'note', word.note)
          order by word.ordinal)
        from production.deliverable_decision as word
        where word.deliverable_id = deliverable.id) as decisions
    from production.deliverable
    join production.project on project.id = deliverable.project_id
    left join kernel.organisation as company on company.id = deliverable.organisation_id
    left join production.asset on asset.id = deliverable.asset_id
    left join identity."user" as acceptor on acceptor.id = deliverable.acceptor_id
    where (${inRoom(reader)} or (deliverable.organisation_id = ${reader} and ${takesPart(reader)}))
      and ${id === undefined ? sql`true` : sql`deliverable.id = ${id}`}
      and ${projectId === undefined ? sql`true` : sql`deliverable.project_id = ${projectId}`}
      and ${listedBy('deliverable', { after: where.after })}
    ${newestFirst('deliverable', where.limit)}`.execute(database);
  return result.rows.map((row) => {
    const {
      created,
      updated,
      submitted,
      accepted,
      amount,
      sort_key: sortKey,
      submittedBy,
      ...rest
    } = row;
    const record = {
      ...rest,
      amountFen: amount === null ? null : String(amount),
      findings: row.findings.map(wireFinding),
      decisions: (row.decisions ?? []).map((each) => ({
        ...each,
        at: new Date(each.at).toISOString(),
      })),
      createdAt: created.toISOString(),
      updatedAt: updated.toISOString(),
      submittedAt: submitted?.toISOString() ?? null,
      acceptedAt: accepted?.toISOString() ?? null,
    };
    return { sortKey, row: { record, submittedBy } };
  });
}

type Body = Pick<
  DeliverableRecord,
  | 'name'
  | 'kind'
  | 'specification'
  | 'organisationId'
  | 'dueOn'
  | 'acceptorId'
  | 'fourEyes'
  | 'amountFen'
  | 'category'
>;
type Decision = {
  readonly version: number;
  readonly decision: 'accepted' | 'rejected';
  readonly note: string;
  readonly despite: boolean;
};

export type DeliverableService = ReturnType<typeof createDeliverableService>;

/** What the film is delivered as: agreed as data, held against the media, accepted by persons. */
export function createDeliverableService(parts: DeliverableParts) {
  return { ...createAgreements(parts), ...createSubmissions(parts) };
}

const readerOf = (parts: ProjectParts) => (queryable: Queryable, reader: string, id: string) =>
  listDeliverables(queryable, { reader, id, today: dayOf(parts.now()), limit: 1 }).then((rows) =>
    found(rows[0]?.row, { id }),
  );

function createAgreements(parts: DeliverableParts) {
  const { database, write, requireAccess, newId, now } = parts;
  const one = readerOf(parts);

  return {
    async deliverables(
      context: Context,
      query: PageQuery & { readonly projectId?: string | undefined },
    ): Promise<Page<DeliverableRecord>> {
      const { organisationId } = await requireAccess(context, 'production.read');
      const rows = await listDeliverables(database, {
        ...query,
        reader: organisationId,
        today: dayOf(now()),
        after: afterInstant(query),
      });
      return pageOf(
        rows,
        query,
        (each) => [each.sortKey, each.row.record.id],
        (each) => each.row.record,
      );
    },

    async deliverable(context: Context, id: string): Promise<DeliverableRecord> {
      const { organisationId } = await requireAccess(context, 'production.read', {
        kind: 'deliverable',
        ids: [id],
      });
      return (await one(database, organisationId, id)).record;
    },

    async presets(context: Context) {
      await requireAccess(context, 'production.read');
      return [...DELIVERY_PRESETS];
    },

    async acceptors(context: Context, projectId: string): Promise<{ id: string; name: string }[]> {
      const { organisationId } = await requireAccess(context, 'production.read', {
        kind: 'project',
        ids: [projectId],
      });
      await readProject(database, organisationId, projectId);
      return readAcceptors(database, organisationId);
    },

    async createDeliverable(
      context: Context,
      body: Body & { readonly projectId: string },
    ): Promise<DeliverableRecord> {
      const { organisationId } = await requireAccess(context, 'production.write', {
        kind: 'project',
        ids: [body.projectId],
      });
      const project = await readProject(database, organisationId, body.projectId);
      await checkAgreement(database, project, organisationId, body);
      const id = newId();
      return write(context, async (work) => {
        await sql`
          insert into production.deliverable (id, project_id, name, kind, specification)
          values (${id}, ${project.id}, ${body.name}, ${body.kind}, '{}')
        `.execute(work.transaction);
        await putAgreement(work.transaction, id, body);
        work.audit({
          action: 'production.deliverable_agreed',
          subjectKind: 'deliverable',
          subjectId: id,
          facts: { project: project.id, name: body.name, amountFen: body.amountFen },
        });
        work.changed({ kind: 'deliverable', id, filmId: project.filmId });
        return (await one(work.transaction, organisationId, id)).record;
      });
    },

    async updateDeliverable(
      context: Context,
      id: string,
      body: Body & { readonly version: number },
    ): Promise<DeliverableRecord> {
      const { organisationId } = await requireAccess(context, 'production.write', {
        kind: 'deliverable',
        ids: [id],
      });
      const { record: before } = await one(database, organisationId, id);
      const project = await readProject(database, organisationId, before.projectId);
      if (project.scope !== 'whole') throw notAllowed({ permission: 'production.write' });
      if (before.state === 'accepted') {
        throw conflict(finding('accepted_deliverable', 'error'));
      }
      await checkAgreement(database, project, organisationId, body);
      return write(context, async (work) => {
        const result = await sql`
          update production.deliverable set version = version + 1, updated_at = now()
          where id = ${id} and version = ${body.version} and state <> 'accepted'
        `.execute(work.transaction);
        if (result.numAffectedRows !== 1n) throw versionConflict(before, body);
        await putAgreement(work.transaction, id, body);
        // What was submitted is held against what is agreed now.
        const findings = await findingsOf(work.transaction, body, before.assetId, before.language);
        await sql`update production.deliverable set findings = ${jsonText(findings)}::json
          where id = ${id}`.execute(work.transaction);
        work.audit({
          action: 'production.deliverable_changed',
          subjectKind: 'deliverable',
          subjectId: id,
          facts: { name: body.name, amountFen: body.amountFen },
        });
        work.changed({ kind: 'deliverable', id, filmId: project.filmId });
        return (await one(work.transaction, organisationId, id)).record;
      });
    },

    async deliverableSheet(
      context: Context,
      projectId: string,
      format: 'csv' | 'xlsx',
    ): Promise<Download> {
      const { organisationId: reader } = await requireAccess(context, 'production.read', {
        kind: 'project',
        ids: [projectId],
      });
      const project = await readProject(database, reader, projectId);
      const today = dayOf(now());
      const where = { reader, today, projectId, limit: SHEET_ROWS_MAX };
      const rows = await listDeliverables(database, where);
      const cells = rows.map(({ row }) => sheetRow(row.record));
      const name = `${project.code}-deliverables`;
      return downloadSheet(name, '交付物 Deliverables', [[...SHEET_HEAD], ...cells], format);
    },
  };
}

/** Members of the house whose role accepts masters. */
async function readAcceptors(database: Queryable, organisationId: string) {
  const result = await sql<{ id: string; name: string }>`
    select person.id, person.name from kernel.member as member
    join identity."user" as person on person.id = member.user_id
    where member.organisation_id = ${organisationId}
      and member.roles && array['owner', 'administrator', 'production.supervisor']
    order by person.name`.execute(database);
  return result.rows;
}

async function checkAgreement(
  database: Queryable,
  project: ProjectRecord,
  organisationId: string,
  body: Body,
): Promise<void> {
  await checkCompany(database, project, body.organisationId);
  const { framesFrom, framesTo } = body.specification;
  if (framesFrom !== undefined && framesTo !== undefined && framesFrom > framesTo) {
    throw invalid(finding('reversed_frames', 'error', { at: { field: 'framesTo' } }));
  }
  if (body.amountFen !== null && body.organisationId === null) {
    throw invalid(finding('missing_payee', 'error', { at: { field: 'organisationId' } }));
  }
  if (body.acceptorId !== null) {
    const acceptors = await readAcceptors(database, organisationId);
    found(
      acceptors.find((each) => each.id === body.acceptorId),
      { id: body.acceptorId },
    );
  }
}

async function putAgreement(transaction: Transaction, id: string, body: Body): Promise<void> {
  const amount = body.amountFen === null ? null : BigInt(body.amountFen);
  await sql`
    update production.deliverable set name = ${body.name}, kind = ${body.kind},
      specification = ${jsonText(body.specification)}::json,
      organisation_id = ${body.organisationId}, due_on = ${body.dueOn}::date,
      acceptor_id = ${body.acceptorId}, four_eyes = ${body.fourEyes}, amount_fen = ${amount},
      category = ${body.category}
    where id = ${id}`.execute(transaction);
}

async function findingsOf(
  queryable: Queryable,
  body: Pick<Body, 'specification'>,
  assetId: string | null,
  language: string | null,
): Promise<Finding[]> {
  if (assetId === null) return [];
  const result = await sql<{
    media: Parameters<typeof checkDelivery>[1]['media'];
    loudness: Parameters<typeof checkDelivery>[1]['loudness'];
  }>`select media, loudness from production.asset where id = ${assetId}`.execute(queryable);
  return checkDelivery(body.specification, { ...found(result.rows[0]), language });
}

const SHEET_HEAD = [
  '交付物 Deliverable',
  '类别 Kind',
  '单位 Company',
  '期限 Due',
  '逾期 Late',
  '状态 State',
  '提交次数 Submissions',
  '素材 Media',
  '问题 Findings',
  '验收时间 Accepted',
  '金额（分）Fen',
  '结算记录 Settled as',
] as const;

function sheetRow(of: DeliverableRecord): string[] {
  return [
    of.name,
    of.kind,
    of.organisationName ?? '',
    of.dueOn ?? '',
    of.late ? '✓' : '',
    of.state,
    String(of.submission),
    of.assetTitle ?? '',
    String(of.findings.length),
    of.acceptedAt ?? '',
    of.amountFen ?? '',
    of.dueKey ?? '',
  ];
}

function createSubmissions(parts: DeliverableParts) {
  const { database, write, requireAccess, now } = parts;
  const one = readerOf(parts);

  return {
    /** Hands an asset in; it is held against the specification at once. */
    async submit(
      context: Context,
      id: string,
      body: {
        readonly version: number;
        readonly assetId: string;
        readonly language: string | null;
        readonly note: string;
      },
    ): Promise<DeliverableRecord> {
      const { organisationId, userId } = await requireAccess(
        context,
        'production.write',
        { kind: 'deliverable', ids: [id] },
        { kind: 'asset', ids: [body.assetId] },
      );
      const { record: before } = await one(database, organisationId, id);
      const project = await readProject(database, organisationId, before.projectId);
      if (before.state === 'accepted' || before.state === 'cancelled') {
        throw conflict(finding('accepted_deliverable', 'error'));
      }
      const asset = await sql<{ film_id: string; state: string }>`
        select film_id, state from production.asset where id = ${body.assetId}`.execute(database);
      const { film_id: filmId, state } = found(asset.rows[0]);
      if (filmId !== project.filmId) throw invalid(finding('foreign_turnover_item', 'error'));
      if (state !== 'ready' && state !== 'accepted') {
        throw conflict(finding('unready_asset', 'error', { facts: { state } }));
      }
      const findings = await findingsOf(database, before, body.assetId, body.language);
      return write(context, async (work) => {
        const result = await sql`
          update production.deliverable set state = 'submitted', submission = submission + 1,
            asset_id = ${body.assetId}, language = ${body.language}, submitted_by = ${userId},
            submitted_at = ${now()}, findings = ${jsonText(findings)}::json,
            version = version + 1, updated_at = now()
          where id = ${id} and version = ${body.version}`.execute(work.transaction);
        if (result.numAffectedRows !== 1n) throw versionConflict(before, body);
        await releaseAsset(work.transaction, body.assetId);
        const said = { decision: 'submitted', note: body.note, assetId: body.assetId } as const;
        await addDecision(work.transaction, context, id, said);
        work.audit({
          action: 'production.deliverable_submitted',
          subjectKind: 'deliverable',
          subjectId: id,
          facts: { asset: body.assetId, findings: findings.length },
        });
        work.changed({ kind: 'deliverable', id, filmId: project.filmId });
        return (await one(work.transaction, organisationId, id)).record;
      });
    },

    /**
     * Accepts or sends back. Accepted by all who have to, the media are the film's master, and what
     * was agreed falls due.
     */
    async decideDeliverable(
      context: Context,
      id: string,
      body: Decision,
    ): Promise<DeliverableRecord> {
      const { organisationId, userId } = await requireAccess(context, 'production.accept', {
        kind: 'deliverable',
        ids: [id],
      });
      const stored = await one(database, organisationId, id);
      const before = stored.record;
      const project = await readProject(database, organisationId, before.projectId);
      if (project.scope !== 'whole') throw notAllowed({ permission: 'production.accept' });
      checkDecision(stored, userId, body);
      return write(context, async (work) => {
        const { transaction } = work;
        const taken = await sql`
          update production.deliverable set version = version + 1, updated_at = now()
          where id = ${id} and version = ${body.version} and state = 'submitted'
        `.execute(transaction);
        if (taken.numAffectedRows !== 1n) throw versionConflict(before, body);
        const earlier = await acceptedBy(transaction, id, before.submission);
        if (earlier.includes(userId ?? '')) throw conflict(finding('second_word', 'error'));
        await addDecision(transaction, context, id, { ...body, assetId: before.assetId });
        const isWhole = !before.fourEyes || earlier.length > 0;
        if (body.decision === 'rejected') {
          await sql`update production.deliverable set state = 'rejected' where id = ${id}`.execute(
            transaction,
          );
        } else if (isWhole) {
          await accept(work, context, project, before, userId);
        }
        work.audit({
          action: `production.deliverable_${body.decision}`,
          subjectKind: 'deliverable',
          subjectId: id,
          facts: { submission: before.submission, asset: before.assetId, note: body.note },
        });
        work.changed({ kind: 'deliverable', id, filmId: project.filmId });
        if (before.organisationId !== null) {
          work.changed({ kind: 'deliverable', id, organisationId: before.organisationId });
        }
        return (await one(transaction, organisationId, id)).record;
      });
    },
  };

  async function accept(
    work: Work,
    context: Context,
    project: ProjectRecord,
    of: DeliverableRecord,
    userId: string | null,
  ): Promise<void> {
    const { transaction } = work;
    const assetId = found(of.assetId);
    const asset = await sql<{ version: number; state: string }>`
      select version, state from production.asset where id = ${assetId} for update
    `.execute(transaction);
    const { version, state } = found(asset.rows[0]);
    // The same object that distribution packages: nothing is keyed in again.
    if (state !== 'accepted' && !(await acceptAsset(transaction, assetId, version, userId))) {
      throw conflict(finding('unready_asset', 'error', { facts: { state } }));
    }
    const key = of.amountFen === null ? null : `deliverable/${of.id}`;
    await sql`update production.deliverable set state = 'accepted', accepted_at = ${now()},
      due_key = ${key} where id = ${of.id}`.execute(transaction);
    work.changed({ kind: 'asset', id: assetId, filmId: project.filmId });
    if (key === null) return;
    await parts.recordDue(context, work, {
      organisationId: project.ownerId,
      filmId: project.filmId,
      key,
      date: dayOf(now()),
      account: of.category || USUAL_ACCOUNT,
      amountFen: BigInt(of.amountFen!),
    });
  }
}

/** Named person, second pair of eyes, and no silence about what is not as agreed. */
function checkDecision(stored: Stored, userId: string | null, body: Decision): void {
  const { record, submittedBy } = stored;
  if (record.state !== 'submitted') {
    throw conflict(finding('unsubmitted_deliverable', 'error', { facts: { state: record.state } }));
  }
  if (record.acceptorId !== null && record.acceptorId !== userId && !record.fourEyes) {
    throw notAllowed({ permission: 'production.accept', acceptor: record.acceptorName ?? '' });
  }
  if (body.decision !== 'accepted') return;
  if (record.fourEyes && submittedBy === userId) {
    throw conflict(finding('own_submission', 'error'));
  }
  const isFaulty = hasErrors(record.findings as readonly Finding[]);
  if (isFaulty && (!body.despite || body.note.trim() === '')) {
    const facts = { count: record.findings.length };
    throw conflict(finding('unexplained_acceptance', 'error', { facts }));
  }
}

/** Who accepted this submission already. */
async function acceptedBy(transaction: Transaction, id: string, submission: number) {
  const result = await sql<{ user_id: string | null }>`
    select user_id from production.deliverable_decision
    where deliverable_id = ${id} and submission = ${submission} and decision = 'accepted'
  `.execute(transaction);
  return result.rows.map((row) => row.user_id ?? '');
}

async function addDecision(
  transaction: Transaction,
  context: Context,
  id: string,
  of: { readonly decision: string; readonly note: string; readonly assetId: string | null },
): Promise<void> {
  await sql`
    insert into production.deliverable_decision (deliverable_id, ordinal, submission, user_id,
      user_name, decision, note, asset_id)
    select deliverable.id, coalesce((select max(word.ordinal)
        from production.deliverable_decision as word
        where word.deliverable_id = deliverable.id), 0) + 1,
      deliverable.submission, ${context.user?.id ?? null}::uuid, ${context.user?.name ?? ''},
      ${of.decision}, ${of.note}, ${of.assetId}::uuid
    from production.deliverable where deliverable.id = ${id}`.execute(transaction);
}
