import type {
  POLICY_DESK_LISTS,
  POLICY_PUBLIC_LISTS,
  policyDeskObjectionSchema,
  policyDivisionRecordSchema,
} from '@yinglian/contract';
import { sql } from 'kysely';
import type { z } from 'zod';
import type { Context } from '../kernel/context.ts';
import type { Queryable } from '../kernel/database/database.ts';
import { type Download, downloadBytes } from '../kernel/http/routes.ts';
import { afterInstant, pageOf, type PageQuery } from '../kernel/pages.ts';
import { found } from '../kernel/refusal.ts';
import { downloadSheet } from '../kernel/sheets.ts';
import { jsonText } from '../kernel/write.ts';
import { listAppeals } from './appeals.ts';
import { readControls } from './control.ts';
import { instrumentView } from './views.ts';
import { listInstruments } from './instruments/store.ts';
import { readMarks } from './marks.ts';
import { listEntries } from './money.ts';
import { type KeptObjection, objectionView } from './objection-view.ts';
import { bookOf, departmentOf, type PolicyParts, todayOf } from './parts.ts';
import {
  type ClaimRow,
  listCalls,
  listClaims,
  listNotices,
  readHolidays,
  upTo,
} from './repository.ts';

type PublicList = (typeof POLICY_PUBLIC_LISTS)[number];
type DeskList = (typeof POLICY_DESK_LISTS)[number];
type DeskObjection = z.output<typeof policyDeskObjectionSchema>;
type DivisionRecord = z.output<typeof policyDivisionRecordSchema>;
type Format = 'csv' | 'xlsx';
type Cells = readonly (readonly (string | number | null)[])[];

export type DeskListService = ReturnType<typeof createDeskListService>;

/** What a department looks through, and every list of the hall as a file to take away. */
export function createDeskListService(parts: PolicyParts) {
  const { database, requireAccess } = parts;
  const sheet = (name: string, rows: Cells, format: Format): Promise<Download> =>
    downloadSheet(
      `policy-${name}`,
      name,
      rows.map((row) => row.map((cell) => (cell === null ? '' : String(cell)))),
      format,
    );

  return {
    async objections(context: Context, query: PageQuery & { open?: boolean | undefined }) {
      const { organisationId } = await requireAccess(context, 'policy.read');
      await departmentOf(database, context);
      const { open, limit } = query;
      const after = afterInstant(query);
      const rows = await listObjections(database, { organisationId, open, after, limit });
      return pageOf(rows, query, (row) => [row.sort_key, row.id], deskObjection);
    },

    async call(callId: string) {
      const rows = await listCalls(database, { ids: [callId], limit: 1 });
      return found(rows[0]?.row, { id: callId });
    },

    async divisions(context: Context, callId: string) {
      const { organisationId } = await ownCall(context, callId);
      return { rows: await listDivisions(database, organisationId, callId) };
    },

    async divisionReceipt(context: Context, id: string): Promise<Download> {
      const { organisationId } = await requireAccess(context, 'policy.read');
      const result = await sql<{ receipt: unknown }>`
        select division.receipt from policy.division as division
        join policy.call as call on call.id = division.call_id
        where division.id = ${id} and call.department_id = ${organisationId}
      `.execute(database);
      const { receipt } = found(result.rows[0], { id });
      const bytes = new TextEncoder().encode(`${jsonText(receipt)}\n`);
      return downloadBytes(`${id}.receipt.json`, 'application/json', bytes);
    },

    async callClaims(context: Context, callId: string, query: PageQuery) {
      const { organisationId } = await ownCall(context, callId);
      const after = afterInstant(query);
      const rows = await listClaims(database, {
        organisationId,
        callId,
        after,
        limit: query.limit,
      });
      return pageOf(rows, query, (row) => [row.sort_key, row.id], claimLine);
    },

    async publicList(list: PublicList, format: Format): Promise<Download> {
      return sheet(list, await publicRows(parts, list), format);
    },

    async list(
      context: Context,
      list: DeskList,
      given: { readonly format: Format; readonly year?: number | undefined },
    ): Promise<Download> {
      const { organisationId } = await requireAccess(context, 'policy.read');
      if (list !== 'claims' && list !== 'appeals') {
        await departmentOf(database, context);
      }
      const year = given.year ?? Number(todayOf(parts).slice(0, 4));
      const rows = await DESK_ROWS[list](database, organisationId, year);
      return sheet(list, rows, given.format);
    },
  };

  /** A call is for everybody to read; what came of it is its department's. */
  async function ownCall(context: Context, callId: string) {
    const { organisationId } = await requireAccess(context, 'policy.read', {
      kind: 'policy_call',
      ids: [callId],
    });
    await departmentOf(database, context);
    const call = found((await listCalls(database, { ids: [callId], limit: 1 }))[0], { id: callId });
    found(call.row.departmentId === organisationId || undefined, { id: callId });
    return { organisationId };
  }
}

function claimLine(row: ClaimRow) {
  return {
    id: row.id,
    applicant: row.applicant,
    item: row.item,
    object: row.object,
    state: row.state as DeskObjection['state'],
    score: row.score,
    recommendedFen: row.recommended_fen?.toString() ?? null,
    dividedFen: row.divided_fen?.toString() ?? null,
    grantFen: row.grant_fen?.toString() ?? null,
  };
}

type ObjectionRow = KeptObjection & {
  readonly claim_id: string;
  readonly object: string;
  readonly applicant: string;
  readonly state: string;
  readonly sort_key: string;
};

async function listObjections(
  database: Queryable,
  listing: {
    readonly organisationId: string;
    readonly open?: boolean | undefined;
    readonly after?: readonly [string, string] | undefined;
    readonly limit?: number;
  },
): Promise<ObjectionRow[]> {
  const { organisationId, open = null, after, limit } = listing;
  const result = await sql<ObjectionRow>`
    select objection.*, objection.at::text as sort_key, claim.object, claim.state,
      applicant.name as applicant
    from policy.objection as objection
    join policy.claim as claim on claim.id = objection.claim_id
    join policy.call as call on call.id = claim.call_id
    join kernel.organisation as applicant on applicant.id = claim.applicant_id
    where call.department_id = ${organisationId}
      and (${open}::boolean is null or (objection.answered_at is null) = ${open}::boolean)
      and (${after?.[0] ?? null}::text is null or (objection.at, objection.id)
        < (${after?.[0] ?? null}::timestamptz, ${after?.[1] ?? null}::uuid))
    order by objection.at desc, objection.id desc ${upTo(limit)}
  `.execute(database);
  return result.rows;
}

function deskObjection(row: ObjectionRow): DeskObjection {
  return {
    ...objectionView(row),
    claimId: row.claim_id,
    object: row.object,
    applicant: row.applicant,
    state: row.state as DeskObjection['state'],
  };
}

/** What a receipt of a division says of itself. */
type DivisionReceipt = {
  readonly input: Pick<DivisionRecord, 'mode' | 'fit' | 'budgetFen'> & {
    readonly claims: readonly unknown[];
  };
  readonly result: { readonly value?: { readonly grantedFen?: string } };
};

async function listDivisions(
  database: Queryable,
  organisationId: string,
  callId: string | null,
): Promise<(DivisionRecord & { readonly call: string })[]> {
  const result = await sql<{
    id: string;
    created_at: Date;
    by_name: string;
    receipt: DivisionReceipt;
    call: string;
  }>`
    select division.id, division.created_at, division.by_name, division.receipt,
      call.title as call
    from policy.division as division join policy.call as call on call.id = division.call_id
    where call.department_id = ${organisationId}
      and (${callId}::uuid is null or call.id = ${callId}::uuid)
    order by division.created_at desc, division.id
  `.execute(database);
  return result.rows.map(({ id, created_at: at, by_name: by, receipt, call }) => ({
    id,
    at: at.toISOString(),
    by,
    mode: receipt.input.mode,
    fit: receipt.input.fit,
    budgetFen: receipt.input.budgetFen,
    grantedFen: receipt.result.value?.grantedFen ?? '0',
    claims: receipt.input.claims.length,
    call,
  }));
}

async function publicRows(parts: PolicyParts, list: PublicList): Promise<Cells> {
  const { database } = parts;
  switch (list) {
    case 'notices': {
      const rows = await listNotices(database);
      return [
        ['通知', '单位', '条目', '拟支持（分）', '公示起', '公示止'],
        ...rows.map((row) => [
          row.callTitle,
          row.applicant,
          row.item,
          row.grantFen,
          row.from,
          row.until,
        ]),
      ];
    }
    case 'calls': {
      const rows = await listCalls(database, {});
      return [
        [
          '通知',
          '部门',
          '文件',
          '年度',
          '方向',
          '条目',
          '开始',
          '截止',
          '公示工作日',
          '异议答复工作日',
          '取消日',
        ],
        ...rows.map(({ row }) => [
          row.title,
          row.department,
          row.instrument,
          row.year,
          row.direction,
          row.items.join(' '),
          row.opensOn,
          row.closesOn,
          row.noticeDays,
          row.objectionDays,
          row.cancelledOn,
        ]),
      ];
    }
    case 'holidays': {
      const rows = await readHolidays(database);
      return [
        ['年', '来源', '放假', '调休上班'],
        ...[...new Map(rows.map((row) => [row.year, row])).values()]
          .toSorted((a, b) => a.year - b.year)
          .map((row) => [row.year, row.source, row.free, row.worked]),
      ];
    }
    case 'readings':
      return readingRows(parts);
  }
}

/** Every unclear place of every instrument, with the reading that is used and who decided it. */
async function readingRows(parts: PolicyParts): Promise<Cells> {
  const today = todayOf(parts);
  const rows: (string | null)[][] = [];
  for (const { code } of await listInstruments(parts.database)) {
    const book = await bookOf(parts.database, code, { eventDate: today, knownOn: today });
    for (const each of instrumentView(book).parameters) {
      const { title, quote, inUse, reason, decidedFrom, decidedBy } = each;
      rows.push([code, each.code, title.zh, quote, inUse, reason.zh, decidedFrom, decidedBy]);
    }
  }
  return [['文件', '编号', '事项', '原文', '采用', '理由', '决定自', '决定部门'], ...rows];
}

const OUTCOME_ZH = { sustained: '成立', partly: '部分成立', dismissed: '不成立' } as const;

type Rows = (database: Queryable, organisationId: string, year: number) => Promise<Cells>;

const DESK_ROWS: Readonly<Record<DeskList, Rows>> = {
  async claims(database, organisationId) {
    const rows = await listClaims(database, { organisationId });
    return [
      [
        '编号',
        '通知',
        '方向',
        '申报单位',
        '条目',
        '对象',
        '状态',
        '申报日',
        '建议（分）',
        '拟支持（分）',
      ],
      ...rows.map((row) => [
        row.id,
        row.call_title,
        row.direction,
        row.applicant,
        row.item,
        row.object,
        row.state,
        row.applied_on,
        row.recommended_fen?.toString() ?? null,
        row.grant_fen?.toString() ?? null,
      ]),
    ];
  },
  async budget(database, organisationId, year) {
    const rows = await listEntries(database, organisationId, year);
    return [
      ['号', '动作', '金额（分）', '申报', '经办', '时间', '备注'],
      ...rows.map((row) => [row.number, row.move, row.fen, row.claimId, row.by, row.at, row.note]),
    ];
  },
  async objections(database, organisationId) {
    const rows = await listObjections(database, { organisationId });
    return [
      ['单位', '对象', '状态', '异议人', '异议', '时间', '答复期限', '结论', '答复', '答复时间'],
      ...rows
        .map(deskObjection)
        .map((row) => [
          row.applicant,
          row.object,
          row.state,
          row.by,
          row.text,
          row.at,
          row.answerBy,
          row.outcome === null ? null : OUTCOME_ZH[row.outcome],
          row.answer,
          row.answeredAt,
        ]),
    ];
  },
  async appeals(database, organisationId) {
    const rows = await listAppeals(database, { organisationId });
    return [
      ['单位', '对象', '申诉', '日期', '成立', '答复', '答复人', '答复日'],
      ...rows.map((row) => [
        row.applicant,
        row.object,
        row.text,
        row.made_on,
        row.upheld === null ? null : row.upheld ? '是' : '否',
        row.answer,
        row.answered_name,
        row.answered_on,
      ]),
    ];
  },
  async controls(database) {
    return [
      ['控制方', '被控制方', '持股（万分之一）', '同一实际控制人', '依据'],
      ...(await readControls(database)).map((row) => [
        row.holder,
        row.held,
        row.shareBasisPoints,
        row.controls ? '是' : '否',
        row.basis,
      ]),
    ];
  },
  async marks(database) {
    return [
      ['单位', '种类', '自', '至', '原因', '部门', '撤销日', '撤销原因'],
      ...(await readMarks(database)).map((row) => [
        row.organisation,
        row.kind,
        row.fromYear,
        row.toYear,
        row.reason,
        row.department,
        row.endedOn,
        row.endReason,
      ]),
    ];
  },
  async divisions(database, organisationId) {
    return [
      ['通知', '方式', '放不下时', '预算（分）', '分配（分）', '件数', '经办', '时间'],
      ...(await listDivisions(database, organisationId, null)).map((row) => [
        row.call,
        row.mode,
        row.fit,
        row.budgetFen,
        row.grantedFen,
        row.claims,
        row.by,
        row.at,
      ]),
    ];
  },
};
