import { isUtf8 } from 'node:buffer';
import { Problem } from '@gatehouse/problem';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { endpointOf } from './endpoint.ts';

/**
 * Reads the two content types that endpoints can declare; any other, and a type that the endpoint does not declare, is a
 * 415. Text that is not UTF-8 is refused: decoding it leniently would replace bytes that the caller meant.
 */
export function useBodyParsers(fastify: FastifyInstance): void {
  fastify.removeAllContentTypeParsers();
  const parsers = { 'application/json': parseJson, 'application/x-www-form-urlencoded': (text: string) => text };
  for (const [type, parse] of Object.entries(parsers)) {
    fastify.addContentTypeParser(type, { parseAs: 'buffer' }, (request, body, done) => {
      try {
        assertDeclared(request, type);
        done(null, parse(utf8(body as Buffer))); // -- parseAs says so
      } catch (error) {
        done(error as Error); // -- only problems are thrown above
      }
    });
  }
}

function assertDeclared(request: FastifyRequest, type: string): void {
  const input = endpointOf(request)?.input;
  const declared = type === 'application/json' ? input?.json : input?.form;
  const charset = /;\s*charset\s*=\s*"?([\w-]+)/i.exec(request.headers['content-type'] ?? '')?.[1];
  const readable = charset === undefined || /^utf-?8$/i.test(charset);
  if (!declared || !readable) throw new Problem('unsupported-media-type');
}

function utf8(body: Buffer): string {
  if (!isUtf8(body)) throw new Problem('invalid-input', { detail: 'The body is not valid UTF-8' });
  return body.toString('utf8');
}

function parseJson(text: string): unknown {
  if (text === '') return undefined;
  try {
    return JSON.parse(text);
  } catch {
    throw new Problem('invalid-input', { detail: 'The body is not valid JSON' });
  }
}
