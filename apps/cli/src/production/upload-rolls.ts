import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { ProblemError } from '@yinglian/contract';
import { isLeftBySystem } from '@yinglian/offload';
import type { Environment } from '../kernel/environment.ts';
import { filesBelow, type FoundFolder } from './upload-folder.ts';
import { Run } from './upload-run.ts';

const LOOK_EVERY_MS = 3000;
/** A sealed card has many files and rarely changes; what went wrong is not wrong for ever. */
const LOOK_AGAIN_MS = 60_000;
const SEALED_FILE = 'sealed.json';

/** How rolls are watched. */
export type RollsOptions = {
  readonly film: string;
  readonly ingest?: boolean;
  readonly known?: boolean;
  /** A folder: the journal of each roll, and what was sealed. */
  readonly state: string;
  readonly sealAfterMs: number;
  readonly frameRate: string | undefined;
};

/** A roll that is coming. */
type Coming = { readonly run: Run; idleSince: number };

/**
 * Every folder that appears in a place becomes a roll of its own: sent as it is written, proven
 * with its lists once nothing came for a while, and remembered, so that the next start sends
 * nothing twice. A roll that gets more files later is another one, of which only the new are sent.
 */
export async function watchRolls(
  environment: Environment,
  root: string,
  options: RollsOptions,
): Promise<void> {
  const watch = new RollWatch(environment, root, options);
  await watch.open();
  const { signal } = environment.terminal();
  for (;;) {
    await watch.look();
    await pause(LOOK_EVERY_MS, undefined, { signal });
  }
}

class RollWatch {
  readonly #environment: Environment;
  readonly #root: string;
  readonly #options: RollsOptions;
  readonly #coming = new Map<string, Coming>();
  /** Rolls that were sealed, with what lay in them then. */
  #sealed: Record<string, string> = {};
  /** Until when a roll is left alone: it is sealed, or something went wrong with it. */
  readonly #rests = new Map<string, number>();

  constructor(environment: Environment, root: string, options: RollsOptions) {
    this.#environment = environment;
    this.#root = root;
    this.#options = options;
  }

  async open(): Promise<void> {
    await mkdir(this.#options.state, { recursive: true });
    const text = await readFile(this.#sealedFile, 'utf8').catch(() => undefined);
    if (text !== undefined) this.#sealed = JSON.parse(text) as Record<string, string>;
  }

  /** One look at all of them; what goes wrong with one roll for a while ends nothing. */
  async look(): Promise<void> {
    const entries = await readdir(this.#root, { withFileTypes: true });
    const rolls = entries.filter((each) => each.isDirectory() && !isLeftBySystem(each.name));
    for (const name of rolls.map((each) => each.name).toSorted()) {
      try {
        if ((this.#rests.get(name) ?? 0) <= Date.now()) await this.#advance(name);
      } catch (fault) {
        if (!isPassing(fault, this.#environment.terminal().signal)) throw fault;
        this.#rest(name);
        this.#coming.delete(name);
        this.#tell(name, fault);
      }
    }
  }

  get #sealedFile(): string {
    return join(this.#options.state, SEALED_FILE);
  }

  async #advance(name: string): Promise<void> {
    const folder = join(this.#root, name);
    const found = await filesBelow(folder);
    if (found.files.length === 0) return;
    if (printOf(found) === this.#sealed[name]) return this.#rest(name);
    const coming = this.#coming.get(name) ?? (await this.#begin(name, folder));
    const isFresh = await coming.run.send(true, found);
    if (isFresh || coming.run.hasWaiting) coming.idleSince = Date.now();
    const isIdle = Date.now() - coming.idleSince >= this.#options.sealAfterMs;
    if (coming.run.hasWaiting || !coming.run.hasFiles || !isIdle) return;
    await coming.run.seal(this.#options.ingest === true, this.#options.frameRate);
    this.#coming.delete(name);
    this.#sealed[name] = printOf(found);
    this.#rest(name);
    await this.#keep();
  }

  #rest(name: string): void {
    this.#rests.set(name, Date.now() + LOOK_AGAIN_MS);
  }

  async #begin(name: string, folder: string): Promise<Coming> {
    const { film, known, state } = this.#options;
    const key = createHash('sha256').update(name).digest('hex').slice(0, 32);
    const run = new Run(this.#environment, folder, true, {
      film,
      name,
      watch: true,
      known: known === true || this.#sealed[name] !== undefined,
      journalFile: join(state, `${key}.json`),
    });
    await run.open();
    const coming = { run, idleSince: Date.now() };
    this.#coming.set(name, coming);
    return coming;
  }

  async #keep(): Promise<void> {
    await writeFile(`${this.#sealedFile}.new`, JSON.stringify(this.#sealed), { mode: 0o600 });
    await rename(`${this.#sealedFile}.new`, this.#sealedFile);
  }

  #tell(name: string, fault: unknown): void {
    const terminal = this.#environment.terminal();
    const reason = (fault as Error).message;
    terminal.remark(
      terminal.words(
        `${name}：${reason}；一分钟后再试。`,
        `${name}: ${reason}; tried again in a minute.`,
      ),
    );
  }
}

/** What lay in a folder, as one word: names, sizes and times. */
function printOf({ files }: FoundFolder): string {
  const hash = createHash('sha256');
  for (const { path, sizeBytes, modifiedMs } of files) {
    hash.update(`${path}\0${sizeBytes}\0${modifiedMs}\n`);
  }
  return hash.digest('hex');
}

/** Who has no film or no right has none the next time; all else may be right then. */
const FINAL = new Set([401, 403, 404]);

/** Whether what went wrong may be right the next time: a line that is down, a file that grew. */
function isPassing(fault: unknown, signal: AbortSignal): boolean {
  return !signal.aborted && !(fault instanceof ProblemError && FINAL.has(fault.problem.status));
}
