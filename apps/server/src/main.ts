#!/usr/bin/env node
import { startEmbedded } from './kernel/database/supervisor.ts';
import { lockFolder } from './kernel/folder-lock.ts';
import { type Gate, listen } from './kernel/http/listen.ts';
import { openLog } from './kernel/log.ts';
import { readSettings } from './kernel/settings.ts';
import { StartFault } from './kernel/start-fault.ts';
import type { Network } from './network.ts';

/** Starts the server from the environment and runs until it is told to stop. */
const CLOSE_WITHIN_MS = 3_000;
const EXIT_FAULT = 1;

async function main(): Promise<void> {
  const settings = readSettings(process.env);
  const command = process.argv.slice(2);
  if (command.length > 0) {
    const { runCommand } = await import('./commands.ts');
    process.exit(
      await runCommand(command, settings, {
        masterKeyGiven: process.env['YINGLIAN_MASTER_KEY'] !== undefined,
        write: (line) => void process.stdout.write(`${line}\n`),
        remark: (text) => void process.stderr.write(text),
        now: () => new Date(),
      }),
    );
  }
  const lock = lockFolder(settings.dataFolder);
  process.on('exit', () => lock.release());
  const log = openLog(settings.logLevel, settings.logLevel === 'info' ? quiet() : undefined);
  // The port first: who finds it taken learns so before a database is made.
  const gate = await listen(settings.port, settings.host);
  const onProgress = (event: string, facts: Record<string, unknown>): void =>
    say(PROGRESS[event], facts);
  // The database wakes up in its own process while this one loads its modules.
  const embedded =
    settings.databaseUrl === undefined
      ? startEmbedded({ folder: settings.dataFolder, log: onProgress, watch: true })
      : undefined;
  embedded?.catch(() => {});
  const masterKeyHex = process.env['YINGLIAN_MASTER_KEY'];
  const options = { settings, log, masterKeyHex, onProgress };
  const network = await import('./network.ts')
    .then(({ openNetwork }) =>
      openNetwork(embedded === undefined ? options : { ...options, embedded }),
    )
    .catch(async (thrown: unknown) => {
      gate.close();
      await embedded?.then(
        (database) => database.stop(),
        () => {},
      );
      throw thrown;
    });
  const { identity } = network.running.kernel;
  const address = settings.publicUrl.replace(/:0$/, `:${gate.port}`);
  const link = await network.ownerLink(address);
  gate.serve((request, environment) => network.app.fetch(request, environment));
  void identity
    .warm()
    .catch((thrown: unknown) => log.error('identity_failed', { reason: String(thrown) }));
  say({ zh: `影联已就绪：${address}`, en: `Yinglian is ready: ${address}` });
  if (link !== undefined) {
    say({
      zh: `一次性所有者链接（只能使用一次）：${link}`,
      en: `One-time owner sign-in link (works once): ${link}`,
    });
  }
  stopOnSignal(gate, network);
}

function stopOnSignal(gate: Gate, network: Network): void {
  let stopping = false;
  const stop = (): void => {
    if (stopping) return;
    stopping = true;
    say({ zh: '正在停止…', en: 'Stopping…' });
    gate.close();
    const late = setTimeout(() => process.exit(EXIT_FAULT), CLOSE_WITHIN_MS * 10);
    late.unref();
    network.close().then(
      () => process.exit(0),
      (thrown: unknown) => {
        process.stderr.write(`${String(thrown)}\n`);
        process.exit(EXIT_FAULT);
      },
    );
  };
  process.on('SIGINT', stop);
  process.on('SIGTERM', stop);
}

type Words = { readonly zh: string; readonly en: string };

const PROGRESS: Record<string, Words> = {
  database_creating: { zh: '正在建立数据库…', en: 'Making the database…' },
  database_adopted: {
    zh: '上次未正常退出，已接管仍在运行的数据库。',
    en: 'The last run ended abruptly; its database still ran and was taken over.',
  },
  database_died: {
    zh: '数据库意外退出，正在重新启动…',
    en: 'The database ended by itself; starting it again…',
  },
  database_orphan_stopping: {
    zh: '正在停止上次遗留的数据库…',
    en: 'Stopping the database left by the last run…',
  },
};

function say(words: Words | undefined, facts: Record<string, unknown> = {}): void {
  if (words === undefined) return;
  const fill = (text: string): string =>
    text.replace(/\{(\w+)\}/g, (_, name: string) => String(facts[name]));
  process.stdout.write(`${fill(words.zh)}\n${fill(words.en)}\n`);
}

/** At the usual level the terminal is for people; warnings and errors still go to stderr. */
function quiet(): { write(line: string): void } {
  return {
    write(line) {
      const { level } = JSON.parse(line) as { level: number };
      if (level >= 40) process.stderr.write(line);
    },
  };
}

main().catch((thrown: unknown) => {
  const text =
    thrown instanceof StartFault
      ? thrown.message
      : thrown instanceof Error
        ? thrown.stack
        : String(thrown);
  process.stderr.write(`${text}\n`);
  process.exit(EXIT_FAULT);
});
