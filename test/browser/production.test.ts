import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bringExaminer, faultsOf } from './support/accessibility.ts';
import { chromiumOrReason, launch } from './support/chromium.ts';
import { builtEngine } from './support/clip.ts';
import { examineAll } from './support/examiners.ts';
import { settled, speak } from './support/page.ts';
import { startServer, type TestServer } from './support/server.ts';

const executable = chromiumOrReason();
/** Long enough for a machine that does other work too. */
const PATIENCE_MS = 30_000;
const INGEST_WITHIN_MS = 120_000;
const FRAMES = 48;

/** The project of three companies and the review room, as those see them who work in them. */
describe.skipIf(executable === undefined)('production in a browser', () => {
  let server: TestServer;
  let browser: Browser;
  let context: BrowserContext;
  let page: Page;
  let folder: string;
  let filmId = '';
  let projectPath = '';
  const faults: string[] = [];

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'yinglian-production-'));
    server = await startServer();
    browser = await launch(executable ?? '');
    context = await browser.newContext({
      viewport: { width: 1280, height: 1000 },
      locale: 'zh-CN',
      timezoneId: 'Asia/Shanghai',
      reducedMotion: 'reduce',
      baseURL: server.address,
    });
    context.setDefaultTimeout(PATIENCE_MS);
    page = await context.newPage();
    page.on('pageerror', (fault) => faults.push(fault.message));
    await bringExaminer(page);
    await send('/api/session/owner', {
      token: server.ownerLink.slice(server.ownerLink.indexOf('#') + 1),
      name: '王小明',
      email: 'owner@example.com',
      password: 'a long sentence',
    });
    const organisation = (name: string, kind: string) =>
      send('/api/organisations', { name, nameEnglish: null, kind, creditCode: null });
    await organisation('极光视效', 'post_house');
    await organisation('星河影业', 'producer');
    filmId = (await send('/api/films', { title: '长夜微光' })).id;
  });

  afterAll(async () => {
    await browser?.close();
    await server?.close();
    await rm(folder, { recursive: true, force: true });
  });

  /** One call of the API with the session of the browser. */
  async function send(path: string, data: object): Promise<{ id: string }> {
    const answer = await context.request.post(path, {
      data,
      headers: { origin: server.address, 'idempotency-key': crypto.randomUUID() },
    });
    if (!answer.ok()) throw new Error(`${path}: ${answer.status()} ${await answer.text()}`);
    return (await answer.json()) as { id: string };
  }

  it('keeps sequences, reads a cut into one, and gives tasks', async () => {
    await page.goto(`/production/projects?film=${filmId}`);
    await page.getByRole('button', { name: '新建项目' }).first().click();
    await page.getByLabel('名称').fill('长夜 正片');
    await page.getByLabel('代号').fill('CY');
    await page.getByRole('button', { name: '建立', exact: true }).click();
    await page.getByRole('link', { name: /长夜 正片/ }).click();
    await page.waitForURL(/\/production\/projects\/[0-9a-f-]{36}/);
    projectPath = new URL(page.url()).pathname;
    await page.goto(`${projectPath}?tab=shots`);
    await page.getByRole('button', { name: '集与场' }).click();
    const dialog = page.getByRole('dialog', { name: '集与场' });
    await dialog.getByRole('button', { name: '添加集或场' }).click();
    await dialog.getByLabel('代号').fill('010');
    await dialog.getByLabel('名称').fill('码头');
    await dialog.getByRole('button', { name: '保存' }).click();
    await dialog.getByText('0 个镜头').waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: '读入剪辑' }).click();
    await page.getByLabel('这版剪辑是').selectOption({ label: '010 码头' });
    await page.locator('dialog[open] input[type=file]').setInputFiles({
      name: 'R1_v01.edl',
      mimeType: 'text/plain',
      buffer: Buffer.from(cutOf(3)),
    });
    await page.getByRole('button', { name: '确认写入' }).click();
    await page.getByRole('heading', { name: '已写入' }).waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('checkbox', { name: '010_0020' }).check();
    await page.getByLabel('任务名称').fill('合成');
    await page.getByRole('button', { name: '下达任务' }).click();
    await page.goto(`${projectPath}?tab=tasks`);
    await page.locator('.task-card', { hasText: '010_0020 · 合成' }).waitFor();
  });

  it('asks a company in by its name, and agrees what it delivers field by field', async () => {
    await page.goto(projectPath);
    await page.getByRole('button', { name: '邀请单位' }).click();
    const dialog = page.getByRole('dialog', { name: '邀请单位' });
    await dialog.getByLabel('单位', { exact: true }).fill('极光');
    await page.getByTitle(/极光视效/).click();
    expect(await faultsOf(page)).toEqual([]);
    await dialog.getByRole('button', { name: '邀请', exact: true }).click();
    await page.getByRole('row', { name: /极光视效.*仅限交接内容.*已邀请/ }).waitFor();
    await page.goto(`${projectPath}?tab=deliverables`);
    await page.getByRole('button', { name: '约定交付物' }).click();
    await page.getByLabel('名称', { exact: true }).fill('影院母版');
    await page
      .getByLabel('从常用规格开始')
      .selectOption({ label: '影院母版 2K 遮幅（ProRes 4444）' });
    const agreement = page.getByRole('dialog');
    await agreement.getByLabel('单位').selectOption({ label: '极光视效' });
    await page.getByLabel('宽', { exact: true }).fill('2048');
    await page.getByLabel('各轨声道数').fill('6, 2');
    await page.getByLabel('金额（元）').fill('1234.5');
    expect(await faultsOf(page)).toEqual([]);
    await agreement.getByRole('button', { name: '约定交付物' }).click();
    await page.getByRole('button', { name: '影院母版' }).click();
    const one = page.getByRole('dialog', { name: '交付物' });
    await one.getByText('2048').waitFor();
    await one.getByText('6, 2').waitFor();
    await one.getByText(/¥1,234\.50/).waitFor();
  });

  it('turns a shot over with its cut, as the lists of its department', async () => {
    await page.goto(`${projectPath}?tab=turnovers`);
    await page.getByRole('button', { name: '准备交接' }).click();
    const form = page.getByRole('dialog', { name: '准备交接' });
    await form.getByLabel('名称').fill('第一批');
    await form.locator('select[name=shots]').selectOption({ label: '010_0020' });
    await form.getByLabel('附上剪辑').selectOption({ index: 1 });
    await form.getByLabel('交给哪个部门').selectOption('colour');
    expect(await faultsOf(page)).toEqual([]);
    await form.getByRole('button', { name: '准备交接' }).click();
    await page.getByRole('row', { name: /第一批.*极光视效 · 调色/ }).waitFor();
    await page.getByRole('button', { name: '发出' }).click();
    await page.getByRole('button', { name: '下载清单' }).click();
    const lists = page.getByRole('list', { name: '下载清单' }).getByRole('link');
    await lists.first().waitFor();
    expect(await lists.allTextContents()).toEqual(
      expect.arrayContaining(['CY-turnover-1.zip', 'manifest.json']),
    );
    const coming = page.waitForEvent('download');
    await lists.filter({ hasText: '.edl' }).click();
    const list = await readFile(await (await coming).path(), 'utf8');
    expect(list.match(/^\d{3} /gm)).toHaveLength(1);
    expect(list).toContain('010_0020');
    await page.goto(`${projectPath}?tab=shots`);
    const paper = page.waitForEvent('download');
    await page.getByRole('link', { name: '变更表 PDF' }).first().click();
    const pdf = await readFile(await (await paper).path());
    expect(pdf.subarray(0, 5).toString('latin1')).toBe('%PDF-');
  });

  it('takes two versions of a scene in', async () => {
    const clip = join(folder, 'scene.mp4');
    const rendered = await (
      await builtEngine()
    ).render({
      verb: 'render',
      output: clip,
      preset: 'h264-mp4',
      size: { width: 320, height: 180 },
      frameRate: '24',
      frames: FRAMES,
      title: 'SCENE',
      channels: 2,
      programme: 'film',
    });
    expect(rendered.ok).toBe(true);
    for (const title of ['scene', 'scene-2']) {
      await page.goto(`/production?film=${filmId}`);
      await page.getByRole('button', { name: '上传素材' }).first().click();
      const file = page.locator('dialog input[type=file]').first();
      await file.setInputFiles({
        name: `${title}.mp4`,
        mimeType: 'video/mp4',
        buffer: await readFile(clip),
      });
      await page.getByRole('button', { name: '开始上传' }).click();
      await page
        .getByRole('row', { name: new RegExp(`${title}\\.mp4.*就绪`) })
        .waitFor({ timeout: INGEST_WITHIN_MS });
    }
  });

  it('looks at a film through its light, and closer', async () => {
    await page.getByRole('link', { name: /(?:^|\s)scene\.mp4/ }).click();
    await page.locator('.room-timecode').waitFor();
    await page.waitForFunction(() => (document.querySelector('video')?.readyState ?? 0) >= 2);
    await page.locator('canvas.room-picture[data-frame="0"]').waitFor({ state: 'attached' });
    for (let press = 0; press < 6; press += 1) await page.keyboard.press('ArrowRight');
    await page.getByLabel('通道').selectOption('luma');
    const grey = await lightOf(page, (now) => sum(now) > 0 && spread(now) < 1);
    await page.getByRole('checkbox', { name: '伪色' }).check();
    await lightOf(page, (now) => spread(now) > 2);
    await page.getByRole('checkbox', { name: '伪色' }).uncheck();
    await page.getByLabel('曝光').fill('-3');
    await lightOf(page, (now) => sum(now) < sum(grey) / 2 && spread(now) < 1);
    await page.locator('.room-screen').focus();
    await page.keyboard.press('Escape');
    await page.locator('.graded').waitFor({ state: 'detached' });
    await page.mouse.move(...(await middleOf(page)));
    await page.keyboard.down('Control');
    await page.mouse.wheel(0, -120);
    await page.keyboard.up('Control');
    await page.waitForFunction(() =>
      /scale\(1\.15\)/.test(document.querySelector<HTMLElement>('.stage-whole')!.style.transform),
    );
    await page.keyboard.press('0');
  });

  it('sees versions beside each other, and draws on a frame', async () => {
    // The same film beside itself differs nowhere, and somewhere as soon as it is a second off.
    await page.getByLabel('对比版本').selectOption({ label: 'scene-2' });
    await page.getByLabel('方式').selectOption('difference');
    await lightOf(page, (now) => sum(now) === 0);
    await page.getByLabel('错帧').fill('24');
    await lightOf(page, (now) => sum(now) > 10);
    await page.getByLabel('对比版本').selectOption('');
    await page.locator('.room-screen').focus();
    await page.keyboard.press('p');
    const [x, y] = await middleOf(page);
    await page.mouse.move(x, y);
    await page.mouse.down();
    for (let step = 1; step < 9; step += 1) await page.mouse.move(x + step * 8, y + step * 3);
    await page.mouse.up();
    await page.keyboard.press('n');
    await page.keyboard.type('这条线再直一点');
    await page.keyboard.press('Control+Enter');
    await page.locator('.note', { hasText: '这条线再直一点' }).waitFor();
    await page.keyboard.press('Escape');
    expect(await page.locator('.ink path').count()).toBe(1);
    await page.keyboard.press('ArrowRight');
    await page.waitForFunction(() => document.querySelector('.ink path') === null);
  });

  it('shows the chosen sequence of a file of several', async () => {
    await page.getByRole('button', { name: '剪辑', exact: true }).click();
    await page.locator('.notes input[type=file]').setInputFiles({
      name: 'reels.otio',
      mimeType: 'application/json',
      buffer: Buffer.from(reelsOf({ R1: 'SH010', R2: 'SH020' })),
    });
    await page.locator('.cut-event', { hasText: 'SH010' }).waitFor();
    await page.getByLabel('时间线').selectOption({ label: 'R2' });
    await page.locator('.cut-event', { hasText: 'SH020' }).waitFor();
    expect(await page.locator('.cut-event').count()).toBe(1);
    expect(await faultsOf(page)).toEqual([]);
  });

  it('is for everybody on each of its pages', async () => {
    const tabs = ['overview', 'shots', 'tasks', 'shoot', 'turnovers', 'deliverables'];
    const paths = ['/production/projects', ...tabs.map((tab) => `${projectPath}?tab=${tab}`)];
    expect(await examineAll(browser, context, server.address, paths)).toEqual([]);
    await page.goto(projectPath);
    await settled(page);
    await speak(page, 'zh-CN');
    await page.getByRole('button', { name: '项目设置' }).click();
    await page.getByText(/^任务状态/).click();
    expect(await faultsOf(page)).toEqual([]);
    expect(faults).toEqual([]);
  });
});

type Light = readonly [red: number, green: number, blue: number];
const sum = ([red, green, blue]: Light) => red + green + blue;

/** How far a mean light is from grey. */
const spread = (light: Light) => Math.max(...light) - Math.min(...light);

/** The middle of the picture on the page. */
async function middleOf(page: Page): Promise<[x: number, y: number]> {
  const box = (await page.locator('.stage').boundingBox())!;
  return [box.x + box.width / 2, box.y + box.height / 2];
}

/** The mean light of the graded picture, once it is as one wants it. */
async function lightOf(page: Page, wanted: (light: Light) => boolean): Promise<Light> {
  const deadline = Date.now() + PATIENCE_MS;
  for (;;) {
    const light = await page.evaluate(() => {
      const graded = document.querySelector<HTMLCanvasElement>('.graded canvas');
      if (graded === null) return null;
      const small = document.createElement('canvas');
      [small.width, small.height] = [32, 18];
      const context = small.getContext('2d')!;
      context.drawImage(graded, 0, 0, 32, 18);
      const { data } = context.getImageData(0, 0, 32, 18);
      const mean = (channel: number) =>
        data.reduce((total, value, index) => (index % 4 === channel ? total + value : total), 0) /
        (32 * 18);
      return [mean(0), mean(1), mean(2)] as const;
    });
    if (light !== null && wanted(light)) return light;
    if (Date.now() > deadline) throw new Error(`the picture stays at ${JSON.stringify(light)}`);
    await page.waitForTimeout(100);
  }
}

/** A cut of so many clips, a second each (CMX 3600). */
function cutOf(clips: number): string {
  const events = Array.from({ length: clips }, (_, index) => {
    const second = (hour: number, at: number) => `${hour}:00:${String(at).padStart(2, '0')}:00`;
    const times = [second(10, 10 + index), second(10, 11 + index)];
    const record = [`0${second(1, index)}`, `0${second(1, index + 1)}`];
    return `00${index + 1}  A00${index + 1} V     C        ${[...times, ...record].join(' ')}`;
  });
  return ['TITLE: R1_v01', 'FCM: NON-DROP FRAME', '', ...events, ''].join('\n');
}

/** A file of several sequences, each of one clip of a second (OpenTimelineIO). */
function reelsOf(clips: Readonly<Record<string, string>>): string {
  const object = (schema: string, fields: object) => ({ OTIO_SCHEMA: `${schema}.1`, ...fields });
  const time = (value: number) => object('RationalTime', { rate: 24, value });
  const children = Object.entries(clips).map(([name, clip]) => {
    const range = object('TimeRange', { start_time: time(0), duration: time(24) });
    const item = object('Clip', { name: clip, source_range: range });
    const track = object('Track', { name: 'V', kind: 'Video', children: [item] });
    return object('Timeline', { name, tracks: object('Stack', { children: [track] }) });
  });
  return JSON.stringify(object('SerializableCollection', { name: '', children }));
}
