import { formatYuan } from '@yinglian/core';
import { documentPdf, type PdfBlock } from '@yinglian/dcp';
import { type WorkbookCell, writeWorkbook } from '@yinglian/host';
import type { Instrument, Words } from '@yinglian/policy';
import type { POLICY_STATES } from '@yinglian/contract';
import { sql } from 'kysely';
import type { Context } from '../kernel/context.ts';
import { type Download, downloadBytes } from '../kernel/http/routes.ts';
import { downloadSheet, XLSX_TYPE } from '../kernel/sheets.ts';
import { jsonText } from '../kernel/write.ts';
import { listInstruments } from './instruments/store.ts';
import { readTotals } from './money.ts';
import { departmentOf, type PolicyParts } from './parts.ts';
import { GRANTED_STATES, listClaims } from './repository.ts';

const PAID: ReadonlySet<string> = new Set(['paid', 'evaluated', 'closed', 'recovering']);
const GRANTED: ReadonlySet<string> = new Set(GRANTED_STATES);

type ReportRow = {
  readonly instrument: string;
  readonly item: string;
  readonly city: string;
  readonly department: string;
  readonly state: string;
  readonly claims: bigint;
  readonly fen: bigint;
};
type Line = {
  readonly claims: number;
  readonly refused: number;
  readonly grantedFen: string;
  readonly paidFen: string;
};

/** Our own calls; or all that we lead, check together or recommend for, as we may read them. */
type ReportScope = 'own' | 'shared';

export type ReportService = ReturnType<typeof createReportService>;

/** What came of a year: by item, measure, city and state; on the page, as sheets and as a file. */
export function createReportService(parts: PolicyParts) {
  const { database, requireAccess } = parts;

  const reportOf = async (context: Context, year: number, scope: ReportScope) => {
    const { organisationId } = await requireAccess(context, 'policy.read');
    const department = await departmentOf(database, context);
    const result = await sql<ReportRow>`
      select call.instrument, claim.item, coalesce(recommender.name, '') as city,
        lead.name as department, claim.state, count(*) as claims,
        coalesce(sum(claim.grant_fen), 0) as fen
      from policy.claim as claim join policy.call as call on call.id = claim.call_id
      join policy.department as lead on lead.organisation_id = call.department_id
      left join policy.department as recommender
        on recommender.organisation_id = claim.recommender_id
      where call.year = ${year} and claim.applied_on is not null
        and (call.department_id = ${organisationId}
          or (${scope === 'shared'} and (claim.recommender_id = ${organisationId}
            or call.joint_ids @> array[${organisationId}]::uuid[])))
      group by call.instrument, claim.item, city, lead.name, claim.state
      order by call.instrument, claim.item, city, lead.name, claim.state
    `.execute(database);
    const totals = await readTotals(database, organisationId, year);
    return { department, report: { year, totals, ...linesOf(result.rows, await instruments()) } };
  };
  const instruments = () => listInstruments(database);

  return {
    async report(context: Context, year: number, scope: ReportScope) {
      return (await reportOf(context, year, scope)).report;
    },

    async reportFile(
      context: Context,
      year: number,
      { scope, format }: { readonly scope: ReportScope; readonly format: 'xlsx' | 'pdf' },
    ): Promise<Download> {
      const { department, report } = await reportOf(context, year, scope);
      const name = `policy-${year}.${format}`;
      if (format === 'xlsx') return downloadBytes(name, XLSX_TYPE, await reportSheets(report));
      return downloadBytes(name, 'application/pdf', reportPdf(department, report));
    },

    async exportClaims(context: Context, callId: string, format: 'csv' | 'xlsx' | 'json') {
      const { organisationId } = await requireAccess(context, 'policy.manage', {
        kind: 'policy_call',
        ids: [callId],
      });
      const rows = await listClaims(database, { organisationId, callId });
      if (format === 'json') {
        const bytes = new TextEncoder().encode(`${jsonText(applicationsOf(rows))}\n`);
        return downloadBytes('claims.json', 'application/json', bytes);
      }
      const head = [
        '申报编号',
        '申报单位',
        '方向',
        '条目',
        '对象',
        '状态',
        '建议（分）',
        '拟支持（分）',
        '公示至',
        '推荐单位',
      ];
      const cells = rows.map((row) => [
        row.id,
        row.applicant,
        row.direction,
        row.item,
        row.object,
        row.state,
        String(row.recommended_fen ?? ''),
        String(row.grant_fen ?? ''),
        row.notice_until ?? '',
        row.recommender ?? '',
      ]);
      return downloadSheet('claims', '申报', [head, ...cells], format);
    },
  };
}

/** For the portals that exist: each claim whole, in the nouns of CommonGrants. */
function applicationsOf(rows: Awaited<ReturnType<typeof listClaims>>) {
  return {
    schema: 'yinglian.policy.applications/1',
    applications: rows.map((row) => ({
      id: row.id,
      opportunity: {
        title: row.call_title,
        instrument: row.instrument,
        year: row.year,
        direction: row.direction,
      },
      organization: { id: row.applicant_id, name: row.applicant },
      formResponse: { item: row.item, object: row.object, facts: row.facts },
      submittedOn: row.applied_on,
      status: row.state,
      recommender: row.recommender,
      award:
        row.grant_fen === null ? null : { fen: String(row.grant_fen), currency: 'CNY', scale: 2 },
    })),
  };
}

function lineOf(rows: readonly ReportRow[]): Line {
  const sum = (wanted: (state: string) => boolean): string =>
    String(rows.reduce((total, row) => (wanted(row.state) ? total + row.fen : total), 0n));
  const count = (wanted: (state: string) => boolean): number =>
    Number(rows.reduce((total, row) => (wanted(row.state) ? total + row.claims : total), 0n));
  return {
    claims: count(() => true),
    refused: count((state) => state === 'rejected'),
    grantedFen: sum((state) => GRANTED.has(state)),
    paidFen: sum((state) => PAID.has(state)),
  };
}

function linesOf(rows: readonly ReportRow[], instruments: readonly Instrument[]) {
  const ruleOf = (row: ReportRow) =>
    instruments
      .find(({ code }) => code === row.instrument)!
      .rules.findLast((rule) => rule.item === row.item)!;
  const measureOf = (row: ReportRow) => `${row.instrument} ${ruleOf(row).measure}`;
  return {
    items: grouped(rows, (row) => `${row.instrument} ${row.item}`).map(([, own]) => ({
      item: own[0]!.item,
      title: ruleOf(own[0]!).title as Words,
      ...lineOf(own),
    })),
    measures: grouped(rows, measureOf).map(([, own]) => {
      const { measure: number } = ruleOf(own[0]!);
      const instrument = instruments.find(({ code }) => code === own[0]!.instrument)!;
      const heading = instrument.measures.find((each) => each.number === number)?.heading ?? '';
      return { name: number, heading, ...lineOf(own) };
    }),
    cities: grouped(rows, ({ city }) => city).map(([name, own]) => ({ name, ...lineOf(own) })),
    departments: grouped(rows, ({ department }) => department).map(([name, own]) => ({
      name,
      ...lineOf(own),
    })),
    states: grouped(rows, ({ state }) => state).map(([state, own]) => ({
      state: state as (typeof POLICY_STATES)[number],
      claims: lineOf(own).claims,
    })),
  };
}

function grouped(
  rows: readonly ReportRow[],
  keyOf: (row: ReportRow) => string,
): [key: string, rows: ReportRow[]][] {
  const groups = new Map<string, ReportRow[]>();
  for (const row of rows) {
    const own = groups.get(keyOf(row));
    if (own === undefined) groups.set(keyOf(row), [row]);
    else own.push(row);
  }
  return [...groups];
}

type YearReport = { readonly year: number } & ReturnType<typeof linesOf> & {
    readonly totals: Awaited<ReturnType<typeof readTotals>>;
  };

const HEAD = ['申报', '不予支持', '拟支持（元）', '已拨付（元）'];

async function reportSheets(report: YearReport): Promise<Uint8Array> {
  const text = (value: string): WorkbookCell => ({ kind: 'text', text: value });
  const yuan = (fen: string): WorkbookCell => ({
    kind: 'number',
    text: formatYuan(BigInt(fen)),
    decimals: 2,
  });
  const figure = (value: number): WorkbookCell => ({
    kind: 'number',
    text: String(value),
    decimals: 0,
  });
  const sheet = (name: string, first: string, rows: readonly (Line & { of: string })[]) => ({
    name,
    headingRows: 1,
    rows: [
      [first, ...HEAD].map(text),
      ...rows.map((row) => [
        text(row.of),
        figure(row.claims),
        figure(row.refused),
        yuan(row.grantedFen),
        yuan(row.paidFen),
      ]),
    ],
  });
  return writeWorkbook([
    sheet(
      '条目',
      '条目',
      report.items.map((row) => ({ ...row, of: `${row.item} ${row.title.zh}` })),
    ),
    sheet(
      '措施',
      '措施',
      report.measures.map((row) => ({ ...row, of: `${row.name} ${row.heading}` })),
    ),
    sheet(
      '市州',
      '推荐单位',
      report.cities.map((row) => ({ ...row, of: row.name || '未经市州推荐' })),
    ),
    sheet(
      '部门',
      '主管部门',
      report.departments.map((row) => ({ ...row, of: row.name })),
    ),
    {
      name: '预算',
      headingRows: 1,
      rows: [
        ['账户', '金额（元）'].map(text),
        ...ACCOUNTS.map(([account, zh]) => [text(zh), yuan(report.totals[account])]),
      ],
    },
  ]);
}

const ACCOUNTS = [
  ['available', '可用'],
  ['reserved', '拟支持'],
  ['committed', '已批复'],
  ['paid', '已拨付'],
  ['recovered', '已收回'],
] as const;

function reportPdf(department: string, report: YearReport): Uint8Array {
  const money = (fen: string) => `${formatYuan(BigInt(fen), { grouped: true })} 元`;
  const blocks: PdfBlock[] = [
    { text: department },
    { heading: '预算 Budget' },
    ...ACCOUNTS.map(([account, zh]) => ({ text: `${zh}：${money(report.totals[account])}` })),
    ...chart(
      '按措施 By measure',
      report.measures.map((row) => [`${row.name} ${row.heading}`, row]),
    ),
    ...chart(
      '按条目 By item',
      report.items.map((row) => [`${row.item} ${row.title.zh}`, row]),
    ),
    ...chart(
      '按主管部门 By department',
      report.departments.map((row) => [row.name, row]),
    ),
    ...chart(
      '按推荐单位 By city',
      report.cities.map((row) => [row.name || '未经市州推荐', row]),
    ),
  ];
  return documentPdf(`${report.year} 年度政策兑现报告`, blocks);
}

/** Granted and paid as bars against the largest, then the figures in words. */
function chart(
  heading: string,
  lines: readonly (readonly [name: string, line: Line])[],
): PdfBlock[] {
  const most = lines.reduce(
    (largest, [, { grantedFen }]) => (BigInt(grantedFen) > largest ? BigInt(grantedFen) : largest),
    1n,
  );
  const part = (fen: string) => Number((BigInt(fen) * 1_000n) / most) / 1_000;
  return [
    { heading },
    {
      bars: lines.map(([words, line]) => ({
        words,
        parts: [part(line.grantedFen), part(line.paidFen)],
      })),
    },
    ...lines.map(([name, line]) => ({
      text:
        `${name}：申报 ${line.claims}，不予支持 ${line.refused}，` +
        `拟支持 ${formatYuan(BigInt(line.grantedFen), { grouped: true })} 元，` +
        `已拨付 ${formatYuan(BigInt(line.paidFen), { grouped: true })} 元`,
      soft: true,
    })),
  ];
}
