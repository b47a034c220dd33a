// Table: the questions that the rules of this instrument ask, in the order of the form.
import type { Choice, FactDefinition, FactKind, FactValue } from '../model.ts';

function ask(name: string, kind: FactKind, zh: string, en: string): FactDefinition {
  return { name, kind, label: { zh, en } };
}

function choose(
  name: string,
  zh: string,
  en: string,
  choices: readonly (readonly [value: string, zh: string, en: string])[],
): FactDefinition {
  const listed: Choice[] = choices.map(([value, inChinese, inEnglish]) => ({
    value,
    label: { zh: inChinese, en: inEnglish },
  }));
  return { name, kind: 'choice', label: { zh, en }, choices: listed };
}

function assumed(definition: FactDefinition, whenAbsent: FactValue): FactDefinition {
  return { ...definition, whenAbsent };
}

/** Every fact the thirty-seven rules ask for. */
export const FACTS: readonly FactDefinition[] = [
  choose('applicant.kind', '申报主体是', 'The applicant is', [
    ['enterprise', '企业', 'an enterprise'],
    ['state_enterprise', '省属国有企业', 'a state-owned enterprise of the province'],
    ['university', '高校', 'a university'],
    ['institution', '事业单位或科研机构', 'a public or research institution'],
    ['association', '行业协会', 'a trade association'],
    ['alliance', '产业联盟', 'an industry alliance'],
    ['park', '园区', 'a park'],
    ['individual', '个人', 'a person'],
    ['government', '市州或县级政府', 'a government of a city or county'],
  ]),
  ask('applicant.audio_video', 'yes_no', '从事音视频行业', 'Works in audio and video'),
  ask('applicant.leading', 'yes_no', '是行业龙头企业', 'A leading enterprise of the trade'),
  ask('applicant.content', 'yes_no', '是动漫游戏等内容企业', 'Makes animation, games, content'),
  choose('headquarters.kind', '在湘设立的总部', 'Headquarters set up in Hunan', [
    ['none', '没有', 'none'],
    ['national', '全国总部', 'national'],
    ['regional', '区域总部', 'regional'],
  ]),
  ask('centre.invested', 'yes_no', '投资设立了研发中心', 'Has invested in an R&D centre'),
  choose('centre.recognised', '研发中心的认定', 'Recognition of the R&D centre', [
    ['none', '未认定', 'not recognised'],
    ['city', '市级', 'by a city'],
    ['province', '省级', 'by the province'],
    ['nation', '国家级', 'by the state'],
  ]),
  choose('platform.level', '创新平台的级别', 'Level of the platform', [
    ['none', '未认定', 'not recognised'],
    ['province', '省级', 'of the province'],
    ['nation', '国家级', 'of the state'],
  ]),
  choose('programme.kind', '参与的攻关计划', 'Research programme', [
    ['none', '没有', 'none'],
    ['key_research', '重点研发计划', 'key research and development'],
    ['major_research', '重大科技攻关计划', 'major science and technology'],
    ['product_research', '制造业关键产品攻关', 'key products of manufacturing'],
  ]),
  ask('programme.selected', 'yes_no', '揭榜中榜或项目已立项', 'The bid won or the project started'),
  ask('technology.bought', 'yes_no', '购买了先进技术成果', 'Has bought advanced technology'),
  ask(
    'technology.in_hunan',
    'yes_no',
    '并在湘转化、产业化',
    'And turned it into products in Hunan',
  ),
  ask('supplier.is', 'yes_no', '是龙头企业的配套企业', 'A supplier of a leading enterprise'),
  ask('orders.this_year', 'money', '本年度非关联配套订单', 'Non-related orders this year'),
  ask('orders.last_year', 'money', '上年度非关联配套订单', 'Non-related orders last year'),
  ask('export.active', 'yes_no', '开拓海外市场', 'Opens markets abroad'),
  choose('product.first_kind', '首台套等类别', 'First-of-kind type', [
    ['none', '都不是', 'none of these'],
    ['equipment', '首台套重大技术装备', 'first set of major equipment'],
    ['material', '首批次新材料', 'first batch of a new material'],
    ['chip', '首轮次芯片', 'first run of a chip'],
    ['component', '首套件基础电子元器件', 'first set of an electronic component'],
    ['software', '首版次软件', 'first version of software'],
  ]),
  ask(
    'product.single_source',
    'yes_no',
    '符合单一来源采购情形',
    'A single-source situation under procurement law',
  ),
  ask('product.certified', 'yes_no', '产品通过测试认证', 'The product is tested and certified'),
  ask('product.first_passed', 'yes_no', '是本企业该类首款产品', 'The first of its type you passed'),
  ask('product.test_fee', 'money', '测试认证费用', 'Fee of test and certification'),
  ask('product.on_model', 'yes_no', '基于全省音视频行业大模型', 'Built on the provincial model'),
  ask(
    'content.new_technology',
    'yes_no',
    '内容产品应用新技术新标准',
    'Content with new technology',
  ),
  ask('project.provider', 'yes_no', '是项目解决方案提供商', 'Provides the solution of a project'),
  ask('project.selected', 'yes_no', '项目入选年度示范标杆', 'The project was selected this year'),
  choose('ecosystem.operator', '运营的生态', 'Ecosystem you operate', [
    ['none', '没有', 'none'],
    ['developer', '开发者生态', 'developers'],
    ['creator', '创作者生态', 'creators'],
    ['both', '两者', 'both'],
  ]),
  ask(
    'ecosystem.published',
    'yes_no',
    '在生态中发布原生应用或内容',
    'Publishes native works in it',
  ),
  ask('ecosystem.ranked', 'yes_no', '在生态排名中靠前', 'Ranks high in it'),
  ask('talent.audio_video', 'yes_no', '是音视频领域人才', 'Works in audio and video as a talent'),
  ask('talent.key', 'yes_no', '是领军、复合型或关键人才', 'A leading, combined or key talent'),
  ask('course.joint', 'yes_no', '课程由企业与高校合作开设', 'A course of a firm and a university'),
  ask('course.in_plan', 'yes_no', '课程进入培养方案或教学计划', 'The course is in the curriculum'),
  ask('course.builder', 'yes_no', '是课程建设单位', 'You build the course'),
  choose('base.kind', '产教融合载体', 'Training body', [
    ['none', '没有', 'none'],
    ['base', '人才实训基地', 'training base'],
    ['college', '现代产业学院', 'modern industry college'],
    ['consortium', '产教联合体', 'consortium of industry and education'],
  ]),
  ask('base.cost', 'money', '软硬件条件建设费用', 'Cost of hardware and software'),
  assumed(
    ask('base.construction', 'money', '其中的基建费用', 'Construction within that cost'),
    '0',
  ),
  ask('base.trained', 'count', '培养人数', 'People trained'),
  ask('event.organiser', 'yes_no', '承办大赛、峰会等重大活动', 'Organises a contest or summit'),
];
