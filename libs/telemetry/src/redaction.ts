const MASK = '[redacted]';

/** Fields whose value is never written, whatever their depth and type; compared without case, `-` and `_`. */
const secretFields = new Set(
  [
    'authorization, proxy-authorization, cookie, set-cookie, x-api-key, dpop',
    'password, new_password, current_password, passphrase, client_secret, secret, private_key, encryption_key',
    'token, access_token, refresh_token, id_token, logout_token, csrf_token, subject_token, actor_token',
    'assertion, client_assertion, code_verifier, device_code, user_code, verification_code, otp, recovery_code',
  ].flatMap((names) => names.split(', ').map(normalised)),
);

/** The private members of a JWK (RFC 7518 6); they are one letter long, so they count only beside `kty`. */
const privateJwkMembers = new Set(['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k']);

function normalised(name: string): string {
  return name.replace(/[-_]/g, '').toLowerCase();
}

/** Redaction by path: a copy of `fields` in which every secret field at any depth is masked. Errors stay as they are. */
export function redactFields(fields: Record<string, unknown>, depth = 0): Record<string, unknown> {
  let copy: Record<string, unknown> | undefined;
  const isJwk = 'kty' in fields;
  for (const name in fields) {
    const value = fields[name];
    const safe = isSecretField(name, value, isJwk) ? MASK : redactNested(value, depth);
    if (safe !== value) (copy ??= { ...fields })[name] = safe;
  }
  return copy ?? fields;
}

function isSecretField(name: string, value: unknown, isJwk: boolean): boolean {
  if (value === undefined || value === null) return false;
  if (isJwk && privateJwkMembers.has(name)) return true;
  if (name === 'code') return looksLikeCode(value);
  return secretFields.has(name) || secretFields.has(normalised(name));
}

/** `code` holds an authorization or mail code, but also SQLSTATEs and names of problems, which must stay readable. */
function looksLikeCode(value: unknown): boolean {
  return /^\d{6,10}$|^(?=.*\d)[\w-]{16,}$/.test(String(value));
}

const DEPTH_MAX = 8;

function redactNested(value: unknown, depth: number): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (depth >= DEPTH_MAX) return '[too deep]';
  if (Array.isArray(value)) {
    const safe = value.map((item) => redactNested(item, depth + 1));
    return safe.some((item, index) => item !== value[index]) ? safe : value;
  }
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) return value;
  return redactFields(value as Record<string, unknown>, depth + 1);
}

/** Ends of the names of secret parameters and members: `secret` stands for `client_secret` as well. */
const names = '(?:password|passphrase|secret|code_verifier|token|assertion|otp)';

interface ValueRule {
  /** Without this text, which is quickly looked for, the pattern cannot match. */
  readonly hint: string;
  readonly pattern: RegExp;
  readonly replacement: string;
}

/** Redaction by value: what a secret looks like wherever it stands, a message, a stack or an echoed body included. */
const rules: readonly ValueRule[] = [
  {
    hint: 'PRIVATE KEY',
    pattern: /-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)/gs,
    replacement: MASK,
  },
  { hint: 'eyJ', pattern: /\beyJ[\w-]{8,}(?:\.[\w-]*){2,4}/g, replacement: MASK },
  { hint: 'gh_', pattern: /\bgh_[a-z]+_[\w-]{8,}/g, replacement: MASK },
  { hint: ' ', pattern: /\b(Bearer|Basic|DPoP) +(?=[a-z.~+/_-]*[A-Z\d])[\w.~+/-]{6,}=*/g, replacement: `$1 ${MASK}` },
  { hint: '$', pattern: /\$(?:argon2(?:id|i|d)|2[aby]|scrypt|pbkdf2[\w-]*)\$[^\s"\\]+/g, replacement: MASK },
  { hint: '@', pattern: /(:\/\/)[^\s/@"\\:]*:[^\s/@"\\]+@/g, replacement: `$1${MASK}@` },
  // A form or query parameter: password=..., code=...
  { hint: '=', pattern: new RegExp(`(${names}=)[^&\\s"\\\\]+`, 'gi'), replacement: `$1${MASK}` },
  { hint: 'code=', pattern: /\b(code=)(?=[\w-]*\d)[\w-]{6,}/g, replacement: `$1${MASK}` },
  // A member of JSON
  { hint: '":', pattern: new RegExp(`(${names}"\\s*:\\s*")(?:[^"\\\\]|\\\\.)+`, 'gi'), replacement: `$1${MASK}` },
  // A member of JSON inside a JSON string, at any depth: a quote that ends it has as many backslashes as the one before
  {
    hint: '\\":',
    pattern: new RegExp(`(${names}(\\\\+)"\\s*:\\s*\\2")(?:[^"\\\\]|\\2\\\\+"|\\\\+(?!["\\\\]))+`, 'gi'),
    replacement: `$1${MASK}`,
  },
  {
    hint: 'code',
    pattern: /("code\\*"\s*:\s*\\*"?)(?:\d{6,10}|(?=[\w-]*\d)[\w-]{16,})(?=["\\,}])/g,
    replacement: `$1${MASK}`,
  },
  { hint: 'kty', pattern: /("(?:d|p|q|dp|dq|qi|k)\\*"\s*:\s*\\*")[\w-]{20,}/g, replacement: `$1${MASK}` },
  { hint: '@', pattern: /[\w.+-]{1,64}@[a-z0-9](?:[a-z0-9-]{0,62}\.)+[a-z]{2,24}/gi, replacement: '[email]' },
];

/** Redaction by value over a finished log line or any other text. */
export function redactText(text: string): string {
  let safe = text;
  for (const { hint, pattern, replacement } of rules) {
    if (safe.includes(hint)) safe = safe.replace(pattern, replacement);
  }
  return safe;
}
