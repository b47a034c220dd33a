import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { Command } from 'commander';
import type { Finding } from '@yinglian/core';
import type { Environment } from '../kernel/environment.ts';
import { CommandFault, EXIT } from '../kernel/exit-codes.ts';
import { exitFor, remarkFindings } from '../kernel/findings.ts';

/**
 * Commands over a whole network, on the machine that holds its data folder: no server needs to run,
 * and one that does goes on. They are the server's own, started as a process of their own.
 */
export function registerWhole(program: Command, environment: Environment): void {
  const commands = [
    ['backup', 'folder', 'copy the whole network into a folder, while it works 备份整个网络'],
    ['restore', 'folder', 'bring a backup back into an empty data folder 恢复备份'],
    ['export', 'file', 'write the whole network into one file for any PostgreSQL 导出整个网络'],
    ['import', 'file', 'read such a file into an empty network 导入到空的网络'],
  ] as const;
  for (const [name, place, description] of commands) {
    const command = program
      .command(`${name} <${place}>`)
      .description(description)
      .option('--data <folder>', 'data folder; by default YINGLIAN_DATA 数据目录');
    const writes = name === 'backup' || name === 'export';
    if (writes) {
      command.option('--without-objects', 'leave objects in their bucket, note which 不含对象');
    }
    command.action(async (path: string, options: WholeOptions) => {
      const words = [name, resolve(path)];
      if (options.withoutObjects === true) words.push('--without-objects');
      await runServer(environment, words, options.data);
    });
  }
}

type WholeOptions = { readonly data?: string; readonly withoutObjects?: boolean };
type Report = { readonly findings?: readonly Finding[]; readonly [name: string]: unknown };

const SERVER = fileURLToPath(new URL('../../../server/dist/main.js', import.meta.url));

async function runServer(
  environment: Environment,
  words: readonly string[],
  dataFolder: string | undefined,
): Promise<void> {
  const terminal = environment.terminal();
  if (!existsSync(SERVER)) {
    throw new CommandFault(
      terminal.words(`这里没有服务器程序：${SERVER}`, `There is no server program here: ${SERVER}`),
      EXIT.misused,
    );
  }
  const data = dataFolder === undefined ? {} : { YINGLIAN_DATA: resolve(dataFolder) };
  const child = spawn(process.execPath, [SERVER, ...words], {
    env: { ...process.env, ...data },
    stdio: ['ignore', 'pipe', 'inherit'],
    signal: terminal.signal,
  });
  const code = new Promise<number | null>((settle, reject) => {
    child.once('error', reject);
    child.once('close', settle);
  });
  code.catch(() => {});
  let last = '';
  for await (const line of createInterface({ input: child.stdout })) last = line;
  const ended = await code;
  if (last === '') {
    environment.exit(ended === EXIT.misused ? EXIT.misused : EXIT.broken);
    return;
  }
  const report = JSON.parse(last) as Report;
  const { findings = [], ...counts } = report;
  terminal.answer(report);
  remarkFindings(terminal, findings, await environment.texts());
  const table = Object.entries(counts).map(([name, value]) => [name, String(value)]);
  terminal.table([terminal.words('项目', 'what'), terminal.words('数值', 'value')], table);
  environment.exit(exitFor(findings));
}
