import type { FindingTexts } from '@yinglian/core';

/** What this package finds, in words. */
export const FINDING_TEXTS = {
  unexpected_omc_root: {
    zh: '不是 OMC：最外层应为实体、实体列表，或按类别分组的对象。',
    en: 'This is no OMC: an entity, a list of them or an object of lists by kind is expected.',
  },
  unexpected_omc_member: {
    zh: '“{member}”不是实体类别，未读取。',
    en: '“{member}” is no kind of entity and was not read.',
  },
  missing_entity_type: {
    zh: '没有 entityType，不知是什么实体。',
    en: 'There is no entityType to say what it is.',
  },
  unknown_entity_type: {
    zh: '不认识的实体类别 {entityType}，原样保留。',
    en: 'Entity type {entityType} is unknown and kept as it is.',
  },
  missing_schema_version: {
    zh: '实体没有 schemaVersion。',
    en: 'The entity has no schemaVersion.',
  },
  unknown_schema_version: {
    zh: '不认识的版本 {schemaVersion}，按 v2.8 读取。',
    en: 'Version {schemaVersion} is unknown; it is read as v2.8.',
  },
  missing_identifier: {
    zh: '{entityType} 没有标识，别处无法引用它。',
    en: '{entityType} has no identifier, so nothing can refer to it.',
  },
  invalid_omc_identifier: {
    zh: '标识 {text} 缺少 identifierScope 或 identifierValue。',
    en: 'Identifier {text} lacks identifierScope or identifierValue.',
  },
  mismatched_entity_type: {
    zh: '{entity} 先是 {expected}，此处又是 {found}。',
    en: '{entity} was {expected} before and is {found} here.',
    remedy: {
      zh: '请给其中一个换一个标识。',
      en: 'Give one of them another identifier.',
    },
  },
  conflicting_member: {
    zh: '{entity} 的 {member} 与前文不同，此处为 {found}；以前文为准。',
    en: '{member} of {entity} differs from before: {found} here; the first stands.',
  },
  mismatched_reference_type: {
    zh: '此处应引用 {expected}，{entity} 却是 {found}。',
    en: 'A {expected} is referred to here, but {entity} is a {found}.',
  },
  dangling_reference: {
    zh: '{entity} 不在此文件里。',
    en: '{entity} is not in this file.',
  },
  missing_omc_composition: {
    zh: '没有剪辑（sequence 类的 Composition）。',
    en: 'There is no cut in it (a Composition of type sequence).',
  },
  missing_shot_timing: {
    zh: '镜头 {name} 没有可读的时间（{text}），未放入剪辑。',
    en: 'Shot {name} has no times that can be read ({text}) and is not in the cut.',
  },
  overlapping_shots: {
    zh: '镜头 {name} 与前一镜头重叠 {frames} 帧，放到上一层轨道。',
    en: 'Shot {name} overlaps the one before by {frames} frames and is on a track above.',
  },
  uncarried_omc_treatment: {
    zh: '{name} 的转场、变速或特效 OMC 无处记录，只写在自定义数据里。',
    en: 'OMC has no place for the transition, speed or effect of {name}; it is custom data.',
  },
} as const satisfies FindingTexts;
