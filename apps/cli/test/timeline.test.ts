import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { main } from '../src/index.ts';

const CUTS = fileURLToPath(new URL('../../../examples/cuts/', import.meta.url));
const OLD = join(CUTS, 'reel-1-v1.edl');
const NEW = join(CUTS, 'reel-1-v2.edl');

let folder = '';
beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), 'yinglian-timeline-'))));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

type Said = { code: number; out: string; err: string };
const run = (...words: string[]): Promise<Said> => yinglian('timeline', ...words);

async function yinglian(...words: string[]): Promise<Said> {
  const out = vi.spyOn(process.stdout, 'write').mockReturnValue(true);
  const err = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
  const code = await main(words);
  const text = (spy: typeof out) => spy.mock.calls.map(([each]) => String(each)).join('');
  const said = { code, out: text(out), err: text(err) };
  out.mockRestore();
  err.mockRestore();
  return said;
}

describe('timelines on the command line', () => {
  it('say what changed, and write it in every way', async () => {
    const out = join(folder, 'out');
    const { code, out: said } = await run('diff', OLD, NEW, '--rate', '24', '--out', out, '--json');
    expect(code).toBe(0);
    const answer = JSON.parse(said) as { counts: Record<string, number> };
    expect(answer.counts).toMatchObject({ omitted: 1, new: 1, moved: 1, retimed: 1, rescan: 2 });
    const cooks = await run('diff', OLD, NEW, '--rate', '24', '--department', 'cooks');
    expect(cooks.code).toBe(2);
    const sound = await run('diff', OLD, NEW, '--rate', '24', '--department', 'sound', '--json');
    expect((JSON.parse(sound.out) as { changes: unknown[] }).changes).toEqual([]);
    expect(readdirSync(out).sort()).toEqual([
      'blocks.csv',
      'changes.csv',
      'changes.html',
      'moves.edl',
      'new.edl',
      'old.edl',
    ]);
  });

  it('convert from format to format and back, and never over a file unasked', async () => {
    let from = OLD;
    for (const target of ['a.otio', 'b.fcpxml', 'c.xml', 'd.otioz', 'e.edl']) {
      const to = join(folder, target);
      expect((await run('convert', from, to, '--rate', '24')).code).toBe(0);
      from = to;
    }
    expect(readFileSync(from, 'utf8')).toContain('灯塔_慢');
    expect((await run('convert', OLD, from, '--rate', '24')).code).toBe(2);
    expect((await run('convert', OLD, join(folder, 'x.unknown'))).code).toBe(2);
    expect((await run('convert', OLD, join(folder, 'x.edl'), '--family', 'file7')).code).toBe(2);
  });

  it('are bundles, and lists as they are asked for', async () => {
    for (const name of ['cut.otiod', 'cut.fcpxmld']) {
      const bundle = join(folder, name);
      expect((await run('convert', OLD, bundle, '--rate', '24')).code).toBe(0);
      const { out } = await run('diff', OLD, bundle, '--rate', '24', '--json');
      const { counts } = JSON.parse(out) as { counts: Record<string, number> };
      expect([name, counts['omitted'] ?? 0, counts['new'] ?? 0]).toEqual([name, 0, 0]);
    }
    const list = join(folder, 'drop.edl');
    const words = ['convert', OLD, list, '--rate', '29.97', '--drop', '--tracks', '0'];
    expect((await run(...words)).code).toBe(0);
    expect(readFileSync(list, 'utf8')).toContain('FCM: DROP FRAME');
    const { out } = await run('info', list, '--rate', '29.97', '--json');
    const { timelines } = JSON.parse(out) as { timelines: { start: string; tracks: unknown[] }[] };
    expect([timelines[0]!.start, timelines[0]!.tracks.length]).toEqual(['01:00:03;18', 1]);
  });

  it('choose one of several timelines, and keep the names of shots', async () => {
    const several = join(folder, 'two.xml');
    const sequence = (name: string) =>
      `<sequence id="${name}"><name>${name}</name><rate><timebase>25</timebase></rate><media>
      <video><track><clipitem id="c${name}"><name>clip-${name}</name><start>0</start><end>50</end>
      <in>0</in><out>50</out></clipitem></track></video></media></sequence>`;
    const document = `<xmeml version="5">${sequence('one')}${sequence('two')}</xmeml>`;
    writeFileSync(several, document);
    const first = await run('pull', several);
    expect(first.out + first.err).toContain('one');
    expect(first.out + first.err).toContain('assumed_sequence');
    expect((await run('pull', several, '--timeline', 'two')).out).toContain('clip-two');
    expect((await run('pull', several, '--timeline', 'three')).code).toBe(1);
    const conform = (cut: string, to: string, ...more: string[]) => {
      const names = ['--names', '{sequence}_{number:4}', '--sequence', 'SQ'];
      const words = ['--for', 'vfx', '--rate', '24', '--out', join(folder, to)];
      return run('conform', cut, ...words, ...names, ...more);
    };
    const nameless = [OLD, NEW].map((cut, index) => {
      const to = join(folder, `${index}.edl`);
      writeFileSync(to, readFileSync(cut, 'utf8').replaceAll(/\* COMMENT:.*\n/g, ''));
      return to;
    });
    expect((await conform(nameless[0]!, 't1')).code).toBe(0);
    const otio = (at: string) =>
      join(folder, at, readdirSync(join(folder, at)).find((each) => each.endsWith('.otio'))!);
    const before = ['--earlier', otio('t1'), '--reserved', 'SQ_0015'];
    const later = await conform(nameless[1]!, 't2', ...before);
    expect(later.code).toBe(0);
    const shots = (at: string) =>
      [...readFileSync(otio(at), 'utf8').matchAll(/"shot": ?"(SQ_\w+)"/g)].map(([, name]) => name);
    const kept = shots('t2').filter((name) => shots('t1').includes(name));
    expect(kept.length).toBeGreaterThan(1);
    expect(shots('t2')).not.toContain('SQ_0015');
  });

  it('find missing media, and refuse what is no cut', async () => {
    const all = ['A001C003', 'A001C007', 'B002C004', 'A003C002'];
    expect((await run('check', OLD, '--rate', '24', '--media', ...all)).code).toBe(0);
    expect((await run('check', OLD, '--rate', '24', '--media', ...all.slice(1))).code).toBe(1);
    const none = join(folder, 'none.txt');
    writeFileSync(none, 'good morning');
    const { code, err } = await run('info', none);
    expect(code).toBe(1);
    expect(err).toContain('unknown_timeline_format');
  });

  it('pull with handles and hand over to a department', async () => {
    const { out } = await run('pull', OLD, NEW, '--rate', '24', '--handles', '12', '--json');
    const { pulls } = JSON.parse(out) as { pulls: Record<string, string>[] };
    expect(pulls.length).toBe(5);
    const made = await run('conform', NEW, '--for', 'sound', '--out', folder, '--rate', '24');
    expect(made.code).toBe(0);
    expect(readdirSync(folder)).toContain('manifest.json');
    expect((await run('conform', NEW, '--for', 'cooks', '--out', folder)).code).toBe(2);
  });

  it('become graphs of media creation and come back', async () => {
    const [graph, back] = [join(folder, 'graph.json'), join(folder, 'back.edl')];
    const from = ['omc', 'from', OLD, graph, '--scope', 'studio.example', '--rate', '24'];
    expect((await yinglian(...from)).code).toBe(0);
    expect((await yinglian(...from)).code).toBe(2);
    expect((await yinglian(...from, '--force', '--isan', '0000-0000-D07A-0090-R')).code).toBe(2);
    const checked = await yinglian('omc', 'check', graph, '--json');
    expect(checked.code).toBe(0);
    expect(JSON.parse(checked.out)).toMatchObject({
      entities: { CreativeWork: 1, Composition: 1 },
    });
    expect((await yinglian('omc', 'to', graph, back)).code).toBe(0);
    const { out } = await run('diff', OLD, back, '--rate', '24', '--json');
    const { counts } = JSON.parse(out) as { counts: Record<string, number> };
    // The dissolve has no place in a graph of media creation.
    expect(Object.keys(counts).toSorted()).toEqual(['effect', 'unchanged']);
    expect((await yinglian('omc', 'check', OLD)).code).toBe(1);
  });
});
