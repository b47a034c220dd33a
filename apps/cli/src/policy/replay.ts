import { createHash } from 'node:crypto';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { type Finding, finding } from '@yinglian/core';
import { nodeCryptography } from '@yinglian/host';
import { BUNDLE_SCHEMA, type Receipt, replayBundle, replayReceipt } from '@yinglian/policy';
import { taken } from '../distribution/given.ts';
import type { Environment } from '../kernel/environment.ts';
import { expectFolder, readJsonGiven } from '../kernel/files.ts';
import { exitFor, sayFindings } from '../kernel/findings.ts';
import type { Terminal } from '../kernel/terminal.ts';
import { ALL_TEXTS } from '../kernel/texts.ts';

export type ReplayFlags = { readonly evidence?: string };

/** What a bundle of a decision holds, as far as an auditor computes it again. */
type Bundle = {
  /** Since records are sealed: everything in it is computed, not the receipts alone. */
  readonly whole: boolean;
  readonly receipts: readonly unknown[];
  readonly evidence: readonly { readonly name: string; readonly digest: string }[];
};

/** Computes a receipt again, or every receipt of the bundle of a decision. */
export async function replay(
  environment: Environment,
  path: string,
  { evidence }: ReplayFlags,
): Promise<void> {
  const terminal = environment.terminal();
  const document = taken(terminal, await readJsonGiven(path));
  const bundle = bundleOf(document);
  const again = computed(bundle?.whole === true, document, bundle?.receipts ?? [document]);
  const findings: Finding[] = [...again.findings];
  if (bundle?.whole === true && again.ok) {
    terminal.say(terminal.words('步骤、分配和金额相符', 'steps, divisions and grant agree'));
  }
  const shown = again.receipts.map(({ stage, digest }) => ({ stage, digest }));
  for (const { stage, digest } of shown) {
    terminal.say(
      `${terminal.words('凭据有效，重算结果相同', 'valid: the same result')}  ${stage}  ${digest}`,
    );
  }
  if (bundle !== undefined && bundle.receipts.length === 0) {
    findings.push(finding('missing_receipt', 'warning', { at: { file: path } }));
  }
  if (evidence !== undefined) {
    findings.push(...(await compareEvidence(terminal, bundle?.evidence ?? [], evidence)));
  }
  const valid = findings.every(({ severity }) => severity !== 'error');
  terminal.answer({ valid, receipts: shown, findings });
  sayFindings(terminal, findings, ALL_TEXTS);
  environment.exit(exitFor(findings));
}

/** Each receipt once: a whole record computes its own, and those of its divisions. */
function computed(
  whole: boolean,
  document: unknown,
  receipts: readonly unknown[],
): { ok: boolean; receipts: readonly Receipt[]; findings: readonly Finding[] } {
  if (whole) {
    const replayed = replayBundle(nodeCryptography, document);
    const { ok, findings } = replayed;
    return { ok, receipts: replayed.ok ? replayed.value.receipts : [], findings };
  }
  const each = receipts.map((one) => replayReceipt(nodeCryptography, JSON.stringify(one)));
  return {
    ok: each.every(({ ok }) => ok),
    receipts: each.flatMap((one) => (one.ok ? one.value.receipt : [])),
    findings: each.flatMap(({ findings }) => findings),
  };
}

function bundleOf(document: unknown): Bundle | undefined {
  const held = document as {
    readonly schema?: unknown;
    readonly receipts?: unknown;
    readonly evidence?: unknown;
  } | null;
  const whole = held?.schema === BUNDLE_SCHEMA;
  if (held === null || (!whole && held.schema !== 'yinglian.policy.bundle/1')) return undefined;
  const evidence = Array.isArray(held.evidence) ? (held.evidence as unknown[]) : [];
  return {
    whole,
    receipts: Array.isArray(held.receipts) ? (held.receipts as unknown[]) : [],
    evidence: evidence.flatMap((each) => {
      const { name, digest } = (each ?? {}) as { name?: unknown; digest?: unknown };
      return typeof name === 'string' && typeof digest === 'string' ? [{ name, digest }] : [];
    }),
  };
}

/** Whether every document of the bundle lies in the folder, whatever its name has become. */
async function compareEvidence(
  terminal: Terminal,
  evidence: Bundle['evidence'],
  folder: string,
): Promise<Finding[]> {
  await expectFolder(folder);
  const here = new Set<string>();
  for (const name of await readdir(folder)) {
    const path = join(folder, name);
    if (!(await stat(path)).isFile()) continue;
    here.add(
      `sha256:${createHash('sha256')
        .update(await readFile(path))
        .digest('hex')}`,
    );
  }
  const missing = evidence.filter(({ digest }) => !here.has(digest));
  const found = evidence.length - missing.length;
  terminal.say(`${terminal.words('证明材料', 'documents')}  ${found} / ${evidence.length}`);
  return missing.map(({ name, digest }) =>
    finding('missing_evidence_file', 'error', { facts: { name, digest }, at: { file: folder } }),
  );
}
