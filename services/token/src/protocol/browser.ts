import { Injectable } from '@nestjs/common';
import { Cookies } from '@gatehouse/http';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { hashOf } from '../domain/opaque-token.ts';
import { newToken } from './new-token.ts';

const SESSION = 'gatehouse-session';
const BROWSER = 'gatehouse-browser';

/**
 * The two cookies of a browser: `session` after a login, with a new value at each, and `browser`, which binds pending
 * authorization requests to where they began. Only their hashes are stored.
 */
@Injectable()
export class Browser {
  constructor(private readonly cookies: Cookies) {}

  sessionHash(request: FastifyRequest): Buffer | null {
    return hashOrNull(this.cookies.get(request, SESSION));
  }

  startSession(reply: FastifyReply, value: string): void {
    this.cookies.set(reply, SESSION, value);
  }

  endSession(reply: FastifyReply): void {
    this.cookies.clear(reply, SESSION);
  }

  browserHash(request: FastifyRequest): Buffer | null {
    return hashOrNull(this.cookies.get(request, BROWSER));
  }

  /** Recognises the browser from now on. */
  recognise(request: FastifyRequest, reply: FastifyReply): Buffer {
    const known = this.browserHash(request);
    if (known) return known;
    const value = newToken('browser');
    this.cookies.set(reply, BROWSER, value);
    return hashOf(value);
  }
}

function hashOrNull(value: string | undefined): Buffer | null {
  return value === undefined ? null : hashOf(value);
}
