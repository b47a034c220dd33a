// Table: the thirty-seven items as rules, in the order of the instrument; conditions from its words.
import type {
  Amount,
  Beneficiary,
  Benefit,
  Cap,
  Condition,
  EvidenceDefinition,
  FactValue,
  Rule,
  Words,
} from '../model.ts';
import { CLAUSES } from './clauses.ts';

const PRINTED = '2023-12-28';
const ISSUER = '湖南省人民政府办公厅';

function is(fact: string, value: FactValue, quote?: string): Condition {
  return { test: 'fact', fact, compare: 'is', value, ...(quote === undefined ? {} : { quote }) };
}

function yes(fact: string, quote?: string): Condition {
  return is(fact, true, quote);
}

function oneOf(fact: string, value: readonly string[], quote?: string): Condition {
  return { test: 'fact', fact, compare: 'in', value, ...(quote === undefined ? {} : { quote }) };
}

function all(...of: readonly Condition[]): Condition {
  return { test: 'all', of };
}

function any(...of: readonly Condition[]): Condition {
  return { test: 'any', of };
}

function under(parameter: string, value: string): Condition {
  return { test: 'parameter', parameter, value };
}

function fixed(yuan: number): Amount {
  return { amount: 'fixed', fen: `${yuan}00` };
}

function fact(name: string): Amount {
  return { amount: 'fact', fact: name };
}

/** A document that may stand for several claims: a recognition, a public list, an agreement. */
function paper(code: string, zh: string, en: string): EvidenceDefinition {
  return { ...proof(code, zh, en), shared: true };
}

function proof(code: string, zh: string, en: string, required = true): EvidenceDefinition {
  return { code, label: { zh, en }, required };
}

const ENTERPRISE = oneOf('applicant.kind', ['enterprise', 'state_enterprise']);

type Entry = {
  readonly title: Words;
  readonly to: readonly Beneficiary[];
  readonly benefit: Benefit;
} & Omit<Partial<Rule>, 'to'>;

const NOTHING = {
  object: null,
  frequency: 'none',
  speed: 'prescribed',
  condition: null,
  bound: null,
  caps: [],
  sameKind: null,
  evidence: [],
  parameters: [],
  publicMoney: false,
  systems: [],
} as const;

const MEASURE_NUMBERS = ['一', '二', '三', '四', '五', '六', '七', '八', '九', '十'] as const;

function rule(item: keyof typeof CLAUSES, { to, ...entry }: Entry): Rule {
  const numeral = /^M(\d+)\./.exec(item)?.[1];
  return {
    ...NOTHING,
    item,
    version: 1,
    from: null,
    to: null,
    recorded: PRINTED,
    issuedBy: ISSUER,
    reason: { zh: '按条文原文', en: 'As the instrument reads' },
    measure: numeral === undefined ? '' : MEASURE_NUMBERS[Number(numeral) - 1]!,
    clause: CLAUSES[item],
    beneficiaries: to,
    ...entry,
  };
}

const PER_ROUND: Cap = {
  code: 'M6.2.firm',
  limitFen: '100000000',
  per: ['applicant', 'round'],
  when: { parameter: 'A10', value: 'per_firm_per_round' },
};

/** The rules of 湘政办发〔2023〕55号 as it was printed; later versions are added, never edited. */
export const RULES: readonly Rule[] = [
  rule('M1.1', {
    title: { zh: '建设媒体实验室', en: 'The media laboratory' },
    to: ['laboratory'],
    benefit: 'task',
    systems: ['platforms'],
  }),
  rule('M1.2', {
    title: { zh: '产业联合创新中心、产业赋能平台', en: 'Joint centres and enabling platforms' },
    to: ['host_unit'],
    benefit: 'task',
    systems: ['platforms'],
  }),
  rule('M1.3', {
    title: { zh: '培育国家级和省级创新平台', en: 'Platforms of the state and the province' },
    to: ['host_unit'],
    benefit: 'task',
    frequency: 'standing',
    // The list of kinds ends in 等, so every kind may come; the level is what must be recognised.
    condition: oneOf('platform.level', ['province', 'nation'], '国家级和省级'),
    evidence: [paper('recognition', '认定文件', 'Decision of recognition')],
    systems: ['platforms'],
  }),
  rule('M2.1', {
    title: { zh: '年度攻关目录', en: 'Yearly catalogue of key technology' },
    to: ['public'],
    benefit: 'task',
    frequency: 'yearly_round',
    systems: ['catalogue'],
  }),
  rule('M2.2', {
    title: { zh: '“揭榜挂帅”', en: 'Open calls' },
    to: ['enterprise', 'university', 'laboratory'],
    benefit: 'programme',
    object: 'project',
    frequency: 'yearly_round',
    condition: yes('programme.selected', '运用“揭榜挂帅”等方式'),
    bound: { amount: 'unset' },
    sameKind: 'research-project',
    evidence: [paper('task_book', '任务书', 'Task book')],
    publicMoney: true,
    systems: ['open-call'],
  }),
  rule('M2.3', {
    title: { zh: '重点研发、重大攻关和关键产品攻关项目', en: 'Three research programmes' },
    to: ['enterprise', 'university', 'laboratory'],
    benefit: 'programme',
    object: 'project',
    frequency: 'yearly_round',
    condition: all(
      oneOf(
        'programme.kind',
        ['key_research', 'major_research', 'product_research'],
        '重点研发计划、重大科技攻关计划、制造业关键产品攻关项目',
      ),
      yes('programme.selected'),
    ),
    bound: { amount: 'unset' },
    sameKind: 'research-project',
    evidence: [paper('task_book', '任务书', 'Task book')],
    publicMoney: true,
    systems: ['open-call'],
  }),
  rule('M3.1', {
    title: { zh: '全省音视频行业大模型', en: 'The provincial model' },
    to: ['park'],
    benefit: 'task',
    systems: ['ecosystem'],
  }),
  rule('M3.2', {
    title: { zh: '“两网一平台”', en: 'Two networks and one platform' },
    to: ['park'],
    benefit: 'task',
    systems: ['network'],
  }),
  rule('M4.1', {
    title: { zh: '龙头企业在湘设立总部', en: 'Headquarters of leading firms in Hunan' },
    to: ['leading_enterprise'],
    benefit: 'reference',
    object: 'headquarters',
    frequency: 'once_per_object',
    condition: all(
      yes('applicant.audio_video', '音视频行业'),
      yes('applicant.leading', '龙头企业'),
      oneOf('headquarters.kind', ['national', 'regional'], '在湘设立全国总部、区域总部'),
    ),
    sameKind: 'headquarters',
    evidence: [paper('investment_agreement', '招商引资协议', 'Investment agreement')],
    parameters: ['A20'],
    systems: ['policy'],
  }),
  rule('M4.2', {
    title: { zh: '研发中心认定奖励', en: 'Reward for recognised R&D centres' },
    to: ['enterprise'],
    benefit: 'reward',
    object: 'centre',
    frequency: 'once_per_object',
    condition: all(
      ENTERPRISE,
      yes('centre.invested', '鼓励企业投资设立研发中心'),
      oneOf('centre.recognised', ['province', 'nation'], '经省级及以上部门认定'),
    ),
    bound: fixed(5_000_000),
    caps: [
      {
        code: 'M4.2.centre',
        limitFen: '500000000',
        per: ['object'],
        when: { parameter: 'A11', value: 'per_centre' },
      },
      {
        code: 'M4.2.firm',
        limitFen: '500000000',
        per: ['applicant'],
        when: { parameter: 'A11', value: 'per_firm' },
      },
    ],
    sameKind: 'rd-centre',
    evidence: [
      paper('recognition', '省级及以上部门认定文件', 'Recognition by province or state'),
      proof('investment', '投资凭证', 'Proof of the investment'),
    ],
    parameters: ['A11'],
    publicMoney: true,
    systems: ['policy', 'platforms'],
  }),
  rule('M4.3', {
    title: { zh: '购买先进技术成果并在湘转化', en: 'Advanced technology turned to use in Hunan' },
    to: ['enterprise'],
    benefit: 'information',
    condition: all(ENTERPRISE, yes('technology.bought'), yes('technology.in_hunan', '在湘转化')),
    systems: ['policy'],
  }),
  rule('M4.4', {
    title: { zh: '配套订单增量奖励', en: 'Reward for more orders to suppliers' },
    to: ['leading_enterprise'],
    benefit: 'reward',
    object: 'order_year',
    frequency: 'yearly_round',
    condition: all(
      ENTERPRISE,
      any(
        all(under('A9', 'leading_firm'), yes('applicant.leading', '鼓励龙头企业')),
        all(under('A9', 'supplier'), yes('supplier.is', '配套企业')),
      ),
      {
        test: 'facts',
        fact: 'orders.this_year',
        compare: 'more',
        than: 'orders.last_year',
        quote: '按年度非关联交易订单增量部分',
      },
    ),
    bound: {
      amount: 'rate_parameter',
      of: { amount: 'difference', from: fact('orders.this_year'), less: fact('orders.last_year') },
      parameter: 'R4.4',
    },
    basis: {
      label: { zh: '订单增量', en: 'Increase of orders' },
      of: { amount: 'difference', from: fact('orders.this_year'), less: fact('orders.last_year') },
    },
    sameKind: 'supply-orders',
    evidence: [
      proof('order_ledger', '两个年度的订单台账', 'Order ledger of both years'),
      proof('related_parties', '关联方声明', 'Statement on related parties'),
    ],
    parameters: ['A9', 'R4.4'],
    publicMoney: true,
    systems: ['policy'],
  }),
  rule('M4.5', {
    title: { zh: '国有资本参与基础设施和平台', en: 'State capital in infrastructure' },
    to: ['state_enterprise'],
    benefit: 'information',
    condition: is('applicant.kind', 'state_enterprise', '省属国有企业'),
    systems: ['policy'],
  }),
  rule('M4.6', {
    title: { zh: '内容企业“走出去”', en: 'Content firms going abroad' },
    to: ['enterprise'],
    benefit: 'information',
    condition: all(
      ENTERPRISE,
      yes('applicant.content', '动漫游戏等优秀内容企业'),
      yes('export.active', '开拓海外市场'),
    ),
    systems: ['policy', 'network'],
  }),
  rule('M5.1', {
    title: { zh: '首台套等产品优先采购', en: 'Preference for first-of-kind products' },
    to: ['enterprise'],
    benefit: 'priority',
    object: 'product',
    frequency: 'standing',
    condition: all(
      oneOf(
        'product.first_kind',
        ['equipment', 'material', 'chip', 'component', 'software'],
        '首台套重大技术装备、首批次新材料、首轮次芯片、首套件基础电子元器件、首版次软件',
      ),
      yes('product.single_source', '符合单一来源采购情形'),
    ),
    evidence: [
      paper('first_of_kind', '首台套等认定', 'Entry in the register of firsts'),
      proof('single_source', '单一来源采购理由', 'Reason for a single source'),
    ],
    parameters: ['A16'],
    systems: ['first-of-kind'],
  }),
  rule('M5.2', {
    title: { zh: '首款产品测试认证补助', en: 'Test and certification of a first product' },
    to: ['enterprise'],
    benefit: 'subsidy',
    object: 'product',
    frequency: 'once_per_object',
    condition: all(
      ENTERPRISE,
      yes('product.certified', '开展产品测试认证'),
      any(
        all(under('A17', 'separate'), yes('product.first_passed', '首款产品')),
        all(
          under('A17', 'same_as_five'),
          oneOf('product.first_kind', ['equipment', 'material', 'chip', 'component', 'software']),
        ),
      ),
    ),
    bound: { amount: 'rate_parameter', of: fact('product.test_fee'), parameter: 'R5.2' },
    eligibleCost: fact('product.test_fee'),
    sameKind: 'product-test',
    evidence: [
      paper('certificate', '测试认证证书', 'Certificate of the test'),
      proof('invoice', '测试认证费发票', 'Invoice of the test'),
    ],
    parameters: ['A17', 'R5.2'],
    publicMoney: true,
    systems: ['policy', 'first-of-kind'],
  }),
  rule('M5.3', {
    title: { zh: '基于行业大模型研发推广', en: 'Products on the provincial model' },
    to: ['enterprise'],
    benefit: 'information',
    condition: all(ENTERPRISE, yes('product.on_model', '基于全省音视频行业大模型')),
    systems: ['ecosystem'],
  }),
  rule('M6.1', {
    title: { zh: '应用新技术的内容产品', en: 'Content products with new technology' },
    to: ['enterprise'],
    benefit: 'information',
    condition: all(ENTERPRISE, yes('content.new_technology', '应用新技术新标准')),
    systems: ['benchmark'],
  }),
  rule('M6.2', {
    title: { zh: '示范标杆项目奖励', en: 'Reward for benchmark projects' },
    to: ['enterprise'],
    benefit: 'reward',
    object: 'project',
    frequency: 'yearly_round',
    condition: all(
      yes('project.provider', '项目解决方案提供商'),
      yes('project.selected', '每年遴选实施一批示范标杆项目'),
    ),
    bound: fixed(1_000_000),
    caps: [
      PER_ROUND,
      {
        ...PER_ROUND,
        per: ['applicant'],
        when: { parameter: 'A10', value: 'per_firm' },
      },
      { code: 'M6.2.project', limitFen: '100000000', per: ['object'] },
    ],
    sameKind: 'benchmark-project',
    evidence: [
      proof('contract', '项目合同', 'Contract of the project'),
      proof('acceptance', '验收证明', 'Acceptance'),
      proof('users', '使用情况', 'Record of use', false),
    ],
    parameters: ['A10'],
    publicMoney: true,
    systems: ['benchmark'],
  }),
  rule('M7.1', {
    title: { zh: '建设开发者生态和创作者生态', en: 'Ecosystems of developers and creators' },
    to: ['operator'],
    benefit: 'task',
    systems: ['ecosystem'],
  }),
  rule('M7.2', {
    title: { zh: '发布原生应用和内容', en: 'Publishing native works' },
    to: ['enterprise', 'individual'],
    benefit: 'information',
    condition: all(
      oneOf('applicant.kind', ['enterprise', 'state_enterprise', 'individual'], '企业或个人'),
      yes('ecosystem.published', '发布原生应用和内容'),
    ),
    systems: ['ecosystem'],
  }),
  rule('M7.3', {
    title: { zh: '生态运营主体的排名奖励', en: 'Rewards of the operator by rank' },
    to: ['enterprise', 'individual'],
    benefit: 'reward',
    frequency: 'standing',
    condition: yes('ecosystem.ranked', '排名靠前的开发者、创作者'),
    bound: { amount: 'unset' },
    parameters: ['A18'],
    systems: ['ecosystem'],
  }),
  rule('M7.4', {
    title: { zh: '生态运营主体补助', en: 'Subsidy for operators of ecosystems' },
    to: ['operator'],
    benefit: 'subsidy',
    object: 'ecosystem',
    frequency: 'yearly_round',
    condition: oneOf(
      'ecosystem.operator',
      ['developer', 'creator', 'both'],
      '开发者生态和创作者生态运营主体',
    ),
    bound: { amount: 'unset' },
    sameKind: 'ecosystem-operation',
    evidence: [proof('operation_report', '生态运营报告', 'Report of the operation')],
    publicMoney: true,
    systems: ['policy', 'ecosystem'],
  }),
  rule('M7.5', {
    title: { zh: '音视频全球体验中心', en: 'Global experience centre' },
    to: ['park'],
    benefit: 'task',
    systems: ['policy'],
  }),
  rule('M8.1', {
    title: { zh: '纳入省级重大人才项目', en: 'Talent programmes of the province' },
    to: ['individual'],
    benefit: 'priority',
    frequency: 'standing',
    condition: yes('talent.audio_video', '音视频领域人才'),
    systems: ['talent'],
  }),
  rule('M8.2', {
    title: { zh: '高层次人才靶向引进', en: 'Key talents and core teams' },
    to: ['individual'],
    benefit: 'priority',
    frequency: 'standing',
    condition: all(
      yes('talent.audio_video', '音视频行业领军人才'),
      yes('talent.key', '对关键人才、核心团队实行靶向引进'),
    ),
    systems: ['talent'],
  }),
  rule('M8.3', {
    title: { zh: '创办高校、创设相关专业', en: 'Universities and new majors' },
    to: ['university'],
    benefit: 'task',
    systems: ['talent'],
  }),
  rule('M8.4', {
    title: { zh: '校企合作课程补助', en: 'Subsidy for joint courses' },
    to: ['university', 'enterprise'],
    benefit: 'subsidy',
    object: 'course',
    frequency: 'yearly_round',
    condition: all(
      yes('course.joint', '对企业与高校合作开设的专业课程'),
      yes('course.in_plan', '进入人才培养方案或教学计划的'),
      yes('course.builder', '课程建设单位'),
    ),
    bound: fixed(1_000_000),
    caps: [
      {
        code: 'M8.4.unit',
        limitFen: '100000000',
        per: ['applicant', 'round'],
        when: { parameter: 'A12', value: 'per_unit_per_round' },
      },
      {
        code: 'M8.4.course',
        limitFen: '100000000',
        per: ['object'],
        when: { parameter: 'A12', value: 'per_course' },
      },
      {
        code: 'M8.4.unit',
        limitFen: '100000000',
        per: ['applicant'],
        when: { parameter: 'A12', value: 'per_unit' },
      },
    ],
    sameKind: 'course',
    evidence: [
      paper('course_agreement', '校企合作协议', 'Agreement of firm and university'),
      paper('teaching_plan', '培养方案或教学计划', 'Curriculum or teaching plan'),
      proof('course_list', '课程清单', 'List of courses'),
    ],
    parameters: ['A12'],
    publicMoney: true,
    systems: ['policy', 'talent'],
  }),
  rule('M8.5', {
    title: { zh: '产教融合载体建设补助', en: 'Subsidy for training bodies' },
    to: ['host_unit'],
    benefit: 'subsidy',
    object: 'base',
    frequency: 'once_per_object',
    condition: all(
      oneOf(
        'base.kind',
        ['base', 'college', 'consortium'],
        '产教融合人才实训基地、现代产业学院和音视频行业产教联合体',
      ),
      any(
        under('A14', 'factor'),
        all(under('A14', 'condition'), {
          test: 'fact',
          fact: 'base.trained',
          compare: 'at_least',
          value: 1,
          quote: '根据人才培养数量和实训效果',
        }),
      ),
    ),
    bound: {
      amount: 'least',
      of: [
        {
          amount: 'rate',
          of: { amount: 'difference', from: fact('base.cost'), less: fact('base.construction') },
          rate: '3/10',
        },
        fixed(2_000_000),
      ],
    },
    basis: {
      label: { zh: '软硬件费用（不含基建）', en: 'Hardware and software without construction' },
      of: { amount: 'difference', from: fact('base.cost'), less: fact('base.construction') },
    },
    eligibleCost: {
      amount: 'difference',
      from: fact('base.cost'),
      less: fact('base.construction'),
    },
    caps: [
      {
        code: 'M8.5.body',
        limitFen: '200000000',
        per: ['object'],
        when: { parameter: 'A13', value: 'per_body' },
      },
      {
        code: 'M8.5.label',
        limitFen: '200000000',
        per: ['object', 'label'],
        when: { parameter: 'A13', value: 'per_label' },
      },
    ],
    sameKind: 'training-base',
    evidence: [
      proof('asset_list', '软硬件资产清单（与基建分列）', 'Assets, construction apart'),
      proof('invoices', '采购发票', 'Invoices'),
      proof('cohorts', '培养人数和实训效果', 'Cohorts and their results'),
    ],
    parameters: ['A13', 'A14', 'A19'],
    publicMoney: true,
    systems: ['policy', 'talent'],
  }),
  rule('M9.1', {
    title: { zh: '年度省级专项资金', en: 'The yearly fund of the province' },
    to: ['public'],
    benefit: 'task',
    frequency: 'yearly_round',
    systems: ['budget'],
  }),
  rule('M9.2', {
    title: { zh: '音视频产业相关基金', en: 'Funds under the mother fund' },
    to: ['enterprise'],
    benefit: 'information',
    systems: ['policy'],
  }),
  rule('M9.3', {
    title: { zh: '优先纳入白名单和项目清单', en: 'Priority on the white list' },
    to: ['enterprise'],
    benefit: 'priority',
    object: 'list',
    frequency: 'standing',
    condition: all(ENTERPRISE, yes('applicant.audio_video', '支持音视频企业')),
    systems: ['list'],
  }),
  rule('M9.4', {
    title: { zh: '市州配套政策', en: 'Policies of cities' },
    to: ['city'],
    benefit: 'information',
    condition: is('applicant.kind', 'government', '鼓励市州人民政府'),
    parameters: ['A15'],
    systems: ['second-level'],
  }),
  rule('M10.1', {
    title: { zh: '重大活动承办补助', en: 'Subsidy for organisers of events' },
    to: ['organiser'],
    benefit: 'subsidy',
    object: 'event',
    frequency: 'yearly_round',
    // The list of organisers ends in 等, so the kind of applicant does not exclude anybody.
    condition: yes('event.organiser', '给予承办单位一定补助'),
    bound: { amount: 'unset' },
    sameKind: 'event',
    evidence: [proof('event_report', '活动总结和支出明细', 'Report and costs of the event')],
    publicMoney: true,
    systems: ['policy', 'contest'],
  }),
  rule('M10.2', {
    title: { zh: '“马栏山指数”', en: 'The Malanshan index' },
    to: ['public'],
    benefit: 'task',
    systems: ['index'],
  }),
  rule('G1', {
    title: { zh: '不重复享受，就高', en: 'Not both; the higher' },
    to: ['public'],
    benefit: 'general',
    parameters: ['A4', 'A5', 'A6', 'A7', 'A8'],
    systems: ['stacking'],
  }),
  rule('G2', {
    title: { zh: '施行日期和有效期', en: 'Begin and term' },
    to: ['public'],
    benefit: 'general',
    parameters: ['A1', 'A2', 'A3'],
    systems: ['validity'],
  }),
];
