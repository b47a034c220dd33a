import { type Certificate } from '@yinglian/certificates';
import { type Finding, parseUuid, type PrivateKeyBytes, type Uuid } from '@yinglian/core';
import { nodeCryptography } from '@yinglian/host';
import { type ContentKey, openKdm } from '@yinglian/kdm';
import { CommandFault, EXIT } from '../kernel/exit-codes.ts';
import { readGiven } from '../kernel/files.ts';
import { inFile } from '../kernel/findings.ts';
import type { Terminal } from '../kernel/terminal.ts';
import { givenComposition } from './composition.ts';
import { givenPrivateKey, readKeyFile, taken, TOLERANT } from './given.ts';

/** Where content keys come from, and for which composition. */
export type ContentOptions = {
  readonly keys?: readonly string[];
  readonly dkdm?: readonly string[];
  readonly dkdmKey?: string;
  readonly cpl?: string;
};

/** What messages are made for. */
export type Content = {
  readonly cplId: Uuid;
  readonly title: string;
  readonly standard: 'smpte' | 'interop';
  readonly keys: readonly ContentKey[];
  readonly cplKeyIds?: readonly Uuid[];
  /** Chain of the CPL's signer, where the composition is given and signed. */
  readonly cplSigner?: readonly Certificate[];
  /** Warnings of the messages that the keys came from, such as a window that is over. */
  readonly findings: readonly Finding[];
};

type Held = Pick<Content, 'cplId' | 'title' | 'standard' | 'keys' | 'findings'> & {
  /** The compositions that its keys are for. */
  readonly cplIds: readonly Uuid[];
};

/**
 * Keys from key files and from messages made out to us, for the composition that is given or the
 * one that all of them name. A version plays files of its original: keys of both may be given, and
 * then the composition says which of them it needs.
 */
export async function givenContent(terminal: Terminal, options: ContentOptions): Promise<Content> {
  const { cpl } = options;
  const composition = cpl === undefined ? undefined : await givenComposition(terminal, cpl);
  const held: Held[] = [];
  for (const path of options.keys ?? []) held.push(await heldInFile(path, cpl !== undefined));
  if (options.dkdm !== undefined) {
    if (options.dkdmKey === undefined) throw new CommandFault('--dkdm --dkdm-key', EXIT.misused);
    const privateKey = await givenPrivateKey(options.dkdmKey);
    for (const path of options.dkdm) held.push(await heldInMessage(terminal, path, privateKey));
  }
  const first = held[0];
  if (first === undefined)
    throw new CommandFault('--keys, or --dkdm with --dkdm-key', EXIT.misused);
  const byId = new Map(held.flatMap(({ keys }) => keys.map((each) => [each.keyId, each] as const)));
  const findings = held.flatMap((each) => each.findings);
  const ids = new Set(held.flatMap(({ cplIds }) => cplIds));
  if (composition === undefined) {
    if (ids.size > 1) throw new CommandFault(`--cpl: ${[...ids].join(' ')}`, EXIT.misused);
    const { cplIds: _, ...only } = first;
    return { ...only, keys: [...byId.values()], findings };
  }
  const cplKeyIds = composition.keys.map(({ keyId }) => keyId);
  const own = ids.size === 1 && ids.has(composition.id);
  const foreign = held.filter(({ cplIds }) => !cplIds.includes(composition.id));
  if (foreign.length > 0) {
    tellVersion(terminal, composition.id, [...new Set(foreign.flatMap(({ cplIds }) => cplIds))]);
  }
  // Keys of other compositions may be for files that this one replaces; its own are all for it.
  const keys = [...byId.values()].filter(({ keyId }) => own || cplKeyIds.includes(keyId));
  const { id: cplId, title, standard, signer } = composition;
  const cplSigner = signer.length === 0 ? {} : { cplSigner: signer };
  return { cplId, title, standard, keys, cplKeyIds, ...cplSigner, findings };
}

/** That keys of one composition are used for another is meant for versions, and said. */
function tellVersion(terminal: Terminal, cplId: Uuid, ids: readonly Uuid[]): void {
  const others = ids.join(' ');
  terminal.remark(
    terminal.words(
      `密钥来自另一个播放列表 ${others}，用于 ${cplId}`,
      `the keys are of another composition, ${others}; they are used for ${cplId}`,
    ),
  );
}

async function heldInFile(path: string, named: boolean): Promise<Held> {
  const file = await readKeyFile(path);
  const id = parseUuid(file.compositionId);
  if (!id.ok) throw new CommandFault(`${path}: compositionId`, EXIT.misused);
  const several = file.compositions ?? [];
  if (several.length > 1 && !named) {
    const choice = several.map((each) => `${each.id} ${each.title}`).join('\n');
    throw new CommandFault(`${path}: --cpl\n${choice}`, EXIT.misused);
  }
  const { title, standard, contentKeys: keys } = file;
  const cplIds = several.length > 0 ? several.map((each) => each.id) : [id.value];
  return { cplId: id.value, cplIds, title, standard, keys, findings: [] };
}

async function heldInMessage(
  terminal: Terminal,
  path: string,
  privateKey: PrivateKeyBytes,
): Promise<Held> {
  const options = { ...TOLERANT, at: Date.now() };
  const outcome = openKdm(await readGiven(path), privateKey, options, nodeCryptography);
  const { kdm, keys, blockForm } = taken(terminal, outcome, path);
  return {
    cplId: kdm.cplId!,
    cplIds: [kdm.cplId!],
    title: kdm.contentTitle ?? '',
    standard: blockForm ?? 'smpte',
    keys,
    findings: inFile(path, outcome.findings),
  };
}
