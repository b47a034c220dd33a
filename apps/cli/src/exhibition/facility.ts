import type { Command } from 'commander';
import { checkFacility, diffFacilities, readFacilityList } from '@yinglian/facility';
import { nodeCryptography } from '@yinglian/host';
import type { Environment } from '../kernel/environment.ts';
import { readGiven } from '../kernel/files.ts';
import { exitFor, sayFindings } from '../kernel/findings.ts';
import { ALL_TEXTS } from '../kernel/texts.ts';

/** `yinglian facility …`: facility lists on this disk. */
export function registerFacility(program: Command, environment: Environment): void {
  const facility = program.command('facility').description('facility lists 影院设施清单');
  facility
    .command('check <file>')
    .description('read and judge a facility list 检查设施清单')
    .action(async (file: string) => {
      const terminal = environment.terminal();
      const read = readFacilityList(await readGiven(file), nodeCryptography);
      const findings = read.ok
        ? [...read.findings, ...checkFacility(read.value, { at: Date.now() }, nodeCryptography)]
        : [...read.findings];
      terminal.answer({ facility: read.ok ? read.value : null, findings });
      if (read.ok) {
        const screens = read.value.auditoriums.length;
        terminal.say(
          `${read.value.name}  ${terminal.words(`${screens} 个影厅`, `${screens} auditoriums`)}`,
        );
      }
      sayFindings(terminal, findings, ALL_TEXTS);
      environment.exit(exitFor(findings));
    });
  facility
    .command('diff <before> <after>')
    .description('what changed between two lists 比较两份清单')
    .action(async (before: string, after: string) => {
      const terminal = environment.terminal();
      const [a, b] = await Promise.all(
        [before, after].map(async (each) =>
          readFacilityList(await readGiven(each), nodeCryptography),
        ),
      );
      if (!a!.ok || !b!.ok) {
        const findings = [...a!.findings, ...b!.findings];
        terminal.answer({ findings });
        sayFindings(terminal, findings, ALL_TEXTS);
        environment.exit(exitFor(findings));
        return;
      }
      const changes = diffFacilities(a!.value, b!.value);
      terminal.answer({ changes });
      for (const each of changes) terminal.say(JSON.stringify(each));
      if (changes.length === 0) terminal.say(terminal.words('没有变化', 'no change'));
    });
}
