/** Deeper values are refused, before recursion could exhaust the stack. */
const MAX_DEPTH = 64;

/** The value has no canonical form: it is not I-JSON (RFC 7493), or nests too deep. */
export class NotCanonical extends Error {
  override readonly name = 'NotCanonical';
}

/**
 * The JSON Canonicalization Scheme, RFC 8785: no whitespace, members sorted by UTF-16 code units, numbers and strings
 * as ECMAScript writes them. Equal values give equal text, whatever the order of their members was. Members that are
 * `undefined` are left out. Throws NotCanonical for lone surrogates, NaN, infinities and anything that JSON has not.
 */
export function canonicalJson(value: unknown): string {
  return write(value, 0);
}

function write(value: unknown, depth: number): string {
  switch (typeof value) {
    case 'string':
      return writeString(value);
    case 'number':
      if (!Number.isFinite(value)) throw new NotCanonical(`${value} is not a JSON number`);
      return JSON.stringify(value);
    case 'boolean':
      return value ? 'true' : 'false';
    case 'object':
      if (value === null) return 'null';
      if (depth === MAX_DEPTH) throw new NotCanonical(`nested deeper than ${MAX_DEPTH} levels`);
      return Array.isArray(value) ? writeArray(value, depth + 1) : writeObject(value as JsonObject, depth + 1);
    default:
      throw new NotCanonical(`${typeof value} is not a JSON value`);
  }
}

type JsonObject = Readonly<Record<string, unknown>>;

/** ECMAScript's escaping is the RFC's, except that it writes lone surrogates as escapes instead of refusing them. */
function writeString(text: string): string {
  if (!text.isWellFormed()) throw new NotCanonical('a string has a lone surrogate');
  return JSON.stringify(text);
}

function writeArray(items: readonly unknown[], depth: number): string {
  return `[${items.map((item) => write(item, depth)).join(',')}]`;
}

function writeObject(object: JsonObject, depth: number): string {
  const members: Record<string, string> = Object.create(null) as Record<string, string>; // else `__proto__` is no member
  for (const [name, value] of Object.entries(object)) if (value !== undefined) members[name] = write(value, depth);
  return canonicalObject(members);
}

/** The canonical text of an object whose members' values are canonical text already. */
export function canonicalObject(members: Readonly<Record<string, string>>): string {
  // The default order of sort() is the order of UTF-16 code units, which the RFC asks for.
  const names = Object.keys(members).sort();
  return `{${names.map((name) => `${writeString(name)}:${members[name]}`).join(',')}}`;
}
