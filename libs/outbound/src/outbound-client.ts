import { lookup, type LookupAddress } from 'node:dns';
import { lookup as resolveName } from 'node:dns/promises';
import { request as httpRequest, type IncomingMessage, type RequestOptions } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { isIP } from 'node:net';
import { counter } from '@gatehouse/telemetry';
import { AllowedDestinations } from './allowed-destinations.ts';
import { NO_ADDRESS, OutboundFailed, OutboundRefused } from './outbound-error.ts';
import { freshnessOf } from './freshness.ts';
import { isLoopbackAddress, isPublicAddress } from './public-address.ts';

/** All addresses of a name, as the system resolves it; rejects where there is none. */
export type Resolve = (hostname: string) => Promise<readonly LookupAddress[]>;

export interface OutboundClientOptions {
  /** What may be called although it is not public; see `OUTBOUND_ALLOWED`. */
  readonly allowed?: readonly string[];
  /** Certificates to trust instead of the system's, in PEM. */
  readonly ca?: string;
  readonly resolve?: Resolve;
}

export interface OutboundLimits {
  /** Longest body that is read; 262,144 unless told. */
  readonly maxBytes?: number;
  /** From the call to the last byte, name resolution included; 5,000 unless told. */
  readonly timeoutMs?: number;
  /** Takes JSON whatever its content type says; otherwise that must be `application/json` or end in `+json`. */
  readonly anyContentType?: boolean;
}

export interface FormAnswer {
  readonly status: number;
  readonly body: string;
}

export interface JsonDocument {
  readonly json: unknown;
  /** RFC 9111 4.2: for how many seconds it needs not be asked for again; null where the answer does not say. */
  readonly freshForS: number | null;
}

interface Exchange {
  readonly method: 'GET' | 'POST';
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

const MAX_BYTES = 262_144;
const TIMEOUT_MS = 5_000;
const HEADER_BYTES_MAX = 16_384;
const URL_LENGTH_MAX = 2_048;
const FORM = 'application/x-www-form-urlencoded';

/**
 * The one way to a URL that somebody else has chosen. Only https, and only to public addresses unless `allowed` names the
 * destination; http only to a loopback address that is allowed. A name is resolved once, every address that it has must
 * pass, and the connection goes to one of these: what the name means a moment later does not matter. Redirects are not
 * followed, compressed answers not taken, size and time are limited, and nothing is remembered between calls.
 */
export class OutboundClient {
  private readonly allowed: AllowedDestinations;
  private readonly outcomes = counter({
    name: 'outbound_requests_total',
    help: 'Requests to URLs that others have chosen, by outcome: answered, failed, or refused by a rule of ours.',
    labels: ['outcome'],
  });

  constructor(private readonly options: OutboundClientOptions = {}) {
    this.allowed = new AllowedDestinations(options.allowed ?? []);
  }

  /**
   * The JSON document at `url`. Throws `OutboundRefused` where a rule forbids the call, and `OutboundFailed` where there is
   * no answer, another status than 200, or no JSON.
   *
   * @example const keys = keySet.parse(await outbound.getJson(client.jwksUri, { maxBytes: 65_536 }));
   */
  async getJson(url: string, limits: OutboundLimits = {}): Promise<unknown> {
    return (await this.getJsonDocument(url, limits)).json;
  }

  /** The same with how long the answer may be used again. */
  async getJsonDocument(url: string, limits: OutboundLimits = {}): Promise<JsonDocument> {
    const headers = { accept: 'application/json' };
    return this.counted(async () => {
      const { response, body } = await this.send(url, { method: 'GET', headers }, limits);
      if (response.statusCode !== 200) throw new OutboundFailed(`The answer was ${response.statusCode}, not 200.`);
      if (!limits.anyContentType && !isJson(response.headers['content-type']))
        throw new OutboundFailed('The answer is not of a JSON content type.');
      return { json: parseJson(body), freshForS: freshnessOf(response.headers, Date.now()) };
    });
  }

  /**
   * POSTs a form and resolves with whatever status came back, redirects excepted. Throws `OutboundRefused` where a rule
   * forbids the call, and `OutboundFailed` where there is no answer.
   */
  async postForm(
    url: string,
    form: Readonly<Record<string, string>>,
    limits: OutboundLimits = {},
  ): Promise<FormAnswer> {
    const body = new URLSearchParams(form).toString();
    const headers = { 'content-type': FORM, 'content-length': String(Buffer.byteLength(body)) };
    return this.counted(async () => {
      const answer = await this.send(url, { method: 'POST', headers, body }, limits);
      return { status: answer.response.statusCode ?? 0, body: answer.body.toString('utf8') };
    });
  }

  private async counted<T>(call: () => Promise<T>): Promise<T> {
    try {
      const result = await call();
      this.outcomes.inc({ outcome: 'answered' });
      return result;
    } catch (error) {
      this.outcomes.inc({ outcome: error instanceof OutboundRefused ? 'refused' : 'failed' });
      throw error;
    }
  }

  private async send(
    address: string,
    exchange: Exchange,
    { maxBytes = MAX_BYTES, timeoutMs = TIMEOUT_MS }: OutboundLimits,
  ) {
    const url = parseUrl(address);
    const deadline = AbortSignal.timeout(timeoutMs);
    try {
      const addresses = await beforeDeadline(this.addressesOf(url), deadline);
      this.assertAllowed(url, addresses);
      const response = await this.exchange(url, addresses, exchange, deadline);
      return { response, body: await bodyOf(response, maxBytes) };
    } catch (error) {
      if (error instanceof OutboundRefused || error instanceof OutboundFailed) throw error;
      if (deadline.aborted) throw new OutboundFailed('The answer did not come in time.', error);
      throw new OutboundFailed('The host cannot be reached.', error);
    }
  }

  private async addressesOf(url: URL): Promise<readonly LookupAddress[]> {
    const host = hostOf(url);
    const family = isIP(host);
    if (family !== 0) return [{ address: host, family }];
    try {
      return await (this.options.resolve ?? systemResolve)(host);
    } catch (cause) {
      throw new OutboundFailed(NO_ADDRESS, cause);
    }
  }

  /** One address that may not be called refuses the whole name: which of them the connection would take is chance. */
  private assertAllowed(url: URL, addresses: readonly LookupAddress[]): void {
    if (addresses.length === 0) throw new OutboundFailed(NO_ADDRESS, new Error(`${url.host} has no address`));
    const secure = url.protocol === 'https:';
    const port = url.port || (secure ? '443' : '80');
    for (const { address } of addresses) {
      const allowed = this.allowed.includes({ hostname: url.hostname, port, address });
      const good = secure ? allowed || isPublicAddress(address) : allowed && isLoopbackAddress(address);
      if (good) continue;
      const cause = new Error(`${url.host} has the address ${address}`);
      throw new OutboundRefused(secure || isLoopbackAddress(address) ? NO_ADDRESS : 'The URL is not https.', cause);
    }
  }

  private exchange(
    url: URL,
    addresses: readonly LookupAddress[],
    { method, headers, body }: Exchange,
    signal: AbortSignal,
  ): Promise<IncomingMessage> {
    const host = hostOf(url);
    const options: RequestOptions & { readonly servername: string; readonly ca: string | undefined } = {
      method,
      signal,
      host,
      port: url.port || undefined,
      path: `${url.pathname}${url.search}`,
      headers: { ...headers, host: url.host, 'accept-encoding': 'identity', 'user-agent': 'gatehouse' },
      lookup: pinnedTo(addresses),
      // A connection of its own for each call: a pool would go by the name, and outlive what was checked.
      agent: false,
      // RFC 6066 3: a server name is never an address; the certificate is then compared with the address.
      servername: isIP(host) === 0 ? host : '',
      ca: this.options.ca,
      maxHeaderSize: HEADER_BYTES_MAX,
    };
    return new Promise((resolve, reject) => {
      const request = (url.protocol === 'https:' ? httpsRequest : httpRequest)(options, resolve);
      request.on('error', reject).end(body);
    });
  }
}

const systemResolve: Resolve = (hostname) => resolveName(hostname, { all: true });

/** In place of the socket's own resolution: the addresses that were checked, and no others. */
function pinnedTo(addresses: readonly LookupAddress[]): typeof lookup {
  const pinned = (_hostname: string, options: { all?: boolean }, done: (...result: unknown[]) => void) => {
    if (options.all) return done(null, addresses);
    done(null, addresses[0]?.address, addresses[0]?.family);
  };
  return pinned as unknown as typeof lookup; // -- the two forms in which a socket calls it
}

function parseUrl(text: string): URL {
  const url = text.length > URL_LENGTH_MAX ? null : URL.parse(text);
  if (!url) throw new OutboundRefused('The URL is not valid.');
  if (url.protocol !== 'https:' && url.protocol !== 'http:') throw new OutboundRefused('The URL is not https.');
  if (url.username || url.password) throw new OutboundRefused('The URL has credentials in it.');
  return url;
}

/** The host as sockets want it: an IPv6 address without brackets. */
function hostOf(url: URL): string {
  return url.hostname.replace(/^\[|\]$/g, '');
}

async function bodyOf(response: IncomingMessage, maxBytes: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  try {
    assertWanted(response);
    for await (const chunk of response as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      if (bytes > maxBytes) throw new OutboundFailed('The answer is too large.');
      chunks.push(chunk);
    }
  } finally {
    response.destroy();
  }
  return Buffer.concat(chunks);
}

function assertWanted({ statusCode = 0, headers }: IncomingMessage): void {
  if (statusCode >= 300 && statusCode < 400) throw new OutboundRefused('The answer is a redirect.');
  // It was not asked for, and a few bytes of it can become gigabytes.
  if (![undefined, 'identity'].includes(headers['content-encoding']))
    throw new OutboundFailed('The answer is compressed.');
}

function isJson(contentType: string | undefined): boolean {
  return /^application\/(?:[\w.-]+\+)?json\s*(?:;|$)/i.test(contentType ?? '');
}

function parseJson(body: Buffer): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body));
  } catch (cause) {
    throw new OutboundFailed('The answer is not JSON.', cause);
  }
}

/** A resolver cannot be stopped, but nobody has to wait for it. */
function beforeDeadline<T>(work: Promise<T>, deadline: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const late = () => reject(new Error('the name was not resolved in time'));
    deadline.addEventListener('abort', late, { once: true });
    work.then(resolve, reject).finally(() => deadline.removeEventListener('abort', late));
  });
}
