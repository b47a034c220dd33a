// Compiles the kernels (assembly/) to WebAssembly and writes them into the sources as base64, so
// that one build works in Node and in browsers and no package code has to read a file. With
// `--names` the functions keep their names, for profilers.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import asc from 'assemblyscript/asc';

const root = dirname(fileURLToPath(import.meta.url));
const BASE64_COLUMNS = 96;

let binary;
const { error, stderr } = await asc.main(
  [
    'assembly/index.ts',
    '--outFile',
    'kernels.wasm',
    '-O3',
    '--converge',
    '--runtime',
    'stub',
    '--noAssert',
    ...(process.argv.includes('--names') ? ['--debug'] : []),
    '--enable',
    'simd',
    '--maximumMemory',
    '65536',
  ],
  {
    readFile: (name, base) => {
      try {
        return readFileSync(join(root, base === '.' ? '' : base, name), 'utf8');
      } catch {
        return null;
      }
    },
    writeFile: (name, contents) => {
      if (name.endsWith('.wasm')) binary = contents;
    },
    listFiles: () => [],
  },
);
if (error || binary === undefined) {
  process.stderr.write(`${stderr}\n${error?.message ?? 'no binary was written'}\n`);
  process.exit(1);
}
const text = Buffer.from(binary).toString('base64');
const lines = text.match(new RegExp(`.{1,${BASE64_COLUMNS}}`, 'g')) ?? [];
const items = lines.map((line) => `  '${line}',`).join('\n');
mkdirSync(join(root, 'src/generated'), { recursive: true });
writeFileSync(
  join(root, 'src/generated/kernels.ts'),
  `// Written by build.mjs from assembly/; not kept in the repository.\n` +
    `/** The kernels: ${binary.length} bytes of WebAssembly in base64. */\n` +
    `export const KERNELS_BASE64 = [\n${items}\n].join('');\n`,
);
