import { type Finding } from '@yinglian/core';
import {
  OMC_SCHEMA,
  type OmcEntity,
  type OmcGraph,
  readOmc,
  referenceTo,
  writeOmc,
} from '@yinglian/omc';
import {
  isJsonObject,
  type JsonObject,
  type JsonValue,
  member,
  objectMember,
  textMember,
} from '@yinglian/timeline';
import type { ProjectRecord } from './repository.ts';
import type { SequenceRecord, ShotRecord } from './shot-repository.ts';
import type { TaskRecord } from './task-service.ts';
import type { VersionRecord } from './version-service.ts';

/** `domain` of what this project says beyond OMC, and its namespaces. */
const DOMAIN = 'yinglian';
const SHOT = 'shot';
const TASK = 'task';

const custom = (namespace: string, value: JsonObject): JsonValue => [
  { domain: DOMAIN, namespace, value },
];

const number = (value: number | null): JsonValue => (value === null ? null : BigInt(value));

/** What is told of a project in OMC. */
export type OmcProject = {
  readonly project: ProjectRecord;
  readonly sequences: readonly SequenceRecord[];
  readonly shots: readonly ShotRecord[];
  readonly tasks: readonly TaskRecord[];
  readonly versions: readonly VersionRecord[];
};

/**
 * A project as an OMC graph: the work, the companies, each shot as an Asset, each task as a Task in
 * the context of its shot, each version as an Asset derived from it. Names are ours: the same
 * project always gives the same graph.
 */
export function omcOfProject(of: OmcProject): string {
  const { project } = of;
  const entities: OmcEntity[] = [];
  const scope = `yinglian/${project.id}`;
  const add = (entityType: string, key: string, members: JsonObject): OmcEntity => {
    const identifiers = [{ scope, value: key }];
    const entity = { entityType, schemaVersion: OMC_SCHEMA, identifiers, members };
    entities.push(entity);
    return entity;
  };
  add('CreativeWork', `work/${project.filmId}`, {
    name: project.filmTitle,
    creativeWorkType: 'creativeWork',
    creativeWorkTitle: [{ titleName: project.filmTitle, titleType: 'working' }],
  });
  for (const each of project.participants) {
    add('Participant', `company/${each.organisationId}`, {
      name: each.organisationName,
      participantFC: { functionalType: each.role },
    });
  }
  const shots = new Map<string, OmcEntity>();
  for (const each of of.shots) shots.set(each.id, add('Asset', `shot/${each.code}`, shotOf(each)));
  for (const each of of.versions) {
    const shot = shots.get(each.subjectId);
    if (shot === undefined) continue;
    add('Asset', `version/${each.id}`, {
      name: each.assetTitle,
      version: { versionNumber: String(each.number), DerivationOf: referenceTo(shot) },
      assetFC: { functionalType: 'shot.version' },
    });
  }
  for (const each of of.tasks) {
    const shot = each.shotId === null ? undefined : shots.get(each.shotId);
    const context =
      shot === undefined
        ? undefined
        : add('Context', `context/${each.id}`, {
            contextType: 'production',
            has: { Asset: [referenceTo(shot)] },
          });
    add('Task', `task/${each.id}`, {
      name: each.name,
      description: each.description,
      taskFC: {
        functionalType: each.name,
        customData: custom(TASK, {
          shot: each.subject,
          status: each.status,
          company: each.organisationName,
          dueOn: each.dueOn,
        }),
      },
      ...(context === undefined ? {} : { Context: [referenceTo(context)] }),
    });
  }
  return writeOmc({ entities });
}

function shotOf(of: ShotRecord): JsonObject {
  return {
    name: of.code,
    description: of.description,
    assetFC: {
      functionalType: 'shot.editorial',
      customData: custom(SHOT, {
        sequence: of.sequence,
        status: of.status,
        omitted: of.omitted,
        frameCount: number(of.frameCount),
        firstFrame: number(of.firstFrame),
        cutIn: number(of.cutIn),
        cutOut: number(of.cutOut),
        clip: of.clip,
        reel: of.reel,
      }),
    },
  };
}

/** Shots and tasks that a graph tells of. */
export type OmcWork = {
  readonly shots: readonly {
    readonly code: string;
    readonly description: string;
    readonly sequence: string;
    readonly frameCount: number | null;
  }[];
  readonly tasks: readonly { readonly shot: string; readonly name: string }[];
  readonly findings: readonly Finding[];
};

const CODE = /^[\p{L}\p{N}][\p{L}\p{N}._-]{0,59}$/u;

/** Reads the shots and tasks of a graph, ours or another tool's; undefined where it is none. */
export function workOfOmc(text: string): OmcWork | { readonly findings: readonly Finding[] } {
  const read = readOmc(text);
  if (!read.ok) return { findings: read.findings };
  const graph: OmcGraph = read.value;
  const shots = new Map<string, OmcWork['shots'][number]>();
  const byName = new Map<string, string>();
  for (const each of graph.entities) {
    if (each.entityType !== 'Asset') continue;
    const functional = objectMember(each.members, 'assetFC') ?? {};
    const code = (textMember(each.members, 'name') ?? '').trim();
    const type = textMember(functional, 'functionalType') ?? '';
    if (!(type === 'shot' || type === 'shot.editorial') || !CODE.test(code)) continue;
    for (const { scope, value } of each.identifiers) byName.set(`${scope}\n${value}`, code);
    if (shots.has(code)) continue;
    const own = customOf(functional, SHOT);
    const frames = Number(member(own, 'frameCount'));
    shots.set(code, {
      code,
      description: textMember(each.members, 'description') ?? '',
      sequence: textMember(own, 'sequence') ?? '',
      frameCount: Number.isSafeInteger(frames) && frames > 0 ? frames : null,
    });
  }
  const tasks = graph.entities
    .filter((each) => each.entityType === 'Task')
    .map((each) => {
      const functional = objectMember(each.members, 'taskFC') ?? {};
      const named = textMember(customOf(functional, TASK), 'shot');
      return {
        shot: named ?? shotInContext(each, graph, byName) ?? '',
        name: (textMember(each.members, 'name') ?? textMember(functional, 'functionalType') ?? '')
          .trim()
          .slice(0, 200),
      };
    })
    .filter((each) => each.name !== '' && shots.has(each.shot));
  return { shots: [...shots.values()], tasks, findings: read.findings };
}

function customOf(of: JsonObject, namespace: string): JsonObject {
  const list = member(of, 'customData');
  for (const each of Array.isArray(list) ? (list as readonly JsonValue[]) : []) {
    if (!isJsonObject(each) || textMember(each, 'namespace') !== namespace) continue;
    return objectMember(each, 'value') ?? {};
  }
  return {};
}

/** The shot that a task's context has, for graphs that say it in OMC's own way. */
function shotInContext(
  of: OmcEntity,
  graph: OmcGraph,
  byName: ReadonlyMap<string, string>,
): string | undefined {
  const wanted = new Set(referencesIn(member(of.members, 'Context')));
  for (const each of graph.entities) {
    if (each.entityType !== 'Context') continue;
    if (!each.identifiers.some(({ scope, value }) => wanted.has(`${scope}\n${value}`))) continue;
    for (const relation of ['has', 'for', 'uses']) {
      const relations = objectMember(each.members, relation);
      if (relations === undefined) continue;
      for (const key of referencesIn(member(relations, 'Asset'))) {
        const code = byName.get(key);
        if (code !== undefined) return code;
      }
    }
  }
  return undefined;
}

function referencesIn(value: JsonValue | undefined): string[] {
  const list = Array.isArray(value)
    ? (value as readonly JsonValue[])
    : value === undefined
      ? []
      : [value];
  return list.flatMap((each) => {
    if (!isJsonObject(each)) return [];
    const names = member(each, 'identifier');
    return (Array.isArray(names) ? (names as readonly JsonValue[]) : []).flatMap((name) =>
      isJsonObject(name)
        ? [
            ['identifierScope', 'identifierValue']
              .map((part) => textMember(name, part) ?? '')
              .join('\n'),
          ]
        : [],
    );
  });
}
