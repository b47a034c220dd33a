// Table: the story of one claim as its people see it, told in order over one server.
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { chromiumOrReason, launch } from './support/chromium.ts';
import { type ClockedServer, startClocked } from './support/clocked.ts';
import { type Person, storyOf, untold } from './support/story.ts';

const reason = untold('a claim');
const executable = reason === null ? chromiumOrReason() : undefined;
if (reason !== null) process.stderr.write(reason);
const DAY_MS = 86_400_000;
const PEOPLE = {
  officer: ['policy.officer', '经办李明'],
  second: ['policy.officer', '经办周宁'],
  reviewer: ['policy.reviewer', '评审陈琳'],
  approver: ['policy.approver', '审批王芳'],
  finance: ['policy.finance', '财务赵强'],
  payer: ['policy.finance', '财务孙丽'],
  auditor: ['policy.auditor', '审计吴越'],
} as const;

describe.skipIf(executable === undefined)('a claim in the browser', () => {
  let server: ClockedServer;
  let browser: Browser;
  let story: ReturnType<typeof storyOf>;
  const at: typeof story.at = (who, path) => story.at(who, path);
  const examine: typeof story.examine = (page, name) => story.examine(page, name);
  const press: typeof story.press = (page, name) => story.press(page, name);
  const step: typeof story.step = (page, name, why) => story.step(page, name, why);
  let company: Person;
  let rival: Person;
  let city: Person;
  let joint: Person;
  const staff: Partial<Record<keyof typeof PEOPLE, Person>> = {};
  const of = (role: keyof typeof PEOPLE) => staff[role]!;
  let claim = '';
  let call = '';

  beforeAll(async () => {
    server = await startClocked('2026-06-01T09:00:00+08:00');
    browser = await launch(executable ?? '');
    story = storyOf(server, browser, { reasonLabel: '说明' });
    const operator = await server.owner();
    const department = async (name: string) => {
      const made = await server.newOrganisation('other', name);
      await operator.client.policy.enrol({ params: { id: made.organisationId }, body: { name } });
      return made;
    };
    const lead = await department('省委人才办');
    city = await story.person(await department('长沙市工业和信息化局'));
    joint = await story.person(await department('省财政厅'));
    for (const [name, [role, person]] of Object.entries(PEOPLE)) {
      const member = await server.newMember(lead, role, person);
      staff[name as keyof typeof PEOPLE] = await story.person(member);
    }
    company = await story.person(await server.newOrganisation('producer', '星河影视有限公司'));
    rival = await story.person(await server.newOrganisation('producer', '银梭影像有限公司'));
  });
  afterAll(async () => {
    await browser?.close();
    await server?.close();
  });

  const answer = (page: Page, question: string) =>
    page.getByRole('group', { name: question }).getByLabel('是', { exact: true }).check();
  const COURSE = ['课程由企业与高校合作开设', '课程进入培养方案或教学计划', '是课程建设单位'];
  async function answerCourse(page: Page): Promise<void> {
    await page.locator('summary', { hasText: '课程' }).first().click();
    for (const question of COURSE) await answer(page, question);
  }

  it('asks the calculator without an account, and is promised nothing', async () => {
    const context = await browser.newContext({
      viewport: { width: 1280, height: 900 },
      locale: 'zh-CN',
      timezoneId: 'Asia/Shanghai',
      reducedMotion: 'reduce',
      baseURL: server.address,
    });
    await context.clock.setFixedTime(server.now());
    const page = await context.newPage();
    await page.goto('/policy');
    await page.getByText('不构成承诺').waitFor();
    await page.getByLabel('申报主体').first().waitFor();
    await answerCourse(page);
    await page.getByText('¥1,000,000.00').first().waitFor();
    await examine(page, 'calculator');
    await context.close();
  });

  it('keeps a profile once, and hears what fits', async () => {
    const page = await at(company, '/policy/profile');
    await answerCourse(page);
    await press(page, '保存');
    await page.getByText('校企合作课程补助').first().waitFor();
    await examine(page, 'profile');
    // Pages of departments are not offered to a company.
    expect(await page.locator('#halls').getByRole('link', { name: '关联与失信' }).count()).toBe(0);
    expect(await page.locator('#halls').getByRole('link', { name: '企业档案' }).count()).toBe(1);
  });

  it('publishes a call with a defence, a city body and a joint check', async () => {
    let page = await at(of('finance'), '/policy/budget');
    await page.getByLabel('元', { exact: true }).fill('3000000');
    await press(page, '入账');
    await page.getByText('¥3,000,000.00').first().waitFor();
    page = await at(of('officer'), '/policy/calls');
    expect(await page.locator('#halls').getByRole('link', { name: '关联与失信' }).count()).toBe(1);
    await press(page, '发布通知');
    const form = page.locator('dialog[open]');
    await form.getByLabel('标题').fill('2026 年课程建设补助');
    await form.getByLabel('M8.4', { exact: false }).first().check();
    await form.getByLabel('开始').fill('2026-06-01');
    await form.getByLabel('截止').fill('2026-12-31');
    await form.getByLabel('专家评审后须答辩').check();
    await form.getByLabel('申报指南').fill('请提交校企合作协议、培养方案和课程清单。');
    await form.getByLabel('同一对象只支持一次').fill('同一课程只支持一次');
    await form.getByRole('group', { name: '会审部门' }).getByLabel('省财政厅').check();
    const cities = form.getByRole('group', { name: '市州推荐单位' });
    await cities.getByLabel('长沙市工业和信息化局').check();
    await form.getByRole('button', { name: '发布', exact: true }).click();
    await page.getByRole('link', { name: '2026 年课程建设补助' }).click();
    await page.waitForURL(/calls\/[0-9a-f-]{36}/);
    call = new URL(page.url()).pathname;
    await page.getByText('评审后须答辩').waitFor();
    await examine(page, 'call');
  });

  it('is claimed with evidence, and a document that can run is refused in words', async () => {
    let page = await at(company, '/policy/claims');
    await page.getByText('2026 年课程建设补助').first().waitFor();
    await press(page, '申报');
    const form = page.locator('dialog[open]');
    await form.getByText('校企合作课程补助').first().waitFor({ state: 'attached' });
    await form.getByLabel('对象').fill('超高清制作课程');
    await form.getByLabel('事项发生日期').fill('2026-05-01');
    await press(page, '起草');
    await page.waitForURL(/claims\/[0-9a-f-]{36}/);
    claim = new URL(page.url()).pathname;
    await press(page, '提交');
    await page.getByRole('alert').waitFor();
    const bring = async (name: string, text: string) =>
      page.locator('input[type=file]').setInputFiles({
        name,
        mimeType: 'application/pdf',
        buffer: Buffer.from(text),
      });
    await bring('协议.pdf', 'MZ\u0090 this program cannot be run in DOS mode');
    await page
      .getByText('不能作为材料', { exact: false })
      .or(page.getByRole('alert'))
      .first()
      .waitFor();
    const kinds = await page.getByLabel('材料种类').locator('option').count();
    for (let kind = 0; kind < kinds; kind++) {
      await page.getByLabel('材料种类').selectOption({ index: kind });
      await bring(`材料${kind + 1}.pdf`, `%PDF-1.7 ${kind}`);
      await page.getByRole('link', { name: `材料${kind + 1}.pdf` }).waitFor();
    }
    await examine(page, 'claim-draft');
    page = await at(company, claim);
    await step(page, '提交');
    page = await at(of('officer'), claim);
    await step(page, '一次性补正', '课程清单缺学时');
    page = await at(company, claim);
    await page.getByText('课程清单缺学时').waitFor();
    await page.getByText('一次性补正', { exact: false }).first().waitFor();
    await examine(page, 'claim-correction');
    await step(page, '补正');
  });

  it('is told of a new version of its call, with the reason', async () => {
    let page = await at(of('officer'), call);
    await page.locator('summary', { hasText: '变更或延期' }).click();
    await page.getByLabel('方向').fill('人才培养');
    await page.getByLabel('截止').fill('2027-01-31');
    await page.getByLabel('变更原因').first().fill('多家单位申请延长');
    await press(page, '发布变更');
    await page.getByText('多家单位申请延长', { exact: false }).waitFor();
    await examine(page, 'call-changed');
    page = await at(company, claim);
    await page.getByRole('status').getByText('多家单位申请延长', { exact: false }).waitFor();
    await examine(page, 'claim-call-changed');
    page = await at(company, '/policy/profile');
    await page.getByText('通知变更').waitFor();
    page = await at(of('officer'), '/policy/calls');
    await page.getByText('2026 · 人才培养').waitFor();
    await examine(page, 'calls');
  });

  it('goes from check to defence by those whose part it is', async () => {
    let page = await at(of('officer'), claim);
    await step(page, '形式审查通过');
    page = await at(city, claim);
    await step(page, '实名推荐', '课程属实');
    page = await at(of('officer'), claim);
    await page.getByLabel('说明', { exact: true }).first().fill('部门会审');
    await press(page, '部门会审');
    await page.getByRole('alert').waitFor();
    page = await at(joint, claim);
    await page.getByLabel('说明', { exact: true }).first().fill('资金来源清楚');
    await press(page, '同意');
    await page.getByText('资金来源清楚', { exact: false }).first().waitFor();
    page = await at(of('officer'), claim);
    await step(page, '部门会审', '会审通过');
    page = await at(of('reviewer'), claim);
    await page.getByPlaceholder('元').fill('800000');
    await page.getByLabel('得分').fill('88');
    await step(page, '专家评审', '课程成熟');
    page = await at(of('second'), claim);
    await step(page, '通知答辩', '6月5日上午九点，三楼会议室');
    page = await at(company, claim);
    await page.getByText('三楼会议室', { exact: false }).waitFor();
    page = await at(of('reviewer'), claim);
    await page.getByPlaceholder('元').fill('700000');
    await step(page, '记录答辩', '答辩清楚，学时核减');
    await examine(page, 'claim-defended');
  });

  it('is proposed once the review of fair competition is recorded, and stands on notice', async () => {
    let page = await at(of('second'), claim);
    await page.getByLabel('说明', { exact: true }).first().fill('列入');
    await press(page, '列入拟支持名单');
    await page.getByRole('alert').waitFor();
    expect(await page.getByLabel('说明', { exact: true }).first().inputValue()).toBe('列入');
    page = await at(of('officer'), call);
    await page.locator('summary', { hasText: '登记审查意见' }).click();
    await page.getByLabel('条目').selectOption('M8.4');
    await page.getByLabel('法律依据').fill('《公平竞争审查条例》第十二条');
    await page.getByLabel('说明', { exact: true }).fill('面向全部建设单位，条件公开');
    await press(page, '登记审查意见');
    await page.getByText('M8.4 · 通过').waitFor();
    await examine(page, 'call-fairness');
    page = await at(of('second'), claim);
    await step(page, '列入拟支持名单', '按评审和答辩');
    await step(page, '公示');
    page = await at(rival, '/policy/notices');
    await examine(page, 'notices');
    await press(page, '提出异议');
    await page.getByLabel('异议内容').fill('课程清单与实际不符，请核查。');
    await press(page, '提交');
    await page.locator('dialog[open]').waitFor({ state: 'detached' });
    const token = await page.locator('.objection-token').innerText();
    server.forward(9 * DAY_MS);
    page = await at(of('approver'), claim);
    await page.getByLabel('说明', { exact: true }).first().fill('同意');
    await press(page, '批复');
    await page.getByRole('alert').waitFor();
    // Whoever took a step of the claim does not judge what is said against it.
    page = await at(of('payer'), '/policy/record');
    await press(page, '答复');
    await page.locator('dialog[open]').getByLabel('结果').selectOption('dismissed');
    await page.locator('dialog[open]').getByLabel('答复').fill('已核查，课程清单属实。');
    await press(page, '提交');
    await page.getByText('已核查，课程清单属实。').waitFor();
    await examine(page, 'record');
    page = await at(rival, '/policy/objections');
    await page.getByText('已核查，课程清单属实。').waitFor();
    await page.getByLabel('异议回执').fill(token);
    await press(page, '查询');
    await page.getByRole('status').getByText('不成立').waitFor();
    await examine(page, 'objections');
  });

  it('is decided, paid by two persons, evaluated, audited and recovered', async () => {
    let page = await at(of('approver'), claim);
    await step(page, '批复', '同意支持');
    page = await at(of('finance'), claim);
    await step(page, '资金下达');
    await press(page, '拨付');
    await page.getByRole('alert').waitFor();
    page = await at(of('payer'), claim);
    await step(page, '拨付');
    page = await at(of('officer'), claim);
    await step(page, '绩效评价', '目标达到');
    page = await at(of('auditor'), claim);
    await step(page, '审计', '合规');
    await step(page, '追回', '后续核查发现课程停开');
    page = await at(of('finance'), claim);
    await step(page, '已收回');
    await examine(page, 'claim-recovered');
    page = await at(company, claim);
    await examine(page, 'claim-company');
    page = await at(of('auditor'), '/policy/budget');
    await page.getByText('¥700,000.00').first().waitFor();
    await examine(page, 'budget');
    page = await at(of('payer'), '/policy/budget');
    await page.getByLabel('退回到').selectOption('treasury');
    await page.getByLabel('说明', { exact: true }).fill('课程停开，上缴财政');
    await press(page, '退回');
    await page.getByText('课程停开，上缴财政').first().waitFor();
  });

  it('enters a platform into its register, assesses it and lets it rise', async () => {
    let page = await at(of('officer'), '/policy/entries');
    await press(page, '设立创新平台名录');
    await page.getByRole('heading', { name: '创新平台名录' }).waitFor();
    page = await at(company, '/policy/entries');
    await press(page, '新登记');
    const form = page.locator('dialog[open]');
    await form.getByLabel('登记簿').selectOption({ index: 1 });
    await form.getByRole('button', { name: '起草' }).click();
    await page.waitForURL(/entries\/[0-9a-f-]{36}/);
    const entry = new URL(page.url()).pathname;
    const texts = ['平台名称', '依托单位', '研究方向', '认定部门', '认定文号'];
    for (const name of texts) await page.getByLabel(name, { exact: false }).first().fill(name);
    await page.getByLabel('类型').first().selectOption({ label: '企业技术中心' });
    await page.getByLabel('级别').first().selectOption({ label: '省级' });
    await page.getByLabel('认定日期').first().fill('2026-03-01');
    await page.getByLabel('企业投资设立').first().selectOption({ index: 1 });
    await press(page, '保存');
    await page.getByRole('heading', { level: 1, name: '平台名称' }).waitFor();
    await page.locator('input[type=file]').setInputFiles({
      name: '认定文件.pdf',
      mimeType: 'application/pdf',
      buffer: Buffer.from('%PDF-1.7 recognised'),
    });
    await page.getByRole('link', { name: '认定文件.pdf' }).waitFor();
    await examine(page, 'entry-draft');
    await step(page, '提交');
    page = await at(of('officer'), entry);
    await step(page, '形式审查通过');
    page = await at(of('second'), entry);
    await step(page, '拟入库');
    await step(page, '公示');
    server.forward(9 * DAY_MS);
    page = await at(of('approver'), entry);
    await step(page, '入库');
    await page.getByText('CXPT-', { exact: false }).first().waitFor();
    page = await at(of('reviewer'), entry);
    for (const points of await page.locator('input[type=number]').all()) await points.fill('15');
    await press(page, '提交');
    await page.getByText('已保存。').waitFor();
    page = await at(company, entry);
    await page.getByLabel('申请的级别').selectOption({ label: '国家级' });
    await step(page, '申请升级', '获国家认定');
    page = await at(of('officer'), entry);
    await step(page, '升级公示');
    server.forward(9 * DAY_MS);
    page = await at(of('approver'), entry);
    await step(page, '升级', '公示无异议');
    await page.getByText('国家级').first().waitFor();
    await examine(page, 'entry-raised');
    page = await at(rival, '/policy/registers');
    await page.getByText('平台名称').first().waitFor();
    await examine(page, 'register-public');
  });

  it('decides how words are read for one item, and shows the pages of a department', async () => {
    const page = await at(of('approver'), '/policy/readings');
    const card = page.getByRole('article', { name: /^A12 / });
    await card.getByRole('button').click();
    const form = page.locator('dialog[open]');
    await form.getByLabel('适用条目').selectOption('M8.4');
    await form.getByLabel('依据的条目原文').fill('给予课程建设单位最高');
    await form.getByLabel('读法').selectOption('per_course');
    await form.getByLabel('说明', { exact: true }).fill('实施细则第三条');
    await form.getByRole('button').last().click();
    await card.getByText('每门课程').last().waitFor();
    await card.getByText('实施细则第三条').waitFor();
    await examine(page, 'readings');
    for (const path of ['instruments', 'applicants', 'holidays', 'entries', 'registers']) {
      await examine(await at(of('officer'), `/policy/${path}`), path);
    }
    expect(story.faults).toEqual([]);
  });
});
