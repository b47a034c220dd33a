import type { RequireAccess } from '../../kernel/access/access.ts';
import type { Context } from '../../kernel/context.ts';
import type { KeyService } from '../keys/service.ts';

export type ReleaseKeyService = ReturnType<typeof createReleaseKeyService>;

/** Keys of one release's bookings: which screens lack one, and the order that gives it to them. */
export function createReleaseKeyService(parts: {
  readonly requireAccess: RequireAccess;
  readonly keys: KeyService;
}) {
  const { requireAccess, keys } = parts;
  return {
    async missing(context: Context, id: string, limit: number) {
      await requireAccess(context, 'distribution.read', { kind: 'release', ids: [id] });
      return keys.needed(context, { releaseId: id }, limit);
    },

    async issue(context: Context, id: string) {
      await requireAccess(context, 'distribution.issue_keys', { kind: 'release', ids: [id] });
      const { screens, jobIds, proposals } = await keys.issueNeeded(context, { releaseId: id });
      return { screens, jobIds, proposals };
    },
  };
}
