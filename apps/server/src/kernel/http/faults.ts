import { type Facts, finding } from '@yinglian/core';
import { Refusal } from '../refusal.ts';

/** What a hall says when a unique index of its own refuses a row: the index's name → the code. */
export type Duplicates = { readonly [index: string]: string };

/** Errors of PostgreSQL (SQLSTATE) and of the system that mean: no database now, ask again. */
const DATABASE_GONE = new Set([
  // Connection exceptions, shutdown by an operator, crash, start-up, too many connections.
  '08000',
  '08001',
  '08003',
  '08004',
  '08006',
  '57P01',
  '57P02',
  '57P03',
  '57P05',
  '53300',
]);
const CONNECTION_BROKEN = new Set(['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'ENOTCONN']);
/** What the driver says in words alone. */
const GONE_WORDS = new RegExp(
  [
    'Connection terminated',
    'timeout exceeded when trying to connect',
    'not queryable',
    'Connection ended unexpectedly',
    'Client was closed',
  ].join('|'),
);
/** Two transactions in each other's way: one of them is asked to come again. */
const IN_THE_WAY = new Set(['40001', '40P01', '55P03']);
const UNIQUE_VIOLATION = '23505';
const FOREIGN_KEY_VIOLATION = '23503';
/** A library may wrap what the driver threw, and wrap that again. */
const CAUSES_MAX = 5;

type Fault = {
  readonly code?: unknown;
  readonly syscall?: unknown;
  readonly message?: unknown;
  readonly constraint?: unknown;
  readonly detail?: unknown;
  readonly cause?: unknown;
};

/** What was thrown, as one of the contract's refusals; undefined when it is a fault of ours. */
export function refusalOf(thrown: unknown, duplicates: Duplicates = {}): Refusal | undefined {
  let fault = thrown;
  for (let depth = 0; depth < CAUSES_MAX && isObject(fault); depth++) {
    if (fault instanceof Refusal) return fault;
    const refusal = refusalOfFault(fault, duplicates);
    if (refusal !== undefined) return refusal;
    fault = fault.cause;
  }
  return undefined;
}

function isObject(value: unknown): value is Fault {
  return typeof value === 'object' && value !== null;
}

function refusalOfFault(fault: Fault, duplicates: Duplicates): Refusal | undefined {
  const code = typeof fault.code === 'string' ? fault.code : '';
  const message = typeof fault.message === 'string' ? fault.message : '';
  // SQLSTATE 53100 is disk_full.
  if (code === 'ENOSPC' || code === 'EDQUOT' || code === '53100') {
    return refusal('unavailable', 'insufficient_space');
  }
  const connecting = fault.syscall === 'connect' && code === 'ENOENT';
  if (
    connecting ||
    DATABASE_GONE.has(code) ||
    CONNECTION_BROKEN.has(code) ||
    GONE_WORDS.test(message)
  ) {
    return refusal('unavailable', 'unreachable_database');
  }
  if (IN_THE_WAY.has(code)) return refusal('unavailable', 'busy_records');
  if (code === UNIQUE_VIOLATION) {
    const known = typeof fault.constraint === 'string' ? duplicates[fault.constraint] : undefined;
    return refusal('conflict', known ?? 'duplicate_record', { text: valueOf(fault.detail) });
  }
  if (code === FOREIGN_KEY_VIOLATION) return refusal('conflict', 'missing_reference');
  return undefined;
}

function refusal(
  code: ConstructorParameters<typeof Refusal>[0],
  found: string,
  facts: Facts = {},
): Refusal {
  return new Refusal(code, { findings: [finding(found, 'error', { facts })] });
}

/** `Key (owner_id, eidr)=(…, 10.5240/…) already exists.` → the last of the values. */
function valueOf(detail: unknown): string {
  const match = typeof detail === 'string' ? /\)=\((.*)\) already exists/s.exec(detail) : null;
  return match?.[1]?.split(', ').at(-1) ?? '';
}
