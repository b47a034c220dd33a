import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { Finding } from '@yinglian/core';
import type { Environment } from '../kernel/environment.ts';
import { EXIT } from '../kernel/exit-codes.ts';
import { sayFindings } from '../kernel/findings.ts';
import { followJob } from '../kernel/remote.ts';
import { sendSource } from '../kernel/send.ts';
import { openSource } from '../kernel/source.ts';
import {
  fileAt,
  filesBelow,
  type FoundFile,
  type FoundFolder,
  isOtherFolder,
  settling,
} from './upload-folder.ts';

/** Files put in at once. */
const BATCH = 200;
/** Names said of what is not sent. */
const NAMED_MAX = 10;

/** What a run is told. */
export type RunOptions = {
  readonly film: string;
  readonly name?: string;
  readonly known?: boolean;
  readonly watch?: boolean;
  /** Where it keeps what was sent. */
  readonly journalFile: string;
};

/** What was sent of a folder; with it a run goes on where the last one broke off. */
type Journal = {
  arrivalId: string;
  readonly files: Record<string, Sent>;
};
type Sent = {
  readonly sizeBytes: number;
  readonly modifiedMs: number;
  uploadId?: string;
  fileId?: string;
  added?: boolean;
};

/** One folder on its way to the network; a run that broke off goes on from its journal. */
export class Run {
  readonly #environment: Environment;
  readonly #root: string;
  readonly #isFolder: boolean;
  readonly #options: RunOptions;
  #journal: Journal = { arrivalId: '', files: {} };
  readonly #isSettled = settling();
  /** What lies in the folder and is not sent. */
  #leftOut: readonly string[] = [];
  /** Files are there that may be written still. */
  hasWaiting = false;

  constructor(environment: Environment, root: string, isFolder: boolean, options: RunOptions) {
    this.#environment = environment;
    this.#root = root;
    this.#isFolder = isFolder;
    this.#options = options;
  }

  get hasFiles(): boolean {
    return Object.values(this.#journal.files).some(({ added }) => added === true);
  }

  /** Gives what lies there; it is looked through once, as a roll may be large. */
  async open(): Promise<FoundFolder> {
    const { client } = this.#environment.server();
    const { film } = this.#options;
    const name = this.#options.name ?? basename(this.#root);
    const text = await readFile(this.#options.journalFile, 'utf8').catch(() => undefined);
    if (text !== undefined) this.#journal = JSON.parse(text) as Journal;
    const found = await this.look();
    const { files } = found;
    if (isOtherFolder(this.#journal.files, files, this.#options.watch === true)) {
      this.#journal = { arrivalId: '', files: {} };
      const terminal = this.#environment.terminal();
      const words = terminal.words(
        '此处已换了另一批素材，另行登记。',
        'Other media lie here than were sent before; they become a roll of their own.',
      );
      terminal.remark(words);
    }
    if (this.#journal.arrivalId !== '') return found;
    const arrival = await client.arrivals.create({ body: { filmId: film, name } });
    this.#journal.arrivalId = arrival.id;
    await this.#keep();
    return found;
  }

  look(): Promise<FoundFolder> {
    return this.#isFolder ? filesBelow(this.#root) : fileAt(this.#root);
  }

  /** Sends what is new; gives whether there was anything. */
  async send(onlySettled: boolean, { files, leftOut }: FoundFolder): Promise<boolean> {
    this.#leftOut = leftOut;
    const now = Date.now();
    const settled = files.filter((each) => !onlySettled || this.#isSettled(each, now));
    this.hasWaiting = settled.length < files.length;
    const fresh = settled.filter((each) => !this.#isSent(each));
    const terminal = this.#environment.terminal();
    const total = fresh.reduce((sum, each) => sum + each.sizeBytes, 0);
    const bar = terminal.progress(terminal.words('上传', 'upload'));
    let doneBytes = 0;
    try {
      if (this.#options.known === true) await this.#linkKnown(fresh);
      for (const each of fresh) {
        await this.#sendOne(each, (bytes) =>
          bar.update(total === 0 ? 1 : (doneBytes + bytes) / total, each.path),
        );
        doneBytes += each.sizeBytes;
        if (this.#waitingToBeAdded().length >= BATCH) await this.#add();
      }
      await this.#add();
    } finally {
      bar.done();
    }
    return fresh.length > 0;
  }

  async seal(ingest: boolean, frameRate: string | undefined): Promise<void> {
    const terminal = this.#environment.terminal();
    const { client, baseUrl } = this.#environment.server();
    const params = { id: this.#journal.arrivalId };
    const { version } = await client.arrivals.one({ params });
    const rate = frameRate === undefined ? {} : { sequenceFrameRate: frameRate };
    const { jobId } = await client.arrivals.seal({ params, body: { version, ingest, ...rate } });
    await followJob(client, jobId, terminal);
    const sealed = await client.arrivals.one({ params });
    const watch = `${baseUrl}/production/arrivals/${sealed.id}`;
    terminal.answer({ ...sealed, watch, leftOut: this.#leftOut });
    const { verified = 0, original = 0, failed = 0, missing = 0 } = sealed.counts ?? {};
    terminal.say(
      terminal.words(
        `${sealed.name}：${sealed.files} 个文件，核对 ${verified}，首次 ${original}，不符 ${failed}，` +
          `缺失 ${missing}，重复 ${sealed.duplicates}`,
        `${sealed.name}: ${sealed.files} files, ${verified} verified, ${original} new, ` +
          `${failed} failed, ${missing} missing, ${sealed.duplicates} duplicates`,
      ),
    );
    terminal.say(watch);
    this.#tellLeftOut();
    // What is proven is closed: whatever lies here the next time is another roll.
    if (sealed.state === 'sealed') await rm(this.#options.journalFile, { force: true });
    sayFindings(terminal, sealed.findings as Finding[], await this.#environment.texts());
    this.#environment.exit(sealed.state === 'sealed' ? EXIT.done : EXIT.faulty);
  }

  #tellLeftOut(): void {
    const count = this.#leftOut.length;
    if (count === 0) return;
    const names = this.#leftOut.slice(0, NAMED_MAX).join(', ') + (count > NAMED_MAX ? ', …' : '');
    const terminal = this.#environment.terminal();
    terminal.remark(
      terminal.words(
        `未上传 ${count} 项（系统文件、未写完的文件或链接）：${names}`,
        `${count} not sent (left by systems, unfinished, or links): ${names}`,
      ),
    );
  }

  #isSent({ path, sizeBytes, modifiedMs }: FoundFile): boolean {
    const sent = this.#journal.files[path];
    return sent?.added === true && sent.sizeBytes === sizeBytes && sent.modifiedMs === modifiedMs;
  }

  #placeOf(path: string): string {
    return this.#isFolder ? join(this.#root, path) : this.#root;
  }

  async #sendOne(found: FoundFile, onOffset: (bytes: number) => void): Promise<void> {
    const { path, sizeBytes, modifiedMs } = found;
    const known = this.#journal.files[path];
    const isSame = known?.sizeBytes === sizeBytes && known.modifiedMs === modifiedMs;
    const entry: Sent = isSame ? known : { sizeBytes, modifiedMs };
    this.#journal.files[path] = entry;
    if (entry.fileId !== undefined) return;
    const source = await openSource(this.#placeOf(path));
    try {
      entry.fileId = await sendSource(source, {
        client: this.#environment.server().client,
        signal: this.#environment.terminal().signal,
        uploadId: entry.uploadId,
        onBegun: async (uploadId) => {
          entry.uploadId = uploadId;
          await this.#keep();
        },
        onOffset,
      });
    } finally {
      await source.close();
    }
    await this.#keep();
  }

  /** Content that the network has of us already is put in by its hash. */
  async #linkKnown(fresh: readonly FoundFile[]): Promise<void> {
    const { client } = this.#environment.server();
    for (let at = 0; at < fresh.length; at += BATCH) {
      const files = [];
      for (const { path, modifiedMs } of fresh.slice(at, at + BATCH)) {
        const digest = `sha256:${await sha256Of(this.#placeOf(path))}`;
        files.push({ path, digest, modifiedAt: new Date(modifiedMs).toISOString() });
      }
      const params = { id: this.#journal.arrivalId };
      const { unknown } = await client.arrivals.add({ params, body: { files } });
      const missing = new Set(unknown);
      for (const { path, sizeBytes, modifiedMs } of fresh.slice(at, at + BATCH)) {
        if (missing.has(path)) continue;
        this.#journal.files[path] = { sizeBytes, modifiedMs, fileId: 'known', added: true };
      }
    }
    await this.#keep();
  }

  #waitingToBeAdded(): [string, Sent][] {
    return Object.entries(this.#journal.files).filter(
      ([, each]) => each.fileId !== undefined && each.added !== true,
    );
  }

  async #add(): Promise<void> {
    const { client } = this.#environment.server();
    const waiting = this.#waitingToBeAdded();
    for (let at = 0; at < waiting.length; at += BATCH) {
      const batch = waiting.slice(at, at + BATCH);
      await client.arrivals.add({
        params: { id: this.#journal.arrivalId },
        body: {
          files: batch.map(([path, { fileId, modifiedMs }]) => ({
            path,
            fileId: fileId!,
            modifiedAt: new Date(modifiedMs).toISOString(),
          })),
        },
      });
      for (const [, each] of batch) each.added = true;
      await this.#keep();
    }
  }

  async #keep(): Promise<void> {
    const { journalFile } = this.#options;
    await mkdir(dirname(journalFile), { recursive: true });
    await writeFile(`${journalFile}.new`, JSON.stringify(this.#journal), { mode: 0o600 });
    await rename(`${journalFile}.new`, journalFile);
  }
}

async function sha256Of(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const bytes of createReadStream(path, { highWaterMark: 1 << 20 })) {
    hash.update(bytes as Uint8Array);
  }
  return hash.digest('hex');
}
