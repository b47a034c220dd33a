import { encodeUtf8, finding, formatTimecode } from '@yinglian/core';
import { documentPdf, type PdfBlock } from '@yinglian/dcp';
import {
  type ChangeList,
  changeRows,
  compareCuts,
  countRows,
  countSheet,
  describeChange,
  pullList,
  pullRows,
  type ReportLanguage,
  stack,
  type Timeline,
  writeChangePage,
  writeChangePair,
  zipTurnover,
} from '@yinglian/timeline';
import type { Context } from '../../kernel/context.ts';
import { type Download, downloadBytes } from '../../kernel/http/routes.ts';
import type { ObjectStore } from '../../kernel/objects/store.ts';
import { conflict, found, invalid } from '../../kernel/refusal.ts';
import { downloadSheet } from '../../kernel/sheets.ts';
import { readNamedCut } from './named-cut.ts';
import { type ProjectParts, readProject } from './service.ts';
import { listCuts, type StoredCut } from './shot-repository.ts';
import { writeTablePage } from './table-page.ts';

export type CutSheetQuery = {
  readonly kind: 'changes' | 'counts' | 'pulls';
  readonly format: 'html' | 'csv' | 'xlsx' | 'pdf' | 'edl';
  readonly language: 'zh-CN' | 'en';
};

type Parts = Pick<ProjectParts, 'database' | 'requireAccess'> & { readonly objects: ObjectStore };

/** What a cut changed, counts or pulls, as a page, a sheet, a document or a pair of lists. */
export async function makeCutSheet(
  parts: Parts,
  context: Context,
  id: string,
  query: CutSheetQuery,
): Promise<Download> {
  const { organisationId } = await parts.requireAccess(context, 'production.read', {
    kind: 'cut',
    ids: [id],
  });
  const cut = found((await listCuts(parts.database, { id, limit: 1 }))[0], { id });
  const project = await readProject(parts.database, organisationId, cut.record.projectId);
  const language: ReportLanguage = query.language === 'en' ? 'en' : 'zh';
  const { settings } = project;
  const handles = { head: settings.headHandle, tail: settings.tailHandle };
  const options = { handles, firstFrame: settings.firstFrame };
  const title = `${project.name} · ${cut.record.name}`;
  const base = `${project.code}-${cut.record.number}-${query.kind}`;
  if (query.kind === 'changes') {
    return changesAs(await changesOf(parts, cut, options), { query, language, title, base });
  }
  const named = await readNamedCut(parts, cut);
  const rows =
    query.kind === 'counts'
      ? countRows(countSheet(named, options), language)
      : pullRows(pullList([named], options), language);
  return rowsAs(rows, { query, language, title, base });
}

type Shown = {
  readonly query: CutSheetQuery;
  readonly language: ReportLanguage;
  readonly title: string;
  readonly base: string;
};

/** A cut against the one before it in its line; the first one has everything new. */
async function changesOf(
  parts: Parts,
  cut: StoredCut,
  options: Parameters<typeof compareCuts>[2],
): Promise<ChangeList> {
  const { sequenceId, number, projectId } = cut.record;
  const where = { projectId, sequenceId, before: number, limit: 1 };
  const older = (await listCuts(parts.database, where))[0];
  const before = older === undefined ? EMPTY : await readNamedCut(parts, older);
  const compared = compareCuts(before, await readNamedCut(parts, cut), options);
  if (!compared.ok) throw conflict(...compared.findings);
  return compared.value;
}

const EMPTY: Timeline = { kind: 'timeline', name: '', metadata: {}, tracks: stack() };

function changesAs(list: ChangeList, shown: Shown): Download | Promise<Download> {
  const { query, language, title, base } = shown;
  if (query.format === 'html') return page(base, writeChangePage(list, language));
  if (query.format === 'edl') {
    const { old, new: now, moves } = writeChangePair(list);
    const lists = Object.entries({ old, new: now, moves });
    const files = new Map(
      lists.map(([side, text]) => [`${base}-${side}.edl`, encodeUtf8(text)]),
    );
    const bytes = zipTurnover({ files, findings: [] });
    return downloadBytes(`${base}.zip`, 'application/zip', bytes);
  }
  if (query.format === 'pdf') return document(base, title, changeBlocks(list, language));
  return downloadSheet(base, query.kind, changeRows(list, language), query.format);
}

/** Only what changed, each with its place, so that the document is read and not searched. */
function changeBlocks(list: ChangeList, language: ReportLanguage): PdfBlock[] {
  const label = (frames: number) => formatTimecode(BigInt(frames), list.format);
  const changed = list.changes.filter((each) => each.kinds.length > 0);
  const names = list.oldTitle === '' ? list.newTitle : `${list.oldTitle} → ${list.newTitle}`;
  const frames = `${list.oldFrames} → ${list.newFrames}`;
  const head = language === 'zh' ? `${names}；${frames} 帧` : `${names}; ${frames} frames`;
  return [
    { text: head, soft: true },
    ...changed.flatMap((each): PdfBlock[] => {
      const at = (each.new ?? each.old)!;
      const place = `${label(at.recordIn)} – ${label(at.recordOut)}`;
      return [
        { text: `${each.shot || each.name}  ${describeChange(each, language)}` },
        { text: `${at.trackName} ${place} · ${each.name} · ${at.reel}`, soft: true },
      ];
    }),
  ];
}

function rowsAs(
  rows: readonly string[][],
  shown: Shown,
): Download | Promise<Download> {
  const { query, language, title, base } = shown;
  const { format } = query;
  if (format === 'edl') {
    const facts = { format };
    throw invalid(finding('unfitting_sheet_format', 'error', { facts, at: { field: 'format' } }));
  }
  if (format === 'html') return page(base, writeTablePage({ title, language, tables: [{ rows }] }));
  if (format !== 'pdf') return downloadSheet(base, query.kind, [...rows], format);
  const [head = [], ...lines] = rows;
  const joined = (row: readonly string[]) => row.filter((each) => each !== '').join(' · ');
  const body = lines.map((row) => ({ text: joined(row) }));
  const blocks = [{ text: joined(head), soft: true }, ...body];
  return document(base, title, blocks);
}

function page(base: string, html: string): Download {
  const bytes = encodeUtf8(html);
  return { ...downloadBytes(`${base}.html`, 'text/html; charset=utf-8', bytes), inline: 'page' };
}

function document(base: string, title: string, blocks: readonly PdfBlock[]): Download {
  return downloadBytes(`${base}.pdf`, 'application/pdf', documentPdf(title, [...blocks]));
}
