import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import { TestIssuer } from '@gatehouse/authn/testing';
import {
  checkPermission,
  topicOf,
  type AnyEvent,
  type AuditEntry,
  type DataOf,
  type EventContext,
  type listEntries,
  type OutputOf,
  type readEntry,
  type Service,
} from '@gatehouse/contracts';
import { uuidv7 } from '@gatehouse/database';
import { startService, type RunningService } from '@gatehouse/http';
import { encodeHeaders } from '@gatehouse/messaging';
import { createSuite, eventually, type Suite } from '@gatehouse/testing';
import type { Message, Producer } from 'kafkajs';
import pg from 'pg';
import { auditLogService } from './service.ts';

type ListAnswer = OutputOf<typeof listEntries>;
type ReadAnswer = OutputOf<typeof readEntry>;

export interface Answer<B> {
  readonly status: number;
  readonly headers: Headers;
  readonly body: B;
}

export interface Publication {
  readonly id?: string;
  readonly traceparent?: string;
  readonly context?: Partial<EventContext>;
}

const nobody: EventContext = { actor_kind: 'anonymous', actor_id: null, request_id: null, ip: null, user_agent: null };

/** The real service on real servers, with an issuer of its own and producers in the place of the other services. */
export class AuditLogUnderTest {
  readonly #producers = new Map<Service, Producer>();

  private constructor(
    readonly suite: Suite,
    readonly issuer: TestIssuer,
    readonly permissions: Permissions,
    readonly service: RunningService,
    readonly database: pg.Pool,
  ) {}

  static async start(name: string): Promise<AuditLogUnderTest> {
    const [suite, issuer, permissions] = [await createSuite(name), await TestIssuer.start(), await Permissions.start()];
    await suite.migrate('audit-log');
    const env = { ...suite.env('audit-log'), ISSUER: issuer.url, AUTHORIZATION_URL: permissions.url };
    const service = await startService(auditLogService, env);
    const database = new pg.Pool({ connectionString: suite.databaseUrl('audit-log'), max: 2 });
    const audit = new AuditLogUnderTest(suite, issuer, permissions, service, database);
    try {
      await eventually(() => expect(service.health.readiness().failing).toEqual([]), { within: '40s' });
      return audit;
    } catch (error) {
      await audit.stop();
      throw error;
    }
  }

  async stop(): Promise<void> {
    await this.service.close();
    for (const producer of this.#producers.values()) await producer.disconnect();
    await this.database.end();
    await this.permissions.stop();
    await this.issuer.close();
    await this.suite.dispose();
  }

  /** Publishes as the service that may; resolves with the id of the event. */
  async publish<E extends AnyEvent>(
    by: Service,
    event: E,
    data: DataOf<E>,
    publication: Publication = {},
  ): Promise<string> {
    const { id = uuidv7(), traceparent } = publication;
    const key = event.kind === 'change' ? event.key(data) : id;
    const context = { ...nobody, ...publication.context };
    const headers = encodeHeaders({ id, event, service: by, key, context, trace: traceparent ? { traceparent } : {} });
    const place = event.kind === 'change' ? { ce_sequence: '1' } : {};
    const message = {
      key,
      value: JSON.stringify(data),
      headers: { ...headers, ...place, ce_time: new Date().toISOString() },
    };
    await this.send(by, topicOf(event, by).name, message);
    return id;
  }

  /** Sends any record with the Kafka principal of a service. */
  async send(by: Service, topic: string, message: Message): Promise<void> {
    let producer = this.#producers.get(by);
    if (!producer) {
      producer = this.suite.kafka(by).producer({ idempotent: true });
      this.#producers.set(by, producer);
      await producer.connect();
    }
    await producer.send({ topic: this.suite.topicPrefix + topic, messages: [message], acks: -1 });
  }

  /** The entry of an event, once it is there. */
  entryOf(eventId: string): Promise<AuditEntry> {
    return eventually(
      async () => {
        const [entry] = await this.entries('event_id = $1', [eventId]);
        if (!entry) throw new Error(`the event ${eventId} has no entry`);
        return entry;
      },
      { within: '20s' },
    );
  }

  /** Entries straight from the table, in the order of their log. */
  async entries(condition: string, values: unknown[] = []): Promise<AuditEntry[]> {
    const sql = `SELECT entry FROM audit_entry WHERE ${condition} ORDER BY log_id, sequence`;
    const { rows } = await this.database.query<{ entry: Buffer }>(sql, values);
    return rows.map(({ entry }) => JSON.parse(entry.toString()) as AuditEntry);
  }

  list(query: Record<string, string> = {}, subject: string | null = 'auditor'): Promise<Answer<ListAnswer>> {
    const parameters = new URLSearchParams(query).toString();
    return this.get<ListAnswer>(`/api/v1/audit/entries?${parameters}`, subject);
  }

  read(log: string, sequence: number, query: Record<string, string> = {}, subject: string | null = 'auditor') {
    const parameters = new URLSearchParams(query).toString();
    return this.get<ReadAnswer>(`/api/v1/audit/entries/${log}/${sequence}?${parameters}`, subject);
  }

  async get<B>(path: string, subject: string | null): Promise<Answer<B>> {
    const audience = this.suite.url('audit-log');
    const headers =
      subject === null ? {} : { authorization: `Bearer ${await this.issuer.token({ audience, subject })}` };
    const response = await fetch(this.service.url + path, { headers });
    return { status: response.status, headers: response.headers, body: (await response.json()) as B };
  }
}

/** Answers permission questions in the place of the authorization service, by its contract. */
export class Permissions {
  readonly #granted = new Set<string>();
  readonly #belonging = new Set<string>();

  private constructor(private readonly server: Server) {}

  static async start(): Promise<Permissions> {
    const server = createServer();
    const permissions = new Permissions(server);
    server.on('request', (request, response) => {
      void json(request).then((body) => {
        const { user_id, org_id, permission } = checkPermission.input.json.parse(body);
        const question = `${user_id} ${org_id} ${permission}`;
        const belongs = permissions.#belonging.has(`${user_id} ${org_id}`);
        const answer = { allowed: permissions.#granted.has(question), cache_status: 'cache_miss', belongs };
        response.setHeader('content-type', 'application/json').end(JSON.stringify(answer));
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return permissions;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  grant(subject: string, organization: string, permission: string): void {
    this.#granted.add(`${subject} ${organization} ${permission}`);
    this.join(subject, organization);
  }

  /** Makes the subject a member without any permission. */
  join(subject: string, organization: string): void {
    this.#belonging.add(`${subject} ${organization}`);
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }
}
