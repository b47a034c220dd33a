import { type AafObject, hex, indirectRational, PROPERTY } from './objects.ts';

/** SpeedRatio of the standard's effects: 72559a80-24d7-11d3-8a50-0050040ef7d2. */
const SPEED_RATIO = '809a5572d724d3118a500050040ef7d2';
const PARAMETER_DEFINITIONS = 0x2604;
/** Avid's speed at each key frame, by the name of its definition. */
const AVID_SPEED = /^PARAM_SPEED_MAP_U$/;
const AVID_OFFSETS = /^PARAM_SPEED_OFFSET_MAP_U$/;

/** Names of parameter definitions, read once for a file. */
const NAMES = new WeakMap<AafObject, Map<string, string>>();

function namesOf(header: AafObject): Map<string, string> {
  const known = NAMES.get(header);
  if (known !== undefined) return known;
  const made = new Map<string, string>();
  const dictionary = header.object(PROPERTY.dictionary);
  for (const each of dictionary?.objects(PARAMETER_DEFINITIONS) ?? []) {
    const id = each.data(PROPERTY.identification);
    if (id !== undefined) made.set(hex(id), each.text(PROPERTY.definitionName) ?? '');
  }
  NAMES.set(header, made);
  return made;
}

/**
 * The constant speed of an effect; `curve` where it changes on the way; undefined where the effect
 * is not about speed.
 */
export function speedOfGroup(group: AafObject, header: AafObject): number | 'curve' | undefined {
  const names = namesOf(header);
  let timed = false;
  for (const each of group.objects(PROPERTY.parameters)) {
    const id = hex(each.data(PROPERTY.parameterDefinition) ?? new Uint8Array(0));
    const name = names.get(id) ?? '';
    if (id === SPEED_RATIO) {
      const constant = indirectRational(each.data(PROPERTY.parameterValue));
      if (constant !== undefined) return constant;
    }
    if (AVID_SPEED.test(name) || id === SPEED_RATIO) {
      const values = each
        .objects(PROPERTY.pointList)
        .map((point) => indirectRational(point.data(PROPERTY.pointValue)));
      const [first] = values;
      timed = true;
      if (first !== undefined && values.every((value) => value === first)) return first;
    }
    if (AVID_OFFSETS.test(name)) timed = true;
  }
  return timed ? 'curve' : undefined;
}
