import { finding } from '@yinglian/core';
import type { Context } from '../kernel/context.ts';
import type { JobDefinition } from '../kernel/jobs/definition.ts';
import { conflict } from '../kernel/refusal.ts';
import type { Vault } from '../kernel/vault.ts';
import type { Work } from '../kernel/write.ts';
import type { IssueInput } from './issue.ts';
import type { PackageRecord } from './repository.ts';
import { makeSigner, readSigner } from './signer.ts';

export type OrderParts = Omit<Parameters<typeof makeSigner>[1], 'id' | 'now'> & {
  readonly vault: Vault;
  readonly newId: () => string;
  readonly now: () => Date;
  readonly issueJob: JobDefinition<IssueInput>;
};

/** Orders keys of a package that passed, inside a change; the network's signer is made once. */
export async function orderKeys(
  work: Work,
  parts: OrderParts,
  context: Context,
  stored: PackageRecord,
  request: IssueInput,
): Promise<string> {
  if (stored.state !== 'passed') {
    throw conflict(finding('unchecked_package', 'error', { facts: { state: stored.state } }));
  }
  if (!stored.encrypted) throw conflict(finding('unencrypted_package', 'error'));
  const { id = '', name = '' } = context.organisation ?? {};
  if ((await readSigner(work.transaction, parts.vault, id)) === undefined) {
    await makeSigner(work, { ...parts, id: parts.newId(), now: parts.now() }, { id, name });
  }
  const jobId = await work.enqueue(parts.issueJob, request, { filmId: stored.filmId });
  work.audit({
    action: 'distribution.keys_ordered',
    subjectKind: 'package',
    subjectId: stored.id,
    facts: {
      job: jobId,
      screens: request.screenIds.length,
      from: request.notBefore,
      to: request.notAfter,
    },
  });
  return jobId;
}
