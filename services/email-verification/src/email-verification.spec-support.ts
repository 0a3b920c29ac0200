import { randomBytes } from 'node:crypto';
import { TestIssuer } from '@gatehouse/authn/testing';
import { emailFlowRequested, type DataOf } from '@gatehouse/contracts';
import { Secret } from '@gatehouse/config';
import { Database, uuidv7 } from '@gatehouse/database';
import { startService, type RunningService } from '@gatehouse/http';
import { encodeHeaders } from '@gatehouse/messaging';
import { createSuite, eventually, type ReceivedMail, type Suite } from '@gatehouse/testing';
import type { Producer } from 'kafkajs';
import { emailVerificationService } from './service.ts';

type FlowRequest = DataOf<typeof emailFlowRequested>;

/** What the reader of a mail can prove themselves with. */
export interface MailCredentials {
  readonly code: string;
  /** As in the mail. */
  readonly link: string;
  readonly token: string;
}

export interface PublishedEvent {
  readonly type: string;
  readonly key: string;
  readonly traceparent: string | undefined;
  readonly data: Record<string, unknown>;
}

/** The service on real servers, with a producer in the place of the token service. */
export interface ServiceUnderTest {
  readonly suite: Suite;
  readonly service: RunningService;
  readonly issuer: TestIssuer;
  readonly database: Database;
  readonly url: string;
  /** Asks for a flow with token's Kafka principal; what is not given is new. */
  request(flow?: Partial<FlowRequest>, headers?: { eventId?: string; traceparent?: string }): Promise<FlowRequest>;
  /** Asks for a registration and waits for its mail. */
  register(flow?: Partial<FlowRequest>): Promise<FlowRequest & MailCredentials>;
  /** Waits for the `count`-th mail to an address. */
  mailTo(address: string, count?: number): Promise<ReceivedMail>;
  get(path: string, headers?: Record<string, string>): Promise<Response>;
  postJson(path: string, body?: unknown): Promise<Response>;
  postForm(path: string, form?: Record<string, string>): Promise<Response>;
  /** The events of an account, in order. */
  eventsOf(accountId: string): Promise<PublishedEvent[]>;
  close(): Promise<void>;
}

/** Starts the service with `overrides` in its environment, which may depend on the suite's servers. */
export async function startEmailVerification(name: string, overrides: Overrides = {}): Promise<ServiceUnderTest> {
  const cleanup = new AsyncDisposableStack();
  try {
    return await start(name, overrides, cleanup);
  } catch (error) {
    await cleanup.disposeAsync();
    throw error;
  }
}

type Overrides = Record<string, string> | ((suite: Suite) => Record<string, string>);

async function start(name: string, overrides: Overrides, cleanup: AsyncDisposableStack): Promise<ServiceUnderTest> {
  const suite = cleanup.adopt(await createSuite(name), (opened) => opened.dispose());
  await suite.migrate('email-verification');
  const issuer = cleanup.adopt(await TestIssuer.start(), (opened) => opened.close());
  const producer = cleanup.adopt(suite.kafka('token').producer(), (opened) => opened.disconnect());
  await producer.connect();
  const url = new Secret(suite.databaseUrl('email-verification'));
  const target = { url, applicationName: 'spec', entities: [], poolSize: 2, constraints: {} };
  const database = cleanup.adopt(new Database(target), (opened) => opened.close());
  await database.open();
  const service = await startService(emailVerificationService, {
    ...suite.env('email-verification', { ports: 'reserved' }),
    ISSUER: issuer.url,
    MAIL_TIMEOUT_MS: '500',
    MAIL_RETRY_FIRST_MS: '50',
    MAIL_RETRY_MAX_MS: '400',
    ...(typeof overrides === 'function' ? overrides(suite) : overrides),
  });
  cleanup.adopt(service, (started) => started.close());
  await eventually(async () => (await fetch(`${service.adminUrl}/health/ready`)).ok, { within: '30s' });
  return {
    ...requests(suite, producer),
    ...http(service.url),
    suite,
    service,
    issuer,
    database,
    url: service.url,
    eventsOf: (accountId) => eventsOf(database, accountId),
    close: () => cleanup.disposeAsync(),
  };
}

function requests(suite: Suite, producer: Producer) {
  const request: ServiceUnderTest['request'] = async (flow, { eventId = uuidv7(), traceparent } = {}) => {
    const data: FlowRequest = {
      flow_id: uuidv7(),
      purpose: 'registration',
      account_id: uuidv7(),
      address_id: uuidv7(),
      email: `${randomBytes(6).toString('hex')}@example.com`,
      locale: 'en',
      ...flow,
    };
    const context = { actor_kind: 'anonymous', actor_id: null, request_id: null, ip: null, user_agent: null } as const;
    const key = emailFlowRequested.key(data);
    const trace = traceparent ? { traceparent } : {};
    const headers = encodeHeaders({ id: eventId, event: emailFlowRequested, service: 'token', key, context, trace });
    const message = { key, value: JSON.stringify(data), headers: { ...headers, ce_time: new Date().toISOString() } };
    const topic = `${suite.topicPrefix}email-verification.commands`;
    // Kafka says that access was granted a moment before it grants it.
    await eventually(() => producer.send({ topic, messages: [message], acks: -1 }), { within: '10s' });
    return data;
  };
  const mailTo = (address: string, count = 1) =>
    eventually(
      () => {
        const mail = suite.smtp.mailsTo(address)[count - 1];
        if (!mail) throw new Error(`${address} has ${suite.smtp.mailsTo(address).length} mails, not ${count}`);
        return mail;
      },
      { within: '20s' },
    );
  const register: ServiceUnderTest['register'] = async (flow) => {
    const data = await request(flow);
    return { ...data, ...credentialsOf(await mailTo(data.email)) };
  };
  return { request, mailTo, register };
}

/** Reads a mail as its reader does. */
export function credentialsOf({ text }: ReceivedMail): MailCredentials {
  const [link = ''] = /http\S+\/verify\/\S+/.exec(text) ?? [];
  // On a line of its own: the ids of a link can look like a code.
  const [code = ''] = /(?<=^ +)[0-9A-Z]{4}-[0-9A-Z]{4}$/m.exec(text) ?? [];
  return { code, link, token: link.split('/').at(-1) ?? '' };
}

/** A well-formed code that is not `code`. */
export function wrongCode(code: string): string {
  return `${code.startsWith('0') ? '1' : '0'}${code.slice(1)}`;
}

function http(url: string) {
  const post = (path: string, contentType: string, body: string) =>
    fetch(url + path, { method: 'POST', headers: { 'content-type': contentType }, body });
  return {
    get: (path: string, headers: Record<string, string> = {}) => fetch(url + path, { headers }),
    postJson: (path: string, body?: unknown) =>
      body === undefined ? fetch(url + path, { method: 'POST' }) : post(path, 'application/json', JSON.stringify(body)),
    postForm: (path: string, form: Record<string, string> = {}) =>
      post(path, 'application/x-www-form-urlencoded', new URLSearchParams(form).toString()),
  };
}

/** From the outbox, where an event is as soon as its change is: the relay has specs of its own. */
async function eventsOf(database: Database, accountId: string): Promise<PublishedEvent[]> {
  const rows = await database.query<{ key: string; headers: Record<string, string>; payload: string }>(
    'SELECT key, headers, payload FROM outbox WHERE key = $1 ORDER BY xid, id',
    [accountId],
  );
  return rows.map(({ key, headers, payload }) => ({
    key,
    type: headers['ce_type'] ?? '',
    traceparent: headers['traceparent'],
    data: JSON.parse(payload) as Record<string, unknown>,
  }));
}
