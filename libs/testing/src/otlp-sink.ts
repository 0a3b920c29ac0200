import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { gunzipSync } from 'node:zlib';
import { decodeJsonTraceRequest } from './otlp-json.ts';
import { decodeTraceRequest } from './otlp-protobuf.ts';
import type { SpanNode, SpanRecord } from './span-record.ts';

/**
 * An OTLP/HTTP receiver that keeps what it gets. Give `url` as `OTEL_EXPORTER_OTLP_ENDPOINT`; protobuf and JSON, plain
 * or gzipped, are taken at `/v1/traces`. Spans arrive when the exporter's batch is full or flushed, so look for them
 * with `eventually()`.
 */
export class OtlpSink {
  /** Every span received so far, in order of arrival. */
  readonly spans: SpanRecord[] = [];

  private constructor(private readonly server: Server) {}

  /** Listens on a free loopback port, or on `port`. */
  static async start(port = 0): Promise<OtlpSink> {
    const server = createServer();
    const sink = new OtlpSink(server);
    server.on('request', (request, response) => {
      sink
        .receive(request)
        .then((status) => response.writeHead(status).end())
        .catch(() => response.writeHead(400).end());
    });
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject).listen(port, '127.0.0.1', resolve);
    });
    return sink;
  }

  /** The base url, without `/v1/traces`. */
  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** The spans of one trace by start time. */
  spansOfTrace(traceId: string): SpanRecord[] {
    return this.spans.filter((span) => span.traceId === traceId).sort(byStart);
  }

  /** The spans that hold a link to `traceId`, e.g. a person's click in a mail that an earlier request had sent. */
  spansLinkedTo(traceId: string): SpanRecord[] {
    return this.spans.filter((span) => span.links.some((link) => link.traceId === traceId)).sort(byStart);
  }

  /**
   * One trace as a forest. Its roots are the spans without a parent and those whose parent never arrived, so a trace
   * that is whole has exactly one root; the parent of a root may be a caller that exports elsewhere.
   */
  tree(traceId: string): SpanNode[] {
    const spans = this.spansOfTrace(traceId);
    const known = new Set(spans.map((span) => span.spanId));
    const node = (span: SpanRecord): SpanNode => ({
      span,
      children: spans.filter((child) => child.parentSpanId === span.spanId).map(node),
    });
    return spans.filter(({ parentSpanId }) => !parentSpanId || !known.has(parentSpanId)).map(node);
  }

  /** One trace as indented lines `service: name (kind)`, for reading and for comparing. */
  outline(traceId: string): string {
    const lines = (nodes: readonly SpanNode[], indent: string): string[] =>
      nodes.flatMap(({ span, children }) => [
        `${indent}${span.service}: ${span.name} (${span.kind})`,
        ...lines(children, `${indent}  `),
      ]);
    return lines(this.tree(traceId), '').join('\n');
  }

  /** Forgets what was received. */
  clear(): void {
    this.spans.length = 0;
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private async receive(request: IncomingMessage): Promise<number> {
    if (request.method !== 'POST' || request.url !== '/v1/traces') return 404;
    const sent = await buffer(request);
    const body = request.headers['content-encoding'] === 'gzip' ? gunzipSync(sent) : sent;
    const type = request.headers['content-type']?.split(';')[0];
    if (type === 'application/x-protobuf') this.spans.push(...decodeTraceRequest(body));
    else if (type === 'application/json') this.spans.push(...decodeJsonTraceRequest(body.toString()));
    else return 415;
    return 200;
  }
}

function byStart(a: SpanRecord, b: SpanRecord): number {
  return a.startedAtNs < b.startedAtNs ? -1 : a.startedAtNs > b.startedAtNs ? 1 : 0;
}
