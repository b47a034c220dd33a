// The one door for `npm start`, `npm test`, `npm run build|bench|docs`. It has no dependencies,
// because it is what installs them. Each step is skipped when nothing it depends on has changed.
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const stamps = join(root, '.stamps');
const bin = (name) => join(root, 'node_modules', '.bin', name);
const [, , verb = 'start', ...rest] = process.argv;

checkNode();
install();
if (verb === 'install') process.exit(0);
if (verb === 'build') build();
else if (verb === 'start') {
  build();
  await forward(process.execPath, [join(root, 'apps/server/dist/main.js'), ...rest]);
} else if (verb === 'test') {
  build();
  run('types of the tests 测试类型', bin('tsc'), ['-p', 'tsconfig.tests.json']);
  run('types of the web 网页类型', bin('tsc'), ['-p', 'apps/web', '--noEmit']);
  run('lint 代码检查', bin('oxlint'), []);
  const report = join(stamps, 'tests.json');
  rmSync(report, { force: true });
  await forward(process.execPath, [
    join(root, 'node_modules/vitest/vitest.mjs'),
    'run',
    '--reporter=default',
    '--reporter=json',
    `--outputFile.json=${report}`,
    ...rest,
  ]);
  sum(report);
} else if (verb === 'bench') {
  build();
  await forward(process.execPath, [join(root, 'bench/run.mjs'), ...rest]);
} else if (verb === 'docs') {
  build();
  await forward(process.execPath, [join(root, 'tools/docs-site.mjs'), ...rest]);
} else fail(`unknown verb ${verb}: use start, test, build, bench or docs`);

function checkNode() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major > 20 || (major === 20 && minor >= 19)) return;
  fail(
    `Yinglian needs Node 20.19 or newer; this is ${process.versions.node}. ` +
      `影联需要 Node 20.19 以上，当前为 ${process.versions.node}。`,
  );
}

function install() {
  const hash = digest([join(root, 'package-lock.json'), join(root, 'package.json')]);
  if (unchanged('install', hash) && existsSync(bin('tsc'))) return;
  run('install 安装依赖', 'npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error']);
  stamp('install', hash);
}

function build() {
  for (const folder of ['packages', 'apps']) {
    for (const name of readdirSync(join(root, folder)).sort()) {
      const script = join(root, folder, name, 'build.mjs');
      if (!existsSync(script)) continue;
      step(`build ${folder}/${name}`, sourcesOf(join(root, folder, name)), () =>
        run(`build 构建 ${folder}/${name}`, process.execPath, [script]),
      );
    }
  }
  const typescript = ['packages', 'apps'].flatMap((folder) => sourcesOf(join(root, folder)));
  step('build types', typescript, () => run('build 编译', bin('tsc'), ['-b']));
  const web = join(root, 'apps/web/vite.config.ts');
  if (!existsSync(web)) return;
  // The page words every finding, so each catalogue of wordings belongs to its sources.
  const sources = [
    ...['apps/web', 'apps/contract', 'packages/core'].flatMap((each) =>
      sourcesOf(join(root, each)),
    ),
    ...typescript.filter((file) => file.endsWith('codes.ts')),
  ];
  step('build web', sources, () => run('build web 构建网页', bin('vite'), ['build', 'apps/web']));
}

/** One plain line at the end that people and machines read alike. */
function sum(report) {
  if (!existsSync(report)) return;
  const told = JSON.parse(readFileSync(report, 'utf8'));
  const { numPassedTests: passed, numFailedTests: failed, numPendingTests: skipped } = told;
  process.stdout.write(`${passed} passed, ${failed} failed, ${skipped} skipped\n`);
}

function step(name, files, work) {
  const hash = digest(files);
  if (unchanged(name, hash)) return;
  work();
  stamp(name, hash);
}

function sourcesOf(folder) {
  const skip = new Set(['node_modules', 'dist', 'test', 'generated']);
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    if (skip.has(entry.name) || entry.name.startsWith('.')) return [];
    const path = join(folder, entry.name);
    return entry.isDirectory() ? sourcesOf(path) : [path];
  });
}

function digest(files) {
  const hash = createHash('sha256');
  for (const file of [...files].sort()) {
    if (!existsSync(file) || !statSync(file).isFile()) continue;
    hash.update(relative(root, file)).update('\0').update(readFileSync(file)).update('\0');
  }
  return hash.digest('hex');
}

function stampFile(name) {
  return join(stamps, `${name.replaceAll(/[^a-z0-9]+/gi, '-')}.txt`);
}

function unchanged(name, hash) {
  const file = stampFile(name);
  return existsSync(file) && readFileSync(file, 'utf8') === hash;
}

function stamp(name, hash) {
  mkdirSync(stamps, { recursive: true });
  writeFileSync(stampFile(name), hash);
}

function run(title, command, args) {
  const began = process.hrtime.bigint();
  process.stderr.write(`• ${title} …`);
  const done = spawnSync(command, args, { cwd: root, encoding: 'utf8', maxBuffer: 1 << 28 });
  const seconds = Number((process.hrtime.bigint() - began) / 100_000_000n) / 10;
  if (done.status === 0) {
    process.stderr.write(` ${seconds} s\n`);
    return;
  }
  process.stderr.write(' failed 失败\n');
  process.stderr.write(`${done.stdout ?? ''}${done.stderr ?? ''}${done.error?.message ?? ''}\n`);
  process.exit(1);
}

function forward(command, args) {
  const child = spawn(command, args, { cwd: root, stdio: 'inherit' });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
    process.on(signal, () => child.kill(signal));
  }
  return new Promise((resolve) => {
    child.on('exit', (code, signal) => {
      process.exitCode = signal === null ? (code ?? 1) : 1;
      resolve();
    });
  });
}

function fail(message) {
  process.stderr.write(`${message}\n`);
  process.exit(1);
}
