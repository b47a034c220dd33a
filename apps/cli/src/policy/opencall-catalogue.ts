import { type Command, Option } from 'commander';
import { hasErrors } from '@yinglian/core';
import { type CatalogueEntry, checkEntries, entryShape, readDocument } from '@yinglian/opencall';
import { z } from 'zod';
import { taken } from '../distribution/given.ts';
import type { Environment } from '../kernel/environment.ts';
import { readJson } from '../kernel/files.ts';
import { exitFor, sayFindings } from '../kernel/findings.ts';
import { download } from '../kernel/remote.ts';

/** Sheets that lists leave as. */
export const SHEET_FORMATS = ['xlsx', 'csv'] as const;
/** A choice between them. */
export type SheetFlags = { readonly to: string; readonly format: (typeof SHEET_FORMATS)[number] };

/** Adds what every list that leaves as a sheet is asked for. */
export function sheetOptions(command: Command): Command {
  return command
    .requiredOption('--to <file>', 'where to write it 写到')
    .addOption(new Option('--format <kind>').choices(SHEET_FORMATS).default('xlsx'));
}

/** `yinglian opencall catalogue …`: from demands to a published edition. */
export function registerCatalogue(group: Command, environment: Environment): void {
  const catalogue = group.command('catalogue').description('yearly catalogues 攻关目录');
  catalogue
    .command('list')
    .description('catalogues and where they stand 全部目录')
    .action(() => list(environment));
  catalogue
    .command('show <catalogue>')
    .description('what everybody reads 公开内容')
    .action((id: string) => show(environment, id));
  catalogue
    .command('new')
    .description('begin collecting demands 开始征集')
    .requiredOption('--year <year>', 'its year 年度', Number)
    .requiredOption('--title <text>', 'its name 名称')
    .option('--notice-days <days>', 'working days of notice 公示工作日', Number, 5)
    .action((given: NewFlags) => begin(environment, given));
  catalogue
    .command('desk <catalogue>')
    .description('draft, demands, what is alike, what is wrong 草稿与需求')
    .action((id: string) => desk(environment, id));
  catalogue
    .command('save <catalogue> <entries>')
    .description('write the draft from a JSON file 保存草稿')
    .option('--merge <demand=code...>', 'which task a demand went into 需求归入任务')
    .action((id: string, file: string, flags: { merge?: string[] }) =>
      save(environment, id, file, flags.merge ?? []),
    );
  catalogue
    .command('act <catalogue> <action>')
    .description('merge, argue, put_on_notice, take_back, publish, revise, close 推进目录')
    .option('--reason <text>', 'why 理由', '')
    .action((id: string, action: string, { reason }: { reason: string }) =>
      act(environment, id, { action, reason }),
    );
  catalogue
    .command('propose <catalogue> <need>')
    .description('hand in a demand of ours 提出需求')
    .action((id: string, need: string) => propose(environment, id, need));
  sheetOptions(catalogue.command('export <catalogue>'))
    .description('the published tasks as a sheet 导出目录')
    .action(async (id: string, { to, format }: SheetFlags) => {
      const { client } = environment.server();
      const call = { params: { id }, query: { format } };
      await download(environment, await client.opencall.exportCatalogue(call), to);
    });
}

type NewFlags = { readonly year: number; readonly title: string; readonly noticeDays: number };

async function list(environment: Environment): Promise<void> {
  const terminal = environment.terminal();
  const { rows } = await environment.server().client.opencall.catalogues();
  terminal.answer({ rows });
  terminal.table(
    ['id', terminal.words('年度', 'year'), terminal.words('名称', 'title'), '⚑', '№'],
    rows.map(({ id, year, title, state, edition }) => [
      id,
      String(year),
      title,
      state,
      String(edition),
    ]),
  );
}

async function show(environment: Environment, id: string): Promise<void> {
  const terminal = environment.terminal();
  const read = await environment.server().client.opencall.catalogue({ params: { id } });
  terminal.answer(read);
  terminal.say(`${read.year} ${read.title}  ${read.state}  № ${read.edition}`);
  terminal.table(
    ['#', terminal.words('任务', 'task'), terminal.words('指标', 'indicators'), '⏱'],
    read.entries.map(({ code, title, indicators, due }) => [
      code,
      title,
      String(indicators.length),
      due,
    ]),
  );
}

async function begin(environment: Environment, given: NewFlags): Promise<void> {
  const terminal = environment.terminal();
  const made = await environment.server().client.opencall.createCatalogue({ body: given });
  terminal.answer(made);
  terminal.say(`${made.id}  ${made.title}  ${made.state}`);
}

async function desk(environment: Environment, id: string): Promise<void> {
  const terminal = environment.terminal();
  const read = await environment.server().client.opencall.catalogueDesk({ params: { id } });
  terminal.answer(read);
  terminal.say(`${read.catalogue.title}  ${read.catalogue.state}  → ${read.actions.join(', ')}`);
  terminal.table(
    ['id', terminal.words('需求', 'demand'), terminal.words('提出方', 'by'), '→'],
    read.demands.map(({ id: demand, need, by, entry }) => [demand, need, by, entry ?? '']),
  );
  terminal.table(
    [terminal.words('相近', 'alike'), '', '≈'],
    read.similar.map(({ one, other, share }) => [one, other, share]),
  );
  sayFindings(terminal, read.findings, await environment.texts());
}

async function save(
  environment: Environment,
  id: string,
  file: string,
  merge: readonly string[],
): Promise<void> {
  const terminal = environment.terminal();
  const given = await readJson(file);
  const held = (given as { entries?: unknown } | null)?.entries ?? given;
  const entries: CatalogueEntry[] = taken(terminal, readDocument(z.array(entryShape), held));
  const { client } = environment.server();
  const params = { id };
  const { version } = await client.opencall.catalogue({ params });
  const merged = Object.fromEntries(
    merge.map((pair) => [pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1)]),
  );
  await client.opencall.saveCatalogue({ params, body: { version, entries, merged } });
  const findings = checkEntries(entries);
  terminal.answer({ entries: entries.length, findings });
  terminal.say(terminal.words(`已保存 ${entries.length} 项`, `${entries.length} tasks kept`));
  if (findings.length > 0) sayFindings(terminal, findings, await environment.texts());
  // It is kept with its faults; what is on notice may have none.
  environment.exit(exitFor(hasErrors(findings) ? findings : []));
}

async function act(
  environment: Environment,
  id: string,
  { action, reason }: { readonly action: string; readonly reason: string },
): Promise<void> {
  const { client } = environment.server();
  const params = { id };
  const { version } = await client.opencall.catalogue({ params });
  const done = await client.opencall.actCatalogue({ params, body: { version, action, reason } });
  environment.terminal().answer(done);
  environment.terminal().say(`${done.title}  ${done.state}  № ${done.edition}`);
}

async function propose(environment: Environment, id: string, need: string): Promise<void> {
  const { client } = environment.server();
  await client.opencall.propose({ params: { id }, body: { need } });
  const { rows } = await client.opencall.ownDemands();
  environment.terminal().answer({ rows });
  environment.terminal().say('✓');
}
