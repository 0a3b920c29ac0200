import { isIP } from 'node:net';
import { z } from 'zod';
import { Secret } from './secret.ts';

/** One of `values`, written exactly so. */
export const oneOf = <const V extends readonly [string, ...string[]]>(values: V) =>
  z.enum(values, { error: `must be one of ${values.join(', ')}` });

/** Any text. */
export const text = () => z.string();

/** A whole number in `min..max`, both included. */
export function integer({ min = 0, max = Number.MAX_SAFE_INTEGER }: { min?: number; max?: number } = {}) {
  const problem = `must be a whole number from ${min} to ${max}`;
  return z
    .string()
    .regex(/^-?\d{1,16}$/, problem)
    .transform(Number)
    .pipe(z.number().min(min, problem).max(max, problem));
}

/** A TCP port; 0 lets the system choose one. */
export const port = () => integer({ min: 0, max: 65_535 });

/** A duration in milliseconds. */
export const durationMs = ({ min = 1, max = 86_400_000 }: { min?: number; max?: number } = {}) => integer({ min, max });

/** A number in `min..max`, decimals allowed. */
export function decimal({ min, max }: { min: number; max: number }) {
  const problem = `must be a number from ${min} to ${max}`;
  return z
    .string()
    .regex(/^\d+(\.\d+)?$/, problem)
    .transform(Number)
    .pipe(z.number().min(min, problem).max(max, problem));
}

export const flag = () =>
  z.enum(['true', 'false'], { error: 'must be true or false' }).transform((value) => value === 'true');

/** Comma separated; blanks around items are dropped and empty items refused. */
export function listOf<T extends z.ZodType<unknown, string>>(item: T) {
  return z
    .string()
    .transform((text) => text.split(',').map((part) => part.trim()))
    .pipe(z.array(item));
}

/** A URL with one of `protocols` (`['https:']`). */
export function url(protocols: readonly string[] = ['http:', 'https:']) {
  const problem = `must be a URL that starts with ${protocols.map((protocol) => `${protocol}//`).join(' or ')}`;
  return z.string().refine((text) => protocols.includes(URL.parse(text)?.protocol ?? ''), problem);
}

/** True where only this machine can be meant. */
export function isLoopback(address: string): boolean {
  const host = URL.parse(address)?.hostname ?? '';
  return host === 'localhost' || host === '[::1]' || /^127\.\d+\.\d+\.\d+$/.test(host);
}

/** A base URL of a service: no query, fragment or slash at the end, since paths are appended and audiences compared. */
export const baseUrl = () =>
  url().refine((text) => /^https?:\/\/[^?#]*[^?#/]$/.test(text), 'must have no query, fragment or slash at the end');

/** An issuer (RFC 8414 2): https, or http on loopback only. */
export const issuerUrl = () =>
  baseUrl().refine((text) => text.startsWith('https:') || isLoopback(text), 'must be https; http is for loopback only');

/** An IP address or a network such as `10.0.0.0/8`. */
export const network = () =>
  z.string().refine((text) => {
    const [address = '', bits, ...rest] = text.split('/');
    const version = isIP(address);
    if (version === 0 || rest.length > 0) return false;
    return bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= (version === 4 ? 32 : 128));
  }, 'must be an IP address or a network such as 10.0.0.0/8');

/** A secret; it has no default, ever. `minLength` in characters. */
export const secret = ({ minLength = 16 }: { minLength?: number } = {}) =>
  z
    .string()
    .min(minLength, `must have at least ${minLength} characters`)
    .transform((value) => new Secret(value));

/** A URL that carries a password, such as a database's. */
export const secretUrl = (protocols: readonly string[]) => url(protocols).transform((value) => new Secret(value));

/** A key of `bytes` random bytes in base64 or base64url. */
export const secretKey = ({ bytes = 32 }: { bytes?: number } = {}) =>
  z
    .string()
    .refine(
      (text) => /^[A-Za-z0-9+/_-]+={0,2}$/.test(text) && Buffer.from(text, 'base64').length === bytes,
      `must be ${bytes} random bytes in base64`,
    )
    .transform((value) => new Secret(value));
