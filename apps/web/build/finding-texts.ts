import { existsSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Plugin, runnerImport } from 'vite';

type Words = { readonly zh: string; readonly en: string };
type Entry = Words & { readonly remedy?: Words };
type Catalogue = Readonly<Record<string, Entry>>;

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '../../..');
const PREFIX = 'virtual:finding-texts/';
const LANGUAGES = { 'zh-CN': 'zh', en: 'en' } as const;

/**
 * The wording of findings stands beside the rules that make them, in each workspace's `codes.ts`.
 * The web may not import those workspaces, so their catalogues are read while building and offered
 * as `virtual:finding-texts/zh-CN` and `…/en`: one language is all that a reader downloads.
 */
export function findingTexts(): Plugin {
  let loading: Promise<Catalogue> | undefined;
  return {
    name: 'yinglian-finding-texts',
    resolveId: (source) => (source.startsWith(PREFIX) ? `\0${source}` : undefined),
    async load(id) {
      if (!id.startsWith(`\0${PREFIX}`)) return undefined;
      const language = id.slice(PREFIX.length + 1) as keyof typeof LANGUAGES;
      for (const file of catalogueFiles()) this.addWatchFile(file);
      loading ??= loadCatalogues((message) => this.warn(message));
      const key = LANGUAGES[language];
      const texts = Object.entries(await loading).map(([code, entry]) => [
        code,
        entry.remedy === undefined ? [entry[key]] : [entry[key], entry.remedy[key]],
      ]);
      return `export default ${JSON.stringify(Object.fromEntries(texts))};`;
    },
  };
}

function catalogueFiles(): string[] {
  return ['packages', 'apps'].flatMap((folder) =>
    readdirSync(join(ROOT, folder)).flatMap((workspace) =>
      filesNamed('codes.ts', join(ROOT, folder, workspace, 'src')),
    ),
  );
}

function filesNamed(name: string, folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    if (entry.isDirectory()) return filesNamed(name, join(folder, entry.name));
    return entry.name === name ? [join(folder, entry.name)] : [];
  });
}

/** A catalogue that cannot be read is named and left out: its codes are then shown as they are. */
async function loadCatalogues(warn: (message: string) => void): Promise<Catalogue> {
  const all: Record<string, Entry> = {};
  for (const file of catalogueFiles()) {
    try {
      const { module } = await runnerImport<{ FINDING_TEXTS?: Catalogue }>(file, {
        configFile: false,
        logLevel: 'silent',
        resolve: { conditions: ['source', 'module', 'node', 'development|production'] },
      });
      Object.assign(all, module.FINDING_TEXTS ?? {});
    } catch (fault) {
      warn(`${file}: ${fault instanceof Error ? fault.message : String(fault)}`);
    }
  }
  return all;
}
