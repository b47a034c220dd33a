import { finding } from '@yinglian/core';
import {
  type ApprovalRecord,
  type Decision,
  recordBytes,
  type SignedRecord,
} from '@yinglian/review';
import type { RequireAccess } from '../../kernel/access/access.ts';
import type { Context } from '../../kernel/context.ts';
import type { Database } from '../../kernel/database/database.ts';
import { readFileRecords } from '../../kernel/files/files.ts';
import { type Download, downloadBytes } from '../../kernel/http/routes.ts';
import { conflict, found, invalid } from '../../kernel/refusal.ts';
import type { Work, Write } from '../../kernel/write.ts';
import type { AssetRecord } from '../media/repository.ts';
import { readAsset } from './asset.ts';
import {
  insertApproval,
  insertRequest,
  listApprovals,
  listRequests,
  readInForce,
  readSigned,
} from './approval-repository.ts';
import { peopleOf } from './repository.ts';

/** Signs with the key of an organisation, which another hall keeps. */
export type SignForOrganisation = (
  work: Work,
  organisationId: string,
  bytes: Uint8Array,
) => Promise<{ readonly publicKey: string; readonly signature: string }>;

export type ApprovalParts = {
  readonly database: Database;
  readonly write: Write;
  readonly requireAccess: RequireAccess;
  readonly newId: () => string;
  readonly now: () => Date;
  readonly sign: SignForOrganisation;
};

export type ApprovalService = ReturnType<typeof createApprovalService>;

/** Each reviewer's word on a version, signed by their company and bound to the version's bytes. */
export function createApprovalService(parts: ApprovalParts) {
  const { database, write, requireAccess, newId } = parts;

  async function all(assetId: string) {
    return {
      requests: await listRequests(database, assetId),
      rows: await listApprovals(database, { assetId }),
    };
  }

  return {
    async approvals(context: Context, assetId: string) {
      await requireAccess(context, 'production.read', { kind: 'asset', ids: [assetId] });
      return all(assetId);
    },

    async askApproval(
      context: Context,
      assetId: string,
      body: { readonly reviewers: readonly string[]; readonly dueDate: string | null },
    ) {
      const { userId, organisationId } = await requireAccess(context, 'production.review', {
        kind: 'asset',
        ids: [assetId],
      });
      const asset = await readAsset(database, organisationId, assetId);
      const people = new Map((await peopleOf(database, assetId)).map((each) => [each.id, each]));
      const chosen = [...new Set(body.reviewers)].map((id) => {
        const person = people.get(id);
        if (person !== undefined) return person;
        throw invalid(finding('unknown_reviewer', 'error', { at: { field: 'reviewers' } }));
      });
      await write(context, async (work) => {
        for (const person of chosen) {
          await insertRequest(work.transaction, {
            id: newId(),
            assetId,
            reviewerId: person.id,
            organisationId: person.organisationId,
            requestedBy: userId,
            dueDate: body.dueDate,
          });
        }
        work.audit({
          action: 'production.approval_asked',
          subjectKind: 'asset',
          subjectId: assetId,
          facts: { reviewers: chosen.map((each) => each.id) },
        });
        work.changed({ kind: 'approval', id: assetId, filmId: asset.filmId });
      });
      return all(assetId);
    },

    async approve(
      context: Context,
      assetId: string,
      body: { readonly decision: Decision; readonly text: string },
    ) {
      const { userId, organisationId } = await requireAccess(context, 'production.review', {
        kind: 'asset',
        ids: [assetId],
      });
      const asset = await readAsset(database, organisationId, assetId);
      if (asset.media === null) {
        throw conflict(finding('unready_asset', 'error', { facts: { state: asset.state } }));
      }
      return write(context, async (work) => {
        const reviewer = userId ?? '';
        const before = await readInForce(work.transaction, assetId, reviewer);
        const record = recordOf(asset, {
          id: newId(),
          watched: await watchedDigest(work, asset),
          ...body,
          reviewer: {
            id: reviewer,
            name: context.user?.name ?? '',
            organisation: context.organisation?.name ?? '',
          },
          decidedAt: parts.now().toISOString(),
          replaces: before ?? null,
        });
        const signed = await parts.sign(work, organisationId, recordBytes(record));
        const signature: SignedRecord['signature'] = {
          algorithm: 'Ed25519',
          organisation: record.reviewer.organisation,
          ...signed,
        };
        await insertApproval(work.transaction, { record, signature, organisationId });
        work.audit({
          action: 'production.decided',
          subjectKind: 'approval',
          subjectId: record.id,
          facts: { asset: assetId, original: asset.original.digest, decision: body.decision },
        });
        work.changed({ kind: 'approval', id: record.id, filmId: asset.filmId });
        return found((await listApprovals(work.transaction, { id: record.id }))[0]);
      });
    },

    async approvalRecord(context: Context, id: string): Promise<Download> {
      await requireAccess(context, 'production.read', { kind: 'approval', ids: [id] });
      const signed = found(await readSigned(database, id), { id });
      const text = `${JSON.stringify(signed, null, 2)}\n`;
      return downloadBytes(
        `approval-${id}.json`,
        'application/json',
        new TextEncoder().encode(text),
      );
    },
  };
}

async function watchedDigest(work: Work, asset: AssetRecord): Promise<string | null> {
  if (asset.proxyFileId === null) return null;
  const files = await readFileRecords(work.transaction, [asset.proxyFileId]);
  return files.get(asset.proxyFileId)?.digest ?? null;
}

function recordOf(
  asset: AssetRecord,
  given: Omit<ApprovalRecord, 'kind' | 'format' | 'asset'> & { readonly watched: string | null },
): ApprovalRecord {
  const { watched, ...facts } = given;
  return {
    kind: 'yinglian.approval',
    format: 1,
    ...facts,
    asset: {
      id: asset.id,
      title: asset.title,
      original: asset.original.digest,
      watched,
      frames: asset.media?.frameCount ?? null,
      frameRate: asset.media?.video?.frameRate ?? null,
    },
  };
}
