import { resolve } from 'node:path';
import type { Command } from 'commander';
import { createMediaEngine } from '@yinglian/media';
import type { Environment } from '../kernel/environment.ts';
import { exitFor, sayFindings } from '../kernel/findings.ts';
import { ALL_TEXTS } from '../kernel/texts.ts';

/** `yinglian media …`: look at a file without a server. */
export function registerMedia(program: Command, environment: Environment): void {
  const media = program.command('media').description('sound and pictures 影音文件');
  media
    .command('probe <file>')
    .description('what is inside a file 文件信息')
    .action(async (file: string) => {
      const terminal = environment.terminal();
      const outcome = await createMediaEngine().probe(
        { verb: 'probe', input: { kind: 'file', path: resolve(file) } },
        { signal: terminal.signal },
      );
      terminal.answer(outcome.ok ? outcome.value : { findings: outcome.findings });
      if (outcome.ok) {
        terminal.say(`${outcome.value.container}  ${outcome.value.duration ?? '?'} s`);
        terminal.table(
          ['#', terminal.words('种类', 'kind'), terminal.words('编码', 'codec'), ''],
          outcome.value.streams.map((each) => [
            String(each.index),
            each.kind,
            each.codec,
            each.kind === 'picture'
              ? `${each.width}×${each.height} ${each.frameRate ?? '?'} ${each.pixelFormat ?? ''}`
              : each.kind === 'sound'
                ? `${each.sampleRate} Hz ${each.layout ?? each.channels}`
                : '',
          ]),
        );
      }
      sayFindings(terminal, outcome.findings, ALL_TEXTS);
      environment.exit(exitFor(outcome.findings));
    });
}
