import type { RequireAccess } from '../../kernel/access/access.ts';
import type { Context } from '../../kernel/context.ts';
import type { Database } from '../../kernel/database/database.ts';
import type { Download } from '../../kernel/http/routes.ts';
import { downloadSheet } from '../../kernel/sheets.ts';
import { listKeys } from '../key-repository.ts';
import type { KeyService } from './service.ts';

type Format = 'csv' | 'xlsx';
type NeedScope = Parameters<KeyService['needed']>[1];

const ROWS_MAX = 200_000;

export type KeySheets = ReturnType<typeof createKeySheets>;

/** The lists of keys as sheets; headings in both languages of the trade. */
export function createKeySheets(parts: {
  readonly database: Database;
  readonly requireAccess: RequireAccess;
  readonly keys: KeyService;
}) {
  return {
    async needed(context: Context, scope: NeedScope, format: Format): Promise<Download> {
      const { rows } = await parts.keys.needed(context, scope, ROWS_MAX);
      return downloadSheet(
        'needed-keys',
        '缺密钥',
        [
          [
            '影片 film',
            '院线 circuit',
            '影院 cinema',
            '影厅 screen',
            '生效 opens',
            '失效 closes',
            '原因 reason',
            '下一场 next show',
            '场次 shows',
          ],
          ...rows.map((row) => [
            row.filmTitle,
            row.circuitName ?? '',
            row.cinemaName,
            row.screenName,
            row.opens,
            row.closes,
            row.reason,
            row.nextShow ?? '',
            String(row.shows),
          ]),
        ],
        format,
      );
    },

    async keys(
      context: Context,
      scope: {
        packageId?: string | undefined;
        filmId?: string | undefined;
        cinemaId?: string | undefined;
      },
      format: Format,
    ): Promise<Download> {
      const { organisationId } = await parts.requireAccess(context, 'distribution.read');
      const rows = await listKeys(parts.database, { ...scope, organisationId, limit: ROWS_MAX });
      return downloadSheet(
        'keys',
        '密钥',
        [
          [
            '影院 cinema',
            '影厅 screen',
            '设备 device',
            '生效 opens',
            '失效 closes',
            '签发 issued',
            '签发人 by',
            '状态 state',
            '送达 receipt',
            '文件 file',
          ],
          ...rows.map(({ row }) => [
            row.cinemaName,
            row.screenName,
            row.deviceThumbprint,
            row.notBefore,
            row.notAfter,
            row.issuedAt,
            row.issuedBy,
            row.state,
            row.receipt,
            row.file.name,
          ]),
        ],
        format,
      );
    },
  };
}
