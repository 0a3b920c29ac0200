import type { CookieSerializeOptions } from '@fastify/cookie';
import type { FastifyReply, FastifyRequest } from 'fastify';

/**
 * The cookies of one service. Over https a name gets the `__Host-` prefix: the browser then refuses it from other hosts,
 * without TLS and with another path, so no neighbour can plant one.
 */
export class Cookies {
  readonly #secure: boolean;

  constructor(serviceUrl: string) {
    this.#secure = serviceUrl.startsWith('https:');
  }

  nameOf(name: string): string {
    return this.#secure ? `__Host-${name}` : name;
  }

  get(request: FastifyRequest, name: string): string | undefined {
    return request.cookies[this.nameOf(name)];
  }

  /** HttpOnly, SameSite=Lax; without `maxAgeSeconds` it lives as long as the browser's session. */
  set(reply: FastifyReply, name: string, value: string, options: { maxAgeSeconds?: number } = {}): void {
    void reply.setCookie(this.nameOf(name), value, { ...this.#attributes(), maxAge: options.maxAgeSeconds });
  }

  clear(reply: FastifyReply, name: string): void {
    void reply.clearCookie(this.nameOf(name), this.#attributes());
  }

  #attributes(): CookieSerializeOptions {
    return { path: '/', httpOnly: true, sameSite: 'lax', secure: this.#secure };
  }
}
