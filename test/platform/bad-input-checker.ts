import { request as httpRequest } from 'node:http';
import type { IncomingHttpHeaders } from 'node:http';
import { text } from 'node:stream/consumers';
import { problems } from '@gatehouse/contracts';
import type { Endpoint, ProblemCode } from '@gatehouse/contracts';
import type { Suite } from '@gatehouse/testing';
import { contentTypeFor, goodRequest, needsToken, saysProblems } from './bad-requests.ts';
import type { BadInput, BadPart } from './bad-requests.ts';
import type { TokenForge } from './forged-tokens.ts';
import { fill, targetOf } from './matrix-caller.ts';
import type { Things } from './matrix-caller.ts';
import { changedTables } from './platform-state.ts';
import type { PlatformState } from './platform-state.ts';

interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

/** Sends bad input to running services and says what is wrong with what became of it. */
export class BadInputChecker {
  constructor(
    private readonly suite: Suite,
    private readonly state: PlatformState,
    private readonly forge: TokenForge,
    private readonly things: Things,
  ) {}

  /** Each complaint names the endpoint; none is what a test wants. */
  async complaints(input: BadInput, endpoint: Endpoint): Promise<string[]> {
    const before = await this.state.digest();
    const answer = await this.#send(endpoint, input.of(endpoint, this.forge));
    const changed = changedTables(before, await this.state.digest());
    return [
      ...wrongAnswer(endpoint, input.code, answer),
      ...wrongPlaces(saysProblems(endpoint) ? input.places?.(endpoint) : undefined, answer),
      ...changed.map((table) => `${table} has changed`),
    ].map((complaint) => `${endpoint.id}: ${complaint}`);
  }

  /** Unlike fetch it sends a body of any type, or without one, in any method. */
  #send(endpoint: Endpoint, part: BadPart): Promise<Answer> {
    const { json, ...request } = goodRequest(endpoint);
    const good = targetOf(endpoint, request, this.things);
    const [path = '', query] = part.parameter ? [endpoint.path.replace(/\{\w+\}/g, part.parameter)] : good.split('?');
    const search = [query, part.query].filter((piece) => piece !== undefined).join('&');
    const body = fill(part.body ?? (json && JSON.stringify(json)), this.things) as string | Buffer | undefined;
    const contentType = contentTypeFor(endpoint, part);
    const headers = {
      ...(body !== undefined && { 'content-length': String(Buffer.byteLength(body)) }),
      ...(body !== undefined && contentType !== null && { 'content-type': contentType }),
      ...(needsToken(endpoint) && { authorization: `Bearer ${part.token ?? this.forge.token(endpoint.service)}` }),
    };
    const url = `${this.suite.url(endpoint.service)}${path}${search && `?${search}`}`;
    return send(url, { method: endpoint.method, headers }, body);
  }
}

function send(url: string, options: object, body: string | Buffer | undefined): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const request = httpRequest(url, { ...options, agent: false });
    request.on('error', reject);
    request.on('response', (response) => {
      text(response).then((content) => {
        resolve({ status: response.statusCode ?? 0, headers: response.headers, text: content });
      }, reject);
    });
    request.end(body);
  });
}

/** What the answer is not: the status, the format of the endpoint and the code in it. */
function wrongAnswer(endpoint: Endpoint, code: ProblemCode, { status, headers, text }: Answer): string[] {
  const expected = problems[code];
  if (status !== expected.status) return [`answered ${status} and not ${expected.status}: ${text.slice(0, 200)}`];
  const type = headers['content-type']?.split(';')[0];
  const challenged = status !== 401 || /^Bearer\b.*error="invalid_token"/.test(headers['www-authenticate'] ?? '');
  return [
    ...(challenged ? [] : [`the challenge is ${headers['www-authenticate']}`]),
    ...(headers['x-request-id'] ? [] : ['there is no request id']),
    ...(type === contentTypes[endpoint.errorFormat ?? 'problem'] ? [] : [`answered in ${type}`]),
    ...(saysSo[endpoint.errorFormat ?? 'problem'](text, code, headers) ? [] : [`does not say ${code}: ${text}`]),
  ];
}

const contentTypes = { problem: 'application/problem+json', oauth: 'application/json', page: 'text/html' } as const;

type SaysSo = (text: string, code: ProblemCode, headers: IncomingHttpHeaders) => boolean;
const saysSo: Readonly<Record<keyof typeof contentTypes, SaysSo>> = {
  problem(text, code, headers) {
    const body = JSON.parse(text) as Record<string, unknown>;
    const { status, title } = problems[code];
    const expected = {
      type: `urn:gatehouse:problem:${code}`,
      code,
      status,
      title,
      request_id: headers['x-request-id'],
    };
    return Object.entries(expected).every(([name, value]) => body[name] === value);
  },
  /** RFC 6749 5.2 has one code for everything that is wrong with a request. */
  oauth(text) {
    const { error, error_description } = JSON.parse(text) as Record<string, unknown>;
    return error === 'invalid_request' && typeof error_description === 'string' && error_description !== '';
  },
  page: (text, code) => text.startsWith('<!doctype html>') && text.includes(`<h1>${problems[code].title}</h1>`),
};

/** The places that a problem lists, down to the field of the body; inside it any place will do. */
function wrongPlaces(expected: readonly string[] | undefined, { text }: Answer): string[] {
  if (!expected) return [];
  const { errors = [] } = JSON.parse(text) as { errors?: { pointer?: string; parameter?: string }[] };
  const named = errors.map(({ pointer, parameter }) => pointer?.split('/').slice(0, 2).join('/') ?? parameter ?? '');
  const [found, wanted] = [new Set(named), new Set(expected)];
  return [
    ...[...wanted].filter((place) => !found.has(place)).map((place) => `does not say that ${place} is wrong`),
    ...[...found].filter((place) => !wanted.has(place)).map((place) => `says that ${place} is wrong`),
  ];
}
