// Table: the story of one open call as its people see it, told in order over one server.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { chromiumOrReason, launch } from './support/chromium.ts';
import { type ClockedServer, startClocked } from './support/clocked.ts';
import { type Person, storyOf, untold } from './support/story.ts';

/**
 * Twelve people and their tabs take minutes on a small machine, and the steps themselves are proved
 * through the API: the story is told where somebody asks for it.
 */
const reason = untold('an open call');
const executable = reason === null ? chromiumOrReason() : undefined;
if (reason !== null) process.stderr.write(reason);
const DAY_MS = 86_400_000;
const NEED = '面向制作的八千像素实时解码设备，替代进口，要求稳定帧率和低延迟。';
const METHOD = '按 GY/T 307 码流连续解码 10 分钟，取最低值';
describe.skipIf(executable === undefined)('an open call in the browser', () => {
  let server: ClockedServer;
  let browser: Browser;
  let folder: string;
  let officer: Person;
  let approver: Person;
  let finance: Person;
  let payer: Person;
  let openers: Person[];
  let bidders: Person[];
  let experts: Person[];
  let story: ReturnType<typeof storyOf>;
  const at: typeof story.at = (who, path) => story.at(who, path);
  const examine: typeof story.examine = (page, name) => story.examine(page, name);
  const press: typeof story.press = (page, name) => story.press(page, name);
  const step: typeof story.step = (page, name, why) => story.step(page, name, why);
  const keyOf = new Map<Person, string>();

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'yinglian-opencall-'));
    server = await startClocked('2026-06-01T09:00:00+08:00');
    browser = await launch(executable ?? '');
    story = storyOf(server, browser, { reasonLabel: '理由' });
    const { person } = story;
    const department = await server.newOrganisation('other', '主管部门');
    const operator = await server.owner();
    await operator.client.policy.enrol({
      params: { id: department.organisationId },
      body: { name: '省工业和信息化厅' },
    });
    const member = async (
      role: 'policy.officer' | 'policy.approver' | 'policy.finance',
      name: string,
    ) => person(await server.newMember(department, role, name));
    officer = await member('policy.officer', '经办李明');
    approver = await member('policy.approver', '审批王芳');
    finance = await member('policy.finance', '财务赵强');
    payer = await member('policy.finance', '财务孙丽');
    openers = [approver, finance];
    bidders = [];
    for (const name of ['星河科技有限公司', '银梭影像有限公司']) {
      bidders.push(await person(await server.newOrganisation('producer', name)));
    }
    experts = [];
    for (const name of ['甲', '乙', '丙']) {
      experts.push(await person(await server.newOrganisation('other', `第${name}研究所`)));
    }
    await finance.client.policy.enterBudget({
      body: { year: 2026, move: 'appropriate', fen: '500000000' },
    });
  });
  afterAll(async () => {
    await browser?.close();
    await server?.close();
    await rm(folder, { recursive: true, force: true });
  });

  async function kept(page: Page, press: () => Promise<void>): Promise<string> {
    const [download] = await Promise.all([page.waitForEvent('download'), press()]);
    const path = join(
      folder,
      `${Math.random().toString(36).slice(2)}-${download.suggestedFilename()}`,
    );
    await download.saveAs(path);
    return path;
  }
  it('collects demands, tests the catalogue while it is written, and publishes it', async () => {
    let page = await at(officer, '/policy/opencall/catalogues');
    await page.getByRole('heading', { name: '还没有目录' }).waitFor();
    await press(page, '新建目录');
    await page.getByLabel('名称').fill('音视频关键技术攻关目录');
    await page.getByLabel('年度').fill('2026');
    await press(page, '开始征集');
    await page.waitForURL(/catalogues\/[0-9a-f-]{36}/);
    const path = new URL(page.url()).pathname;
    const public_ = await at(bidders[0]!, '/opencall');
    await public_.getByLabel('需求').fill(NEED);
    await press(public_, '提交需求');
    await public_.getByText('尚未归入任务').waitFor();
    page = await at(officer, path);
    await page.getByText('星河科技有限公司').waitFor();
    await step(page, '开始合并');
    await step(page, '开始论证');
    await press(page, '添加任务');
    await page.getByLabel('任务名称').fill('超高清实时解码器');
    await page.getByLabel('需求', { exact: true }).fill(NEED);
    await page.getByLabel('成果权属与共享').fill('归揭榜方所有，省内共享');
    await page.getByLabel('资金上限（元）').fill('1000000');
    await page.getByLabel('测什么').fill('达到国际领先水平的解码帧率');
    await page.getByLabel('数值').fill('60');
    await page.getByLabel('单位', { exact: true }).fill('fps');
    await page.getByLabel('检测方法').fill(METHOD);
    await page.getByText('国际领先', { exact: false }).first().waitFor();
    expect(await page.getByText('全部指标都可检测').count()).toBe(0);
    await page.getByLabel('测什么').fill('8K 解码帧率');
    await page.getByText('全部指标都可检测').waitFor();
    await page.getByLabel('归入任务').selectOption({ index: 1 });
    await press(page, '保存草稿');
    await page.locator('summary', { hasText: '超高清实时解码器' }).waitFor();
    await page.waitForLoadState('networkidle');
    await examine(page, 'catalogue-draft');
    await step(page, '公示', '论证完成');
    server.forward(9 * DAY_MS);
    page = await at(approver, path);
    await step(page, '发布');
    await page.getByText('第 1 版').first().waitFor();
    await examine(page, 'catalogue-published');
  });

  it('admits experts who declared themselves, and hands openers and experts their keys', async () => {
    for (const [place, who] of [...experts, ...openers].entries()) {
      let page = await at(who, '/policy/opencall');
      keyOf.set(who, await kept(page, () => press(page, '生成并登记新密钥')));
      await page.getByText('尚未登记').waitFor({ state: 'detached' });
      if (place === 0) await examine(page, 'desk');
      if (place >= experts.length) continue;
      page = await at(who, '/policy/opencall/expert');
      await page.getByLabel('姓名').fill(`专家${place + 1}`);
      await page
        .getByLabel('单位', { exact: true })
        .first()
        .fill(`第${place + 1}研究所`);
      await page.getByLabel('地区').fill('湖南');
      await page.getByLabel('专业领域').fill('video、音频');
      if (place === 0) {
        await page.getByRole('group', { name: '亲属任职' }).getByRole('button').click();
        const row = page.getByRole('group', { name: '亲属任职' });
        await row.getByLabel('姓名').fill('某某');
        await row.getByLabel('单位').fill('另一家公司');
      }
      await press(page, '申报');
      await page.getByText('已申报，等待部门审核。').waitFor();
      if (place === 0) await examine(page, 'expert');
    }
    const page = await at(officer, '/policy/opencall/experts');
    await page.getByRole('button', { name: '准予入库' }).first().waitFor();
    await examine(page, 'experts');
    for (let left = experts.length; left > 0; left--) {
      await page.locator('details[open]').getByRole('button', { name: '准予入库' }).first().click();
      await page.waitForFunction(
        (count) =>
          [...document.querySelectorAll('button')].filter((each) => each.textContent === '准予入库')
            .length < count,
        left,
      );
    }
  });

  let round = '';

  it('drafts a round with its openers, announces it and freezes the pool', async () => {
    const page = await at(officer, '/policy/opencall/rounds/new');
    await page.getByRole('combobox', { name: '任务' }).selectOption({ index: 1 });
    await page.getByLabel('审批王芳', { exact: false }).check();
    await page.getByLabel('财务赵强', { exact: false }).check();
    await page.getByLabel('人数', { exact: true }).fill('3');
    await examine(page, 'round-new');
    await page.getByRole('combobox', { name: '任务' }).selectOption({ index: 1 });
    await page.getByLabel('审批王芳', { exact: false }).check();
    await page.getByLabel('财务赵强', { exact: false }).check();
    await page.getByLabel('人数', { exact: true }).fill('3');
    await page.getByLabel('立项数').fill('2');
    await page.getByLabel('赛马比对日').fill('2027-06-30');
    await press(page, '保存草稿');
    await page.waitForURL(/rounds\/[0-9a-f-]{36}/);
    round = new URL(page.url()).pathname.split('/').at(-1)!;
    await step(page, '发榜');
    await press(page, '封存专家库（3 人）');
    await page.getByText('已封存，3 人').waitFor();
    await examine(page, 'round-announced');
  });

  async function bid(who: Person, price: string): Promise<string> {
    const page = await at(who, `/opencall/${round}`);
    await page.getByLabel('方案名称').fill('并行熵解码器');
    await page.getByLabel('方案摘要').fill('用并行熵解码达到实时。');
    await page.getByLabel('技术路线').fill('分片并行。');
    await page.getByLabel('申请资金（元）').fill(price);
    await page.getByLabel('节点名称').fill('样机');
    await page.getByLabel('节点期限').fill('2027-06-30');
    await page.getByLabel('承诺所填内容真实').check();
    const key = await kept(page, () => press(page, '加密并提交'));
    await page.getByText('已密封保存').waitFor();
    return key;
  }
  const bidKeys: string[] = [];

  it('seals bids in the browser, and nobody sees that there are any', async () => {
    bidKeys.push(await bid(bidders[0]!, '900000'));
    bidKeys.push(await bid(bidders[1]!, '800000'));
    await examine(bidders[1]!.page, 'bid-sealed');
    await press(bidders[1]!.page, '换一份');
    await bidders[1]!.page.getByLabel('方案名称').waitFor();
    await bidders[1]!.page.getByLabel('方案摘要').fill('银梭影像有限公司的方案');
    await press(bidders[1]!.page, '先检查');
    await bidders[1]!.page.getByText('银梭影像', { exact: false }).first().waitFor();
    const page = await at(officer, `/policy/opencall/rounds/${round}`);
    expect(await page.getByText('星河科技').count()).toBe(0);
    await press(page, '开始开封');
    await page.getByRole('alert').waitFor();
    expect(await page.getByRole('alert').textContent()).toContain('未到开封时刻');
  });

  it('opens after the hour: one bidder by its key, the other by two openers', async () => {
    server.forward(31 * DAY_MS);
    let page = await at(officer, `/policy/opencall/rounds/${round}`);
    await step(page, '开始开封');
    page = await at(bidders[0]!, `/opencall/${round}`);
    await page.getByLabel('用密钥文件打开本单位的投标').setInputFiles(bidKeys[0]!);
    await page.getByText('已打开，进入评审。').waitFor();
    for (const opener of openers) {
      page = await at(opener, `/opencall/${round}`);
      await page.getByLabel('选择您的密钥文件').setInputFiles(keyOf.get(opener)!);
      await page.getByText('已提交 1 份').waitFor();
    }
    await examine(page, 'opener');
    page = await at(officer, `/policy/opencall/rounds/${round}`);
    await step(page, '开封结束');
    await examine(page, 'round-opened');
  });

  it('draws the experts, and anybody computes the draw again', async () => {
    let page = await at(officer, `/policy/opencall/rounds/${round}`);
    await step(page, '抽取专家');
    await page.getByText('专家1').waitFor();
    page = await at(bidders[0]!, `/opencall/${round}`);
    await press(page, '在本机重算');
    await page.getByText('一致：3 个席位').waitFor();
    await examine(page, 'draw');
  });

  it('reads blind and signs', async () => {
    for (const [place, expert] of experts.entries()) {
      const page = await at(expert, '/policy/opencall/reviews');
      expect(await page.getByText('星河').count()).toBe(0);
      await page.getByLabel('用我的密钥文件签名').setInputFiles(keyOf.get(expert)!);
      await page.getByText('密钥已读入').waitFor();
      for (const alias of ['B1', 'B2']) {
        const sheet = page.locator('details', { hasText: `${alias} ·` }).first();
        await sheet.locator('summary').first().click();
        for (const field of await sheet.getByRole('textbox').all()) {
          const label = await field.evaluate((node) => node.closest('label')?.textContent ?? '');
          await field.fill(label.includes('0–10') ? (alias === 'B1' ? '9' : '7') : '路线清楚');
        }
        await sheet.getByRole('button', { name: '签名并提交' }).click();
        await sheet.getByText('✓ 已签名提交').waitFor();
      }
      if (place === 0) await examine(page, 'reviews');
    }
    const page = await at(officer, `/policy/opencall/rounds/${round}`);
    await page.getByText('已收评分表 6 / 6。').waitFor();
    await step(page, '汇总评分');
    await page.getByRole('region', { name: '评分' }).first().waitFor();
    await examine(page, 'round-scored');
    await step(page, '公示', '按评分结果');
  });

  it('hears an objection before another person decides', async () => {
    let page = await at(bidders[1]!, `/opencall/${round}`);
    await page.getByLabel('异议内容').fill('评审结果有疑问，请复核。');
    await press(page, '提交');
    await page.getByText('等待答复').waitFor();
    await examine(page, 'notice');
    page = await at(officer, `/policy/opencall/rounds/${round}`);
    await page.getByLabel('答复').fill('已复核，评分表签名无误。');
    await press(page, '提交');
    await page.getByText('答复：已复核').waitFor();
    server.forward(12 * DAY_MS);
    page = await at(approver, `/policy/opencall/rounds/${round}`);
    await step(page, '批准立项');
    page = await at(bidders[1]!, `/opencall/${round}`);
    await page.getByText('答复：已复核').waitFor();
  });

  /** The other of the two who run shows its step too, through the API. */
  async function finishOther(id: string): Promise<void> {
    const params = { id };
    const { applicantId, milestones } = await officer.client.opencall.project({ params });
    const [{ code, indicators }] = milestones as [(typeof milestones)[number]];
    const measurement = {
      indicator: indicators[0]!.code,
      value: '60',
      unit: 'fps',
      uncertainty: null,
      method: METHOD,
      laboratory: '国家检验中心',
      evidence: 'a'.repeat(64),
    };
    const version = async () => (await officer.client.opencall.project({ params })).version;
    const owner = bidders.find((each) => each.organisationId === applicantId)!;
    await owner.client.opencall.measure({
      params,
      body: { version: await version(), milestone: code, files: [], measurements: [measurement] },
    });
    for (const [by, action] of [
      [owner, 'submit'],
      [officer, 'accept'],
      [finance, 'order_funds'],
      [payer, 'pay'],
    ] as const) {
      const body = { version: await version(), milestone: code, action, reason: '' };
      await by.client.opencall.actMilestone({ params, body });
    }
  }

  it('accepts by measured values, pays by two persons, and tells what was reached', async () => {
    const { rows } = await officer.client.opencall.projects();
    const project = `/policy/opencall/projects/${rows[0]!.id}`;
    const winner = bidders.find((each) => each.organisationId === rows[0]!.applicantId)!;
    const report = join(folder, '检测报告.txt');
    await writeFile(report, '国家检验中心：8K 解码帧率 61.5 fps\n');
    let page = await at(winner, project);
    await page.locator('summary', { hasText: '录入实测值' }).click();
    await page.getByLabel('检测机构').fill('国家检验中心');
    await page.getByLabel('检测报告').setInputFiles(report);
    await page.getByText('检测报告.txt').first().waitFor();
    await page.getByLabel('实测值').fill('59');
    await page.getByText('未达到', { exact: false }).first().waitFor();
    await page.getByLabel('实测值').fill('61.5');
    await press(page, '保存实测值');
    await page.getByText('61.5 fps').first().waitFor();
    await step(page, '提交验收');
    await examine(page, 'project-applicant');
    page = await at(officer, project);
    await page.getByRole('link', { name: '检测报告.txt' }).waitFor();
    await step(page, '验收通过');
    page = await at(finance, project);
    await step(page, '下达资金');
    await press(page, '拨付');
    await page.getByRole('alert').waitFor();
    page = await at(payer, project);
    await step(page, '拨付');
    await examine(page, 'project-paid');
    await finishOther(rows[1]!.id);
    page = await at(approver, `/policy/opencall/rounds/${round}`);
    await page.getByRole('region', { name: '赛马' }).first().waitFor();
    await page.getByLabel('由谁继续').selectOption({ label: rows[0]!.applicant });
    await examine(page, 'race');
    await page.getByLabel('由谁继续').selectOption({ label: rows[0]!.applicant });
    const race = page.locator('form', { hasText: '由谁继续' });
    await race.getByLabel('理由').fill('实测帧率更高');
    await press(page, '决定由其继续');
    await page.getByText('实测帧率更高').waitFor();
    page = await at(bidders[1]!, `/opencall/${round}`);
    await page.getByText('国家检验中心').first().waitFor();
    await examine(page, 'outcomes');
    expect(story.faults).toEqual([]);
  });
});
