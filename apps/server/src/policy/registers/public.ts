import { found } from '../../kernel/refusal.ts';
import { afterKey, pageOf, type PageQuery } from '../../kernel/pages.ts';
import { downloadSheet } from '../../kernel/sheets.ts';
import { type PolicyParts, todayOf } from '../parts.ts';
import {
  definitionOf,
  type EntryRow,
  listEntered,
  listNoticed,
  listRegisters,
  type PublishedRecord,
  readRounds,
} from './repository.ts';
import { kindViews, noticeView, publicView } from './views.ts';

export type RegisterPublic = ReturnType<typeof createRegisterPublic>;

/** What anybody may see of the registers, and nothing else. */
export function createRegisterPublic(parts: PolicyParts) {
  const { database } = parts;

  const viewsOf = (rows: readonly EntryRow[]): PublishedRecord[] => {
    const today = todayOf(parts);
    return rows.flatMap((row) => {
      const view = publicView(row, today);
      return view === undefined ? [] : [view as PublishedRecord];
    });
  };

  return {
    kinds: async () => ({ rows: kindViews() }),

    async list() {
      return { rows: await listRegisters(database) };
    },

    async published(id: string, query: PageQuery & { readonly search?: string | undefined }) {
      found((await listRegisters(database, id))[0], { id });
      const { search, limit } = query;
      const after = afterKey(query)?.[0];
      const rows = await listEntered(database, {
        registerId: id,
        search,
        after,
        limit: limit + 1,
      });
      const paged = pageOf(
        rows,
        query,
        ({ number }) => [number ?? ''],
        (row) => row,
      );
      return { rows: viewsOf(paged.rows), next: paged.next };
    },

    async exportPublished(id: string, format: 'csv' | 'xlsx') {
      const register = found((await listRegisters(database, id))[0], { id });
      const { fields, title } = definitionOf(register.kind);
      const open = fields.filter(({ published, kind }) => published && kind !== 'table');
      const rows = viewsOf(await listEntered(database, { registerId: id }));
      const head = ['编号', '状态', '入库日期', '有效期至', ...open.map(({ label }) => label.zh)];
      const cells = rows.map((row) => [
        row.number,
        STANDING_ZH[row.standing],
        row.registeredOn,
        row.validUntil ?? '',
        ...open.map((field) => {
          const value = row.fields[field.name];
          const choices = field.kind === 'table' ? [] : (field.choices ?? []);
          return choices.find((each) => each.value === value)?.label.zh ?? String(value ?? '');
        }),
      ]);
      return downloadSheet(register.kind, title.zh, [head, ...cells], format);
    },

    async notices() {
      const today = todayOf(parts);
      const rows = await listNoticed(database);
      return {
        rows: rows
          .filter((row) => row.notice_until !== null && today <= row.notice_until)
          .map(noticeView) as never,
      };
    },

    async rounds(id: string) {
      found((await listRegisters(database, id))[0], { id });
      const rounds = await readRounds(database, { registerId: id });
      return {
        rows: rounds.map((each) => {
          const { decision: _, ...round } = each;
          return round;
        }),
      };
    },
  };
}

const STANDING_ZH: Readonly<Record<PublishedRecord['standing'], string>> = {
  none: '未入库',
  standing: '有效',
  warned: '警告',
  lapsed: '到期',
  ended: '已终止',
};
