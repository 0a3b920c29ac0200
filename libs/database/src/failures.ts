import { Problem } from '@gatehouse/problem';
import type { ProblemCode } from '@gatehouse/contracts';

/**
 * SQLSTATE classes and codes that say the server could not serve anybody, not that this statement was wrong
 * (PostgreSQL, Appendix A): connections, resources, shutdown, I/O, failover, credentials, deadlocks and timeouts.
 */
const DEPENDENCY_STATES = /^(08|28|53|58|57P|40)|^(57014|55P03|25006|25P03|25P04|3D000)$/;

const NETWORK_CODES = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ECONNABORTED',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EAI_AGAIN',
]);

/** What the driver itself says without a code. */
const DRIVER_MESSAGES =
  /^(Connection terminated|Connection ended|timeout exceeded when trying to connect|Query read timeout|Client has encountered a connection error|Client was closed|Cannot use a pool after calling end|timeout expired)/;

const DEPENDENCY_PROBLEMS: readonly ProblemCode[] = ['dependency-unavailable', 'event-backlog-full', 'overloaded'];

/** What a driver's error may carry; everything is optional because anything can be thrown. */
interface Facts {
  readonly code?: unknown;
  readonly constraint?: unknown;
  readonly message?: unknown;
  readonly cause?: unknown;
  readonly driverError?: unknown;
}

/**
 * Whether `error` (or what caused it) says that a server we need is not available, so that the same work may succeed
 * later unchanged. A consumer pauses on such a failure and never parks the message; an endpoint answers 503.
 */
export function isDependencyFailure(error: unknown): boolean {
  return chain(error).some((link) => {
    if (link instanceof Problem) return DEPENDENCY_PROBLEMS.includes(link.code);
    const { code, message } = link;
    if (typeof code === 'string' && (NETWORK_CODES.has(code) || DEPENDENCY_STATES.test(code))) return true;
    return typeof message === 'string' && DRIVER_MESSAGES.test(message);
  });
}

/** Whether the connection that raised `error` must not be used again: its stream is broken or out of step. */
export function breaksConnection(error: unknown): boolean {
  return chain(error).some(({ code, message }) => {
    if (typeof code === 'string' && (NETWORK_CODES.has(code) || /^(08|57P|25P03|25P04)/.test(code))) return true;
    return typeof message === 'string' && DRIVER_MESSAGES.test(message);
  });
}

/**
 * The problem that a database error means to the caller: a violated constraint by its name in `constraints`, a server
 * that is away as `dependency-unavailable`. Any other error comes back unchanged.
 */
export function toProblem(error: unknown, constraints: Readonly<Record<string, ProblemCode>>): unknown {
  if (chain(error).some((link) => link instanceof Problem)) return error;
  const constraint = chain(error).find((link) => typeof link.constraint === 'string')?.constraint as string | undefined;
  const code = constraint === undefined ? undefined : constraints[constraint];
  if (code) return new Problem(code, { cause: error });
  if (isDependencyFailure(error)) return new Problem('dependency-unavailable', { cause: error, retryAfterSeconds: 1 });
  return error;
}

/** The error, the driver's error inside it, and their causes; at most eight links. */
function chain(error: unknown): Facts[] {
  const links: Facts[] = [];
  for (let link = error; links.length < 8 && typeof link === 'object' && link !== null;) {
    const facts = link as Facts;
    links.push(facts);
    link = facts.driverError ?? facts.cause;
  }
  return links;
}
