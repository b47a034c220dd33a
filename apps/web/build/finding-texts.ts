import { existsSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { FindingText, FindingTexts } from '@yinglian/core';
import { type Plugin, runnerImport } from 'vite';

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '../../..');
const PREFIX = 'virtual:finding-texts/';
const LANGUAGES = { 'zh-CN': 'zh', en: 'en' } as const;

/**
 * The wording of findings stands beside the rules that make them, in each workspace's `codes.ts`.
 * The web may not import those workspaces, so their catalogues are read while building and offered
 * as `virtual:finding-texts/zh-CN` and `…/en`: one language is all that a reader downloads. A code
 * that several of them word has all its wordings; its facts tell which one is meant.
 */
export function findingTexts(): Plugin {
  let loading: Promise<FindingTexts> | undefined;
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
        [entry, ...(entry.others ?? [])].map((each) => inLanguage(each, key)),
      ]);
      return `export default ${JSON.stringify(Object.fromEntries(texts))};`;
    },
  };
}

function inLanguage(text: FindingText, key: 'zh' | 'en'): string[] {
  return text.remedy === undefined ? [text[key]] : [text[key], text.remedy[key]];
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
async function loadCatalogues(warn: (message: string) => void): Promise<FindingTexts> {
  const all: FindingTexts[] = [];
  for (const file of catalogueFiles()) {
    try {
      const module = await sourceModule<{ FINDING_TEXTS?: FindingTexts }>(file);
      all.push(module.FINDING_TEXTS ?? {});
    } catch (fault) {
      warn(`${file}: ${fault instanceof Error ? fault.message : String(fault)}`);
    }
  }
  const core = join(ROOT, 'packages/core/src/render.ts');
  const { joinTexts } = await sourceModule<typeof import('@yinglian/core')>(core);
  return joinTexts(...all);
}

/** A module from its source, so that a build needs no compiler run before it. */
async function sourceModule<T>(file: string): Promise<T> {
  const { module } = await runnerImport<T>(file, {
    configFile: false,
    logLevel: 'silent',
    resolve: { conditions: ['source', 'module', 'node', 'development|production'] },
  });
  return module;
}
