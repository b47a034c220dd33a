import { contract } from '@yinglian/contract';
import type { Database } from '../database/database.ts';
import { mountGroup, type MountedGroup } from '../http/routes.ts';
import { requirePerson } from './session.ts';

type Theme = 'light' | 'dark' | 'system';
const THEMES: readonly Theme[] = ['light', 'dark', 'system'];

/** Language and theme of a person. They concern nobody else, so the audit log leaves them out. */
export function settingsRoutes(database: Database): MountedGroup {
  return mountGroup('settings', contract.settings, {
    async get(_request, context) {
      const person = requirePerson(context);
      const row = await database
        .selectFrom('kernel.user_setting')
        .selectAll()
        .where('user_id', '=', person.id)
        .executeTakeFirst();
      return {
        language: row?.language === 'en' ? ('en' as const) : ('zh-CN' as const),
        theme: THEMES.find((theme) => theme === row?.theme) ?? 'system',
        saved: row !== undefined,
      };
    },
    async put({ body }, context) {
      const person = requirePerson(context);
      await database
        .insertInto('kernel.user_setting')
        .values({ user_id: person.id, ...body })
        .onConflict((on) => on.column('user_id').doUpdateSet(body))
        .execute();
      return body;
    },
  });
}
