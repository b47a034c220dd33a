import { type Command, Option } from 'commander';
import { type Finding, formatYuan } from '@yinglian/core';
import type { Environment } from '../kernel/environment.ts';
import { exitFor, sayFindings } from '../kernel/findings.ts';
import { allRows, download, uploadFile } from '../kernel/remote.ts';
import { registerEvidence } from './exhibition-evidence.ts';
import { registerPlaces } from './register.ts';

/** `yinglian exhibition …`: cinemas and their screens, and what was sold. */
export function registerExhibition(program: Command, environment: Environment): void {
  const exhibition = program.command('exhibition').description('exhibition hall 放映');
  exhibition
    .command('import <file>')
    .description('cinemas from FLM (XML or ZIP), CSV or XLSX 导入影院')
    .option('--commit', 'do it; without this it only says what would happen 确认写入')
    .action(async (file: string, { commit }: { commit?: boolean }) => {
      const terminal = environment.terminal();
      const { client } = environment.server();
      const { fileId } = await uploadFile(client, file, terminal);
      const body = { fileId, commit: commit === true };
      const { findings, ...counts } = await client.exhibition.importFacilities({ body });
      terminal.answer({ ...counts, findings, committed: commit === true });
      terminal.table(Object.keys(counts), [Object.values(counts).map(String)]);
      if (commit !== true) {
        terminal.remark(
          terminal.words('预览，未写入；加 --commit 写入', 'preview only; add --commit to write'),
        );
      }
      sayFindings(terminal, findings as Finding[], await environment.texts());
      environment.exit(exitFor(findings as Finding[]));
    });
  exhibition
    .command('export')
    .description('cinemas as XLSX, CSV or a ZIP of facility lists 导出影院')
    .addOption(new Option('--as <format>').choices(['xlsx', 'csv', 'flm']).default('xlsx'))
    .requiredOption('--to <file>', 'where to write it 写到')
    .action(async (options: { as: 'xlsx'; to: string }) => {
      const { client } = environment.server();
      const query = { format: options.as };
      await download(environment, await client.exhibition.exportFacilities({ query }), options.to);
    });
  exhibition
    .command('screens')
    .description('screens and the certificates of their devices 列出影厅')
    .option('--cinema <id>', 'of one cinema only 只看一家影院')
    .action(async ({ cinema }: { cinema?: string }) => {
      const terminal = environment.terminal();
      const { client } = environment.server();
      const rows = await allRows((after) =>
        client.exhibition.screens({
          query: { limit: 500, after, ...(cinema === undefined ? {} : { cinemaId: cinema }) },
        }),
      );
      terminal.answer(rows);
      terminal.table(
        [
          'id',
          terminal.words('影院', 'cinema'),
          terminal.words('影厅', 'screen'),
          terminal.words('证书有效至', 'certificate until'),
        ],
        rows.map((each) => [
          each.id,
          each.cinemaName,
          each.name,
          each.device?.certificate?.notAfter.slice(0, 10) ?? '—',
        ]),
      );
    });
  registerPlaces(exhibition, environment);
  registerReport(exhibition, environment);
  registerEvidence(exhibition, environment);
}

type ReportFlags = {
  readonly film?: string;
  readonly sender?: string;
  readonly quarantine?: boolean;
  readonly preview?: boolean;
  readonly supersedes?: string;
  readonly correction?: string;
};

function registerReport(exhibition: Command, environment: Environment): void {
  exhibition
    .command('report <file>')
    .description('import a box-office file 导入票房文件')
    .option('--film <id>', 'the film of rows that name none 影片')
    .option('--sender <name>', 'who sent it; its columns are read as in its last file 上报单位')
    .option('--supersedes <report>', 'the report that this one corrects 取代的报表')
    .option('--correction <id>', 'the approved application, where there are several 更正申请')
    .option('--quarantine', 'take the good rows, set the others aside 隔离有误的行')
    .option('--preview', 'only say what is in it 只预览')
    .action(async (file: string, options: ReportFlags) => {
      const terminal = environment.terminal();
      const { client } = environment.server();
      const { fileId } = await uploadFile(client, file, terminal);
      const sent = options.sender === undefined ? {} : { sender: options.sender };
      if (options.preview === true) {
        const { findings, ...seen } = await client.exhibition.previewReport({
          body: { fileId, ...sent },
        });
        terminal.answer({ ...seen, findings });
        terminal.say(`${seen.level}  ${seen.rows}  ¥${formatYuan(BigInt(seen.grossFen))}`);
        sayFindings(terminal, findings as Finding[], await environment.texts());
        environment.exit(exitFor(findings as Finding[]));
        return;
      }
      const report = await client.exhibition.importReport({
        body: {
          fileId,
          ...sent,
          faults: options.quarantine === true ? 'quarantine' : 'refuse',
          ...(options.film === undefined ? {} : { filmId: options.film }),
          ...(options.supersedes === undefined ? {} : { supersedes: options.supersedes }),
          ...(options.correction === undefined ? {} : { correctionId: options.correction }),
        },
      });
      terminal.answer(report);
      const gross = formatYuan(BigInt(report.grossFen), { grouped: true });
      terminal.say(`${report.id}  ${report.rows}  ¥${gross}`);
      if (report.findings.length > 0) {
        sayFindings(terminal, report.findings as Finding[], await environment.texts());
      }
    });
}
