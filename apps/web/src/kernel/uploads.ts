import { ProblemError } from '@yinglian/contract';
import { useSyncExternalStore } from 'react';
import { api, forget, newUuid } from './api.ts';

/** An upload of this browser. Without `file` it was begun before a reload and waits for it. */
export type Upload = {
  readonly key: string;
  readonly id: string | undefined;
  readonly name: string;
  readonly sizeBytes: number;
  readonly modifiedAt: number;
  readonly offsetBytes: number;
  readonly state: 'sending' | 'paused' | 'failed' | 'complete';
  readonly file: File | undefined;
  readonly fault: unknown;
  /** What is to happen with it, so that it also happens after a reload. */
  readonly purpose: UploadPurpose;
  readonly fileId: string | undefined;
};
export type UploadPurpose =
  | {
      readonly kind: 'ingest';
      readonly filmId: string;
      readonly soundFileId?: string;
      readonly sequenceFrameRate?: string;
      /** A folder of frames: to go on after a reload, the folder is chosen again. */
      readonly folder?: boolean;
    }
  | {
      readonly kind: 'arrival';
      readonly arrivalId: string;
      readonly path: string;
      readonly modifiedAt: string;
    }
  | { readonly kind: 'hold' };

const STORE = 'yinglian.uploads';
const CHUNK_BYTES = 8 * 1024 * 1024;
const ATTEMPTS_MAX = 6;
const WAIT_FIRST_MS = 500;

let uploads: readonly Upload[] = recall();
const listeners = new Set<() => void>();
const running = new Map<string, AbortController>();

/** All uploads of this browser, newest last. */
export function useUploads(): readonly Upload[] {
  return useSyncExternalStore(subscribe, () => uploads);
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** Begins to send a file; resolves with the id of the stored file when all of it has arrived. */
export function startUpload(file: File, purpose: UploadPurpose): Promise<string> {
  const key = newUuid();
  put({
    key,
    id: undefined,
    name: file.name,
    sizeBytes: file.size,
    modifiedAt: file.lastModified,
    offsetBytes: 0,
    state: 'sending',
    file,
    fault: undefined,
    purpose,
    fileId: undefined,
  });
  void send(key);
  return new Promise((resolve, reject) => {
    const stop = subscribe(() => {
      const upload = find(key);
      if (upload?.fileId !== undefined) {
        stop();
        resolve(upload.fileId);
      } else if (upload === undefined || upload.state === 'failed') {
        stop();
        reject(upload?.fault ?? new DOMException('cancelled', 'AbortError'));
      }
    });
  });
}

export function pauseUpload(key: string): void {
  stop(key);
  change(key, { state: 'paused' });
}

/** Goes on; after a reload with the same file chosen again, told by name, size and time. */
export function resumeUpload(key: string, file?: File): void {
  const upload = find(key);
  if (upload === undefined) return;
  const same =
    file === undefined ||
    (file.name === upload.name &&
      file.size === upload.sizeBytes &&
      file.lastModified === upload.modifiedAt);
  if (!same) {
    change(key, { fault: new OtherFileFault() });
    return;
  }
  change(key, { state: 'sending', fault: undefined, file: file ?? upload.file });
  void send(key);
}

export function cancelUpload(key: string): void {
  stop(key);
  uploads = uploads.filter((each) => each.key !== key);
  tell();
}

/** What is under way ends by itself; whoever goes on meanwhile need not wait for that. */
function stop(key: string): void {
  running.get(key)?.abort();
  running.delete(key);
}

/** The file chosen to go on with is not the one that was begun. */
export class OtherFileFault extends ProblemError {
  constructor() {
    super({ type: 'about:blank', title: 'other file', status: 0, code: 'other_file' });
  }
}

async function send(key: string): Promise<void> {
  const upload = find(key);
  if (upload?.file === undefined || running.has(key)) return;
  const own = new AbortController();
  running.set(key, own);
  try {
    const fileId = await sendAll(upload, upload.file, own.signal);
    await finish(upload.purpose, fileId, upload.name);
    change(key, { state: 'complete', fileId });
  } catch (fault) {
    if (!own.signal.aborted) change(key, { state: 'failed', fault });
  } finally {
    if (running.get(key) === own) running.delete(key);
  }
}

async function sendAll(upload: Upload, file: File, signal: AbortSignal): Promise<string> {
  let stored =
    upload.id === undefined
      ? await api.files.createUpload({
          body: {
            name: file.name,
            sizeBytes: file.size,
            ...(file.type === '' ? {} : { mediaType: file.type }),
          },
          signal,
        })
      : await api.files.upload({ params: { id: upload.id }, signal });
  change(upload.key, { id: stored.id, offsetBytes: stored.offsetBytes });
  for (let attempt = 0; stored.state === 'open';) {
    const offset = stored.offsetBytes;
    try {
      const bytes = await file.slice(offset, offset + CHUNK_BYTES).arrayBuffer();
      stored = await api.files.append({
        params: { id: stored.id },
        query: { offset, ...(await hashOf(bytes)) },
        bytes: new Uint8Array(bytes),
        signal,
      });
      attempt = 0;
    } catch (fault) {
      attempt += 1;
      if (signal.aborted || attempt >= ATTEMPTS_MAX || isFinal(fault)) throw fault;
      await pauseFor(WAIT_FIRST_MS * 2 ** attempt, signal);
      // How far it came only the server knows: part of the last piece may have arrived.
      stored = await api.files.upload({ params: { id: stored.id }, signal });
    }
    change(upload.key, { offsetBytes: stored.offsetBytes });
  }
  if (stored.fileId === null) throw new TypeError('a complete upload has a file');
  return stored.fileId;
}

/** Both ends hash each piece; pages that are not from a safe place have no cryptography. */
async function hashOf(bytes: ArrayBuffer): Promise<{ readonly sha256?: string }> {
  if (globalThis.crypto.subtle === undefined) return {};
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
  return { sha256: Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('') };
}

function isFinal(fault: unknown): boolean {
  if (!(fault instanceof ProblemError)) return false;
  return fault.problem.status < 500 && fault.problem.code !== 'conflict';
}

function pauseFor(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, milliseconds);
    signal.addEventListener('abort', () => {
      clearTimeout(timer);
      reject(signal.reason as Error);
    });
  });
}

async function finish(purpose: UploadPurpose, fileId: string, name: string): Promise<void> {
  if (purpose.kind === 'arrival') {
    const { arrivalId, path, modifiedAt } = purpose;
    await api.arrivals.add({
      params: { id: arrivalId },
      body: { files: [{ path, fileId, modifiedAt }] },
    });
    await forget('arrivals');
  }
  if (purpose.kind !== 'ingest') return;
  const { filmId, soundFileId, sequenceFrameRate } = purpose;
  await api.production.ingest({
    body: {
      filmId,
      fileId,
      title: name.replace(/\.[^.]+$/, ''),
      ...(soundFileId === undefined ? {} : { soundFileId }),
      ...(sequenceFrameRate === undefined ? {} : { sequenceFrameRate }),
    },
  });
}

function find(key: string): Upload | undefined {
  return uploads.find((each) => each.key === key);
}

function put(upload: Upload): void {
  uploads = [...uploads, upload];
  tell();
}

function change(key: string, changes: Partial<Upload>): void {
  uploads = uploads.map((each) => (each.key === key ? { ...each, ...changes } : each));
  tell();
}

function tell(): void {
  const unfinished = uploads.filter((each) => each.id !== undefined && each.state !== 'complete');
  localStorage.setItem(
    STORE,
    JSON.stringify(unfinished.map(({ file: _file, fault: _fault, ...rest }) => rest)),
  );
  for (const listener of listeners) listener();
}

function recall(): readonly Upload[] {
  try {
    const stored: unknown = JSON.parse(localStorage.getItem(STORE) ?? '[]');
    if (!Array.isArray(stored)) return [];
    return (stored as Upload[]).map((each) => ({
      ...each,
      state: 'paused',
      file: undefined,
      fault: undefined,
    }));
  } catch {
    return [];
  }
}
