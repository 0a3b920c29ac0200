import { z } from 'zod';

/**
 * A UUID in lower case, whichever case it is written in (RFC 9562 4): the text is compared, locked and published as the key of
 * an aggregate, so one id must have one spelling.
 */
export const uuid = z.uuid().toLowerCase();

const NUL = '\0';
const isStorable = (value: string) => !value.includes(NUL) && value.isWellFormed();

/** Text of at most `max` characters that PostgreSQL and canonical JSON hold as it is: no NUL, no unpaired surrogates. */
export const text = (max: number) =>
  z.string().max(max, `must have at most ${max} characters`).refine(isStorable, 'has characters that are not allowed');

/** An absolute URL as it was written: redirect URIs are compared as text. */
export const url = (protocol?: RegExp) =>
  z.url({ protocol }).max(2_048).refine(isStorable, 'has characters that are not allowed');

/** RFC 9396 7: what a token was granted in detail, each as its type says. */
export const authorizationDetails = z.array(z.looseObject({ type: z.string() }));

/** RFC 6749 A.1: printable ASCII. */
export const clientId = z
  .string()
  .max(200)
  .regex(/^[\x20-\x7e]*$/, 'has characters that are not allowed');

const EARLIEST_MS = Date.parse('0001-01-01T00:00:00Z');
/** PostgreSQL rounds to microseconds: a second less than the end keeps the rounded instant in year 9999. */
const LATEST_MS = Date.parse('9999-12-31T23:59:58.999Z');
/** With nanoseconds and an offset; PostgreSQL reads no endless fractions. */
const INSTANT_LENGTH_MAX = '2026-01-01T00:00:00.123456789+00:00'.length;

function isRepresentable(instant: string): boolean {
  const ms = Date.parse(instant);
  return ms >= EARLIEST_MS && ms <= LATEST_MS && instant.length <= INSTANT_LENGTH_MAX;
}

/** An instant with a time zone that PostgreSQL and JavaScript both represent: the years 1 to 9999, in UTC. */
export const instant = z.iso
  .datetime({ offset: true, abort: true })
  .refine(isRepresentable, 'must be in the years 0001 to 9999, to the nanosecond at most');
