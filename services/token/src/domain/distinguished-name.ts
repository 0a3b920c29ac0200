/** What one relative distinguished name has: its attributes as `TYPE=value`, in one order. */
type RelativeName = readonly string[];

interface Unit {
  readonly bytes: Buffer;
  /** The character, where it was not escaped. */
  readonly literal: string | null;
}

/** Object ids and other spellings of the attribute types that certificates have, under the name that OpenSSL prints. */
const SAME_TYPE: Readonly<Record<string, string>> = {
  '2.5.4.3': 'CN',
  COMMONNAME: 'CN',
  '2.5.4.4': 'SN',
  '2.5.4.5': 'SERIALNUMBER',
  '2.5.4.6': 'C',
  '2.5.4.7': 'L',
  '2.5.4.8': 'ST',
  S: 'ST',
  '2.5.4.9': 'STREET',
  STREETADDRESS: 'STREET',
  '2.5.4.10': 'O',
  '2.5.4.11': 'OU',
  '2.5.4.12': 'TITLE',
  '2.5.4.15': 'BUSINESSCATEGORY',
  '2.5.4.42': 'GN',
  '2.5.4.97': 'ORGANIZATIONIDENTIFIER',
  '0.9.2342.19200300.100.1.1': 'UID',
  USERID: 'UID',
  '0.9.2342.19200300.100.1.25': 'DC',
  '1.2.840.113549.1.9.1': 'EMAILADDRESS',
  E: 'EMAILADDRESS',
  EMAIL: 'EMAILADDRESS',
};

/**
 * A distinguished name as text (RFC 4514), its last part first like in a certificate; null where it is none, is empty, or
 * has a value in hexadecimal BER. Attribute types compare without case, values as they are.
 */
export function distinguishedName(text: string): readonly RelativeName[] | null {
  const units = unitsOf(text);
  const names = units && splitAt(units, ',').map(relativeName);
  return names?.every((name) => name !== null) ? names.reverse() : null;
}

/** The subject of a certificate as `X509Certificate` prints it: a line for each part, escaped like RFC 4514. */
export function printedSubject(subject: string): readonly RelativeName[] | null {
  const names = subject.split('\n').map((line) => {
    const units = unitsOf(line);
    return units && relativeName(units);
  });
  return names.every((name) => name !== null) ? names : null;
}

export function isSameName(left: readonly RelativeName[], right: readonly RelativeName[]): boolean {
  return JSON.stringify(left) === JSON.stringify(right);
}

/** RFC 4514 3: a character, one behind a backslash, or an octet in hexadecimal behind it. */
function unitsOf(text: string): Unit[] | null {
  const units: Unit[] = [];
  const unit = /\\([\da-fA-F]{2})|\\([ "#+,;<=>\\])|([^\\\0])/uy;
  while (unit.lastIndex < text.length) {
    const [, hex, escaped, literal] = unit.exec(text) ?? [];
    if (hex !== undefined) units.push({ bytes: Buffer.from(hex, 'hex'), literal: null });
    else if (escaped !== undefined) units.push({ bytes: Buffer.from(escaped), literal: null });
    else if (literal !== undefined) units.push({ bytes: Buffer.from(literal), literal });
    else return null;
  }
  return units;
}

function relativeName(units: readonly Unit[]): RelativeName | null {
  const attributes = splitAt(units, '+').map(attribute);
  return attributes.every((one) => one !== null) ? attributes.sort() : null;
}

function attribute(units: readonly Unit[]): string | null {
  const equals = units.findIndex(({ literal }) => literal === '=');
  const type = units.slice(0, Math.max(equals, 0)).map(({ literal }) => literal ?? '\\').join('').trim(); // prettier-ignore
  if (!/^(?:[A-Za-z][A-Za-z\d-]*|\d+(?:\.\d+)+)$/.test(type)) return null;
  const value = valueOf(units.slice(equals + 1));
  if (value === null) return null;
  const name = type.toUpperCase();
  return `${SAME_TYPE[name] ?? name}=${value}`;
}

function valueOf(units: readonly Unit[]): string | null {
  const isBlank = ({ literal }: Unit) => literal === ' ';
  const from = units.findIndex((unit) => !isBlank(unit));
  const value = from < 0 ? [] : units.slice(from, units.findLastIndex((unit) => !isBlank(unit)) + 1);
  const special = value.some(({ literal }) => literal !== null && '";<>'.includes(literal));
  if (value.length === 0 || value[0]?.literal === '#' || special) return null;
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(
      Buffer.concat(value.map((one) => one.bytes)),
    );
  } catch {
    return null;
  }
}

function splitAt(units: readonly Unit[], separator: string): Unit[][] {
  const parts: Unit[][] = [[]];
  for (const unit of units) {
    if (unit.literal === separator) parts.push([]);
    else parts.at(-1)?.push(unit);
  }
  return parts;
}
