import { EXAMINED_LIFE, REFERRAL_LIFE } from '../lives.ts';
import type { RegisterDefinition } from '../model.ts';
import { column, criterion, document, field, GRADES, INSTRUMENT, table } from './parts.ts';

/** 校企合作课程 (M8.3, M8.4): the record of a course is the evidence for its subsidy. */
export const COURSE: RegisterDefinition = {
  schema: 'yinglian.register/1',
  kind: 'course',
  prefix: 'KC',
  title: { zh: '校企合作课程名录', en: 'Courses of firms and universities' },
  about: {
    zh: '企业与高校合作开设、进入人才培养方案或教学计划的专业课程。',
    en: 'Opened by a firm and a university together, and entered in the curriculum.',
  },
  fields: [
    field('course', 'text', ['课程名称', 'Course'], 'pr'),
    field('major', 'choice', ['专业方向', 'Major'], 'pr', [
      ['media', '网络与智能媒体', 'network and intelligent media'],
      ['production', '音视频智能制作', 'intelligent audio and video production'],
      ['design', '数字媒体设计', 'digital media design'],
      ['coding', '新一代音视频编解码', 'audio and video coding'],
      ['graphics', '图形引擎', 'graphics engines'],
      ['music', '音乐技术', 'music technology'],
      ['other', '其他', 'other'],
    ]),
    field('university', 'text', ['合作高校', 'University'], 'pr'),
    field('firm', 'text', ['合作企业', 'Firm'], 'pr'),
    field('builder', 'yes_no', ['申请单位是课程建设单位', 'The holder builds the course'], 'r'),
    field('in_plan', 'yes_no', ['进入培养方案或教学计划', 'Entered in the curriculum'], 'r'),
    field('plan_number', 'text', ['培养方案文号', 'Number of the curriculum'], 'r'),
    field('credits', 'count', ['学分', 'Credits'], 'p'),
    table('cohorts', ['各期学员', 'Cohorts'], 'r', [
      column('term', 'text', ['学期', 'Term']),
      column('enrolled', 'count', ['选课', 'Enrolled']),
      column('passed', 'count', ['通过', 'Passed']),
    ]),
  ],
  documents: [
    document('course_agreement', '校企合作协议', 'Agreement of firm and university'),
    document('teaching_plan', '培养方案或教学计划', 'Curriculum or teaching plan'),
  ],
  identity: ['course', 'university', 'firm'],
  headline: 'course',
  beneficiary: { by: 'holder' },
  actions: EXAMINED_LIFE,
  validMonths: 36,
  selection: null,
  assessment: {
    everyMonths: 12,
    criteria: [
      criterion('teaching', '教学与考核', 'Teaching and examination', 50),
      criterion('practice', '企业参与', 'Part of the firm', 30),
      criterion('result', '学员成果', 'Results of students', 20),
    ],
    grades: GRADES,
    failuresToWithdraw: 2,
    remedyWorkingDays: 30,
  },
  keepingMonths: 60,
  feeds: [
    {
      instrument: INSTRUMENT,
      item: 'M8.4',
      needs: [],
      facts: [
        { fact: 'course.joint', from: { take: 'value', value: true } },
        { fact: 'course.in_plan', from: { take: 'field', field: 'in_plan' } },
        { fact: 'course.builder', from: { take: 'field', field: 'builder' } },
      ],
      evidence: [
        { code: 'course_agreement', from: 'course_agreement' },
        { code: 'teaching_plan', from: 'teaching_plan' },
        { code: 'course_list', from: 'extract' },
      ],
      eventDate: { from: 'registered' },
    },
  ],
};

/** 实训基地、现代产业学院、产教联合体 (M8.5): cohorts, and assets with construction apart. */
export const TRAINING_BODY: RegisterDefinition = {
  schema: 'yinglian.register/1',
  kind: 'training_body',
  prefix: 'CJRH',
  title: { zh: '产教融合载体名录', en: 'Training bodies' },
  about: {
    zh: '人才实训基地、现代产业学院和音视频行业产教联合体；资产与基建分列。',
    en: 'Training bases, industry colleges and consortia; construction stands apart.',
  },
  fields: [
    field('body', 'text', ['载体名称', 'Body'], 'pr'),
    field('type', 'choice', ['类型', 'Type'], 'pr', [
      ['base', '人才实训基地', 'training base'],
      ['college', '现代产业学院', 'modern industry college'],
      ['consortium', '产教联合体', 'consortium of industry and education'],
    ]),
    // One body with three labels is one body (A13): host and site name it.
    field('host', 'text', ['建设单位', 'Host'], 'pr'),
    field('site', 'text', ['地址', 'Site'], 'pr'),
    table('assets', ['建设资产', 'Assets'], 'r', [
      column('name', 'text', ['资产', 'Asset']),
      column('kind', 'choice', ['类别', 'Kind'], true, [
        ['hardware', '硬件', 'hardware'],
        ['software', '软件', 'software'],
        ['construction', '基建', 'construction'],
      ]),
      column('invoice', 'text', ['发票号', 'Invoice'], false),
      column('fen', 'money', ['金额', 'Amount']),
    ]),
    table('cohorts', ['培养批次', 'Cohorts'], 'r', [
      column('term', 'text', ['批次', 'Cohort']),
      column('trained', 'count', ['培养人数', 'Trained']),
      column('placed', 'count', ['就业人数', 'Placed']),
    ]),
    field('directions', 'text', ['培养方向', 'What is taught'], 'p'),
  ],
  documents: [
    document('invoices', '采购发票', 'Invoices'),
    document('cohorts', '培养人数和实训效果', 'Cohorts and their results'),
  ],
  identity: ['host', 'site'],
  headline: 'body',
  beneficiary: { by: 'holder' },
  actions: EXAMINED_LIFE,
  validMonths: 36,
  selection: null,
  assessment: {
    everyMonths: 12,
    criteria: [
      criterion('trained', '培养数量', 'Numbers trained', 40),
      criterion('result', '实训效果', 'Results', 40),
      criterion('open', '共享开放', 'Openness', 20),
    ],
    grades: GRADES,
    failuresToWithdraw: 2,
    remedyWorkingDays: 60,
  },
  keepingMonths: 60,
  feeds: [
    {
      instrument: INSTRUMENT,
      item: 'M8.5',
      needs: [],
      facts: [
        { fact: 'base.kind', from: { take: 'field', field: 'type' } },
        { fact: 'base.cost', from: { take: 'sum', field: 'assets', column: 'fen' } },
        {
          fact: 'base.construction',
          from: {
            take: 'sum',
            field: 'assets',
            column: 'fen',
            where: { column: 'kind', in: ['construction'] },
          },
        },
        { fact: 'base.trained', from: { take: 'sum', field: 'cohorts', column: 'trained' } },
      ],
      evidence: [
        { code: 'asset_list', from: 'extract' },
        { code: 'invoices', from: 'invoices' },
        { code: 'cohorts', from: 'cohorts' },
      ],
      eventDate: { from: 'registered' },
    },
  ],
};

/**
 * 人才和团队 (M8.1, M8.2): a register of referrals. It decides nothing: it asks for consent, routes
 * papers, keeps what came back, shows name and unit only, and erases when the term is over.
 */
export const TALENT: RegisterDefinition = {
  schema: 'yinglian.register/1',
  kind: 'talent',
  prefix: 'RC',
  title: { zh: '音视频人才推荐登记', en: 'Referrals of talents' },
  about: {
    zh: '向“芙蓉计划”等人才项目推荐；公开的只有姓名和单位，到期删除个人信息。',
    en: 'Referrals to talent programmes; name and unit are public, and data is erased in time.',
  },
  fields: [
    field('name', 'text', ['姓名或团队名称', 'Name of the person or team'], 'prd'),
    field('unit', 'text', ['单位', 'Unit'], 'pr'),
    field('kind', 'choice', ['类别', 'Kind'], 'r', [
      ['leader', '领军人才', 'leading talent'],
      ['combined', '科技与人文艺术复合型人才', 'both technology and art'],
      ['key', '关键人才', 'key talent'],
      ['team', '核心团队', 'core team'],
      ['young', '青年人才', 'young talent'],
    ]),
    field('programme', 'text', ['申报的人才项目', 'Programme'], 'r'),
    field('opportunity', 'text', ['申报批次和截止日期', 'Round and closing day'], ''),
    field('recommender', 'text', ['推荐单位', 'Who recommends'], 'r'),
    field(
      'consent',
      'yes_no',
      ['本人同意为此项申报使用信息', 'The person agrees to this use'],
      'r',
    ),
    field('audio_video', 'yes_no', ['音视频领域', 'Works in audio and video'], 'r'),
    field('achievements', 'text', ['主要业绩', 'Achievements'], 'd'),
    table('members', ['团队成员', 'Members of the team'], 'd', [
      column('name', 'text', ['姓名', 'Name']),
      column('part', 'text', ['分工', 'Part']),
    ]),
    field('result', 'text', ['反馈结果', 'What came back'], ''),
  ],
  documents: [document('consent', '本人同意书', 'Signed consent')],
  identity: ['name', 'unit', 'programme'],
  headline: 'name',
  beneficiary: { by: 'holder' },
  actions: REFERRAL_LIFE,
  validMonths: null,
  selection: null,
  assessment: null,
  keepingMonths: 24,
  feeds: [
    {
      instrument: INSTRUMENT,
      item: 'M8.1',
      needs: [],
      facts: [{ fact: 'talent.audio_video', from: { take: 'field', field: 'audio_video' } }],
      evidence: [],
      eventDate: { from: 'registered' },
    },
    {
      instrument: INSTRUMENT,
      item: 'M8.2',
      needs: [{ field: 'kind', in: ['leader', 'combined', 'key', 'team'] }],
      facts: [
        { fact: 'talent.audio_video', from: { take: 'field', field: 'audio_video' } },
        { fact: 'talent.key', from: { take: 'value', value: true } },
      ],
      evidence: [],
      eventDate: { from: 'registered' },
    },
  ],
};
