import { formatDouble } from '../json/write.ts';
import {
  isJsonObject,
  type JsonObject,
  type JsonValue,
  member,
  numberMember,
  objectMember,
} from '../json/value.ts';
import { gradeOf } from './read.ts';
import type { EdlRemark } from './statements.ts';

/** What a clip says below its line. */
export type Facts = {
  readonly name: string;
  readonly frozen: boolean;
  readonly covering: boolean;
  readonly fromName: string;
  readonly file: string | undefined;
  readonly grade: JsonObject | undefined;
  readonly markers: readonly (readonly [label: string, text: string])[];
  /** Names that a reader gives by itself. */
  readonly implied: readonly string[];
};

/** What a clip has to say below its line, and what of it has been said. */
export class ClipFacts {
  readonly #facts: Facts;
  #named = false;
  #filed = false;
  #sloped = false;
  #saturated = false;
  #froze = false;
  readonly #marked = new Set<number>();

  constructor(facts: Facts) {
    this.#facts = facts;
  }

  /** Whether a line that was read still holds; what it says need not be said again. */
  keeps(remark: EdlRemark): boolean {
    const facts = this.#facts;
    switch (remark.about) {
      case 'fromName':
      case 'toName':
      case 'keyName':
        return this.#keepsName(remark);
      case 'locator': {
        const words = remark.value.replace(/\s+/g, ' ').trim();
        const index = facts.markers.findIndex(
          ([label, text], i) =>
            !this.#marked.has(i) && sameLocator(words, `${label} ${text}`.trim()),
        );
        if (index >= 0) this.#marked.add(index);
        return index >= 0;
      }
      case 'slopeOffsetPower':
        return (this.#sloped = this.#sameGrade(remark, 'asc_sop')) || unreadable(remark);
      case 'saturation':
        return (this.#saturated = this.#sameGrade(remark, 'asc_sat')) || unreadable(remark);
      case 'freeze':
        return (this.#froze = facts.frozen);
      case 'file':
        if (facts.file === undefined || facts.file === remark.value) this.#filed = true;
        return (
          facts.file === undefined || facts.file === remark.value || !/[/\\]/.test(remark.value)
        );
      default:
        return true;
    }
  }

  #keepsName(remark: EdlRemark): boolean {
    const facts = this.#facts;
    const value = facts.frozen ? remark.value.replace(/\s+FF$/, '') : remark.value;
    if (value === facts.name) this.#named = true;
    const other = facts.covering && remark.about === 'fromName';
    return value === facts.name || other || value === '' || remark.about === 'keyName';
  }

  #sameGrade(remark: EdlRemark, part: 'asc_sop' | 'asc_sat'): boolean {
    const said = gradeOf([remark])?.[part];
    const has = this.#facts.grade?.[part];
    return said !== undefined && has !== undefined && sameJson(said, has);
  }

  /** Lines for what was not said. */
  unsaid(): string[] {
    const facts = this.#facts;
    const lines: string[] = [];
    const name = oneLine(facts.name);
    const implied = facts.implied.includes(name);
    if (!this.#named && !implied) {
      if (facts.covering && facts.fromName !== '') {
        lines.push(`* FROM CLIP NAME: ${oneLine(facts.fromName)}`);
      }
      lines.push(`* ${facts.covering ? 'TO' : 'FROM'} CLIP NAME: ${name}`);
    }
    if (facts.frozen && !this.#froze) lines.push('* FREEZE FRAME');
    if (facts.file !== undefined && !this.#filed)
      lines.push(`* SOURCE FILE: ${oneLine(facts.file)}`);
    for (const [index, [label, text]] of facts.markers.entries()) {
      if (!this.#marked.has(index)) lines.push(`* LOC: ${label} ${oneLine(text)}`.trimEnd());
    }
    lines.push(...this.#gradeLines());
    return lines;
  }

  #gradeLines(): string[] {
    const grade = this.#facts.grade;
    if (grade === undefined) return [];
    const lines: string[] = [];
    const sop = objectMember(grade, 'asc_sop');
    if (sop !== undefined && !this.#sloped) {
      const triples = ['slope', 'offset', 'power'].map((each) => numbersOf(member(sop, each)));
      if (triples.every((each) => each.length === 3)) {
        lines.push(`* ASC_SOP ${triples.map((each) => `(${each.join(' ')})`).join('')}`);
      }
    }
    const saturation = numberMember(grade, 'asc_sat');
    if (saturation !== undefined && !this.#saturated) {
      lines.push(`* ASC_SAT ${formatDouble(saturation)}`);
    }
    return lines;
  }
}

function unreadable(remark: EdlRemark): boolean {
  return gradeOf([remark]) === undefined;
}

function numbersOf(value: JsonValue | undefined): string[] {
  if (!Array.isArray(value)) return [];
  return (value as readonly JsonValue[]).flatMap((each) =>
    typeof each === 'number' || typeof each === 'bigint' ? [formatDouble(Number(each))] : [],
  );
}

function sameJson(a: JsonValue, b: JsonValue): boolean {
  if (Array.isArray(a) && Array.isArray(b)) {
    return a.length === b.length && a.every((each: JsonValue, i) => sameJson(each, b[i]!));
  }
  if (isJsonObject(a) && isJsonObject(b)) {
    const names = Object.keys(a);
    return (
      names.length === Object.keys(b).length &&
      names.every((name) => Object.hasOwn(b, name) && sameJson(a[name]!, b[name]!))
    );
  }
  if (typeof a === 'number' || typeof b === 'number') return Number(a) === Number(b);
  return a === b;
}

/** Labels may differ in their marks, the rest must be the same words. */
function sameLocator(a: string, b: string): boolean {
  const plain = (text: string) => text.replace(/^[\d:;.,]+/, (label) => label.replace(/\D/g, ':'));
  return plain(a).toUpperCase() === plain(b.replace(/\s+/g, ' ')).toUpperCase();
}

/** Text that stays on its line, as every statement of a list does. */
export function oneLine(text: string): string {
  return text.replace(/[\r\n\u0085\u2028\u2029]+/g, ' ');
}
