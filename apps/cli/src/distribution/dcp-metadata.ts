import type { Command } from 'commander';
import { type MetadataPlan, type PackagePlan, VERSION_STATES } from '@yinglian/dcp';
import { CommandFault, EXIT } from '../kernel/exit-codes.ts';

/** What a composition says of itself beside its essence (ST 429-16, ST 429-7 ratings). */
export type MetadataChoice = {
  readonly fullTitle?: string;
  readonly territory?: string;
  readonly versionNumber?: string;
  readonly versionStatus?: string;
  readonly chain?: string;
  readonly distributor?: string;
  readonly facility?: string;
  readonly luminance?: string;
  readonly rating?: readonly string[];
};

/** The options of {@link MetadataChoice}: what they say stands in the composition alone. */
export const METADATA_OPTIONS = [
  'fullTitle',
  'territory',
  'versionNumber',
  'versionStatus',
  'chain',
  'distributor',
  'facility',
  'luminance',
  'rating',
] as const satisfies readonly (keyof MetadataChoice)[];

/** Adds the options of {@link MetadataChoice}. */
export function withMetadata(command: Command): Command {
  return command
    .option('--full-title <text>', 'FullContentTitleText')
    .option('--territory <code>', 'ReleaseTerritory: CN, 001')
    .option('--version-number <number>', 'VersionNumber; 1 unless told')
    .option('--version-status <status>', VERSION_STATES.join(', '))
    .option('--chain <text>', 'Chain, the exhibition circuit it is for')
    .option('--distributor <text>', 'Distributor')
    .option('--facility <text>', 'Facility that made it')
    .option('--luminance <value>', '14fl or 48cd')
    .option('--rating <agency=label...>', 'ratings, the agency by its URI');
}

const LUMINANCE_UNITS: Readonly<Record<string, string>> = {
  fl: 'foot-lambert',
  cd: 'candela-per-square-metre',
};

type Described = Pick<PackagePlan, 'ratings'> & { readonly metadata: MetadataPlan };

/** The choice as plans have it; whatever cannot be meant is refused by its option. */
export function metadataOf(choice: MetadataChoice): Described {
  const { fullTitle, territory, chain, distributor, facility } = choice;
  const [version, luminance] = [versionOf(choice), luminanceOf(choice)];
  const metadata: MetadataPlan = {
    ...(fullTitle === undefined ? {} : { fullTitle }),
    ...(territory === undefined ? {} : { releaseTerritory: { value: territory } }),
    ...(version === undefined ? {} : { version }),
    ...(chain === undefined ? {} : { chain }),
    ...(distributor === undefined ? {} : { distributor }),
    ...(facility === undefined ? {} : { facility }),
    ...(luminance === undefined ? {} : { luminance }),
  };
  if (choice.rating === undefined) return { metadata };
  const ratings = choice.rating.map((text) => {
    const at = text.lastIndexOf('=');
    if (at < 1 || at === text.length - 1) throw new CommandFault(`--rating ${text}`, EXIT.misused);
    return { agency: text.slice(0, at), label: text.slice(at + 1) };
  });
  return { metadata, ratings };
}

function versionOf({ versionNumber, versionStatus: status }: MetadataChoice) {
  if (versionNumber === undefined && status === undefined) return undefined;
  const number = Number(versionNumber ?? 1);
  if (!Number.isInteger(number) || number < 1) {
    throw new CommandFault(`--version-number ${versionNumber}`, EXIT.misused);
  }
  if (status === undefined) return { number };
  if (VERSION_STATES.includes(status)) return { number, status };
  throw new CommandFault(`--version-status ${VERSION_STATES.join(' | ')}`, EXIT.misused);
}

function luminanceOf({ luminance }: MetadataChoice) {
  if (luminance === undefined) return undefined;
  const match = /^(\d+(?:\.\d+)?)(fl|cd)$/.exec(luminance);
  if (match === null) throw new CommandFault('--luminance 14fl | 48cd', EXIT.misused);
  return { value: match[1]!, units: LUMINANCE_UNITS[match[2]!]! };
}
