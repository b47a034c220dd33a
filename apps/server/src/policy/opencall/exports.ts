import { formatYuan } from '@yinglian/core';
import { thresholdText } from '@yinglian/opencall';
import type { Context } from '../../kernel/context.ts';
import type { Download } from '../../kernel/http/routes.ts';
import { found } from '../../kernel/refusal.ts';
import { downloadSheet } from '../../kernel/sheets.ts';
import { departmentOf } from '../parts.ts';
import type { OpencallParts } from './parts.ts';
import { listCatalogues, listExperts, listProjects } from './store.ts';
import { catalogueView } from './views.ts';

type Parts = Pick<OpencallParts, 'database' | 'requireAccess'>;
type Format = 'csv' | 'xlsx';

const yuan = (fen: string | bigint | null): string => (fen === null ? '' : formatYuan(BigInt(fen)));

/** What everybody may read of a catalogue, one row for each indicator. */
export async function exportCatalogue(
  { database }: Pick<Parts, 'database'>,
  id: string,
  format: Format,
): Promise<Download> {
  const row = found((await listCatalogues(database, { ids: [id] }))[0], { id });
  const { entries } = catalogueView(row);
  const head = [
    '编号',
    '任务',
    '需求',
    '指标',
    '要求',
    '检测方法',
    '期限',
    '资金上限（元）',
    '权属',
  ];
  const rows = entries.flatMap((entry) =>
    entry.indicators.map((each) => [
      entry.code,
      entry.title,
      entry.need,
      each.name,
      thresholdText(each as Parameters<typeof thresholdText>[0]),
      each.method,
      entry.due,
      yuan(entry.budgetFen),
      entry.rights,
    ]),
  );
  return downloadSheet('catalogue', '攻关目录', [head, ...rows], format);
}

/** The pool for the department's own files: nothing of kin, holdings or money leaves with it. */
export async function exportExperts(
  { database, requireAccess }: Parts,
  context: Context,
  format: Format,
): Promise<Download> {
  await requireAccess(context, 'policy.manage');
  await departmentOf(database, context);
  const head = ['姓名', '单位', '地区', '领域', '职称', '状态'];
  const rows = (await listExperts(database, {})).map(({ profile, state }) => [
    profile.name,
    profile.employer.name,
    profile.region,
    profile.fields.join('、'),
    profile.titles.join('、'),
    state,
  ]);
  return downloadSheet('experts', '专家库', [head, ...rows], format);
}

/** The contracts that the caller's organisation is party to. */
export async function exportProjects(
  { database, requireAccess }: Parts,
  context: Context,
  format: Format,
): Promise<Download> {
  const { organisationId } = await requireAccess(context, 'policy.read');
  const head = ['编号', '任务', '承担单位', '主管部门', '状态', '资金（元）', '节点数'];
  const rows = (await listProjects(database, { organisationId })).map((each) => [
    each.entry.code,
    each.entry.title,
    each.applicant,
    each.department,
    each.state,
    yuan(each.grant_fen),
    String(each.milestones.length),
  ]);
  return downloadSheet('projects', '揭榜项目', [head, ...rows], format);
}
