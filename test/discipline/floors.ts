import { builtinModules } from 'node:module';
import { type Fault, resolveImport, type Source } from './sources.ts';

/** What a workspace says of itself in its package.json. */
export type Workspace = {
  /** `packages/core`, `apps/web`. */
  readonly folder: string;
  /** `@yinglian/core`. */
  readonly name: string;
  readonly dependencies: readonly string[];
};

const BUILTINS = new Set(builtinModules);

/** What works on a machine: its ports, its media, its copies. */
const MACHINES = ['@yinglian/host', '@yinglian/media', '@yinglian/transfer'] as const;

/**
 * Which workspaces an app may use; packages besides. Arrows point down: the web and the command
 * line know the contract, nobody knows the server. `packages` stands for all of them.
 */
const APP_ARROWS: Readonly<Record<string, readonly string[]>> = {
  contract: ['@yinglian/core'],
  host: ['@yinglian/core'],
  media: ['@yinglian/core', '@yinglian/host', '@yinglian/dcp', '@yinglian/jpeg2000'],
  transfer: [
    '@yinglian/core',
    '@yinglian/dcp',
    '@yinglian/host',
    '@yinglian/mhl',
    '@yinglian/offload',
  ],
  server: ['packages', '@yinglian/contract', ...MACHINES],
  cli: ['packages', '@yinglian/contract', ...MACHINES],
  web: ['packages', '@yinglian/contract'],
};
/** Apps that run in a browser too, where there is no Node. */
const BROWSER_APPS = new Set(['contract', 'web']);
/** What a hall of the server may use besides its own folder. */
const SERVER_SPINE = new Set(['kernel', 'film']);

/** The faults of all sources below `packages/<name>/src` and `apps/<name>/src`. */
export function floorFaults(sources: readonly Source[], workspaces: readonly Workspace[]): Fault[] {
  const inside = sources.filter((source) => /^(?:packages|apps)\/[^/]+\/src\//.test(source.path));
  return [
    ...inside.flatMap((source) => importFaults(source, workspaces)),
    ...inside.filter(({ path }) => path.startsWith('packages/')).flatMap(purityFaults),
    ...workspaceFaults(workspaces),
    ...circleFaults(inside),
  ];
}

function importFaults(source: Source, workspaces: readonly Workspace[]): Fault[] {
  const folder = source.path.split('/', 2).join('/');
  const own = workspaces.find((each) => each.folder === folder);
  if (own === undefined) {
    return [{ rule: 'unknown workspace', at: source.path, what: `${folder} has no package.json` }];
  }
  return source.imports.flatMap(({ specifier, line }) => {
    const reason = specifier.startsWith('.')
      ? relativeReason(source.path, specifier, folder)
      : bareReason(specifier, own, workspaces);
    const at = `${source.path}:${line}`;
    return reason === undefined ? [] : [{ rule: 'upward or foreign import', at, what: reason }];
  });
}

function relativeReason(from: string, specifier: string, folder: string): string | undefined {
  const target = resolveImport(from, specifier)!;
  // The manifest of a workspace, its assets and generated files stand beside its sources.
  if (!target.startsWith(`${folder}/`)) return `${specifier} leaves ${folder}`;
  if (folder === 'apps/server') return hallReason(from, target, specifier);
  const [, app, , part] = from.split('/');
  const targetPart = target.split('/')[3];
  if ((app === 'web' || app === 'cli') && part === 'kernel' && isHall(target, targetPart)) {
    return `the kernel knows no hall (${specifier})`;
  }
  return undefined;
}

function isHall(target: string, part: string | undefined): boolean {
  return part !== undefined && part !== 'kernel' && target.split('/').length > 4;
}

function hallReason(from: string, target: string, specifier: string): string | undefined {
  const part = from.split('/')[3]!;
  const targetParts = target.split('/');
  const targetPart = targetParts[3];
  // Files directly in src put the server together: they know everybody.
  const composes = from.split('/').length === 4;
  if (composes || targetParts[2] !== 'src' || targetPart === part) return undefined;
  if (part === 'kernel') return `the kernel knows no hall (${specifier})`;
  if (targetParts.length === 4) return `${specifier} is above the halls`;
  if (SERVER_SPINE.has(targetPart!)) return undefined;
  return targetParts.at(-1) === 'face.ts' && targetParts.length === 5
    ? undefined
    : `${specifier} reaches into another hall; only its face.ts may be used`;
}

function bareReason(
  specifier: string,
  own: Workspace,
  workspaces: readonly Workspace[],
): string | undefined {
  const [kind, app] = own.folder.split('/');
  const builtin = specifier.startsWith('node:') || BUILTINS.has(specifier.split('/')[0]!);
  if (builtin) {
    if (kind === 'packages') return `a package is pure: ${specifier}`;
    return BROWSER_APPS.has(app!) ? `${own.folder} runs in a browser: ${specifier}` : undefined;
  }
  if (specifier.startsWith('virtual:')) return undefined;
  const name = packageName(specifier);
  if (name === own.name) return `a workspace imports itself by relative paths: ${specifier}`;
  if (!own.dependencies.includes(name)) return `${name} is not in ${own.folder}/package.json`;
  return arrowReason(own, name, workspaces);
}

function packageName(specifier: string): string {
  return specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/');
}

function arrowReason(
  own: Workspace,
  name: string,
  workspaces: readonly Workspace[],
): string | undefined {
  const target = workspaces.find((each) => each.name === name);
  if (target === undefined) return undefined;
  const down = target.folder.startsWith('packages/');
  const [kind, app] = own.folder.split('/');
  if (kind === 'packages') return down ? undefined : `a package knows no app: ${name}`;
  const allowed = APP_ARROWS[app!] ?? [];
  if (allowed.includes(name) || (down && allowed.includes('packages'))) return undefined;
  return `${own.folder} may not know ${name}`;
}

/** Names that only a host has: clock, timers, network, environment, randomness. */
const HOST_NAMES = new Set([
  'process',
  'Buffer',
  'fetch',
  'setTimeout',
  'setInterval',
  'setImmediate',
  'queueMicrotask',
  'requestAnimationFrame',
  'performance',
  'globalThis',
  'window',
  'document',
  'navigator',
  'localStorage',
  'XMLHttpRequest',
  'WebSocket',
  'Worker',
  'require',
  '__dirname',
  '__filename',
]);
const IMPURE_CALLS = new Set(['Date.now', 'Math.random', 'crypto.randomUUID', 'Date']);

function purityFaults(source: Source): Fault[] {
  const rule = 'impure package';
  const names = source.freeNames
    .filter(({ name }) => HOST_NAMES.has(name) || (name === 'crypto' && usesCrypto(source)))
    .map(({ name, line }) => ({ rule, at: `${source.path}:${line}`, what: name }));
  const calls = source.calls
    .filter(({ name, made, argumentCount }) =>
      made === 'new' ? name === 'Date' && argumentCount === 0 : IMPURE_CALLS.has(name),
    )
    .map(({ name, made, line }) => ({
      rule,
      at: `${source.path}:${line}`,
      what: made === 'new' ? `new ${name}() reads the clock` : `${name}()`,
    }));
  return [...names, ...calls];
}

function usesCrypto(source: Source): boolean {
  return source.calls.some(({ name }) => name.startsWith('crypto.'));
}

/** The same arrows in the manifests, and no circle between workspaces. */
function workspaceFaults(workspaces: readonly Workspace[]): Fault[] {
  const upward = workspaces.flatMap((own) =>
    own.dependencies.flatMap((name) => {
      const what = arrowReason(own, name, workspaces);
      return what === undefined
        ? []
        : [{ rule: 'upward dependency', at: `${own.folder}/package.json`, what }];
    }),
  );
  const graph = new Map(workspaces.map((each) => [each.name, each.dependencies]));
  const circles = findCircles(graph).map((circle) => ({
    rule: 'circle of workspaces',
    at: circle[0]!,
    what: circle.join(' → '),
  }));
  return [...upward, ...circles];
}

function circleFaults(sources: readonly Source[]): Fault[] {
  const graph = new Map(
    sources.map((source) => {
      const targets = source.imports.map(({ specifier }) => resolveImport(source.path, specifier));
      return [source.path, targets.filter((each) => each !== undefined)] as const;
    }),
  );
  return findCircles(graph).map((circle) => ({
    rule: 'circle of files',
    at: circle[0]!,
    what: circle.join(' → '),
  }));
}

/**
 * One circle for each knot of the graph: the shortest through its first member, first member
 * repeated at the end.
 */
export function findCircles(graph: ReadonlyMap<string, readonly string[]>): string[][] {
  const reported = new Set<string>();
  const circles: string[][] = [];
  for (const start of [...graph.keys()].sort()) {
    if (reported.has(start)) continue;
    const circle = shortestCircle(start, graph);
    if (circle === undefined || circle.some((each) => reported.has(each))) continue;
    for (const each of circle) reported.add(each);
    circles.push(circle);
  }
  return circles;
}

function shortestCircle(
  start: string,
  graph: ReadonlyMap<string, readonly string[]>,
): string[] | undefined {
  const cameFrom = new Map<string, string>();
  const queue = [start];
  for (const node of queue) {
    for (const next of graph.get(node) ?? []) {
      if (next === start) {
        const circle = [start];
        for (let at = node; at !== start; at = cameFrom.get(at)!) circle.unshift(at);
        return [start, ...circle];
      }
      if (!graph.has(next) || cameFrom.has(next)) continue;
      cameFrom.set(next, node);
      queue.push(next);
    }
  }
  return undefined;
}
