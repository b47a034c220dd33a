import { mkdir, realpath, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { clipText, type Finding, finding } from '@yinglian/core';
import { algorithmOf, encodeHash, fileSafeName, type HashAlgorithm } from '@yinglian/mhl';
import { type Card, createCardScout, judgeOffload, type TargetOutcome } from '@yinglian/offload';
import { type Crew, openCrew, openInlineCrew } from '../hashing/crew.ts';
import { copyFile, type CopyRequest, type CopyResult, type PlaceResult } from './copy-file.ts';
import { type Digests, writeTargetManifest } from './manifest.ts';
import type {
  OffloadedFile,
  OffloadOptions,
  OffloadProgress,
  OffloadResult,
  SourceFile,
} from './model.ts';
import { scanSource, type SourceScan } from './scan.ts';
import {
  examineTarget,
  journalLine,
  type OffloadTarget,
  openTarget,
  syncFolder,
} from './target.ts';

/** The built worker: the same place seen from `src` and from `dist`. */
const WORKER = fileURLToPath(new URL('../../dist/offload/worker.js', import.meta.url));
/** More than cores: most of the time they wait for a disk. */
const WORKER_COUNT = 4;
/** Small files that a worker keeps under way at once: forcing one to the disk takes a while. */
const GROUP_MAX = 8;
const IN_FLIGHT_MAX = 96;
/** Files from this size on keep a disk busy alone; two of them use both cores. */
const LARGE_BYTES = 64 * 1024 * 1024;
const LARGE_IN_FLIGHT_MAX = 2;
/** A second try tells a bad moment from a bad disk. */
const ATTEMPTS_MAX = 2;

/** After these nothing more can be written there. */
const FATAL = new Set(['ENOSPC', 'EROFS', 'ENODEV', 'ENXIO', 'EDQUOT', 'ESTALE', 'ENOTCONN']);

/**
 * Copies a card to several targets, reading it once: every file is hashed on the way, forced to
 * each disk, read back from it and only then named. What an earlier run finished is kept; nothing
 * is ever overwritten. Ends with an ASC MHL generation on every target and with a verdict.
 */
export async function runOffload(options: OffloadOptions): Promise<OffloadResult> {
  const offload = new Offload(options);
  try {
    return await offload.run();
  } finally {
    await offload.close();
  }
}

class Offload {
  readonly #options: OffloadOptions;
  readonly #source: string;
  readonly #name: string;
  readonly #findings: Finding[] = [];
  readonly #targets: OffloadTarget[] = [];
  readonly #outcomes = new Map<number, TargetOutcome>();
  readonly #digests = new Map<string, Digests>();
  readonly #algorithms: readonly HashAlgorithm[];
  readonly #crew: Crew<CopyRequest, CopyResult>;
  readonly #began: number;
  #scan: SourceScan | undefined;
  #card: Card = { kind: 'unknown', name: '', clips: [], findings: [] };
  #resumedCount = 0;
  #files = 0;
  #bytes = 0;

  constructor(options: OffloadOptions) {
    this.#options = options;
    this.#source = resolve(options.source);
    this.#name = options.name ?? fileSafeName(basename(this.#source));
    this.#algorithms = [...new Set(options.formats.map(algorithmOf))];
    this.#began = options.now();
    const { workerCount = WORKER_COUNT } = options;
    this.#crew =
      workerCount === 0
        ? openInlineCrew(copyFile)
        : openCrew({
            worker: WORKER,
            workerCount,
            groupMax: GROUP_MAX,
            lost: (reason) => ({ failed: 'cancelled', reason }),
          });
    options.signal?.addEventListener('abort', this.#cancel);
  }

  readonly #cancel = () => this.#crew.cancel();

  get #cancelled(): boolean {
    return this.#options.signal?.aborted === true;
  }

  async close(): Promise<void> {
    this.#options.signal?.removeEventListener('abort', this.#cancel);
    await this.#crew.close();
    // Only a fault of ours leaves some open here: what they hold is kept for the next run.
    for (const target of this.#targets.splice(0)) await target.release(false);
  }

  async run(): Promise<OffloadResult> {
    if (!(await this.#openTargets())) return this.#finish();
    const scan = await scanSource(this.#source, (files, path) => this.#tell('scan', path, files));
    this.#scan = scan;
    this.#findings.push(...scan.findings);
    this.#recognise(scan);
    await this.#examineTargets(scan);
    if (this.#liveTargets().length > 0 && !this.#cancelled) {
      await this.#makeFolders(scan);
      await this.#copyAll(scan);
      if (!this.#cancelled) await this.#checkSource(scan);
      await this.#seal(scan);
    }
    return this.#finish();
  }

  #tell(phase: OffloadProgress['phase'], path: string, files = this.#files): void {
    this.#options.onProgress?.({
      phase,
      files,
      fileCount: this.#scan?.files.length ?? 0,
      bytes: this.#bytes,
      byteCount: this.#scan?.sizeBytes ?? 0,
      path,
    });
  }

  #liveTargets(): readonly OffloadTarget[] {
    return this.#targets.filter(({ lost }) => lost === undefined);
  }

  async #openTargets(): Promise<boolean> {
    const source = await realpath(this.#source);
    const { dev } = await stat(source, { bigint: true });
    const seen = new Set<string>();
    for (const [index, given] of this.#options.targets.entries()) {
      const refusal = await refuseTarget(source, given, this.#name, seen);
      const target = refusal ?? (await openTarget(given, this.#name, index));
      if (!('folder' in target)) {
        this.#findings.push(target);
        this.#outcomes.set(index, noCopy(join(resolve(given), this.#name)));
        continue;
      }
      const at = { folder: target.folder };
      if (target.device === String(dev)) {
        this.#findings.push(finding('shared_source_medium', 'warning', { at }));
      }
      if (this.#targets.some(({ device }) => device === target.device)) {
        this.#findings.push(finding('shared_medium', 'warning', { at }));
      }
      this.#targets.push(target);
    }
    return this.#targets.length > 0;
  }

  #recognise(scan: SourceScan): void {
    const scout = createCardScout();
    for (const { path, sizeBytes } of scan.files) scout.see(path, sizeBytes);
    this.#card = scout.finish(this.#name);
    this.#findings.push(...this.#card.findings);
  }

  async #examineTargets(scan: SourceScan): Promise<void> {
    const paths = new Set(scan.files.map(({ path }) => path));
    for (const target of this.#targets) {
      const findings = await examineTarget(target, scan, paths);
      this.#findings.push(...findings);
      target.lost = findings.find(({ severity }) => severity === 'error');
    }
  }

  async #makeFolders(scan: SourceScan): Promise<void> {
    for (const target of this.#liveTargets()) {
      for (const folder of scan.folders) {
        const path = join(target.folder, folder);
        await mkdir(path).catch((error: NodeJS.ErrnoException) => {
          if (error.code !== 'EEXIST') this.#lose(target, error.code ?? String(error));
        });
        if (target.lost !== undefined) break;
      }
    }
  }

  #lose(target: OffloadTarget, reason: string): void {
    if (target.lost !== undefined) return;
    const at = { folder: target.folder };
    target.lost = finding('lost_target', 'error', { facts: { reason }, at });
    this.#findings.push(target.lost);
  }

  async #copyAll(scan: SourceScan): Promise<void> {
    const underWay = new Set<Promise<void>>();
    let large = 0;
    for (const [index, file] of scan.files.entries()) {
      const isLarge = file.sizeBytes >= LARGE_BYTES;
      while (underWay.size >= IN_FLIGHT_MAX || (isLarge && large >= LARGE_IN_FLIGHT_MAX)) {
        await Promise.race(underWay);
      }
      if (this.#cancelled || this.#liveTargets().length === 0) break;
      if (isLarge) large += 1;
      const work: Promise<void> = this.#copyOne(index, file).finally(() => {
        underWay.delete(work);
        if (isLarge) large -= 1;
      });
      underWay.add(work);
    }
    await Promise.all(underWay);
  }

  async #copyOne(index: number, file: SourceFile): Promise<void> {
    const pending: OffloadTarget[] = [];
    for (const target of this.#liveTargets()) {
      const finished = await target.finished(file.path, file.identity);
      const whole = this.#algorithms.every((each) => finished?.digests[each] !== undefined);
      if (finished === undefined || !whole) {
        pending.push(target);
        continue;
      }
      this.#digests.set(file.path, { ...finished, ...fileFacts(file) });
      this.#count(target, file, finished.direct);
    }
    const { length } = pending;
    if (length === 0) this.#resumedCount += 1;
    else await this.#copyTo(pending, index, file);
    this.#files += 1;
    if (length === 0) this.#bytes += file.sizeBytes;
    this.#tell('copy', file.path);
  }

  #count(target: OffloadTarget, file: SourceFile, direct: boolean): void {
    target.doneCount += 1;
    target.doneBytes += file.sizeBytes;
    if (!direct && file.sizeBytes > 0) target.cachedCount += 1;
  }

  async #copyTo(targets: readonly OffloadTarget[], index: number, file: SourceFile): Promise<void> {
    let open = targets;
    for (let attempt = 1; open.length > 0; attempt++) {
      const result = await this.#crew.run(this.#request(open, index, file), (bytes) => {
        this.#bytes += bytes;
        this.#tell('copy', file.path);
      });
      if ('failed' in result) {
        if (result.failed === 'cancelled' && this.#cancelled) return;
        if (attempt < ATTEMPTS_MAX) continue;
        for (const target of open) target.failedCount += 1;
        const code = result.failed === 'changed' ? 'changed_source' : 'unreadable_source';
        const facts = { reason: clipText(result.reason) };
        this.#findings.push(finding(code, 'error', { facts, at: { path: clipText(file.path) } }));
        return;
      }
      const failed = this.#take(result, file, attempt);
      open = open.filter((each) => failed.has(each.index));
    }
  }

  #request(targets: readonly OffloadTarget[], index: number, file: SourceFile): CopyRequest {
    return {
      source: join(this.#source, file.path),
      identity: file.identity,
      sizeBytes: file.sizeBytes,
      modifiedMs: file.modifiedMs,
      algorithms: this.#algorithms,
      places: targets.map((target) => ({
        target: target.index,
        part: target.partOf(index),
        path: join(target.folder, file.path),
      })),
    };
  }

  /** Keeps what succeeded; answers with the targets that may try again. */
  #take(
    { digests, places }: Extract<CopyResult, { digests: unknown }>,
    file: SourceFile,
    attempt: number,
  ): ReadonlySet<number> {
    const known = this.#digests.get(file.path);
    const again = new Set<number>();
    if (known !== undefined && this.#differs(known, digests)) {
      const facts = { reason: 'hash' };
      const at = { path: clipText(file.path) };
      this.#findings.push(finding('changed_source', 'error', { facts, at }));
    }
    this.#digests.set(file.path, { digests, ...fileFacts(file) });
    for (const place of places) {
      const target = this.#targets.find(({ index }) => index === place.target)!;
      if (!('failed' in place)) {
        target.note(journalLine(file.path, file.identity, place, digests));
        this.#count(target, file, place.direct);
      } else if (this.#mayTryAgain(target, place, attempt)) {
        again.add(target.index);
      } else {
        this.#fail(target, file, place);
      }
    }
    return again;
  }

  #differs(known: Digests, digests: Digests['digests']): boolean {
    return this.#algorithms.some((each) => {
      const [a, b] = [known.digests[each], digests[each]];
      return a !== undefined && b !== undefined && Buffer.compare(a, b) !== 0;
    });
  }

  #mayTryAgain(
    target: OffloadTarget,
    place: Extract<PlaceResult, { failed: string }>,
    attempt: number,
  ): boolean {
    if (FATAL.has(place.reason)) this.#lose(target, place.reason);
    return (
      target.lost === undefined &&
      !this.#cancelled &&
      attempt < ATTEMPTS_MAX &&
      place.failed !== 'existing_different_file'
    );
  }

  #fail(
    target: OffloadTarget,
    file: SourceFile,
    place: Extract<PlaceResult, { failed: string }>,
  ): void {
    if (this.#cancelled) return;
    if (place.failed === 'existing_different_file' && isChain(file.path)) {
      // The chain of a copied history grows with every generation that is written here.
      this.#count(target, file, true);
      return;
    }
    target.failedCount += 1;
    const facts = { reason: clipText(place.reason), ...place.facts };
    const at = { folder: target.folder, path: clipText(file.path) };
    this.#findings.push(finding(place.failed, 'error', { facts, at }));
    if (place.reason === 'ENOENT') this.#lose(target, place.reason);
  }

  /** The source must be at the end what it was at the beginning. */
  async #checkSource(before: SourceScan): Promise<void> {
    const after = await scanSource(this.#source);
    const known = new Map(before.files.map(({ path, identity }) => [path, identity]));
    const fault = (path: string, reason: string) =>
      this.#findings.push(
        finding('changed_source', 'error', { facts: { reason }, at: { path: clipText(path) } }),
      );
    for (const { path, identity } of after.files) {
      const was = known.get(path);
      if (was === undefined) fault(path, 'new');
      else if (was !== identity) fault(path, 'changed');
      known.delete(path);
    }
    for (const path of known.keys()) fault(path, 'gone');
  }

  async #seal(scan: SourceScan): Promise<void> {
    for (const target of this.#targets) {
      const expected = scan.files.length;
      const whole =
        target.lost === undefined && target.failedCount === 0 && target.doneCount === expected;
      let manifest = whole ? target.manifest : undefined;
      if (whole && !this.#cancelled) {
        for (const folder of ['', ...scan.folders]) await syncFolder(join(target.folder, folder));
        await syncFolder(dirname(target.folder));
        this.#tell('manifest', target.folder);
        if (manifest === undefined && expected > 0) {
          const { signal } = this.#options;
          const made = await writeTargetManifest(
            target.folder,
            this.#digests,
            this.#options,
            signal,
          );
          this.#findings.push(...made.findings);
          manifest = made.manifest;
          if (manifest !== undefined) target.noteManifest(manifest.path, manifest.c4);
        }
      }
      if (whole && target.cachedCount > 0) {
        const at = { folder: target.folder };
        this.#findings.push(finding('cached_read_back', 'warning', { at }));
      }
      this.#outcomes.set(target.index, {
        folder: target.folder,
        complete: whole,
        fileCount: target.doneCount,
        sizeBytes: target.doneBytes,
        readBack: target.doneCount === 0 ? 'not-read' : target.cachedCount > 0 ? 'cache' : 'medium',
        ...(manifest === undefined
          ? {}
          : { manifest: join(target.folder, manifest.path), manifestC4: manifest.c4 }),
      });
    }
  }

  async #finish(): Promise<OffloadResult> {
    const targets = this.#options.targets.map(
      (given, index) => this.#outcomes.get(index) ?? noCopy(join(resolve(given), this.#name)),
    );
    const fileCount = this.#scan?.files.length ?? 0;
    const verdict = judgeOffload({
      targets,
      minimumCopies: this.#options.minimumCopies ?? 2,
      findings: this.#findings,
      fileCount,
      cancelled: this.#cancelled,
    });
    for (const target of this.#targets.splice(0)) {
      const outcome = this.#outcomes.get(target.index);
      await target.release(outcome?.complete === true && outcome.manifest !== undefined);
    }
    const files = this.#scan?.files ?? [];
    const digests = this.#digests;
    const { formats } = this.#options;
    return {
      verdict,
      findings: [...this.#findings],
      name: this.#name,
      card: this.#card,
      targets,
      fileCount,
      sizeBytes: this.#scan?.sizeBytes ?? 0,
      resumedCount: this.#resumedCount,
      seconds: (this.#options.now() - this.#began) / 1000,
      files: () => listFiles(files, digests, formats),
    };
  }
}

function* listFiles(
  files: readonly SourceFile[],
  digests: ReadonlyMap<string, Digests>,
  formats: OffloadOptions['formats'],
): Generator<OffloadedFile> {
  for (const { path, sizeBytes, modifiedMs } of files) {
    const known = digests.get(path);
    if (known === undefined) continue;
    const hashes = formats.map((format) => ({
      format,
      value: encodeHash(format, known.digests[algorithmOf(format)]!),
    }));
    yield { path, sizeBytes, modifiedMs, hashes };
  }
}

function fileFacts({ sizeBytes, modifiedMs }: SourceFile) {
  return { sizeBytes, modifiedMs };
}

function isChain(path: string): boolean {
  return /(?:^|\/)ascmhl\/ascmhl_chain\.xml$/.test(path);
}

function noCopy(folder: string): TargetOutcome {
  return { folder, complete: false, fileCount: 0, sizeBytes: 0, readBack: 'not-read' };
}

/** A target inside the source would copy itself, a source inside its target overwrite itself. */
async function refuseTarget(
  source: string,
  given: string,
  name: string,
  seen: Set<string>,
): Promise<Finding | undefined> {
  const at = { folder: resolve(given) };
  const parent = await realpath(given).catch(() => resolve(given));
  const folder = join(parent, name);
  if (seen.has(folder)) return finding('repeated_target', 'error', { at });
  seen.add(folder);
  const inside = (path: string, outer: string) => path === outer || path.startsWith(outer + sep);
  if (inside(parent, source) || inside(folder, source) || inside(source, folder)) {
    return finding('nested_target', 'error', { at });
  }
  return undefined;
}
