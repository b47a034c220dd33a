/**
 * JSON as timelines need it: an integer is a bigint and a number with a point or an exponent is a
 * double, so that `24` and `24.0` stay different and integers beyond 2^53 stay what they were.
 * NaN and the infinities are doubles.
 */
export type JsonValue =
  | null
  | boolean
  | string
  | bigint
  | number
  | readonly JsonValue[]
  | JsonObject;
/** An object of such values. A member called `__proto__` is a member like any other. */
export type JsonObject = { readonly [name: string]: JsonValue };

/** Whether a value is an object, not a list and not null. */
export function isJsonObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The values of a list; none where it is something else. */
export function jsonList(value: JsonValue | undefined): readonly JsonValue[] {
  return Array.isArray(value) ? (value as readonly JsonValue[]) : [];
}

/** A member that is the object's own; undefined where there is none. */
export function member(of: JsonObject, name: string): JsonValue | undefined {
  return Object.hasOwn(of, name) ? of[name] : undefined;
}

/** A text member, or undefined. */
export function textMember(of: JsonObject, name: string): string | undefined {
  const value = member(of, name);
  return typeof value === 'string' ? value : undefined;
}

/** An object member, or undefined. */
export function objectMember(of: JsonObject, name: string): JsonObject | undefined {
  const value = member(of, name);
  return isJsonObject(value) ? value : undefined;
}

/** A number member, of either kind, as a double; undefined for anything else. */
export function numberMember(of: JsonObject, name: string): number | undefined {
  const value = member(of, name);
  if (typeof value === 'bigint') return Number(value);
  return typeof value === 'number' ? value : undefined;
}

/** Sets a member as data, also one called `__proto__`. */
export function setMember<Value>(of: Record<string, Value>, name: string, value: Value): void {
  if (name !== '__proto__') {
    of[name] = value;
    return;
  }
  Object.defineProperty(of, name, { value, writable: true, enumerable: true, configurable: true });
}
