import { Injectable } from '@nestjs/common';
import type { Endpoint } from '@gatehouse/contracts';
import { AccessPolicy } from '@gatehouse/http';
import type { FastifyRequest } from 'fastify';
import { Authenticator } from './authenticator.ts';

/** For a service whose endpoints ask for a token and for no permission; one that does ask is refused. */
@Injectable()
export class TokenAccessPolicy extends AccessPolicy {
  constructor(private readonly authenticator: Authenticator) {
    super();
  }

  async authenticate(_endpoint: Endpoint, request: FastifyRequest): Promise<void> {
    await this.authenticator.authenticate(request);
  }

  check(endpoint: Endpoint): Promise<void> {
    return Promise.reject(new Error(`${endpoint.id} asks for a permission, and no policy here can answer`));
  }
}
