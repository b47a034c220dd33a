import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { findCircles, floorFaults, type Workspace } from './discipline/floors.ts';
import {
  allSources,
  describeSource,
  type Fault,
  faultsText,
  filesBelow,
  readText,
  ROOT,
} from './discipline/sources.ts';

type Manifest = { readonly name: string } & {
  readonly [field in 'dependencies' | 'devDependencies' | 'optionalDependencies']?: Readonly<
    Record<string, string>
  >;
};

function readWorkspaces(): Workspace[] {
  const manifests = ['packages', 'apps']
    .flatMap((floor) => filesBelow(floor))
    .filter((path) => /^[^/]+\/[^/]+\/package\.json$/.test(path));
  return manifests.map((path) => {
    const { name, dependencies, devDependencies, optionalDependencies } = JSON.parse(
      readText(path),
    ) as Manifest;
    // A browser app is bundled, so what it builds with counts as what it uses.
    const built = path === 'apps/web/package.json' ? devDependencies : {};
    const all = { ...dependencies, ...optionalDependencies, ...built };
    return { folder: path.split('/', 2).join('/'), name, dependencies: Object.keys(all) };
  });
}

const CORE: Workspace = { folder: 'packages/core', name: '@yinglian/core', dependencies: [] };
const KDM: Workspace = {
  folder: 'packages/kdm',
  name: '@yinglian/kdm',
  dependencies: ['@yinglian/core'],
};
const CONTRACT: Workspace = {
  folder: 'apps/contract',
  name: '@yinglian/contract',
  dependencies: ['@yinglian/core', 'zod'],
};
const SERVER: Workspace = {
  folder: 'apps/server',
  name: '@yinglian/server',
  dependencies: ['@yinglian/core', '@yinglian/contract', 'hono'],
};
const WEB: Workspace = {
  folder: 'apps/web',
  name: '@yinglian/web',
  dependencies: ['@yinglian/contract', 'react'],
};
const HOUSE = [CORE, KDM, CONTRACT, SERVER, WEB];

function faultsOf(files: Readonly<Record<string, string>>, workspaces = HOUSE): Fault[] {
  const sources = Object.entries(files).map(([path, text]) => describeSource(path, text));
  return floorFaults(sources, workspaces);
}

describe('the floors of this repository', () => {
  const sources = allSources();
  const workspaces = readWorkspaces();

  it('sees the house it judges', () => {
    expect(workspaces.length).toBeGreaterThanOrEqual(15);
    expect(sources.length).toBeGreaterThan(100);
    const imports = sources.flatMap((source) => source.imports);
    expect(imports.length).toBeGreaterThan(sources.length);
  });

  it('every relative import names a file that exists', () => {
    const faults = sources.flatMap((source) =>
      source.imports
        .filter(({ specifier }) => specifier.startsWith('.') && !isBuilt(specifier))
        .filter(({ specifier }) => !existsSync(join(ROOT, source.path, '..', specifier)))
        .map(({ specifier, line }) => ({
          rule: 'missing file',
          at: `${source.path}:${line}`,
          what: specifier,
        })),
    );
    expect(faultsText(faults)).toBe('');
  });

  it('has no upward arrow, no circle, and pure packages', () => {
    expect(faultsText(floorFaults(sources, workspaces))).toBe('');
  });
});

/** Files that a build makes, absent in a fresh checkout. */
function isBuilt(specifier: string): boolean {
  return /\/(?:dist|generated)\//.test(specifier);
}

describe('the floors test can fail', () => {
  it('accepts a sound house', () => {
    const faults = faultsOf({
      'packages/core/src/a.ts': "import { b } from './b.ts';\nexport const a = b;",
      'packages/core/src/b.ts':
        'export const b = (process: number) => new Date(process).getTime();',
      'packages/kdm/src/a.ts': "import { a } from '@yinglian/core';\nexport const c = a;",
      'apps/server/src/main.ts': "import './production/service.ts';\nimport 'node:fs';",
      'apps/server/src/production/service.ts':
        "import '../kernel/x.ts';\nimport '../film/y.ts';\nimport '../settlement/face.ts';",
      'apps/web/src/main.tsx': "import 'react';\nimport '@yinglian/contract';",
    });
    expect(faultsText(faults)).toBe('');
  });

  it.each([
    ['packages/core/src/a.ts', "import 'node:fs';", 'a package is pure: node:fs'],
    ['packages/core/src/a.ts', "import 'fs/promises';", 'a package is pure: fs/promises'],
    ['packages/core/src/a.ts', "import type { X } from 'node:stream';", 'a package is pure'],
    ['packages/core/src/a.ts', "export * from '@yinglian/kdm';", '@yinglian/kdm is not in'],
    ['packages/core/src/a.ts', "const x = await import('zod');", 'zod is not in'],
    ['packages/core/src/a.ts', "type X = import('zod').Z;", 'zod is not in'],
    ['packages/core/src/a.ts', "import '../../kdm/src/index.ts';", 'leaves packages/core'],
    ['packages/core/src/a.ts', "import '@yinglian/core';", 'imports itself'],
    ['packages/lost/src/a.ts', 'export {};', 'packages/lost has no package.json'],
    ['apps/web/src/a.tsx', "import '@yinglian/server';", '@yinglian/server is not in'],
    ['apps/web/src/a.tsx', "import '../../server/src/x.ts';", 'leaves apps/web'],
    ['apps/web/src/a.tsx', "import 'node:path';", 'runs in a browser'],
    ['apps/web/src/kernel/a.tsx', "import '../film/page.tsx';", 'kernel knows no hall'],
    ['apps/contract/src/a.ts', "import 'node:path';", 'runs in a browser'],
    ['apps/server/src/kernel/a.ts', "import '../film/x.ts';", 'kernel knows no hall'],
    ['apps/server/src/kernel/a.ts', "import '../main.ts';", 'kernel knows no hall'],
    ['apps/server/src/film/a.ts', "import '../main.ts';", 'above the halls'],
    ['apps/server/src/film/a.ts', "import '../settlement/service.ts';", 'reaches into another'],
    [
      'apps/server/src/production/a.ts',
      "import '../settlement/x/face.ts';",
      'reaches into another',
    ],
  ])('%s with %s', (path, text, expected) => {
    expect(faultsText(faultsOf({ [path]: text }))).toContain(expected);
  });

  it.each([
    ['Date.now()', 'Date.now()'],
    ['new Date()', 'reads the clock'],
    ['Date()', 'Date()'],
    ['Math.random()', 'Math.random()'],
    ['process.env', 'process'],
    ['Buffer.from([])', 'Buffer'],
    ['fetch("x")', 'fetch'],
    ['setTimeout(() => 1, 2)', 'setTimeout'],
    ['globalThis.process', 'globalThis'],
    ['crypto.getRandomValues(x)', 'crypto'],
  ])('a package with %s is not pure', (text, expected) => {
    const [fault] = faultsOf({ 'packages/core/src/a.ts': `const x = 1;\n${text};` });
    expect(fault).toMatchObject({ rule: 'impure package', at: 'packages/core/src/a.ts:2' });
    expect(fault!.what).toContain(expected);
  });

  it('a name borrowed from the host by `declare` is still seen', () => {
    const text = 'declare const process: { env: object };\nexport const e = process.env;';
    expect(faultsText(faultsOf({ 'packages/core/src/a.ts': text }))).toContain('process');
  });

  it('members and parameters with such names are no faults', () => {
    const text = `
      export const read = ({ fetch }: { fetch: () => number }) => fetch();
      export type Port = { process(): number; Buffer: string };
      export const use = (port: Port) => port.process();
      export const at = (ms: number) => new Date(ms);`;
    expect(faultsText(faultsOf({ 'packages/core/src/a.ts': text }))).toBe('');
  });

  it('reports a circle of files', () => {
    const faults = faultsOf({
      'packages/core/src/a.ts': "import './b.ts';",
      'packages/core/src/b.ts': "import type { C } from './c.ts';",
      'packages/core/src/c.ts': "export * from './a.ts';",
    });
    expect(faults.map((each) => each.what)).toEqual([
      'packages/core/src/a.ts → packages/core/src/b.ts → packages/core/src/c.ts' +
        ' → packages/core/src/a.ts',
    ]);
    expect(findCircles(new Map([['a', ['a']]]))).toEqual([['a', 'a']]);
  });

  it('reports upward and circular manifests', () => {
    const upward = { ...KDM, dependencies: ['@yinglian/contract'] };
    const knows = faultsText(faultsOf({}, [upward, CONTRACT]));
    expect(knows).toContain('a package knows no app: @yinglian/contract');
    const circular = { ...CORE, dependencies: ['@yinglian/kdm'] };
    const circle = faultsText(faultsOf({}, [circular, KDM]));
    expect(circle).toContain('@yinglian/core → @yinglian/kdm → @yinglian/core');
    const web = { ...WEB, dependencies: ['@yinglian/server'] };
    expect(faultsText(faultsOf({}, [web, SERVER]))).toContain('apps/web may not know');
  });
});
