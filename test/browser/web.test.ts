import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readFileSync } from 'node:fs';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bringExaminer, faultsOf } from './support/accessibility.ts';
import { chromiumOrReason, launch } from './support/chromium.ts';
import { lengthenClip, renderClip, renderFrames } from './support/clip.ts';
import { examineAll } from './support/examiners.ts';
import { facilityList } from './support/facility.ts';
import { settled, speak } from './support/page.ts';
import { startServer, type TestServer } from './support/server.ts';

const executable = chromiumOrReason();
const PHONE = { width: 360, height: 780 };
const DESK = { width: 1280, height: 900 };
/** Long enough for a machine that does other work too; what needs longer says so. */
const PATIENCE_MS = 20_000;
/** For jobs of media on a machine that does other work too. */
const JOB_WITHIN_MS = 120_000;
/** What the page sends at once. */
const PIECE_BYTES = 8 * 1024 * 1024;
const LISTED_CODE = '31019911';
const FILM_CODE = '001101232026';
const CINEMA_CODE = '31019901';
const BUDGETS = JSON.parse(
  readFileSync(join(import.meta.dirname, '../../apps/web/budgets.json'), 'utf8'),
) as { firstPageScriptKilobytes: number };

/** One network from its first page to its first statement, told in order. */
describe.skipIf(executable === undefined)('the web', () => {
  let server: TestServer;
  let browser: Browser;
  let context: BrowserContext;
  let page: Page;
  let folder: string;
  const faults: string[] = [];
  const seen = new Set<string>();
  /** Pages of single records, examined together when all of them are there. */
  const later: string[] = [];

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'yinglian-clip-'));
    server = await startServer();
    browser = await launch(executable ?? '');
    context = await browser.newContext({
      viewport: DESK,
      locale: 'zh-CN',
      timezoneId: 'Asia/Shanghai',
      reducedMotion: 'reduce',
      baseURL: server.address,
    });
    context.setDefaultTimeout(PATIENCE_MS);
    page = await context.newPage();
    page.on('pageerror', (fault) => faults.push(fault.message));
    await bringExaminer(page);
  });

  afterAll(async () => {
    await browser?.close();
    await server?.close();
    await rm(folder, { recursive: true, force: true });
  });

  /** Both languages and both themes, and a phone; and that the pages are what they say they are. */
  async function examine(...paths: string[]): Promise<void> {
    expect(await examineAll(browser, context, server.address, paths)).toEqual([]);
    for (const path of paths) seen.add(path);
  }

  it('offers two ways on the first page, within its budget', async () => {
    const scripts: number[] = [];
    await page.goto('/');
    await settled(page);
    expect(await page.getByRole('heading', { name: '建立我的组织' }).count()).toBe(1);
    expect(await page.getByRole('button', { name: '打开演示网络' }).count()).toBe(1);
    scripts.push(
      ...(await page.evaluate(() =>
        performance
          .getEntriesByType('resource')
          .filter((each) => new URL(each.name).pathname.endsWith('.js'))
          .map((each) => (each as PerformanceResourceTiming).encodedBodySize),
      )),
    );
    const kilobytes = scripts.reduce((sum, each) => sum + each, 0) / 1000;
    expect(scripts.length).toBeGreaterThan(2);
    expect(kilobytes).toBeGreaterThan(50);
    expect(kilobytes).toBeLessThan(BUDGETS.firstPageScriptKilobytes);
  });

  it('changes its language in place and keeps what was typed', async () => {
    await page.evaluate(() => {
      (globalThis as { stays?: boolean }).stays = true;
    });
    await page.locator('.way input').fill('https://half.typed');
    await speak(page, 'en');
    expect(await page.getByRole('heading', { name: 'Set up my organisation' }).count()).toBe(1);
    expect(await page.title()).toContain('Yinglian');
    expect(await page.locator('.way input').inputValue()).toBe('https://half.typed');
    expect(await page.evaluate(() => (globalThis as { stays?: boolean }).stays)).toBe(true);
    await speak(page, 'zh-CN');
    expect(await page.getByRole('heading', { name: '建立我的组织' }).count()).toBe(1);
  });

  it('is for everybody at its doors', () =>
    examine(
      '/',
      '/sign-in',
      '/owner',
      '/invitation',
      '/key-link',
      '/review-link',
      '/demonstration',
      '/no/such/page',
      '/policy',
      '/policy/notices',
      '/policy/registers',
      '/policy/holidays',
      '/policy/readings',
      '/opencall',
    ));

  it('sends a stranger to the door and says why a wrong link does not open it', async () => {
    await page.goto('/settlement');
    await page.waitForURL(/\/sign-in\?next=/);
    await page.goto(`/owner#${'x'.repeat(43)}`);
    await page.getByLabel('姓名').fill('王小明');
    await page.getByLabel('电子邮箱').fill('owner@example.com');
    await page.getByLabel('密码').fill('a long sentence');
    await page.getByRole('button', { name: '成为所有者' }).click();
    await page.getByRole('alert').getByText('您没有进行此操作的权限').waitFor();
  });

  it('is claimed with the owner link and begins with an organisation', async () => {
    await page.goto('/');
    await page.goto(server.ownerLink);
    await page.getByLabel('姓名').fill('王小明');
    await page.getByLabel('电子邮箱').fill('owner@example.com');
    await page.getByLabel('密码').fill('a long sentence');
    await page.getByRole('button', { name: '成为所有者' }).click();
    await page.waitForURL('**/organisation/new');
    await page.getByLabel('组织名称').fill('星河影业');
    await page.getByLabel('类型').click();
    await page.getByTitle('制片方').click();
    await page.getByRole('button', { name: '建立组织' }).click();
    await page.waitForURL('**/films');
    await page.getByRole('heading', { name: '还没有影片' }).waitFor();
  });

  it.each([
    [
      'films, production and packages',
      [
        '/organisation/new',
        '/account',
        '/films',
        '/production',
        '/production/projects',
        '/production/arrivals',
        '/distribution',
        '/distribution/build',
        '/distribution/intake',
        '/distribution/keys',
        '/distribution/keys/issue',
        '/distribution/readiness',
        '/distribution/board',
        '/distribution/key-desk',
        '/distribution/key-delivery',
        '/distribution/help',
        '/organisation/custody',
        '/distribution/releases',
        '/distribution/bookings',
        '/distribution/deliveries',
        '/organisation',
        '/organisation/connections',
        '/organisation/audit',
        '/jobs',
      ],
    ],
    [
      'exhibition',
      [
        '/exhibition',
        '/exhibition/circuits',
        '/exhibition/import',
        '/exhibition/reports',
        '/exhibition/calendar',
        '/exhibition/map',
        '/exhibition/logs',
        '/exhibition/timeliness',
        '/exhibition/cases',
        '/exhibition/certificates',
        '/exhibition/sources',
        '/exhibition/reports/import',
      ],
    ],
    [
      'settlement',
      [
        '/settlement',
        '/settlement/settle',
        '/settlement/terms',
        '/settlement/inputs',
        '/settlement/money',
        '/settlement/board',
        '/settlement/differences',
        '/settlement/book',
        '/settlement/bank',
        '/settlement/approvals',
      ],
    ],
    [
      'measures and open calls',
      [
        '/policy/opencall',
        '/policy/opencall/catalogues',
        '/policy/opencall/rounds',
        '/policy/opencall/rounds/new',
        '/policy/opencall/expert',
        '/policy/opencall/experts',
        '/policy/opencall/reviews',
        '/policy/opencall/projects',
        '/policy/profile',
        '/policy/claims',
        '/policy/calls',
        '/policy/instruments',
        '/policy/budget',
        '/policy/record',
        '/policy/applicants',
      ],
    ],
  ])('teaches of %s while there is nothing', (_, paths) => examine(...paths));

  let filmPath = '';

  it('registers a film and draws its life as one line', async () => {
    await page.goto('/films');
    await page.getByRole('button', { name: '登记影片' }).first().click();
    await page.getByLabel('片名', { exact: true }).fill('长夜微光');
    await page.getByRole('button', { name: '建立', exact: true }).click();
    await page.waitForURL(/\/films\/[0-9a-f-]{36}/);
    filmPath = new URL(page.url()).pathname;
    await settled(page);
    const stages = page.locator('.life-stage');
    await stages.first().waitFor();
    expect(await stages.count()).toBe(9);
    expect(await page.locator('.life-empty').count()).toBe(9);
    await page.setViewportSize(PHONE);
    await page.waitForFunction(() => {
      const [first, second] = document.querySelectorAll('.life-stage .life-name');
      if (first === undefined || second === undefined) return false;
      return first.getBoundingClientRect().left === second.getBoundingClientRect().left;
    });
    await page.setViewportSize(DESK);
  });

  it('shows both versions when two people change one record', async () => {
    const other = await context.newPage();
    for (const tab of [page, other]) {
      await tab.goto(filmPath);
      await tab.getByRole('button', { name: '修改资料' }).click();
    }
    await page.getByLabel('英文片名').fill('Small Light');
    await page.getByRole('button', { name: '添加版本' }).click();
    await page.getByLabel('制式').click();
    await page.getByTitle('2D', { exact: true }).click();
    await page.getByLabel('影片编码').fill(FILM_CODE);
    await page.getByRole('button', { name: '保存', exact: true }).click();
    await page.getByText(FILM_CODE).first().waitFor();
    await other.getByLabel('英文片名').fill('Long Night');
    await other.getByRole('button', { name: '保存', exact: true }).click();
    const dialog = other.getByRole('dialog', { name: '两个版本' });
    await dialog.getByText('Small Light').waitFor();
    expect(await dialog.getByText('Long Night').count()).toBe(1);
    await dialog.getByRole('group', { name: '英文片名' }).getByText('已保存的内容').click();
    await dialog.getByRole('group', { name: '版本' }).getByText('已保存的内容').click();
    await dialog.getByRole('button', { name: '保存所选内容' }).click();
    await dialog.waitFor({ state: 'detached' });
    await other.close();
    await page.reload();
    await page.getByText('Small Light').first().waitFor();
    expect(await page.getByText(FILM_CODE).count()).toBe(1);
  });

  it('goes anywhere with a few letters', async () => {
    await page.goto('/films');
    await settled(page);
    await page.keyboard.press('Control+k');
    await page.getByRole('combobox', { name: '查找' }).fill('微光');
    await page.getByRole('option', { name: /长夜微光/ }).waitFor();
    await page.keyboard.press('Enter');
    await page.waitForURL(`**${filmPath}*`);
    await page.keyboard.press('Control+k');
    await page.getByRole('combobox', { name: '查找' }).fill('分账条款');
    await page.keyboard.press('Enter');
    await page.waitForURL('**/settlement/terms*');
    expect(page.url()).toContain('film=');
  });

  it('takes a film in and lets it be watched by frames', async () => {
    const clip = join(folder, 'small-light.mp4');
    await renderClip(clip);
    await page.goto(`/production?film=${filmPath.slice('/films/'.length)}`);
    await page.getByRole('button', { name: '上传素材' }).first().click();
    await page.locator('dialog input[type=file]').first().setInputFiles(clip);
    await page.getByRole('button', { name: '开始上传' }).click();
    await page.getByRole('link', { name: /small-light/ }).click();
    await page.locator('.room-timecode').waitFor({ timeout: 120_000 });
    await page.waitForFunction(() => (document.querySelector('video')?.readyState ?? 0) >= 2);
    const timecode = page.locator('.room-timecode');
    expect(await timecode.textContent()).toMatch(/:00:00$/);
    for (let press = 0; press < 5; press += 1) await page.keyboard.press('ArrowRight');
    expect(await timecode.textContent()).toMatch(/:00:05$/);
    expect(await page.evaluate(() => document.querySelector('video')?.currentTime)).toBeCloseTo(
      5.5 / 24,
      3,
    );
    await page.keyboard.press('n');
    await page.keyboard.type('字幕再慢半拍');
    await page.keyboard.press('Control+Enter');
    await page.locator('.note', { hasText: '字幕再慢半拍' }).waitFor();
    await page.keyboard.press('Escape');
    await page.keyboard.press('Home');
    await page.locator('.note-time').click();
    expect(await timecode.textContent()).toMatch(/:00:05$/);
    await page.getByRole('button', { name: '验收为母版' }).click();
    await page.getByText('已验收').first().waitFor();
    later.push(new URL(page.url()).pathname);
  });

  it('goes on with an upload after a broken line and a reload, sending nothing twice', async () => {
    const long = join(folder, 'long-light.mp4');
    await lengthenClip(join(folder, 'small-light.mp4'), long, 2.5 * PIECE_BYTES);
    let line: 'up' | 'down' = 'up';
    const sent: number[] = [];
    await page.route('**/api/uploads/*?offset=*', async (route) => {
      const offset = Number(new URL(route.request().url()).searchParams.get('offset'));
      if (offset > 0 && line === 'down') return route.abort('connectionreset');
      sent.push(offset);
      return route.continue();
    });
    line = 'down';
    await page.goto(`/production?film=${filmPath.slice('/films/'.length)}`);
    await page.getByRole('button', { name: '上传素材' }).first().click();
    await page.locator('dialog input[type=file]').first().setInputFiles(long);
    await page.getByRole('button', { name: '开始上传' }).click();
    const own = page.locator('.panel .job', { hasText: 'long-light.mp4' });
    await own.getByRole('progressbar').and(page.locator('[aria-valuenow="40"]')).waitFor();
    expect(sent).toEqual([0]);
    await page.reload();
    await own.getByText('已暂停').waitFor();
    line = 'up';
    await own.locator('input[type=file]').setInputFiles(join(folder, 'small-light.mp4'));
    await own.getByRole('alert').waitFor();
    await own.locator('input[type=file]').setInputFiles(long);
    await page.getByRole('link', { name: /long-light/ }).waitFor();
    expect(sent).toEqual([0, PIECE_BYTES, 2 * PIECE_BYTES]);
    await page.unroute('**/api/uploads/*?offset=*');
  });

  it('sends a folder of frames as one film', async () => {
    const frames = join(folder, 'scan');
    await mkdir(frames);
    await renderFrames(join(frames, 'scan.%04d.png'), 3);
    await page.getByRole('button', { name: '上传素材' }).first().click();
    await page.locator('dialog input[type=file]').nth(1).setInputFiles(frames);
    await page.getByLabel('序列帧率').waitFor();
    await page.getByRole('button', { name: '开始上传' }).click();
    await page.getByRole('row', { name: /scan\.tar.*就绪/ }).waitFor({ timeout: JOB_WITHIN_MS });
  });

  it('builds a package at the rate that is shown, and checks it', async () => {
    await page.goto(`/distribution/build?film=${filmPath.slice('/films/'.length)}`);
    await page.getByRole('radio', { name: /保持 24 帧/ }).waitFor();
    expect(await page.getByRole('radio', { name: /保持 24 帧/ }).isChecked()).toBe(true);
    await page.getByLabel('码率').fill('20');
    await page.getByRole('button', { name: '开始制作' }).click();
    await page.waitForURL(/\/distribution\/packages\//);
    await page.getByRole('link', { name: '签发密钥' }).waitFor({ timeout: JOB_WITHIN_MS });
    later.push(new URL(page.url()).pathname);
  });

  it('imports a facility list after showing what it would do', async () => {
    const list = await facilityList(
      { code: LISTED_CODE, name: '银河影城（五角场店）', circuit: '星海院线' },
      [{ serial: '000201' }, { serial: '000202', days: 31 }],
    );
    await page.goto('/exhibition/import');
    await page.locator('input[type=file]').setInputFiles({
      name: 'FLM.xml',
      mimeType: 'text/xml',
      buffer: Buffer.from(list),
    });
    await page.getByRole('heading', { name: '将会发生' }).waitFor();
    await page.getByRole('button', { name: '确认写入' }).click();
    await page.getByRole('heading', { name: '已写入' }).waitFor();
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.goto('/exhibition').then(async () => {
        await page.locator('summary[aria-label="导出"]').click();
        await page.getByRole('link', { name: /设施清单/ }).click();
      }),
    ]);
    expect(download.suggestedFilename()).toMatch(/\.zip$/);
  });

  it('issues keys for chosen screens, says what hindered one, and gives them all', async () => {
    await page.goto(`/distribution/keys/issue?film=${filmPath.slice('/films/'.length)}`);
    await page
      .getByRole('row', { name: /五角场店.*1/ })
      .first()
      .waitFor();
    await page.getByRole('button', { name: /选中符合条件的 2 块/ }).click();
    // The second screen's certificate ends tomorrow, within the window.
    await fillDate(page, '开始', dayFromNow(0));
    await fillDate(page, '结束', dayFromNow(20));
    await page.getByText('更多选项').click();
    await page.getByRole('checkbox', { name: '保留声音水印' }).uncheck();
    await page.locator('.issue-bar').getByRole('button', { name: '签发密钥' }).click();
    await page.getByRole('heading', { name: /签发时的发现/ }).waitFor({ timeout: JOB_WITHIN_MS });
    await page
      .getByRole('link', { name: /下载.*1.*的密钥/ })
      .first()
      .waitFor();
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('link', { name: /打包下载/ }).click(),
    ]);
    expect(download.suggestedFilename()).toMatch(/\.zip$/);
    const key = page.getByRole('link', { name: /下载.*1.*的密钥/ }).first();
    const [one] = await Promise.all([page.waitForEvent('download'), key.click()]);
    expect(await readFile(await one.path(), 'utf8')).toContain('DCinemaSecurityMessage');
  });

  it('is entered with a passkey that was made in the account, until it is removed', async () => {
    const devtools = await context.newCDPSession(page);
    await devtools.send('WebAuthn.enable');
    await devtools.send('WebAuthn.addVirtualAuthenticator', {
      options: {
        protocol: 'ctap2',
        transport: 'internal',
        hasResidentKey: true,
        hasUserVerification: true,
        isUserVerified: true,
        automaticPresenceSimulation: true,
      },
    });
    await page.goto('/account');
    await page.getByRole('button', { name: '登记通行密钥' }).click();
    await page.getByLabel('名称').fill('测试设备');
    await page.getByRole('button', { name: '在此设备上建立' }).click();
    await page.getByRole('row', { name: /测试设备/ }).waitFor();
    await page.locator('summary[aria-label="账号：王小明"]').click();
    await page.getByRole('button', { name: '退出登录' }).click();
    await page.goto('/sign-in?next=%2Faccount');
    await page.getByRole('button', { name: '用通行密钥登录' }).click();
    await page.waitForURL('**/account');
    await page.getByRole('button', { name: /^删除.*测试设备/ }).click();
    await page.getByText('还没有通行密钥').waitFor();
  });

  it('registers a circuit and a cinema for it', async () => {
    await page.goto('/exhibition/circuits');
    await page.getByRole('button', { name: '登记院线' }).first().click();
    await page.getByLabel('名称', { exact: true }).fill('银河院线');
    await page.getByRole('button', { name: '建立', exact: true }).click();
    await page.getByRole('link', { name: '银河院线' }).click();
    await page.getByRole('button', { name: '登记影院' }).click();
    await page.getByLabel('名称', { exact: true }).fill('银河影城（人民广场店）');
    await page.getByLabel('影院编码').fill(CINEMA_CODE);
    await page.getByLabel('院线', { exact: true }).last().click();
    await page.getByTitle('银河院线').click();
    await page.getByRole('button', { name: '保存', exact: true }).click();
    await page.waitForURL(/\/exhibition\/cinemas\//);
    await page.getByRole('button', { name: '登记影厅' }).click();
    await page.getByLabel('影厅名称').fill('1号厅');
    await page.getByRole('button', { name: '保存', exact: true }).click();
    await page.getByRole('heading', { name: '1号厅' }).waitFor();
    later.push(new URL(page.url()).pathname);
  });

  it('imports box office, settles it and explains a figure down to the row', async () => {
    const film = filmPath.slice('/films/'.length);
    await page.goto(`/exhibition/reports/import?film=${film}`);
    await page.locator('input[type=file]').setInputFiles({
      name: '银河院线-2026-12.csv',
      mimeType: 'text/csv',
      buffer: sheet(),
    });
    await page.getByRole('heading', { name: '各列的含义' }).waitFor();
    await page.getByRole('button', { name: /导入 \d+ 行/ }).click();
    await page.waitForURL(/\/exhibition\/reports\/[0-9a-f-]{36}/);
    await page.getByText('¥12,345.67').first().waitFor();
    later.push(new URL(page.url()).pathname);
    await page.goto(`/settlement/terms/new?film=${film}`);
    await page.getByRole('button', { name: /57:43/ }).click();
    await page.getByRole('heading', { name: '用白话说' }).waitFor();
    await page.getByRole('button', { name: '保存草稿' }).click();
    await page.waitForURL(/\/settlement\/terms\/[0-9a-f-]{36}/);
    later.push(new URL(page.url()).pathname);
    await page.goto(`/settlement/settle?film=${film}`);
    await page.getByRole('button', { name: '用 1 份报表结算' }).click();
    await page.waitForURL(/\/settlement\/runs\//);
    await page.getByRole('heading', { name: '一百元票房去了哪里' }).waitFor({ timeout: 60_000 });
    later.push(new URL(page.url()).pathname);
    await page.locator('.records a').first().click();
    await page.waitForURL(/\/settlement\/statements\//);
    later.push(new URL(page.url()).pathname);
    await page
      .getByRole('button', { name: /^分账片款/ })
      .first()
      .click();
    const why = page.getByRole('dialog', { name: '为什么是这个数' });
    await why.locator('.derivation').first().waitFor();
    await why.getByRole('link', { name: '银河院线-2026-12.csv' }).first().waitFor();
    expect(await faultsOf(page)).toEqual([]);
  });

  it('plans a release of the film', async () => {
    await page.goto('/distribution/releases');
    await page.getByRole('button', { name: '新建发行计划' }).first().click();
    await page.getByRole('button', { name: '建立', exact: true }).click();
    await page.waitForURL(/\/distribution\/releases\/[0-9a-f]/);
    await page.getByRole('heading', { name: '计划', exact: true }).waitFor();
    later.push(new URL(page.url()).pathname);
  });

  it('shows the film and the lists with what is now in them', async () => {
    await examine(
      ...later,
      filmPath,
      '/production',
      '/distribution',
      '/distribution/keys',
      '/distribution/keys/issue',
      '/distribution/readiness',
      '/exhibition',
      '/settlement',
      '/settlement/inputs',
      '/settlement/money',
      '/settlement/board',
      '/jobs',
    );
    await page.goto(filmPath);
    await page.locator('.life-done').first().waitFor();
    expect(await page.locator('.life-done').count()).toBeGreaterThanOrEqual(4);
  });

  it('met no fault in any script, on more than thirty pages', () => {
    expect(faults).toEqual([]);
    expect(seen.size).toBeGreaterThan(30);
  });
});

/** Days from today as a date field takes them. */
function dayFromNow(days: number): string {
  return new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10);
}

/** Types a day and an hour into a field of antd, as one does with the keyboard. */
async function fillDate(page: Page, label: string, day: string): Promise<void> {
  await page.getByLabel(label, { exact: true }).fill(`${day} 12:00`);
  await page.keyboard.press('Enter');
}

/** A circuit's monthly sheet with one line, as such sheets are sent. */
function sheet(): Buffer {
  const head =
    '序号,影院名称,影院编码,影片名称,影片编码,设备归属,开始日期,结束日期,总场次,总人次,总票房';
  const row =
    `1,银河影城（人民广场店）,${CINEMA_CODE},长夜微光,${FILM_CODE},自购,2026-12-01,` +
    '2026-12-31,62,411,12345.67';
  return Buffer.from(`\uFEFF${head}\r\n${row}\r\n`);
}
