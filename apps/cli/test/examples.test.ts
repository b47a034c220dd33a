import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { main } from '../src/index.ts';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const page = readFileSync(join(root, 'examples/README.md'), 'utf8');
const commands = page.split('\n').filter((line) => line.startsWith('npx yinglian '));
const before = process.cwd();

describe('the examples', () => {
  beforeAll(() => process.chdir(root));
  afterAll(() => process.chdir(before));

  it('are commands', () => expect(commands.length).toBeGreaterThan(2));

  it.each(commands)('%s', async (command) => {
    const said = vi.spyOn(process.stdout, 'write').mockReturnValue(true);
    const code = await main(command.split(' ').slice(2));
    const text = said.mock.calls.map(([each]) => String(each)).join('');
    said.mockRestore();
    expect(code).toBe(0);
    expect(text.length).toBeGreaterThan(20);
  });
});
